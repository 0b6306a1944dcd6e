"""Who is named as present could have been: on the books, held, in office, of this place, and somebody else."""

import pytest

from services.responsibility_registry.orders import rules_rounds
from services.responsibility_registry.orders.rules import OrderState
from services.responsibility_registry.orders.rules_present import PostNotThere, Seen, require_present
from tests.responsibility_registry.orders.cases import (
    FIRE_OFFICE,
    GRID_POST,
    POLICE,
    case,
    delivered,
    drafted,
    issued,
    rectified,
)

THERE = Seen(held=True, in_office=True, of_this_place=True, people=frozenset({"officer"}))


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (None, "unknown_post"),
        (Seen(held=False, in_office=True, of_this_place=True), "vacant_post"),
        (Seen(held=True, in_office=False, of_this_place=True), "post_ended"),
        (Seen(held=True, in_office=True, of_this_place=False), "post_elsewhere"),
        (Seen(held=True, in_office=True, of_this_place=True, people=frozenset({"me"})), "same_person"),
    ],
)
def test_who_cannot_have_been_there_is_refused_where_it_was_named(seen: Seen | None, code: str) -> None:
    known = {FIRE_OFFICE: THERE} | ({} if seen is None else {GRID_POST: seen})
    named = [("/together_with/0", FIRE_OFFICE), ("/together_with/1", GRID_POST)]
    with pytest.raises(PostNotThere) as refused:
        require_present(named, known, acting=POLICE, person="me")
    assert [error[:2] for error in refused.value.errors] == [("/together_with/1", code)]
    assert (refused.value.status, refused.value.code) == (422, "post_not_there")


def test_the_post_that_acts_and_a_post_named_twice_are_nobody_else() -> None:
    named = [("/together_with/0", POLICE), ("/together_with/1", FIRE_OFFICE), ("/together_with/2", FIRE_OFFICE)]
    with pytest.raises(PostNotThere) as refused:
        require_present(named, {POLICE: THERE, FIRE_OFFICE: THERE}, acting=POLICE, person="me")
    assert [error[:2] for error in refused.value.errors] == [
        ("/together_with/0", "acts_itself"), ("/together_with/2", "named_twice"),
    ]  # fmt: skip


def test_a_post_that_others_hold_as_well_may_have_come_as_another_person() -> None:
    shared = Seen(held=True, in_office=True, of_this_place=True, people=frozenset({"me", "colleague"}))
    named = [("/together_with/0", FIRE_OFFICE)]
    assert require_present(named, {FIRE_OFFICE: shared}, acting=POLICE, person="me") is None


def test_the_person_behind_a_hand_does_not_inspect_through_another_post() -> None:
    waiting = rectified(delivered(issued(drafted())), GRID_POST, persons=("grid member",))
    with pytest.raises(rules_rounds.SamePersonMayNotInspect) as refused:
        rules_rounds.inspect(
            waiting, look=case(OrderState.CLOSED).inspections[0].act, passed=True, candidates=(FIRE_OFFICE, POLICE),
            people={FIRE_OFFICE: frozenset({"grid member"}), POLICE: frozenset({"officer"})},
        )  # fmt: skip
    assert (refused.value.code, refused.value.state) == ("same_person_may_not_inspect", "rectified")
    assert refused.value.may == (POLICE,)


def test_persons_of_every_round_and_of_a_merged_order_are_kept() -> None:
    served = delivered(issued(drafted()))
    first = rectified(served, GRID_POST, persons=("landlord",))
    failed = rules_rounds.inspect(
        first,
        look=case(OrderState.CLOSED).inspections[0].act,
        passed=False,
        people={FIRE_OFFICE: frozenset({"x"})},
    )
    again = rectified(failed, persons=("builder", "landlord"))
    assert again.hand_subjects == ("landlord", "builder")
