"""A swap: asked by who stands a shift, accepted by the other, approved where the roster's kind says so ([DEF]).

Either two shifts change hands, or one shift is given to another post. Until then both stay whose they are.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.rosters.rules import Member
from services.responsibility_registry.rosters.rules_refusals import NotOnThisShift, RosterWrong, SwapCannotMove
from services.responsibility_registry.rosters.rules_shifts import Shift, ShiftState


class SwapState(StrEnum):
    """Asked → accepted → done, or declined, withdrawn, refused."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


_MOVES: dict[SwapState, tuple[str, ...]] = {
    SwapState.ASKED: ("accept", "decline", "withdraw"),
    SwapState.ACCEPTED: ("approve", "refuse", "withdraw"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Swap:
    """One swap. `with_shift_id`: the shift that comes in return; None where one is given away."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    roster_id: UUID
    shift_id: UUID
    from_post_id: UUID
    from_subject: str | None
    with_shift_id: UUID | None
    to_post_id: UUID
    to_subject: str | None
    needs_approval: bool
    state: SwapState
    reason: str
    asked_at: datetime
    decided_reason: str = ""
    decided_at: datetime | None = None

    @property
    def asker(self) -> Member:
        """Who asked."""
        return Member(post_id=self.from_post_id, subject=self.from_subject)

    @property
    def other(self) -> Member:
        """Who is asked."""
        return Member(post_id=self.to_post_id, subject=self.to_subject)


class OwnSwap(Exception):
    """Nobody approves a swap of their own."""

    status = 403
    code = "own_swap"
    title = ("不得审批本人的换班", "Nobody approves their own swap")

    def __init__(self) -> None:
        super().__init__("须由换班双方以外的岗位审批。", "a post that is not part of the swap decides")


def check(swap: Swap, shift: Shift, other: Shift | None, now: datetime) -> Swap:
    """The swap, if both shifts are yet to begin and of one roster, and two different people. Raises RosterWrong."""
    faults = []
    said = ("班次须为计划状态且尚未开始。", "a shift is swapped before it begins")
    for pointer, one in (("/shift_id", shift), ("/with_shift_id", other)):
        if one is not None and (one.state is not ShiftState.PLANNED or now >= one.begins_at):
            faults.append((pointer, "has_begun", said))
    if other is not None and other.roster_id != shift.roster_id:
        other_roster = ("须为同一值班表的班次。", "name a shift of the same roster")
        faults.append(("/with_shift_id", "other_roster", other_roster))
    if swap.asker == swap.other:
        faults.append(("/to_post_id", "itself", ("不能与自己换班。", "nobody swaps with themselves")))
    if faults:
        raise RosterWrong(*faults)
    return swap


def accept(swap: Swap, *, by_post: UUID | None, subject: str, now: datetime) -> Swap:
    """The other agrees: done, or on to who approves. Raises NotOnThisShift, SwapCannotMove."""
    _require_who(swap.other, by_post, subject)
    state = SwapState.ACCEPTED if swap.needs_approval else SwapState.DONE
    return _moved(swap, "accept", state, now)


def decline(swap: Swap, *, by_post: UUID | None, subject: str, reason: str, now: datetime) -> Swap:
    """The other does not agree. Raises NotOnThisShift, SwapCannotMove."""
    _require_who(swap.other, by_post, subject)
    return _moved(swap, "decline", SwapState.DECLINED, now, reason)


def withdraw(swap: Swap, *, by_post: UUID | None, subject: str, reason: str, now: datetime) -> Swap:
    """Whoever asked does not want it any more. Raises NotOnThisShift, SwapCannotMove."""
    _require_who(swap.asker, by_post, subject)
    return _moved(swap, "withdraw", SwapState.WITHDRAWN, now, reason)


def decide(swap: Swap, *, approves: bool, by_post: UUID | None, reason: str, now: datetime) -> Swap:
    """Approved and done, or refused, by neither of the two. Raises OwnSwap, SwapCannotMove."""
    if by_post in (swap.from_post_id, swap.to_post_id):
        raise OwnSwap
    if approves:
        return _moved(swap, "approve", SwapState.DONE, now, reason)
    return _moved(swap, "refuse", SwapState.REFUSED, now, reason)


def open_moves(swap: Swap) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return _MOVES.get(swap.state, ())


def is_one(member: Member, post: UUID | None, subject: str) -> bool:
    """Whether a caller is this member: by the post, and where a person is named by being that one."""
    return member.post_id == post and member.subject in (None, subject)


def _require_who(member: Member, post: UUID | None, subject: str) -> None:
    if not is_one(member, post, subject):
        raise NotOnThisShift


def _moved(swap: Swap, verb: str, state: SwapState, now: datetime, reason: str = "") -> Swap:
    if verb not in open_moves(swap):
        raise SwapCannotMove(swap.state, open_moves(swap))
    return replace(swap, state=state, decided_reason=reason or swap.decided_reason, decided_at=now)
