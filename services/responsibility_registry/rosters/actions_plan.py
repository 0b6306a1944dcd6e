"""How pieces of duty become shifts: who is on turn is put on the books, unless they stand another shift then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import rosters as told
from services.responsibility_registry.rosters import rules_shifts, store_shifts
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Member, Roster
from services.responsibility_registry.rosters.rules_pattern import Occurrence
from services.responsibility_registry.rosters.rules_shifts import Shift, ShiftState
from services.responsibility_registry.tenures import actions as tenures


async def plan(tx: Tx, roster: Roster, pieces: Sequence[Occurrence]) -> tuple[Sequence[Shift], int]:
    """The shifts that were put on the books, and how many turns were left out for want of the person; duty that is
    over already is nobody's."""
    pieces = [one for one in pieces if one.ends_at > tx.now]
    persons = await persons_of(tx, [member for piece in pieces for member in piece.members])
    wanted = [
        shift_of(roster, piece, member, persons[member]) for piece in pieces for member in piece.members
    ]  # fmt: skip
    exclusive = [one for one in wanted if one.exclusive]
    busy: list[Shift] = []
    if exclusive:
        await store_shifts.lock_persons(tx, (one.person for one in exclusive))
        first, last = min(one.begins_at for one in exclusive), max(one.ends_at for one in exclusive)
        async with tx.system("rosters: who stands elsewhere"):
            busy += await store_shifts.standing(tx, {one.person for one in exclusive}, first, last)
    fitting = rules_shifts.without_overlaps(wanted, busy)
    added = [(one, told.ShiftPlanned(state=state_of(one))) for one in fitting]
    return await store_shifts.add_shifts(tx, added), len(wanted) - len(fitting)


async def persons_of(tx: Tx, members: Sequence[Member]) -> Mapping[Member, str]:
    """What of each member must not be in two places at a time."""
    holders: Mapping[UUID, frozenset[str]] = await tenures.holders_of(tx, {one.post_id for one in members})
    return {member: rules_shifts.person_of(member, holders) for member in members}


def shift_of(roster: Roster, piece: Occurrence, member: Member, person: str) -> Shift:
    """The shift that a member stands in a piece of duty."""
    return Shift(
        id=new_id(), version=0, area_code=roster.area_code, sectors=roster.sectors, exercise=roster.exercise,
        correlation_id=roster.correlation_id, roster_id=roster.id, roster_kind=roster.kind,
        roster_name=roster.name, place=roster.place, rota=piece.rota, role=piece.role, day=piece.day,
        begins_at=piece.begins_at, ends_at=piece.ends_at, post_id=member.post_id, subject=member.subject,
        person=person, exclusive=POLICY.is_exclusive(piece.role), provisional=piece.provisional,
        state=ShiftState.PLANNED,
    )  # fmt: skip


def state_of(shift: Shift) -> told.ShiftState:
    """The shift as events carry it."""
    return told.ShiftState(
        roster_id=shift.roster_id, roster_kind=shift.roster_kind, roster_name=shift.roster_name, place=shift.place,
        role=shift.role, area_code=shift.area_code, post_id=shift.post_id, subject=shift.subject,
        begins_at=shift.begins_at, ends_at=shift.ends_at, cancelled=shift.state is ShiftState.CANCELLED,
    )  # fmt: skip
