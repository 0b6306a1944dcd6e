"""The verbs of single shifts: assign one beside the rule, give it to another, cancel it, hand and take it over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.announcing import Announced
from libs.common.db import Tx
from libs.contracts import rosters as told
from services.responsibility_registry.rosters import actions, actions_plan, rules, rules_shifts, store, store_shifts
from services.responsibility_registry.rosters.actions_plan import state_of
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Member
from services.responsibility_registry.rosters.rules_pattern import Occurrence
from services.responsibility_registry.rosters.rules_refusals import PersonOnDuty, RosterWrong
from services.responsibility_registry.rosters.rules_shifts import Shift


@dataclass(frozen=True, kw_only=True, slots=True)
class Assigned:
    """Who is to stand which rota of a roster from when to when, and why beside its rule."""

    id: UUID
    roster_id: UUID
    rota: str
    member: Member
    begins_at: datetime
    ends_at: datetime
    reason: str


async def assign_shift(tx: Tx, new: Assigned) -> Shift:
    """Put somebody on a roster beside its rule: to fill a gap, or to strengthen it. For who keeps rosters there.

    Raises RosterHasEnded, PersonOnDuty (409), RosterWrong (422).
    """
    # Locked: no shift is added to a roster that is ended meanwhile.
    roster = await store.lock_roster(tx, new.roster_id)
    tx.caller.require(*actions.ARRANGERS, area_code=roster.area_code, sectors=roster.sectors)
    rules.require_going(roster)
    rota = rules_shifts.rota_of(roster, new.rota, new.begins_at, new.ends_at, tx.now, POLICY)
    person = await _require_free(tx, new.member, rota.role, new.begins_at, new.ends_at, beside=())
    piece = Occurrence(
        rota=rota.code, role=rota.role, day=actions.day_of(new.begins_at), begins_at=new.begins_at,
        ends_at=new.ends_at, needs=0, members=(new.member,),
    )  # fmt: skip
    shift = actions_plan.shift_of(roster, piece, new.member, person)
    shift = replace(shift, id=new.id, reason=new.reason)
    await store.note_look(tx, roster.id, tx.now)
    return await store_shifts.record_shift(
        tx, shift, told.ShiftPlanned(state=state_of(shift)), why=new.reason
    )  # fmt: skip


async def reassign_shift(tx: Tx, shift_id: UUID, expected: int | None, to: Member, reason: str) -> Shift:
    """Another stands it, by decision of who keeps rosters there.

    Raises ShiftCannotMove, PersonOnDuty (409), RosterWrong (422).
    """
    shift = await _lock_to_keep(tx, shift_id, expected)
    after = rules_shifts.reassign(shift, to, shift.person, reason=reason, now=tx.now)
    person = await _require_free(tx, to, shift.role, shift.begins_at, shift.ends_at, beside=(shift.id,))
    after = replace(after, person=person)
    await _look_again(tx, shift)
    event = told.ShiftReassigned(state=state_of(after), from_post_id=shift.post_id, reason=reason)
    return await store_shifts.record_shift(tx, after, event, why=reason)


async def cancel_shift(tx: Tx, shift_id: UUID, expected: int | None, reason: str) -> Shift:
    """Nobody stands it; the gap that it leaves is told. Raises ShiftCannotMove (409)."""
    shift = await _lock_to_keep(tx, shift_id, expected)
    after = rules_shifts.cancel(shift, reason=reason, now=tx.now)
    await _look_again(tx, shift)
    event = told.ShiftCancelled(state=state_of(after), reason=reason)
    return await store_shifts.record_shift(tx, after, event, why=reason)


async def hand_over_shift(tx: Tx, shift_id: UUID, expected: int | None, to_shift_id: UUID, note: str) -> Shift:
    """Whoever stands it leaves what is open to the next shift, in words.

    Raises NotOnThisShift (403), ShiftCannotMove (409), RosterWrong (422).
    """
    shift = await store_shifts.lock_shift(tx, shift_id)
    rules_shifts.require_of(shift, tx.caller.post_id, tx.caller.subject)
    require_version(shift, expected)
    async with tx.system("rosters: the next shift"):
        to = await store_shifts.find_shift(tx, to_shift_id)
    after = rules_shifts.hand_over(shift, to, note=note, now=tx.now)
    event = told.ShiftHandedOver(state=state_of(after), to_shift_id=to.id)
    return await store_shifts.record_handed(tx, after, event, to)


async def take_over_shift(tx: Tx, shift_id: UUID, expected: int | None) -> Shift:
    """Whoever stands the next shift has read the note. Raises NotOnThisShift (403), ShiftCannotMove (409)."""
    shift = await store_shifts.lock_shift(tx, shift_id)
    handed = rules_shifts.handed(shift, tx.now)
    async with tx.system("rosters: the next shift"):
        following = await store_shifts.find_shift(tx, handed.to_shift_id)
    rules_shifts.require_of(following, tx.caller.post_id, tx.caller.subject)
    require_version(shift, expected)
    after = rules_shifts.take_over(shift, now=tx.now)
    event = told.ShiftTakenOver(state=state_of(after), to_shift_id=following.id)
    return await store_shifts.record_shift(tx, after, event)


async def find_shift(tx: Tx, shift_id: UUID) -> Shift:
    """One shift within the scope; NotFound (404) otherwise."""
    return await store_shifts.find_shift(tx, shift_id)


async def _require_free(
    tx: Tx, member: Member, role: str, begins: datetime, until: datetime, *, beside: tuple[UUID, ...]
) -> str:
    """The person, locked, who stands nothing else then. Raises RosterWrong, PersonOnDuty."""
    if faults := await actions.unknown_member(tx, member, ""):
        raise RosterWrong(*faults)
    person = (await actions_plan.persons_of(tx, [member]))[member]
    if POLICY.is_exclusive(role):
        await store_shifts.lock_persons(tx, [person])
        async with tx.system("rosters: who stands elsewhere"):
            if await store_shifts.standing(tx, [person], begins, until, beside=beside):
                raise PersonOnDuty
    return person


async def _lock_to_keep(tx: Tx, shift_id: UUID, expected: int | None) -> Shift:
    shift = await store_shifts.lock_shift(tx, shift_id)
    tx.caller.require(*actions.ARRANGERS, area_code=shift.area_code, sectors=shift.sectors)
    require_version(shift, expected)
    return shift


async def _look_again(tx: Tx, shift: Shift) -> None:
    """The gap that this leaves or fills is told within half a minute."""
    async with tx.system("rosters: look again"):
        await store.note_look(tx, shift.roster_id, tx.now)


ANNOUNCED = Announced(table=store_shifts.TABLE, row=Shift, stated=told.ShiftStated, state_of=state_of)
"""What other services keep copies of."""
