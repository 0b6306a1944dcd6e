"""Moves of a list, what counts for which item, and when which light burns: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import CITY_ZONE
from libs.common.ids import new_id
from services.responsibility_registry.work_lists import rules, rules_lights
from services.responsibility_registry.work_lists.policies import LIGHTS, NEWEST
from services.responsibility_registry.work_lists.rules import WorkItem, WorkList, WorkListState, WorkListWrong
from services.responsibility_registry.work_lists.rules_lights import Deed, ListProgress, WorkLight

POLICY = LIGHTS[NEWEST]


def item(number: int = 1, **changes: Any) -> WorkItem:
    usual = WorkItem(
        number=number, words="带队检查", duty_code="", times=4, due_on=date(2027, 12, 31), counts=("check",)
    )
    return replace(usual, **changes)


def work_list(**changes: object) -> WorkList:
    usual = WorkList(
        id=new_id(), version=1, area_code="331002004000", sectors=(), exercise=False, correlation_id=new_id(),
        post_id=new_id(), superior_post_id=new_id(), year=2027, items=(item(),), lights_version=NEWEST,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def day(month: int, of_month: int, year: int = 2027) -> datetime:
    return datetime(year, month, of_month, 9, tzinfo=CITY_ZONE)


def check(month: int, of_month: int, **changes: object) -> Deed:
    return replace(Deed(kind="check", done_at=day(month, of_month)), **changes)  # type: ignore[arg-type]


def far(items: list[WorkItem], deeds: list[Deed], now: datetime, *, confirmed: bool = True) -> ListProgress:
    return rules_lights.progress(
        items, deeds, year=2027, now=now, policy=POLICY, zone=CITY_ZONE, confirmed=confirmed
    )  # fmt: skip


_DO: dict[str, Callable[[WorkList], WorkList]] = {
    "revise": lambda one: rules.revise(one, (item(),)), "submit": rules.submit,
    "confirm": lambda one: rules.confirm(one, day(1, 5)), "return": lambda one: rules.send_back(one, "太少"),
}  # fmt: skip
_AFTER = {
    ("drafted", "revise"): "drafted", ("drafted", "submit"): "submitted", ("submitted", "confirm"): "confirmed",
    ("submitted", "return"): "returned", ("confirmed", "return"): "returned", ("returned", "revise"): "returned",
    ("returned", "submit"): "submitted",
}  # fmt: skip


@pytest.mark.parametrize(("state", "move"), [*product(WorkListState, _DO)])
def test_every_move_leads_where_the_table_says_or_is_refused(state: WorkListState, move: str) -> None:
    one = work_list(state=state)
    if (state.value, move) not in _AFTER:
        with pytest.raises(rules.WorkListCannotMove) as refused:
            _DO[move](one)
        assert refused.value.open_moves == rules.open_moves(one)
        return
    assert move in rules.open_moves(one)
    assert _DO[move](one).state == _AFTER[state.value, move]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"duty_code": "not_mine"}, "/work_items/0/duty_item"), ({"words": ""}, "/work_items/0/words"),
        ({"due_on": date(2028, 1, 1)}, "/work_items/0/due_on"), ({"counts": ("picnic",)}, "/work_items/0/counts"),
    ],
)  # fmt: skip
def test_what_does_not_do_is_said(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(WorkListWrong) as wrong:
        rules.check_items(2027, (item(**changes),), kinds={"check"}, borne={"deputy_portfolio": "分管"})
    assert [one[0] for one in wrong.value.errors] == [pointer]


def test_words_are_the_catalogues_where_none_are_said() -> None:
    (drawn,) = rules.check_items(
        2027, (item(words="", duty_code="deputy_portfolio", counts=("meeting",)),), kinds=(),
        borne={"deputy_portfolio": "分管"},
    )  # fmt: skip
    assert drawn.words == "分管"


@pytest.mark.parametrize(
    ("deeds", "now", "light"),
    [
        # Four times a year: nothing is expected before the first of April, then one a quarter.
        ([], day(2, 1), "grey"), ([check(1, 5)], day(2, 1), "green"), ([], day(4, 20), "red"),
        ([check(1, 5)], day(4, 20), "green"), ([check(1, 5)], day(7, 20), "red"),
        ([check(m, 5) for m in (1, 2, 3)], day(11, 1), "green"),
        ([check(m, 5) for m in (1, 2, 3)], day(12, 5), "yellow"),
        ([check(m, 5) for m in (1, 2, 3, 4)], day(12, 5), "green"),
        ([check(m, 5) for m in (1, 2, 3)], day(1, 1, 2028), "red"),
    ],
)  # fmt: skip
def test_the_light_of_an_item_follows_what_was_done(deeds: list[Deed], now: datetime, light: str) -> None:
    assert far([item()], deeds, now).light == light


def test_a_little_behind_is_yellow_and_done_late_is_yellow() -> None:
    weekly = item(times=50)
    nine, ten = ([check(1, n) for n in range(1, many + 1)] for many in (9, 10))
    expected = rules_lights.expected_by(weekly, datetime(2027, 1, 1, tzinfo=CITY_ZONE), day(3, 17))
    assert expected == 10
    assert far([weekly], ten, day(3, 17)).light == WorkLight.GREEN
    assert far([weekly], nine, day(3, 17)).light == WorkLight.YELLOW
    assert far([weekly], nine[:7], day(3, 17)).light == WorkLight.RED
    early = item(times=1, due_on=date(2027, 3, 31))
    (late,) = far([early], [check(4, 2)], day(5, 1)).items
    assert (late.light, late.done, late.in_time) == (WorkLight.YELLOW, 1, 0)


def test_the_lights_do_not_burn_before_it_is_confirmed() -> None:
    told = far([item()], [check(1, 5)], day(11, 1), confirmed=False)
    assert (told.light, told.share) == (WorkLight.GREY, Decimal("0.2500"))


def test_nothing_is_not_everything() -> None:
    told = far([], [check(1, 5)], day(11, 1))
    assert (told.share, told.light) == (None, WorkLight.GREY)


def test_a_deed_counts_for_what_it_names_else_for_its_own_duty_else_for_the_first_that_is_open() -> None:
    items = [item(1, times=1), item(2, duty_code="rounds", times=1), item(3, counts=("visit",))]
    assert rules_lights.tally(items, [check(1, 5, duty_code="rounds")])[2]
    assert rules_lights.tally(items, [check(1, 5, duty_code="other")])[1]
    both = rules_lights.tally(items, [check(1, 5, serves=(1, 2))])
    assert [len(both[number]) for number in (1, 2, 3)] == [1, 1, 0]
    spread = rules_lights.tally(items, [check(1, 5), check(1, 6), check(1, 7)])
    assert [len(spread[number]) for number in (1, 2, 3)] == [2, 1, 0]


def test_what_needs_evidence_counts_with_evidence_alone() -> None:
    needs = item(needs_evidence=True)
    assert rules_lights.tally([needs], [check(1, 5), check(1, 6, has_evidence=True)])[1] == [day(1, 6)]


_ITEMS = st.lists(
    st.builds(
        item, times=st.integers(1, 5), counts=st.sampled_from([("check",), ("visit",), ("check", "visit")]),
        duty_code=st.sampled_from(["", "rounds"]),
        due_on=st.dates(date(2027, 1, 1), date(2027, 12, 31)),
    ),
    max_size=6,
).map(lambda items: [replace(one, number=number) for number, one in enumerate(items, start=1)])  # fmt: skip
_DEEDS = st.lists(
    st.builds(
        Deed, kind=st.sampled_from(["check", "visit", "meeting"]), duty_code=st.sampled_from(["", "rounds"]),
        done_at=st.integers(0, 364).map(lambda days: day(1, 1) + timedelta(days=days)),
    ),
    max_size=20,
)  # fmt: skip


@given(_ITEMS, _DEEDS, st.integers(0, 400).map(lambda days: day(1, 1) + timedelta(days=days)))
def test_each_deed_counts_once_and_more_deeds_never_worsen_a_light(
    items: list[WorkItem], deeds: list[Deed], now: datetime
) -> None:
    told = rules_lights.tally(items, deeds)
    assert sum(map(len, told.values())) <= len(deeds)
    for one in items:
        taken = {deed.done_at for deed in deeds if deed.kind in one.counts}
        assert taken.issuperset(told[one.number])
    progress = far(items, deeds, now)
    assert (progress.share is None) is (not items)
    assert progress.share is None or Decimal(0) <= progress.share <= 1
    assert sum(progress.lights.values()) == len(items)
    if items and all(one.done >= one.times and one.in_time >= one.times for one in progress.items):
        assert progress.light is WorkLight.GREEN
