"""A body is founded by a document, its seats have dates, and its term ends it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.bodies import rules
from services.responsibility_registry.bodies.rules import (
    AlreadySeated,
    Body,
    BodyAlreadyEnded,
    BodyGap,
    BodyKind,
    BodyWrong,
    PartyKind,
    Seat,
    SeatPart,
)

NOW = datetime(2026, 10, 12, 4, tzinfo=UTC)
BEGAN = NOW - timedelta(days=90)
CHAIR = Seat(party_id=UUID(int=2), party_kind=PartyKind.POST, part=SeatPart.CHAIR, since=BEGAN)
OFFICE = Seat(party_id=UUID(int=3), party_kind=PartyKind.ORGANIZATION, part=SeatPart.OFFICE, since=BEGAN)
BODY = Body(
    id=UUID(int=1), version=1, area_code="331002004000", sectors=(), exercise=False, correlation_id=UUID(int=1),
    kind=BodyKind.SAFETY_COMMITTEE, name_zh="安委会", name_en="committee", document="1号", valid_from=BEGAN,
    counted_from=BEGAN, seats=(CHAIR, OFFICE),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": BodyKind.TASK_FORCE}, "/valid_to"),
        ({"valid_to": BEGAN}, "/valid_to"),
        ({"kind": BodyKind.JOINT_MEETING}, "/area_codes"),
        ({"kind": BodyKind.JOINT_MEETING, "area_codes": ("331002004000",)}, "/area_codes"),
        ({"seats": (CHAIR, OFFICE, CHAIR)}, "/seats/2"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_with_its_place(changes: dict[str, object], pointer: str) -> None:
    with pytest.raises(BodyWrong) as refused:
        rules.check(replace(BODY, **changes))  # type: ignore[arg-type]
    assert refused.value.errors[0][0] == pointer


def test_a_body_that_holds_together_is_taken_as_it_is() -> None:
    force = replace(BODY, kind=BodyKind.TASK_FORCE, valid_to=NOW)
    joint = replace(BODY, kind=BodyKind.JOINT_MEETING, area_codes=("331003000000",))
    both_chairs = replace(BODY, seats=(CHAIR, replace(CHAIR, party_id=UUID(int=4))))
    for one in (BODY, force, joint, both_chairs):
        assert rules.check(one) is one


@given(minutes=st.integers(-(10**5), 10**5))
def test_a_seat_ends_now_or_later_stays_on_record_and_is_given_again_after_it(minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)

    def ended() -> Body:
        return rules.end_seat(BODY, party_id=CHAIR.party_id, part=CHAIR.part, at=at, now=NOW, reason="调整")

    if minutes < 0:
        with pytest.raises(BodyWrong):
            ended()
        return
    after = ended()
    assert (after.seats[0].until, after.seats[0].ended_reason, len(after.seats)) == (at, "调整", 2)
    assert [one.party_id for one in rules.seated(after, at)] == [OFFICE.party_id]
    again = rules.give_seat(after, replace(CHAIR, since=at))
    assert len(again.seats) == 3
    with pytest.raises(AlreadySeated):
        rules.give_seat(again, replace(CHAIR, since=at))


def test_nobody_sits_there_before_the_body_nor_is_taken_out_of_a_seat_that_they_have_not() -> None:
    with pytest.raises(BodyWrong):
        rules.give_seat(BODY, replace(CHAIR, party_id=UUID(int=9), since=BEGAN - timedelta(seconds=1)))
    with pytest.raises(BodyWrong):
        rules.end_seat(BODY, party_id=CHAIR.party_id, part=SeatPart.MEMBER, at=NOW, now=NOW, reason="x")


def test_a_full_body_takes_no_more() -> None:
    full = replace(BODY, seats=tuple(replace(CHAIR, party_id=UUID(int=n)) for n in range(rules.MOST_SEATS)))
    with pytest.raises(BodyWrong):
        rules.give_seat(full, replace(CHAIR, party_id=UUID(int=10**6)))


def test_a_term_is_prolonged_to_a_later_instant_only_and_where_there_is_one() -> None:
    force = replace(BODY, kind=BodyKind.TASK_FORCE, valid_to=NOW)
    later = rules.prolong(force, NOW + timedelta(days=1), "2号")
    assert (later.valid_to, later.document) == (NOW + timedelta(days=1), "2号")
    for body, until in ((force, NOW), (BODY, NOW + timedelta(days=1))):
        with pytest.raises(BodyWrong):
            rules.prolong(body, until, "2号")


def test_what_has_ended_moves_no_more() -> None:
    ended = rules.end(BODY, at=NOW, reason="撤销")
    assert (rules.open_moves(ended), rules.gaps(ended, NOW)) == ((), ())
    moves: tuple[Callable[[], Body], ...] = (
        lambda: rules.end(ended, at=NOW, reason="again"),
        lambda: rules.give_seat(ended, CHAIR),
        lambda: rules.prolong(ended, NOW + timedelta(days=1), "x"),
        lambda: rules.end_seat(ended, party_id=CHAIR.party_id, part=CHAIR.part, at=NOW, now=NOW, reason="x"),
    )
    for move in moves:
        with pytest.raises(BodyAlreadyEnded) as refused:
            move()
        assert (refused.value.state, refused.value.open_moves) == ("ended", ())


def test_who_runs_a_body_and_what_it_lacks_follow_from_its_seats() -> None:
    assert rules.run_by(BODY, NOW) == (CHAIR.party_id, OFFICE.party_id)
    assert rules.run_by(BODY, BEGAN - timedelta(seconds=1)) == ()
    assert rules.gaps(BODY, NOW) == ()
    assert rules.gaps(replace(BODY, seats=(CHAIR,)), NOW) == (BodyGap.NO_OFFICE,)
    assert rules.gaps(replace(BODY, seats=()), NOW) == (BodyGap.NO_CHAIR, BodyGap.NO_OFFICE)
    assert "prolong" in rules.open_moves(replace(BODY, valid_to=NOW))
