"""What the doors answer of shifts, swaps, gaps in cover and the kinds of rosters; and who is shown whose name."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from libs.common.clocks import now
from libs.common.forms import Shown
from libs.common.scope import Scope
from services.responsibility_registry.rosters import actions, actions_swaps, rules, rules_shifts, rules_swaps
from services.responsibility_registry.rosters.forms import PlanOut, RosterOut
from services.responsibility_registry.rosters.rules import Roster
from services.responsibility_registry.rosters.rules_shifts import Shift, ShiftState
from services.responsibility_registry.rosters.rules_swaps import Swap, SwapState


class HandOverOut(Shown):
    """The note from one shift to the next; its words are told to who stands either, and to who arranges shifts."""

    note: str | None
    at: datetime
    to_shift_id: UUID
    taken_at: datetime | None


class ShiftOut(Shown):
    """A shift. `subject`, of a shift of one named holder, is told to who keeps the roster and to themselves."""

    id: UUID
    version: int
    roster_id: UUID
    roster_kind: str
    roster_name: str
    place: str
    rota: str
    role: str
    day: date
    begins_at: datetime
    ends_at: datetime
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    post_id: UUID
    subject: str | None
    provisional: bool = Field(description="it rests on a calendar of a year that nobody has announced")
    state: ShiftState
    reason: str
    hand_over: HandOverOut | None
    correlation_id: UUID
    actions: tuple[str, ...]


class OnDutyOut(Shown):
    """Who stands at an instant: the post, where, and until when."""

    shift_id: UUID
    roster_id: UUID
    roster_kind: str
    roster_name: str
    place: str
    area_code: str
    role: str
    post_id: UUID
    begins_at: datetime
    ends_at: datetime
    exercise: bool


class SwapOut(Shown):
    """A swap and where it stands."""

    id: UUID
    version: int
    roster_id: UUID
    shift_id: UUID
    from_post_id: UUID
    with_shift_id: UUID | None
    to_post_id: UUID
    needs_approval: bool
    state: SwapState
    reason: str
    asked_at: datetime
    decided_reason: str
    decided_at: datetime | None
    area_code: str
    correlation_id: UUID
    actions: tuple[str, ...]


_ROSTER = tuple(name for name in RosterOut.model_fields if name not in ("plans", "actions"))
_SHIFT = tuple(name for name in ShiftOut.model_fields if name not in ("subject", "hand_over", "actions"))
_SWAP = tuple(name for name in SwapOut.model_fields if name != "actions")
_ON_DUTY = tuple(name for name in OnDutyOut.model_fields if name != "shift_id")


def show_roster(roster: Roster, scope: Scope) -> RosterOut:
    """A roster, and what the caller may do with it."""
    keeps = scope.holds(*actions.KEEPERS, area_code=roster.area_code, sectors=roster.sectors)
    arranges = scope.holds(*actions.ARRANGERS, area_code=roster.area_code, sectors=roster.sectors)
    plans = []
    for plan in roster.plans:
        shown = PlanOut.model_validate(plan)
        members = tuple(
            one if arranges or one.subject == scope.subject else one.model_copy(update={"subject": None})
            for one in shown.members
        )
        plans.append(shown.model_copy(update={"members": members}))
    fields = {name: getattr(roster, name) for name in _ROSTER}
    moves = tuple(move for move in rules.open_moves(roster) if keeps or (arranges and move == "assign"))
    return RosterOut.model_validate({**fields, "plans": tuple(plans), "actions": moves})


def show_shift(shift: Shift, scope: Scope) -> ShiftOut:
    """A shift, and what the caller may do with it."""
    keeps = scope.holds(*actions.ARRANGERS, area_code=shift.area_code, sectors=shift.sectors)
    own = rules_shifts.is_of(shift, scope.post_id, scope.subject)
    follows = shift.hand_over is not None and shift.hand_over.to_post_id == scope.post_id
    may = {"reassign": keeps, "cancel": keeps, "ask-swap": own, "hand-over": own, "take-over": follows}
    moves = tuple(move for move in rules_shifts.open_moves(shift, now()) if may[move])
    note = None if shift.hand_over is None else HandOverOut.model_validate(shift.hand_over)
    if note is not None and not (keeps or own or follows):
        note = note.model_copy(update={"note": None})
    return ShiftOut.model_validate(
        {name: getattr(shift, name) for name in _SHIFT}
        | {"subject": shift.subject if keeps or shift.subject == scope.subject else None}
        | {"hand_over": note, "actions": moves}
    )


def show_on_duty(shift: Shift, scope: Scope) -> OnDutyOut:
    """Who is on duty, as everybody may know it: no subject, and no words of anybody."""
    del scope
    return OnDutyOut.model_validate({name: getattr(shift, name) for name in _ON_DUTY} | {"shift_id": shift.id})


def show_swap(swap: Swap, scope: Scope) -> SwapOut:
    """A swap, and what the caller may do with it."""
    asks = rules_swaps.is_one(swap.asker, scope.post_id, scope.subject)
    asked = rules_swaps.is_one(swap.other, scope.post_id, scope.subject)
    decides = scope.holds(*actions_swaps.APPROVERS, area_code=swap.area_code, sectors=swap.sectors)
    decides = decides and not asks and not asked
    may = {"accept": asked, "decline": asked, "withdraw": asks, "approve": decides, "refuse": decides}
    moves = tuple(move for move in rules_swaps.open_moves(swap) if may[move])
    return SwapOut.model_validate({name: getattr(swap, name) for name in _SWAP} | {"actions": moves})
