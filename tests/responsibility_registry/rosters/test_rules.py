"""Whose turn it is, where cover has gaps, and how shifts and swaps move; without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import CITY_ZONE
from services.responsibility_registry.rosters import (
    rules,
    rules_checks,
    rules_gaps,
    rules_pattern,
    rules_shifts,
    rules_swaps,
)
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import (
    Break,
    Hours,
    Member,
    Plan,
    Roster,
    Rota,
    RotaDays,
    StandsFor,
    Term,
)
from services.responsibility_registry.rosters.rules_pattern import Occurrence
from services.responsibility_registry.rosters.rules_refusals import (
    NotOnThisShift,
    RosterHasEnded,
    RosterWrong,
    ShiftCannotMove,
    SwapCannotMove,
)
from services.responsibility_registry.rosters.rules_shifts import CoverGap, Shift, ShiftState, Uncovered
from services.responsibility_registry.rosters.rules_swaps import Swap, SwapState

MONDAY = date(2026, 11, 2)
MEMBERS = tuple(Member(post_id=UUID(int=number)) for number in range(1, 6))
DAY_NIGHT = (Hours(begins="08:30", ends="17:30"), Hours(begins="17:30", ends="08:30"))
ROTA = Rota(
    code="officer", role="duty_officer", days=RotaDays.EVERY_DAY, hours=DAY_NIGHT, turns=((0,), (1,), (2,), (3,)),
    needs=1, first_day=MONDAY,
)  # fmt: skip
LEADER = replace(
    ROTA, code="leader", role="leader_on_duty", hours=(Hours(begins="08:30", ends="08:30"),), turns=((4,),)
)  # fmt: skip
PLAN = Plan(first_day=MONDAY, members=MEMBERS, rotas=(LEADER, ROTA), terms=())
ROSTER = Roster(
    id=UUID(int=100), version=1, area_code="331002004000", sectors=(), exercise=False, correlation_id=UUID(int=100),
    kind="duty_room", name="街道值班室", place="101 室", stands_for=StandsFor.ROOM, party_id=None, plans=(PLAN,),
    published_to=MONDAY, policy_version="1",
)  # fmt: skip
NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)


def pieces(roster: Roster, first: date, days: int, holidays: tuple[date, ...] = ()) -> list[Occurrence]:
    def is_workday(day: date) -> bool:
        return day.weekday() < 5 and day not in holidays

    return list(
        rules_pattern.occurrences(
            roster, first, first + timedelta(days=days), CITY_ZONE, is_workday, lambda day: day.year > 2026
        )
    )


def of_rota(rota: Rota, days: int = 7, terms: tuple[Term, ...] = (), **said: tuple[date, ...]) -> list[Occurrence]:
    plan = replace(PLAN, rotas=(rota,), terms=terms)
    return pieces(replace(ROSTER, plans=(plan,)), MONDAY, days, **said)


def shift(number: int, **changes: object) -> Shift:
    usual = Shift(
        id=UUID(int=1000 + number), version=1, area_code="331002004000", sectors=(), exercise=False,
        correlation_id=UUID(int=100), roster_id=ROSTER.id, roster_kind="duty_room", roster_name="街道值班室",
        place="101 室", rota="officer", role="duty_officer", day=MONDAY, begins_at=NOW,
        ends_at=NOW + timedelta(hours=9), post_id=UUID(int=number), subject=None, person=f"post:{number}",
        exclusive=True, provisional=False, state=ShiftState.PLANNED,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_four_teams_stand_two_shifts_a_day_in_turn_across_midnight() -> None:
    found = of_rota(ROTA, 3)
    assert [one.members[0].post_id.int for one in found] == [1, 2, 3, 4, 1, 2]
    assert all(before.ends_at == after.begins_at for before, after in pairwise(found))
    night = found[1]
    assert night.begins_at.astimezone(UTC) == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert night.ends_at.astimezone(UTC) == datetime(2026, 11, 3, 0, 30, tzinfo=UTC)


def test_hours_that_end_as_they_begin_are_a_whole_day() -> None:
    (first, *_) = of_rota(LEADER, 1)
    assert first.ends_at - first.begins_at == timedelta(days=1)


def test_turns_may_stay_for_a_week() -> None:
    weekly = replace(ROTA, hours=DAY_NIGHT[:1], turn_days=7)
    assert [one.members[0].post_id.int for one in of_rota(weekly, 15)] == [1] * 7 + [2] * 7 + [3]


def test_nobody_is_on_turn_before_the_first_day() -> None:
    assert of_rota(replace(ROTA, first_day=MONDAY + timedelta(days=5)), 5) == []


def test_a_weekly_rota_goes_by_the_day_of_the_week_and_an_empty_turn_is_no_duty() -> None:
    week = replace(ROTA, days=RotaDays.WEEKLY, hours=DAY_NIGHT[:1], turns=((0,), (1,), (2,), (3,), (4, 0), (), ()))
    found = of_rota(week, 8)
    assert [one.day.weekday() for one in found] == [0, 1, 2, 3, 4, 0]
    assert [one.post_id.int for one in found[4].members] == [5, 1]


def test_school_gate_duty_goes_by_school_days_and_counts_them_only() -> None:
    """护学岗 (Tonghua): a holiday, a weekend and the end of term move the turns on, nobody loses one."""
    term = Term(
        first_day=MONDAY,
        last_day=date(2026, 11, 11),
        breaks=(Break(first_day=date(2026, 11, 5), last_day=date(2026, 11, 5)),),
    )
    gate = replace(
        ROTA, role="school_guard", days=RotaDays.SCHOOL_DAYS, hours=(Hours(begins="07:20", ends="08:10"),)
    )  # fmt: skip
    found = of_rota(gate, 20, (term,), holidays=(date(2026, 11, 4),))
    assert [one.day.day for one in found] == [2, 3, 6, 9, 10, 11]
    assert [one.members[0].post_id.int for one in found] == [1, 2, 3, 4, 1, 2]
    assert not any(one.provisional for one in found)


def test_what_rests_on_a_year_that_nobody_announced_is_provisional() -> None:
    term = Term(first_day=date(2026, 12, 31), last_day=date(2027, 1, 4))
    gate = replace(ROTA, days=RotaDays.SCHOOL_DAYS, hours=DAY_NIGHT[:1])
    found = of_rota(gate, 70, (term,))
    assert [(one.day.year, one.provisional) for one in found] == [(2026, False), (2027, True), (2027, True)]


@given(
    turns=st.integers(1, 7), hours=st.integers(1, 3), turn_days=st.integers(1, 9), days=st.integers(1, 60),
)  # fmt: skip
def test_turns_follow_each_other_and_nobody_is_passed_over(turns: int, hours: int, turn_days: int, days: int) -> None:
    spans = [Hours(begins=f"{8 * one:02}:00", ends=f"{(8 * one + 8) % 24:02}:00") for one in range(hours)]
    rota = replace(
        ROTA, hours=tuple(spans), turns=tuple((one % 5,) for one in range(turns)), turn_days=turn_days
    )  # fmt: skip
    school = rules_pattern.SchoolDays((), lambda _: True, lambda _: False)
    for number in range(hours):
        seen = [rules_pattern.turn_of(rota, MONDAY + timedelta(days=day), number, school) for day in range(days)]
        places = [(day // turn_days * hours + number) % turns for day in range(days)]
        assert seen == [rota.turns[place] for place in places]
    found = of_rota(rota, days)
    assert len(found) == days * hours
    assert all(one.begins_at < one.ends_at <= one.begins_at + timedelta(days=1) for one in found)


def test_a_changed_rule_holds_from_the_first_day_that_is_not_published() -> None:
    published = replace(ROSTER, published_to=date(2026, 11, 9))
    other = replace(PLAN, rotas=(LEADER, replace(ROTA, turns=((3,),))))
    after = rules.change(published, other, name="新", place="", today=MONDAY, policy=POLICY)
    assert [plan.first_day.day for plan in after.plans] == [2, 9]
    officers = [one for one in pieces(after, date(2026, 11, 8), 2) if one.rota == "officer"]
    assert [one.members[0].post_id.int for one in officers] == [1, 2, 4, 4]
    again = rules.change(after, PLAN, name="新", place="", today=MONDAY, policy=POLICY)
    assert [plan.first_day.day for plan in again.plans] == [2, 9], "a rule that never held is replaced"
    later = rules.change(
        replace(after, published_to=date(2026, 12, 1)), PLAN, name="新", place="", today=date(2026, 11, 25),
        policy=POLICY,
    )  # fmt: skip
    assert [plan.first_day for plan in later.plans] == [date(2026, 11, 9), date(2026, 12, 1)], "the oldest is let go"


@pytest.mark.parametrize(
    ("changes", "plan", "pointer", "code"),
    [
        ({"kind": "unheard_of"}, {}, "/kind", "unknown_kind"),
        ({"stands_for": StandsFor.GRID}, {}, "/stands_for", "other_party"),
        ({"party_id": UUID(int=9)}, {}, "/party_id", "contradicts_party"),
        ({}, {"rotas": (ROTA,)}, "/rotas", "role_missing_here"),
        ({}, {"rotas": (LEADER, ROTA, ROTA)}, "/rotas", "code_twice"),
        ({}, {"members": (*MEMBERS, MEMBERS[0])}, "/members/5", "twice"),
        ({}, {"rotas": (LEADER, replace(ROTA, role="school_guard"))}, "/rotas/1/role", "other_role"),
        ({}, {"rotas": (LEADER, replace(ROTA, days=RotaDays.WEEKLY))}, "/rotas/1/turns", "not_a_week"),
        ({}, {"rotas": (LEADER, replace(ROTA, turns=((0,), ())))}, "/rotas/1/turns", "empty_turn"),
        ({}, {"rotas": (LEADER, replace(ROTA, turns=((0, 5),)))}, "/rotas/1/turns/0", "unknown_member"),
        ({}, {"rotas": (LEADER, replace(ROTA, turns=((1, 1),)))}, "/rotas/1/turns/0", "unknown_member"),
        ({}, {"rotas": (LEADER, replace(ROTA, days=RotaDays.SCHOOL_DAYS))}, "/terms", "required"),
        (
            {},
            {"rotas": (LEADER, replace(ROTA, hours=(Hours(begins="20:00", ends="08:00"), *DAY_NIGHT[:1])))},
            "/rotas/1/hours", "ok",
        ),
        (
            {},
            {"rotas": (LEADER, replace(ROTA, hours=(Hours(begins="20:00", ends="09:00"), *DAY_NIGHT[:1])))},
            "/rotas/1/hours", "overlapping",
        ),
        ({}, {"terms": (Term(first_day=MONDAY, last_day=date(2026, 1, 1)),)}, "/terms/0", "period_wrong"),
        ({}, {"terms": (Term(first_day=MONDAY, last_day=MONDAY),) * 2}, "/terms", "not_in_order"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_roster_is_said_with_its_place(
    changes: dict[str, object], plan: dict[str, object], pointer: str, code: str
) -> None:
    wrong = replace(ROSTER, plans=(replace(PLAN, **plan),), **changes)  # type: ignore[arg-type]
    if code == "ok":
        assert rules_checks.check(wrong, POLICY) is wrong
        return
    with pytest.raises(RosterWrong) as refused:
        rules_checks.check(wrong, POLICY)
    assert (pointer, code) in {one[:2] for one in refused.value.errors}


def test_publishing_goes_forward_and_not_too_far() -> None:
    assert rules.publish(ROSTER, date(2026, 12, 1), MONDAY, POLICY).published_to == date(2026, 12, 1)
    for day in (MONDAY, MONDAY + timedelta(days=63)):
        with pytest.raises(RosterWrong):
            rules.publish(ROSTER, day, MONDAY, POLICY)
    over = rules.end(ROSTER, now=NOW, reason="撤并")
    assert rules.open_moves(over) == ()
    for verb in (lambda: rules.publish(over, date(2026, 12, 1), MONDAY, POLICY), lambda: rules.require_going(over)):
        with pytest.raises(RosterHasEnded):
            verb()


def piece(needs: int = 1) -> Occurrence:
    return Occurrence(
        rota="officer", role="duty_officer", day=MONDAY, begins_at=NOW, ends_at=NOW + timedelta(hours=9), needs=needs,
        members=MEMBERS[:needs],
    )  # fmt: skip


def gaps(of: Occurrence, *shifts: Shift, **said: set[object]) -> list[tuple[int, int, int, Uncovered]]:
    found = rules_shifts.uncovered([of], shifts, said.get("vacant", set()), said.get("elsewhere", set()))  # type: ignore[arg-type]
    return [
        (int((one.begins_at - NOW).seconds / 3600), int((one.ends_at - NOW).seconds / 3600), one.missing, one.why)
        for one in found
    ]


def test_a_gap_is_cut_where_the_number_of_those_who_stand_changes() -> None:
    late = shift(1, begins_at=NOW + timedelta(hours=2))
    early = shift(2, ends_at=NOW + timedelta(hours=6))
    assert gaps(piece()) == [(0, 9, 1, Uncovered.NOBODY)]
    assert gaps(piece(), shift(1)) == []
    assert gaps(piece(2), late, early) == [(0, 2, 1, Uncovered.NOBODY), (6, 9, 1, Uncovered.NOBODY)]
    assert gaps(piece(), shift(1, state=ShiftState.CANCELLED)) == [(0, 9, 1, Uncovered.NOBODY)]
    assert gaps(piece(), shift(1, rota="leader")) == [(0, 9, 1, Uncovered.NOBODY)], "another rota covers nothing"
    assert gaps(piece(2), shift(1), shift(1, id=UUID(int=7))) == [(0, 9, 1, Uncovered.NOBODY)], "nobody counts twice"


def test_a_vacant_post_covers_nothing_unless_a_person_is_named() -> None:
    vacant: set[object] = {UUID(int=1)}
    assert gaps(piece(), shift(1), vacant=vacant) == [(0, 9, 1, Uncovered.VACANT)]
    assert gaps(piece(), shift(1, subject="li"), vacant=vacant) == []
    elsewhere: set[object] = {(UUID(int=1), NOW)}
    assert gaps(piece(), elsewhere=elsewhere) == [(0, 9, 1, Uncovered.ON_DUTY_ELSEWHERE)]


_HOUR = st.integers(0, 9)


@given(needs=st.integers(1, 3), spans=st.lists(st.tuples(_HOUR, _HOUR, st.integers(1, 4)), max_size=6))
def test_gaps_are_just_those_hours_in_which_too_few_stand(needs: int, spans: list[tuple[int, int, int]]) -> None:
    shifts = [
        shift(
            who, id=UUID(int=number + 1), begins_at=NOW + timedelta(hours=begins), ends_at=NOW + timedelta(hours=ends)
        )
        for number, (begins, ends, who) in enumerate(spans)
        if begins < ends
    ]
    found = list(rules_shifts.uncovered([piece(needs)], shifts, set()))
    for hour in range(9):
        at = NOW + timedelta(hours=hour)
        standing = {one.person for one in shifts if one.begins_at <= at < one.ends_at}
        over = [one for one in found if one.begins_at <= at < one.ends_at]
        assert sum(one.missing for one in over) == max(0, needs - len(standing))
    assert all(before.ends_at <= after.begins_at for before, after in pairwise(found))


@given(st.lists(st.tuples(_HOUR, _HOUR, st.integers(1, 3), st.booleans()), max_size=12))
def test_nobody_is_planned_into_two_exclusive_shifts_at_a_time(wanted: list[tuple[int, int, int, bool]]) -> None:
    shifts = [
        shift(
            who, id=UUID(int=number + 1), begins_at=NOW + timedelta(hours=begins),
            ends_at=NOW + timedelta(hours=ends), exclusive=exclusive,
        )
        for number, (begins, ends, who, exclusive) in enumerate(wanted)
        if begins < ends
    ]  # fmt: skip
    kept = rules_shifts.without_overlaps(shifts, [])
    exclusive = [one for one in kept if one.exclusive]
    assert not any(
        one.person == other.person and rules_shifts.overlap(one, other)
        for number, one in enumerate(exclusive)
        for other in exclusive[number + 1 :]
    )
    left_out = [one for one in shifts if one not in kept]
    assert all(
        any(one.person == other.person and rules_shifts.overlap(one, other) for other in exclusive)
        for one in left_out
    ), "nobody is left out for nothing"


def test_who_stands_is_the_named_one_the_holder_or_the_post() -> None:
    post = UUID(int=1)
    assert rules_shifts.person_of(Member(post_id=post, subject="li"), {post: {"wang"}}) == "li"
    assert rules_shifts.person_of(Member(post_id=post), {post: {"wang"}}) == "wang"
    assert rules_shifts.person_of(Member(post_id=post), {post: {"wang", "li"}}) == f"post:{post}"
    assert rules_shifts.person_of(Member(post_id=post), {}) == f"post:{post}"


def test_a_shift_is_stood_from_its_begin_on_and_at_its_end_no_more() -> None:
    one = shift(1)
    assert rules_shifts.stands(one, one.begins_at)
    assert not rules_shifts.stands(one, one.ends_at)
    assert not rules_shifts.stands(replace(one, state=ShiftState.CANCELLED), one.begins_at)


def test_what_may_be_done_with_a_shift_follows_from_the_time() -> None:
    one, other = shift(1), Member(post_id=UUID(int=2))
    before, during, after = NOW - timedelta(hours=1), NOW, one.ends_at
    assert rules_shifts.open_moves(one, before) == ("reassign", "cancel", "ask-swap")
    assert rules_shifts.open_moves(one, during) == ("reassign", "cancel", "hand-over")
    assert rules_shifts.open_moves(one, after) == ("hand-over",)
    with pytest.raises(ShiftCannotMove):
        rules_shifts.cancel(one, reason="x", now=after)
    with pytest.raises(RosterWrong, match="unchanged"):
        rules_shifts.reassign(one, Member(post_id=one.post_id), "p", reason="x", now=before)
    moved = rules_shifts.reassign(one, other, "post:2", reason="病假", now=before)
    assert (moved.post_id, moved.person, moved.reason) == (other.post_id, "post:2", "病假")


def test_a_shift_is_handed_over_once_to_one_that_follows() -> None:
    one = shift(1)
    following = shift(2, begins_at=one.ends_at, ends_at=one.ends_at + timedelta(hours=9))
    with pytest.raises(ShiftCannotMove):
        rules_shifts.hand_over(one, following, note="无", now=NOW - timedelta(minutes=1))
    for wrong in (one, replace(following, roster_id=UUID(int=5)), shift(3, ends_at=NOW + timedelta(hours=1))):
        with pytest.raises(RosterWrong, match="does_not_follow"):
            rules_shifts.hand_over(one, wrong, note="无", now=NOW)
    handed = rules_shifts.hand_over(one, following, note="泵站停电", now=NOW)
    assert (handed.state, rules_shifts.open_moves(handed, NOW)) == (ShiftState.HANDED_OVER, ("take-over",))
    taken = rules_shifts.take_over(handed, now=NOW)
    assert taken.hand_over is not None
    assert (taken.hand_over.note, taken.hand_over.taken_at) == ("泵站停电", NOW)
    for again in (one, taken):
        with pytest.raises(ShiftCannotMove):
            rules_shifts.take_over(again, now=NOW)


def test_a_shift_of_a_named_person_is_theirs_alone() -> None:
    named = shift(1, subject="li")
    assert rules_shifts.is_of(named, UUID(int=1), "li")
    assert not rules_shifts.is_of(named, UUID(int=1), "wang")
    assert rules_shifts.is_of(shift(1), UUID(int=1), "wang")
    with pytest.raises(NotOnThisShift):
        rules_shifts.require_of(named, None, "li")


def swap(**changes: object) -> Swap:
    usual = Swap(
        id=UUID(int=50), version=1, area_code="331002004000", sectors=(), exercise=False,
        correlation_id=UUID(int=100), roster_id=ROSTER.id, shift_id=UUID(int=1001), from_post_id=UUID(int=1),
        from_subject=None, with_shift_id=None, to_post_id=UUID(int=2), to_subject="wang", needs_approval=True,
        state=SwapState.ASKED, reason="家中有事", asked_at=NOW,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_swap_is_accepted_by_the_other_and_approved_by_a_third() -> None:
    with pytest.raises(NotOnThisShift):
        rules_swaps.accept(swap(), by_post=UUID(int=2), subject="somebody else", now=NOW)
    accepted = rules_swaps.accept(swap(), by_post=UUID(int=2), subject="wang", now=NOW)
    assert (accepted.state, rules_swaps.open_moves(accepted)) == (
        SwapState.ACCEPTED, ("approve", "refuse", "withdraw"),
    )  # fmt: skip
    for own in (1, 2):
        with pytest.raises(rules_swaps.OwnSwap):
            rules_swaps.decide(accepted, approves=True, by_post=UUID(int=own), reason="同意", now=NOW)
    done = rules_swaps.decide(accepted, approves=True, by_post=UUID(int=3), reason="同意", now=NOW)
    assert (done.state, rules_swaps.open_moves(done)) == (SwapState.DONE, ())
    refused = rules_swaps.decide(accepted, approves=False, by_post=UUID(int=3), reason="人手不足", now=NOW)
    assert refused.state is SwapState.REFUSED
    at_once = rules_swaps.accept(swap(needs_approval=False), by_post=UUID(int=2), subject="wang", now=NOW)
    assert at_once.state is SwapState.DONE


@pytest.mark.parametrize("state", [one for one in SwapState if one not in (SwapState.ASKED, SwapState.ACCEPTED)])
def test_a_swap_that_was_decided_stays_so(state: SwapState) -> None:
    one = swap(state=state)
    verbs: list[Callable[[], object]] = [
        lambda: rules_swaps.accept(one, by_post=UUID(int=2), subject="wang", now=NOW),
        lambda: rules_swaps.decline(one, by_post=UUID(int=2), subject="wang", reason="x", now=NOW),
        lambda: rules_swaps.withdraw(one, by_post=UUID(int=1), subject="x", reason="x", now=NOW),
        lambda: rules_swaps.decide(one, approves=True, by_post=UUID(int=3), reason="x", now=NOW),
    ]
    for verb in verbs:
        with pytest.raises(SwapCannotMove):
            verb()


def test_what_is_wrong_with_a_swap_is_said() -> None:
    mine, theirs = shift(1, begins_at=NOW + timedelta(hours=1)), shift(2, begins_at=NOW + timedelta(hours=2))
    assert rules_swaps.check(swap(), mine, theirs, NOW)
    for code, one, other, about in (
        ("has_begun", replace(mine, begins_at=NOW), theirs, swap()),
        ("has_begun", mine, replace(theirs, state=ShiftState.CANCELLED), swap()),
        ("other_roster", mine, replace(theirs, roster_id=UUID(int=5)), swap()),
        ("itself", mine, None, swap(to_post_id=UUID(int=1), to_subject=None)),
    ):
        with pytest.raises(RosterWrong, match=code):
            rules_swaps.check(about, one, other, NOW)


def test_gaps_open_change_and_close_and_are_told_once() -> None:
    found = CoverGap(
        rota="officer", role="duty_officer", day=MONDAY, begins_at=NOW, ends_at=NOW + timedelta(hours=9), missing=1,
        why=Uncovered.NOBODY,
    )  # fmt: skip
    first = rules_gaps.moves([], [found], NOW)
    assert (first.opened, first.changed, first.closed) == ((found,), (), ())
    known = rules_gaps.ShiftGap(
        id=UUID(int=9), version=1, area_code="331002004000", sectors=(), exercise=False,
        correlation_id=UUID(int=100), roster_id=ROSTER.id, roster_name="值班室", rota="officer",
        role="duty_officer", day=MONDAY, begins_at=found.begins_at, ends_at=found.ends_at, missing=1,
        why=Uncovered.NOBODY, opened_at=NOW,
    )  # fmt: skip
    assert rules_gaps.moves([known], [found], NOW) == rules_gaps.Moves(opened=(), changed=(), closed=())
    (changed,) = rules_gaps.moves([known], [replace(found, why=Uncovered.VACANT)], NOW).changed
    assert changed.why is Uncovered.VACANT
    (closed,) = rules_gaps.moves([known], [], NOW).closed
    assert closed.closed_at == NOW
