"""The verbs of swaps: ask, accept, decline, withdraw, approve, refuse; done, the shifts change hands in one step."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.contracts import rosters as told
from libs.contracts.event import Event
from services.responsibility_registry.rosters import (
    actions,
    actions_plan,
    rules_shifts,
    rules_swaps,
    store_shifts,
    store_swaps,
)
from services.responsibility_registry.rosters.actions_plan import state_of
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Member
from services.responsibility_registry.rosters.rules_refusals import PersonOnDuty, RosterWrong, ShiftCannotMove
from services.responsibility_registry.rosters.rules_shifts import Shift
from services.responsibility_registry.rosters.rules_swaps import Swap, SwapState

APPROVERS = ("leader", "administrator")
"""Who approves swaps where the roster's kind says that somebody has to ([DEF])."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSwap:
    """Which shift is to be stood by whom: in exchange for one of theirs, or given to a member."""

    id: UUID
    shift_id: UUID
    with_shift_id: UUID | None
    to: Member | None
    reason: str


async def ask_swap(tx: Tx, new: NewSwap) -> Swap:
    """Ask another to stand a shift of one's own. Both see it; nothing changes yet.

    Raises NotOnThisShift (403), RosterWrong (422).
    """
    shift = await store_shifts.lock_shift(tx, new.shift_id)
    rules_shifts.require_of(shift, tx.caller.post_id, tx.caller.subject)
    other, to = await _asked(tx, new)
    kind = POLICY.kind(shift.roster_kind)
    swap = Swap(
        id=new.id, version=0, area_code=shift.area_code, sectors=shift.sectors, exercise=shift.exercise,
        correlation_id=shift.correlation_id, roster_id=shift.roster_id, shift_id=shift.id,
        from_post_id=shift.post_id, from_subject=shift.subject, with_shift_id=new.with_shift_id,
        to_post_id=to.post_id, to_subject=to.subject, needs_approval=kind is None or kind.swaps_need_approval,
        state=SwapState.ASKED, reason=new.reason, asked_at=tx.now,
    )  # fmt: skip
    rules_swaps.check(swap, shift, other, tx.now)
    return await store_swaps.record_swap(tx, swap, told.SwapAsked(swap=facts(swap)), why=new.reason)


async def accept_swap(tx: Tx, swap_id: UUID, expected: int | None) -> Swap:
    """The other agrees. Where nobody has to approve, the shifts change hands now.

    Raises NotOnThisShift (403), SwapCannotMove, ShiftCannotMove, PersonOnDuty (409).
    """
    swap = await store_swaps.lock_swap(tx, swap_id)
    after = rules_swaps.accept(swap, by_post=tx.caller.post_id, subject=tx.caller.subject, now=tx.now)
    return await _write(tx, swap, after, expected, told.SwapAccepted(swap=facts(after)))


async def decline_swap(tx: Tx, swap_id: UUID, expected: int | None, reason: str) -> Swap:
    """The other does not agree. Raises NotOnThisShift (403), SwapCannotMove (409)."""
    swap = await store_swaps.lock_swap(tx, swap_id)
    after = rules_swaps.decline(
        swap, by_post=tx.caller.post_id, subject=tx.caller.subject, reason=reason, now=tx.now
    )  # fmt: skip
    return await _write(tx, swap, after, expected, told.SwapDeclined(swap=facts(after), reason=reason))


async def withdraw_swap(tx: Tx, swap_id: UUID, expected: int | None, reason: str) -> Swap:
    """Whoever asked takes it back. Raises NotOnThisShift (403), SwapCannotMove (409)."""
    swap = await store_swaps.lock_swap(tx, swap_id)
    after = rules_swaps.withdraw(
        swap, by_post=tx.caller.post_id, subject=tx.caller.subject, reason=reason, now=tx.now
    )  # fmt: skip
    return await _write(tx, swap, after, expected, told.SwapWithdrawn(swap=facts(after), reason=reason))


async def approve_swap(tx: Tx, swap_id: UUID, expected: int | None, reason: str) -> Swap:
    """Approved by a post that is not part of it; the shifts change hands now.

    Raises OwnSwap (403), SwapCannotMove, ShiftCannotMove, PersonOnDuty (409).
    """
    swap = await _lock_to_decide(tx, swap_id)
    after = rules_swaps.decide(swap, approves=True, by_post=tx.caller.post_id, reason=reason, now=tx.now)
    return await _write(tx, swap, after, expected, told.SwapApproved(swap=facts(after)))


async def refuse_swap(tx: Tx, swap_id: UUID, expected: int | None, reason: str) -> Swap:
    """Not approved: both stand what they stood. Raises OwnSwap (403), SwapCannotMove (409)."""
    swap = await _lock_to_decide(tx, swap_id)
    after = rules_swaps.decide(swap, approves=False, by_post=tx.caller.post_id, reason=reason, now=tx.now)
    return await _write(tx, swap, after, expected, told.SwapRefused(swap=facts(after), reason=reason))


async def find_swap(tx: Tx, swap_id: UUID) -> Swap:
    """One swap within the scope; NotFound (404) otherwise."""
    return await store_swaps.find_swap(tx, swap_id)


def facts(swap: Swap) -> told.SwapFacts:
    """The swap as its events carry it."""
    return told.SwapFacts(
        roster_id=swap.roster_id, shift_id=swap.shift_id, from_post_id=swap.from_post_id,
        with_shift_id=swap.with_shift_id, to_post_id=swap.to_post_id, needs_approval=swap.needs_approval,
        state=swap.state,
    )  # fmt: skip


async def _asked(tx: Tx, new: NewSwap) -> tuple[Shift | None, Member]:
    """The shift in return, if any, and who is asked: a roster's people swap also what lies beyond their own sight.

    Raises RosterWrong, NotFound.
    """
    if new.with_shift_id is None and new.to is not None:
        if faults := await actions.unknown_member(tx, new.to, "/to"):
            raise RosterWrong(*faults)
        return None, new.to
    if new.with_shift_id is None or new.to is not None:
        said = ("换班班次与接班岗位须填且只填一项。", "name either the shift in return or the post that takes it")
        raise RosterWrong(("/with_shift_id", "one_of_two", said))
    async with tx.system("rosters: the shift in return"):
        other = await store_shifts.find_shift(tx, new.with_shift_id)
    return other, Member(post_id=other.post_id, subject=other.subject)


async def _lock_to_decide(tx: Tx, swap_id: UUID) -> Swap:
    swap = await store_swaps.lock_swap(tx, swap_id)
    tx.caller.require(*APPROVERS, area_code=swap.area_code, sectors=swap.sectors)
    return swap


async def _write(tx: Tx, before: Swap, after: Swap, expected: int | None, event: Event) -> Swap:
    require_version(before, expected)
    written = await store_swaps.record_swap(tx, after, event, why=after.decided_reason)
    if after.state is SwapState.DONE:
        async with tx.system("rosters: shifts change hands"):
            await _change_hands(tx, after)
    return written


async def _change_hands(tx: Tx, swap: Swap) -> None:
    """Both shifts are locked in the order of their ids, and still have to be whose they were when it was asked."""
    ids = sorted({swap.shift_id} | ({swap.with_shift_id} if swap.with_shift_id else set()))
    locked = {one: await store_shifts.lock_shift(tx, one) for one in ids}
    gives = [(locked[swap.shift_id], swap.asker, swap.other)]
    if swap.with_shift_id is not None:
        gives.append((locked[swap.with_shift_id], swap.other, swap.asker))
    persons = await actions_plan.persons_of(tx, [swap.asker, swap.other])
    await store_shifts.lock_persons(tx, persons.values())
    changed = []
    for shift, of, to in gives:
        if (shift.post_id, shift.subject) != (of.post_id, of.subject) or tx.now >= shift.begins_at:
            raise ShiftCannotMove(shift.state, rules_shifts.open_moves(shift, tx.now))
        after = rules_shifts.reassign(shift, to, persons[to], reason=swap.reason, now=tx.now)
        others = await store_shifts.standing(tx, [after.person], after.begins_at, after.ends_at, beside=ids)
        if after.exclusive and others:
            raise PersonOnDuty
        event = told.ShiftReassigned(
            state=state_of(after), from_post_id=shift.post_id, reason=swap.reason, swap_id=swap.id
        )
        changed.append((after, event))
    await store_shifts.exchange(tx, changed, why=swap.reason)
