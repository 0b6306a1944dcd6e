"""Templates follow each other, the narrowest area's holds, and one that contradicts itself is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.responsibility_registry.chain_templates import rules, rules_assignments, rules_refusals
from services.responsibility_registry.chain_templates.actions import KNOWN
from services.responsibility_registry.chain_templates.policies import SHIPPED
from services.responsibility_registry.chain_templates.rules import GroundKind, HangsOn, HeldBy
from services.responsibility_registry.chain_templates.rules_assignments import ChainAssignment, Named
from tests.responsibility_registry.chain_templates.drawn import (
    COUNTY,
    FOREST,
    TOWNSHIPS,
    VILLAGES,
    edition,
    template_of,
)

RANGER = FOREST.links[-1]
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def test_every_shipped_template_says_its_source_and_holds_together() -> None:
    assert {one.code for one in SHIPPED} >= {
        "forest_five_plots", "forest_chiefs", "river_chiefs", "field_chiefs", "lake_chiefs", "road_chiefs",
        "two_stations_two_officers", "building_chiefs", "household_leaders", "major_hazard_three",
        "two_first_posts_county", "two_first_posts_township",
    }  # fmt: skip
    assert [len(template_of("forest_five_plots").links), len(template_of("major_hazard_three").links)] == [5, 3]
    assert [fault for one in SHIPPED for fault in rules.faults_of(one, KNOWN)] == []


def test_each_day_has_the_edition_of_the_narrowest_area() -> None:
    own = edition(edition=1, valid_from=date(2026, 3, 1), zh="本区")
    later = edition(edition=2, valid_from=date(2026, 6, 1), repealed=True)
    narrow = edition(edition=1, area_code=TOWNSHIPS[0], valid_from=date(2026, 7, 1), zh="本乡")

    def held(day: date) -> list[str]:
        return [one.zh for one in rules.holding([FOREST, own, later, narrow], day)]

    assert held(date(2026, 2, 1)) == [FOREST.zh]
    assert held(date(2026, 3, 1)) == ["本区"]
    assert held(date(2026, 6, 1)) == []
    assert held(date(2026, 7, 1)) == ["本乡"]
    assert rules.holding([narrow, later, own, FOREST], date(2026, 7, 1)) == [narrow]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"of": "none"}, "/of"),
        ({"hangs_on": HangsOn.AREA, "of": "none"}, "/of"),
        ({"links": (RANGER, RANGER)}, "/links"),
        ({"links": FOREST.links[::-1]}, "/links"),
        ({"links": (replace(RANGER, at_least=2),)}, "/links/0/at_most"),
        ({"links": (replace(RANGER, held_by=HeldBy.DUTY, of="grid_post", most_grounds=None),)}, "/links/0/of"),
        ({"links": (replace(RANGER, held_by=HeldBy.PAIRING, of="linked_firm", most_grounds=None),)}, "/links/0/of"),
        ({"hangs_on": HangsOn.OBJECT, "links": (replace(RANGER, on=GroundKind.PARENT),)}, "/links/0/on"),
        ({"hangs_on": HangsOn.AREA, "of": "county"}, "/links/1/on"),
        ({"source": "11号"}, "/source"),
        ({"links": (replace(RANGER, source="11号"),)}, "/links/0/source"),
        ({"valid_from": date(2026, 1, 1)}, "/valid_from"),
    ],
)
def test_a_template_that_contradicts_itself_is_refused(changes: dict[str, Any], pointer: str) -> None:
    own = [edition(edition=1, valid_from=date(2026, 1, 1))]
    with pytest.raises(rules_refusals.ChainTemplateWrong) as refused:
        rules.check(edition(edition=2, **changes), own, KNOWN)
    assert pointer in {one[0] for one in refused.value.errors}


def test_counts_name_links_that_are_assigned_and_both_ends_of_households() -> None:
    count = rules.ChainCount(tier="village", link="ranger", source="[DEF] 每村")
    for wrong in (
        replace(count, link="none"), replace(count, tier="grid"), replace(count, at_least=2, at_most=1),
        replace(count, households_of="ranger"),
        replace(count, households_of="none", households_least=1, households_most=2),
        replace(count, source="每村"),
    ):  # fmt: skip
        assert [*rules.faults_of(edition(counts=(wrong,)), KNOWN)]
    assert not [*rules.faults_of(edition(counts=(count,)), KNOWN)]


def test_editions_are_numbered_and_a_repeal_needs_something_to_end() -> None:
    with pytest.raises(rules_refusals.ChainEditionStale):
        rules.check(edition(edition=1), [edition(edition=1)], KNOWN)
    for own in ([], [edition(edition=1, repealed=True)]):
        with pytest.raises(rules_refusals.ChainTemplateGone):
            rules.check(edition(edition=len(own) + 1, repealed=True, valid_from=date(2027, 1, 1)), own, KNOWN)


def assignment(**changes: Any) -> ChainAssignment:
    usual = ChainAssignment(
        id=UUID(int=1), version=0, area_code=VILLAGES[0], sectors=("forestry",), exercise=False,
        correlation_id=UUID(int=1), template=FOREST.code, link="ranger", unit_id=UUID(int=5), post_id=UUID(int=2),
        superior_post_id=None, households=None, document="名册", valid_from=MAY,
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.mark.parametrize(
    ("link", "named", "good"),
    [
        ("ranger", Named(what=HangsOn.GRID, level="village", kind="forest_plot"), True),
        ("ranger", Named(what=HangsOn.GRID, level="village", kind="fire"), False),
        ("ranger", Named(what=HangsOn.AREA, level="village"), False),
        ("township_cadre", Named(what=HangsOn.AREA, level="village"), True),
        ("township_cadre", Named(what=HangsOn.AREA, level="township"), False),
        ("township_cadre", Named(what=HangsOn.GRID, level="township", kind="forest_plot"), True),
        ("township_cadre", Named(what=HangsOn.GRID, level="village", kind="forest_plot"), False),
    ],
)
def test_a_link_lies_on_its_own_ground(link: str, named: Named, *, good: bool) -> None:
    rule = FOREST.link(link)
    assert rule is not None
    assert rules_assignments.fits(FOREST, rule, named) is good


def test_one_post_is_in_one_link_over_one_ground_once_at_a_time() -> None:
    one = assignment(valid_to=JUNE)
    assert rules_assignments.meet(one, assignment(id=UUID(int=9)))
    assert not rules_assignments.meet(one, assignment(id=UUID(int=9), valid_from=JUNE))
    assert not rules_assignments.meet(one, assignment(id=UUID(int=9), link="village_cadre"))
    assert not rules_assignments.meet(one, one)


def test_an_assignment_ends_once_and_after_it_began() -> None:
    assert rules_assignments.end(assignment(), at=JUNE, reason="轮岗").valid_to == JUNE
    with pytest.raises(rules_assignments.ChainAssignmentWrong):
        rules_assignments.end(assignment(), at=MAY, reason="轮岗")
    with pytest.raises(rules_assignments.ChainAssignmentAlreadyEnded):
        rules_assignments.end(assignment(valid_to=JUNE), at=JUNE, reason="轮岗")


def test_county_is_not_narrower_than_what_hangs_on_it() -> None:
    county = template_of("two_first_posts_county")
    assert (county.of, county.links[0].on) == ("county", GroundKind.COUNTY)
    assert not [*rules.faults_of(replace(county, area_code=COUNTY), KNOWN)]
