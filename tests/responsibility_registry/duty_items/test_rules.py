"""Editions follow each other, the narrower area holds, the law's words stay, and a duty is borne by who fits it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from services.responsibility_registry.duty_items import rules, rules_ledger
from services.responsibility_registry.duty_items.policies import LISTS, SHIPPED
from services.responsibility_registry.duty_items.rules import (
    EVERYWHERE,
    Bearer,
    DutyEditionStale,
    DutyItem,
    DutyItemGone,
    DutyItemWrong,
)

COUNTY, TOWNSHIP = "331002000000", "331002004000"
DAY = date(2027, 1, 1)


def item(**changes: object) -> DutyItem:
    usual = DutyItem(
        id=new_id(), version=1, area_code=COUNTY, sectors=(), exercise=False, correlation_id=new_id(), code="rounds",
        edition=1, list_code="leaders", bearer=Bearer.POST, zh="每季度走访", en="", valid_from=DAY,
        source="[P] 2026-41号",
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def check(one: DutyItem, own: list[DutyItem] | None = None, wider: list[DutyItem] | None = None) -> DutyItem:
    return rules.check(one, own=own or [], wider=wider or [], lists=LISTS, links={"township_deputy"})


def test_the_seven_duties_of_a_units_head_ship_with_their_article() -> None:
    """[S] Work Safety Law 2021 Art 21 has seven, borne by the firm; Arts 5 and 22 stand beside them."""
    seven = [one for one in SHIPPED if "第二十一条" in one.source]
    assert len(seven) == 7
    assert {(one.bearer, one.list_code, one.kinds) for one in seven} == {(Bearer.FIRM, "operators", ("firm",))}
    assert all(one.source.startswith("[S] 安全生产法 (2021)") for one in seven)
    assert {"unit_first_responsible", "all_staff_duties"} <= {one.code for one in SHIPPED}


def test_the_four_lists_ship_and_each_has_duties() -> None:
    """[SEED] Qinhuangdao 一台账四清单."""
    assert [one.code for one in LISTS] == ["leaders", "general_managers", "line_regulators", "operators"]
    assert {one.list_code for one in SHIPPED} == {one.code for one in LISTS}
    assert all(rules.SOURCED.match(one.source) and one.area_code == EVERYWHERE for one in SHIPPED)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"list_code": "unheard_of"}, "/list"), ({"bearer": Bearer.FIRM}, "/bearer"),
        ({"links": ("nobody",)}, "/links"), ({"source": "2026-41号"}, "/source"),
        ({"bearer": Bearer.ORGANIZATION, "list_code": "line_regulators", "tiers": ("county",)}, "/bearer"),
        ({"bearer": Bearer.FIRM, "list_code": "operators", "links": ("township_deputy",)}, "/links"),
    ],
)  # fmt: skip
def test_what_does_not_do_is_said(changes: dict[str, object], pointer: str) -> None:
    with pytest.raises(DutyItemWrong) as wrong:
        check(item(**changes))
    assert [one[0] for one in wrong.value.errors] == [pointer]


def test_an_edition_is_the_next_one_and_later() -> None:
    first = item()
    assert check(item(edition=2, valid_from=DAY + timedelta(days=1)), [first]).edition == 2
    for edition in (1, 3):
        with pytest.raises(DutyEditionStale):
            check(item(edition=edition), [first])
    with pytest.raises(DutyItemWrong, match="too_early"):
        check(item(edition=2), [first])


def test_a_repeal_needs_something_that_holds() -> None:
    gone = item(edition=2, repealed=True, valid_from=DAY + timedelta(days=9))
    assert check(gone, [item()]) == gone
    with pytest.raises(DutyItemGone):
        check(item(edition=3, repealed=True, valid_from=DAY + timedelta(days=10)), [item(), gone])
    with pytest.raises(DutyItemGone):
        check(item(repealed=True))


def test_what_the_law_says_gives_way_to_law_alone() -> None:
    law = [item(area_code=EVERYWHERE, source="[S] 安全生产法 (2021) 第二十一条")]
    for repealed in (False, True):
        with pytest.raises(DutyItemWrong, match="statutory"):
            check(item(repealed=repealed), wider=law)
        assert check(item(repealed=repealed, source="[S] 安全生产法 (2030) 第九条"), wider=law)


_EDITIONS = st.lists(
    st.builds(
        item, area_code=st.sampled_from([EVERYWHERE, COUNTY, TOWNSHIP]), code=st.sampled_from(["a", "b"]),
        edition=st.integers(1, 5), valid_from=st.dates(date(2020, 1, 1), date(2030, 1, 1)), repealed=st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@given(_EDITIONS, st.dates(date(2019, 1, 1), date(2031, 1, 1)))
def test_of_each_code_one_edition_holds_at_most_and_none_before_its_day(items: list[DutyItem], day: date) -> None:
    held = rules.holding(items, day)
    assert len({one.code for one in held}) == len(held)
    for one in held:
        begun = [other for other in items if other.code == one.code and other.valid_from <= day]
        narrowest = max(len(other.area_code.rstrip("0")) for other in begun)
        of_there = [other for other in begun if len(other.area_code.rstrip("0")) == narrowest]
        assert one in of_there
        assert not one.repealed
        assert one.valid_from == max(other.valid_from for other in of_there)


def test_the_edition_before_still_holds_for_its_own_time() -> None:
    later = item(edition=2, valid_from=DAY + timedelta(days=30), zh="每月走访")
    gone = item(edition=3, valid_from=DAY + timedelta(days=60), repealed=True)
    words = {days: [one.zh for one in rules.holding([gone, later, item()], DAY + timedelta(days=days))]
             for days in (-1, 0, 29, 30, 59, 60)}  # fmt: skip
    assert words == {-1: [], 0: ["每季度走访"], 29: ["每季度走访"], 30: ["每月走访"], 59: ["每月走访"], 60: []}


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    id: UUID
    post_id: UUID
    role: str
    sectors: tuple[str, ...] = ()


def party(**changes: object) -> rules_ledger.Party:
    held = Assignment(id=new_id(), post_id=new_id(), role="township_deputy", sectors=("fire",))
    usual = rules_ledger.Party(
        bearer=Bearer.POST, id=new_id(), zh="副镇长", en="Deputy", area_code=TOWNSHIP, kind="township_deputy",
        tier="township", sectors=("fire",), duties=(held,),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "borne"),
    [
        ({}, True), ({"tiers": ("township",)}, True), ({"tiers": ("county",)}, False),
        ({"links": ("township_deputy",)}, True), ({"links": ("grid_post",)}, False),
        ({"kinds": ("township_deputy",)}, True), ({"kinds": ("mayor",)}, False),
        ({"first_responsible": True}, False), ({"sectors": ("gas",)}, False), ({"sectors": ("fire", "gas")}, True),
        ({"bearer_ids": (UUID(int=1),)}, False), ({"bearer": Bearer.ORGANIZATION}, False),
    ],
)  # fmt: skip
def test_a_duty_is_borne_by_who_fits_every_selector(changes: dict[str, object], borne: bool) -> None:
    who = party()
    found = rules_ledger.entries(who, [item(**changes)])
    assert bool(found) is borne
    if changes.get("links") == ("township_deputy",):
        assert found[0].duty_ids == (who.duties[0].id,)


def test_a_post_of_no_sector_bears_the_duties_of_every_sector() -> None:
    assert rules_ledger.entries(party(sectors=()), [item(sectors=("gas",))])
    every = Assignment(id=new_id(), post_id=new_id(), role="county_deputy")
    gas = replace(every, sectors=("gas",))
    assert rules_ledger.sectors_of(("fire",), [every]) == ()
    assert rules_ledger.sectors_of(("fire",), [gas]) == ("fire", "gas")
    assert rules_ledger.sectors_of((), [gas]) == ("gas",)
