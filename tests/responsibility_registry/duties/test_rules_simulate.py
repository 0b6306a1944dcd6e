"""Changes tried on copies."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.duties import rules_chain, rules_diff, rules_findings, rules_simulate
from services.responsibility_registry.duties.rules import Claim
from services.responsibility_registry.duties.rules_simulate import CannotTry, ChangeKind, Tried, World
from tests.responsibility_registry.duties.cases import DUTIES, EVENING, POLICY, POSTS, TOWNSHIP, VILLAGE, post_id

NEW = UUID(int=9)
_BY_AREA: dict[str, list[Claim]] = {}
for _one in DUTIES:
    _BY_AREA.setdefault(_one.area_code, []).append(_one)
WORLD = World(by_area=_BY_AREA, posts=POSTS)
GRID = next(one for one in DUTIES if one.role == "grid_post")
DEPUTY = post_id(f"township_deputy {TOWNSHIP}")


def after(*changes: Tried) -> World:
    return rules_simulate.tried(WORLD, changes, EVENING, [UUID(int=90 + number) for number in range(len(changes))])


def who(world: World, role: str) -> UUID | None:
    duties = [one for each in world.by_area.values() for one in each]
    chain = rules_chain.chain("gas", VILLAGE, EVENING, duties, world.posts, POLICY)
    return next((link.post_id for link in chain.links if link.role == role), None)


def test_each_kind_of_change_does_what_it_says() -> None:
    assert who(after(Tried(kind=ChangeKind.END, duty_id=GRID.id)), "grid_post") is None
    passed = after(Tried(kind=ChangeKind.REASSIGN, duty_id=GRID.id, post_id=DEPUTY))
    assert who(passed, "grid_post") == DEPUTY
    vacated = Tried(kind=ChangeKind.VACATE, post_id=GRID.post_id)
    assert who(after(vacated), "grid_post") is None
    assert who(after(replace(vacated, substitute_post_id=DEPUTY)), "grid_post") == DEPUTY
    filled = after(vacated, Tried(kind=ChangeKind.FILL, post_id=GRID.post_id))
    assert who(filled, "grid_post") == GRID.post_id
    ended = Tried(kind=ChangeKind.END, duty_id=GRID.id)
    again = Tried(kind=ChangeKind.ASSIGN, post_id=DEPUTY, area_code=VILLAGE, role="grid_post")
    assert who(after(ended, again), "grid_post") == DEPUTY


def test_what_is_tried_changes_nothing_that_is() -> None:
    after(Tried(kind=ChangeKind.END, duty_id=GRID.id), Tried(kind=ChangeKind.VACATE, post_id=DEPUTY))
    assert who(WORLD, "grid_post") == GRID.post_id
    assert who(WORLD, "township_deputy") == DEPUTY


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (Tried(kind=ChangeKind.END, duty_id=NEW), "/changes/1/duty_id"),
        (Tried(kind=ChangeKind.REASSIGN, duty_id=GRID.id, post_id=NEW), "/changes/1/post_id"),
        (Tried(kind=ChangeKind.VACATE, post_id=DEPUTY, substitute_post_id=NEW), "/changes/1/substitute_post_id"),
    ],
)
def test_a_change_of_what_is_not_there_is_told_by_its_place(change: Tried, pointer: str) -> None:
    with pytest.raises(CannotTry) as refused:
        after(Tried(kind=ChangeKind.FILL, post_id=DEPUTY), change)
    assert [told for told, _, _ in refused.value.errors] == [pointer]


def test_a_duty_ends_once() -> None:
    end = Tried(kind=ChangeKind.END, duty_id=GRID.id)
    with pytest.raises(CannotTry):
        after(end, end)


def test_changes_of_one_kind_are_told_once_with_their_areas_and_categories() -> None:
    duties = [one for each in WORLD.by_area.values() for one in each]
    less = [one for one in duties if one.role != "township_deputy"]
    told = [
        (area, category, one)
        for area in (VILLAGE, TOWNSHIP)
        for category in ("gas", "mine")
        for one in rules_diff.differences(
            rules_chain.chain(category, area, EVENING, duties, POSTS, POLICY),
            rules_chain.chain(category, area, EVENING, less, POSTS, POLICY),
        )
    ]
    (one,) = rules_simulate.grouped(told)
    assert (one.role, one.area_codes, one.categories) == ("township_deputy", (VILLAGE, TOWNSHIP), ("gas", "mine"))


@given(st.sets(st.sampled_from(["gas", "mine", "crowd"]), min_size=1), st.sets(st.sampled_from(["gas", "mine"])))
def test_what_opens_is_what_was_not_found_before_by_category(now: set[str], before: set[str]) -> None:
    gap = rules_findings.findings(
        VILLAGE, EVENING, (), POSTS, POLICY, categories=("gas",), split=lambda role, wide: False
    )[0]
    new = replace(gap, categories=tuple(sorted(now)))
    old = [replace(gap, categories=tuple(sorted(before)))] if before else []
    assert {category for one in rules_simulate.only_in([new], old) for category in one.categories} == now - before
