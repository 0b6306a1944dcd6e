"""What the responsibility registry tells of rosters, shifts, swaps and gaps in cover; apart, for length's sake."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class RosterFacts(Value):
    """A roster without its members: the roles that it staffs, for what, and before which day shifts are booked."""

    kind: str
    name: str
    place: str
    stands_for: str
    party_id: UUID | None
    roles: tuple[str, ...]
    published_to: date


class RosterDrawn(Event, type="responsibility_registry.roster.drawn.v1", sensitivity=SHARED):
    """A place is to be staffed by turns."""

    roster: RosterFacts


class RosterChanged(Event, type="responsibility_registry.roster.changed.v1", sensitivity=SHARED):
    """Other members, hours or turns for the days that were not published yet."""

    roster: RosterFacts
    reason: str


class RosterPublished(Event, type="responsibility_registry.roster.published.v1", sensitivity=SHARED):
    """The shifts of the days from `from_day` on before `roster.published_to` are on the books."""

    roster: RosterFacts
    from_day: date
    shifts: int
    left_out: int
    """Turns whose person stands another shift then."""


class RosterEnded(Event, type="responsibility_registry.roster.ended.v1", sensitivity=SHARED):
    """Nobody is put on it any more."""

    roster: RosterFacts
    reason: str


class ShiftState(Value):
    """One post, or one opaque subject who holds it, stands a role from when to when, unless it is cancelled."""

    roster_id: UUID
    roster_kind: str
    roster_name: str
    place: str
    role: str
    area_code: str
    post_id: UUID
    subject: str | None
    begins_at: datetime
    ends_at: datetime
    cancelled: bool


class ShiftPlanned(Event, type="responsibility_registry.shift.planned.v1"):
    """A shift is on the books: by the roster's rule, or assigned beside it."""

    state: ShiftState


class ShiftReassigned(Event, type="responsibility_registry.shift.reassigned.v1"):
    """Somebody else stands it: by decision, or by the swap that is named."""

    state: ShiftState
    from_post_id: UUID
    reason: str
    swap_id: UUID | None = None


class ShiftCancelled(Event, type="responsibility_registry.shift.cancelled.v1"):
    """Nobody stands it."""

    state: ShiftState
    reason: str


class ShiftHandedOver(Event, type="responsibility_registry.shift.handed_over.v1"):
    """Who stood it left a note for the next shift; its words stay in the registry."""

    state: ShiftState
    to_shift_id: UUID


class ShiftTakenOver(Event, type="responsibility_registry.shift.taken_over.v1"):
    """The next shift has read the note and goes on."""

    state: ShiftState
    to_shift_id: UUID


class ShiftStated(Event, type="responsibility_registry.shift.stated.v1"):
    """The current row, stated again for copies."""

    state: ShiftState


class SwapFacts(Value):
    """Who asks whom to stand which shift, and which shift comes in return, if any."""

    roster_id: UUID
    shift_id: UUID
    from_post_id: UUID
    with_shift_id: UUID | None
    to_post_id: UUID
    needs_approval: bool
    state: str


class SwapAsked(Event, type="responsibility_registry.shift_swap.asked.v1"):
    """Whoever stands a shift asked another to stand it."""

    swap: SwapFacts


class SwapAccepted(Event, type="responsibility_registry.shift_swap.accepted.v1"):
    """The other agreed; where nobody has to approve, the shifts changed hands."""

    swap: SwapFacts


class SwapApproved(Event, type="responsibility_registry.shift_swap.approved.v1"):
    """It was approved, and the shifts changed hands."""

    swap: SwapFacts


class SwapRefused(Event, type="responsibility_registry.shift_swap.refused.v1"):
    """It was not approved."""

    swap: SwapFacts
    reason: str


class SwapDeclined(Event, type="responsibility_registry.shift_swap.declined.v1"):
    """The other did not agree."""

    swap: SwapFacts
    reason: str


class SwapWithdrawn(Event, type="responsibility_registry.shift_swap.withdrawn.v1"):
    """Whoever asked does not want it any more."""

    swap: SwapFacts
    reason: str


class ShiftGapFacts(Value):
    """So many of a role are missing on a roster from when to when, and why."""

    roster_id: UUID
    roster_name: str
    role: str
    begins_at: datetime
    ends_at: datetime
    missing: int
    why: str


class ShiftGapOpened(Event, type="responsibility_registry.shift_gap.opened.v1", sensitivity=SHARED):
    """Nobody stands, or too few do; told before it begins wherever it can be known."""

    gap: ShiftGapFacts


class ShiftGapChanged(Event, type="responsibility_registry.shift_gap.changed.v1", sensitivity=SHARED):
    """Another number is missing, or for another reason."""

    gap: ShiftGapFacts


class ShiftGapClosed(Event, type="responsibility_registry.shift_gap.closed.v1", sensitivity=SHARED):
    """Enough stand again."""

    gap: ShiftGapFacts
