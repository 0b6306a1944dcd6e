"""The parties that a chain must have: chosen by area and day, each there, missing, or not asked about."""

from dataclasses import replace
from datetime import date

import pytest

from services.responsibility_registry.duties import rules_parties as rules
from services.responsibility_registry.duties.actions_who import PARTIES
from services.responsibility_registry.duties.rules import all_links
from services.responsibility_registry.duties.rules_parties import Chosen, Presence
from tests.responsibility_registry.duties.cases import COUNTY, POLICY, TOWNSHIP, VILLAGE

DAY = date(2026, 10, 12)
BY_NAME = {one.set: one for one in PARTIES.sets}


def chosen(area_code: str | None, name: str, since: date = DAY, until: date | None = None) -> Chosen:
    return Chosen(area_code=area_code, set=name, version="1", valid_from=since, valid_to=until)


def test_three_cities_ship_and_speak_only_of_links_that_there_are() -> None:
    assert sorted(BY_NAME) == ["chongqing", "qinhuangdao", "turpan"]
    assert [len(BY_NAME[name].parties) for name in sorted(BY_NAME)] == [4, 4, 3]
    known = {link.role for link in all_links(POLICY)}
    assert {link for one in PARTIES.sets for party in one.parties for link in party.links} <= known


def test_the_narrowest_area_and_then_the_latest_choice_decides() -> None:
    policy = replace(
        PARTIES,
        chosen=(
            chosen(None, "qinhuangdao", date(2018, 4, 18)), chosen(COUNTY, "turpan", date(2020, 1, 1)),
            chosen(COUNTY, "chongqing", DAY), chosen(TOWNSHIP, "turpan", date(2020, 1, 1), until=DAY),
        ),
    )  # fmt: skip

    def at(area: str, day: date) -> str | None:
        found = rules.chosen_set(policy, area, day)
        return found and found.set

    assert at("110101001001", DAY) == "qinhuangdao"
    assert at("110101001001", date(2018, 4, 17)) is None
    assert (at(VILLAGE, date(2026, 10, 11)), at(VILLAGE, DAY)) == ("turpan", "chongqing")
    assert (at(COUNTY, date(2026, 10, 11)), at(COUNTY, DAY)) == ("turpan", "chongqing")


@pytest.mark.parametrize(
    ("roles", "entity", "complete", "not_there"),
    [
        ({"township_party_first", "sector_supervisor", "grid_post"}, True, True, {}),
        ({"township_party_first", "sector_supervisor", "grid_post"}, None, None, {"unit": "not_asked"}),
        ({"township_party_first", "sector_supervisor", "grid_post"}, False, False, {"unit": "missing"}),
        ({"sector_supervisor"}, None, False, {"area": "missing", "individual": "missing", "unit": "not_asked"}),
    ],
)
def test_a_set_is_complete_when_every_party_is_there(
    roles: set[str], entity: bool | None, complete: bool | None, not_there: dict[str, str]
) -> None:
    found = rules.completeness(BY_NAME["chongqing"], roles, entity=entity)
    assert found.complete is complete
    absent = {one.party.party: one.presence.value for one in found.parties if one.presence is not Presence.PRESENT}
    assert absent == not_there


def test_a_party_says_by_which_links_it_is_there() -> None:
    found = rules.completeness(BY_NAME["chongqing"], {"linked_contact", "grid_post"}, entity=True)
    assert {one.party.party: one.by_links for one in found.parties}["individual"] == ("grid_post", "linked_contact")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"chosen": (chosen(None, "nowhere"),)}, "not there"),
        ({"sets": (*PARTIES.sets, PARTIES.sets[0])}, "said twice"),
        ({"source": "somebody said"}, "source"),
        ({"sets": (replace(PARTIES.sets[0], parties=()),)}, "party is said twice"),
        (
            {"sets": (replace(PARTIES.sets[0], parties=(replace(PARTIES.sets[0].parties[0], is_entity=True),)),)},
            "or is the entity",
        ),
    ],
)
def test_a_policy_that_contradicts_itself_does_not_load(change: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(PARTIES, **change)  # type: ignore[arg-type]
