"""What time does to rosters: shifts are published ahead, gaps in cover told before they begin, ended ones cleared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import rosters as told
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.rosters import (
    actions,
    actions_plan,
    rules_gaps,
    rules_shifts,
    store,
    store_gaps,
    store_shifts,
)
from services.responsibility_registry.rosters.actions_plan import state_of
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Roster
from services.responsibility_registry.rosters.rules_gaps import ShiftGap
from services.responsibility_registry.rosters.rules_pattern import Occurrence
from services.responsibility_registry.rosters.rules_refusals import RosterWrong
from services.responsibility_registry.rosters.rules_shifts import Busy, CoverGap, Shift

_MOST_CANCELLED = 200
_SWEPT = timedelta(minutes=15)
LONGEST_LOOK = timedelta(days=POLICY.longest_ahead_days)


async def keep_rosters(tx: Tx, now: datetime, limit: int) -> int:
    """Look at the rosters that are due: publish what is to be on the books, and tell gaps; returns how many."""
    due = await store.lock_to_look(tx, now, limit)
    for roster in due:
        if roster.ended_at is not None:
            await _clear(tx, roster, now)
            continue
        published = await actions.publish_ahead(tx, roster)
        until = now + timedelta(hours=POLICY.tell_gaps_ahead_hours)
        found = await cover_gaps(tx, published, now, until)
        await _tell(tx, published, found, until)
        behind = published.published_to < actions.day_of(now) + timedelta(days=POLICY.publish_ahead_days)
        await store.note_look(
            tx, roster.id, now if behind else now + timedelta(seconds=POLICY.look_every_seconds)
        )  # fmt: skip
    return len(due)


async def cover_gaps(tx: Tx, roster: Roster, begins: datetime, until: datetime) -> list[CoverGap]:
    """Where fewer stand than the roster's rule asks for, of the pieces of duty that are on in a span of time.

    Under a system scope or by who sees the roster: whoever stands elsewhere is said, and not where.
    """
    first, last = actions.day_of(begins) - timedelta(days=1), actions.day_of(until) + timedelta(days=1)
    pieces = [
        one
        for one in await actions.pieces_of(tx, roster, first, last)
        if one.ends_at > begins and one.begins_at < until
    ]
    if not pieces:
        return []
    span = min(one.begins_at for one in pieces), max(one.ends_at for one in pieces)
    async with tx.system("rosters: cover"):
        shifts = await store_shifts.shifts_of(tx, roster.id, *span)
        elsewhere = await _elsewhere(tx, pieces, shifts, span)
    there = await posts.posts_by_id(tx, [*{one.post_id for one in shifts}])
    vacant = {one.id for one in there.values() if one.vacant}
    gaps = rules_shifts.uncovered(pieces, shifts, vacant, elsewhere)
    return [one for one in gaps if one.ends_at > begins and one.begins_at < until]


async def roster_gaps(tx: Tx, roster: Roster, begins: datetime, until: datetime) -> list[CoverGap]:
    """The gaps of one roster in a span of time, looked for anew."""
    return [] if roster.ended_at is not None else await cover_gaps(tx, roster, begins, until)


def first_looked_at(begins: datetime | None, now: datetime) -> datetime:
    """Where a look begins: a roster keeps its rule of the last days, and publishes some weeks ahead.

    Raises RosterWrong.
    """
    if begins is None:
        return now
    if not now - timedelta(days=1) <= begins <= now + LONGEST_LOOK:
        said = (
            f"须在昨天之后、{POLICY.longest_ahead_days} 天之内。",
            f"not before yesterday, and within {POLICY.longest_ahead_days} days",
        )
        raise RosterWrong(("/begins_at", "out_of_range", said))
    return begins


async def unlooked(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Rosters that nobody looked at in time, for the watchdog."""
    return await store.ids_overdue(tx, now - _SWEPT, 10)


async def _elsewhere(
    tx: Tx, pieces: Sequence[Occurrence], shifts: Sequence[Shift], span: tuple[datetime, datetime]
) -> set[Busy]:
    """Who is on turn, has no shift in the piece, and stands another one then."""
    own = {(one.rota, one.post_id, one.begins_at) for one in shifts}
    absent = [
        (piece, member)
        for piece in pieces
        for member in piece.members
        if (piece.rota, member.post_id, piece.begins_at) not in own
    ]
    if not absent:
        return set()
    persons = await actions_plan.persons_of(tx, [member for _, member in absent])
    standing: dict[str, list[Shift]] = {}
    for shift in await store_shifts.standing(tx, {*persons.values()}, *span):
        standing.setdefault(shift.person, []).append(shift)
    return {
        (member.post_id, piece.begins_at)
        for piece, member in absent
        for one in standing.get(persons[member], ())
        if one.begins_at < piece.ends_at and piece.begins_at < one.ends_at
    }


async def _clear(tx: Tx, roster: Roster, now: datetime) -> None:
    """Cancel what has not begun of a roster that has ended, a batch at a time, and close its gaps."""
    left = await store_shifts.lock_to_cancel(tx, roster.id, now, _MOST_CANCELLED)
    reason = roster.ended_reason or ""
    for shift in left:
        after = rules_shifts.cancel(shift, reason=reason, now=now)
        await store_shifts.record_shift(
            tx, after, told.ShiftCancelled(state=state_of(after), reason=reason), why=reason
        )
    await _tell(tx, roster, [], now + LONGEST_LOOK)
    await store.note_look(tx, roster.id, now if len(left) == _MOST_CANCELLED else None)


async def _tell(tx: Tx, roster: Roster, found: Sequence[CoverGap], until: datetime) -> None:
    open_now = await store_gaps.lock_open_gaps(tx, roster.id, tx.now, until)
    told_of = rules_gaps.moves(open_now, found, tx.now)
    for one in told_of.opened:
        gap = ShiftGap(
            id=new_id(), version=0, area_code=roster.area_code, sectors=roster.sectors, exercise=roster.exercise,
            correlation_id=roster.correlation_id, roster_id=roster.id, roster_name=roster.name, rota=one.rota,
            role=one.role, day=one.day, begins_at=one.begins_at, ends_at=one.ends_at, missing=one.missing,
            why=one.why, opened_at=tx.now,
        )  # fmt: skip
        await store_gaps.record_gap(tx, gap, told.ShiftGapOpened(gap=_facts(gap)))
    for gap in told_of.changed:
        await store_gaps.record_gap(tx, gap, told.ShiftGapChanged(gap=_facts(gap)))
    for gap in told_of.closed:
        await store_gaps.record_gap(tx, gap, told.ShiftGapClosed(gap=_facts(gap)))


def _facts(gap: ShiftGap) -> told.ShiftGapFacts:
    return told.ShiftGapFacts(
        roster_id=gap.roster_id, roster_name=gap.roster_name, role=gap.role, begins_at=gap.begins_at,
        ends_at=gap.ends_at, missing=gap.missing, why=gap.why,
    )  # fmt: skip
