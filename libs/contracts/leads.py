"""What the responsibility registry tells of leads, in the house alone: who has one, and not what it says."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import FileId, Value


class LeadState(Value):
    """A lead without its title and grounds: they may speak of people."""

    kind: str
    state: str
    from_organization_id: UUID
    to_organization_id: UUID
    hops: int
    case_id: UUID | None
    sent_at: datetime
    receipt_due_at: datetime
    received_at: datetime | None


class LeadTransferred(Event, type="responsibility_registry.lead.transferred.v1"):
    """A body handed over what another has to look into."""

    state: LeadState
    attachments: tuple[FileId, ...] = ()


class LeadReceived(Event, type="responsibility_registry.lead.received.v1"):
    """The receiving body signed for it."""

    state: LeadState


class LeadRefused(Event, type="responsibility_registry.lead.refused.v1"):
    """The receiving body does not take it."""

    state: LeadState


class LeadForwarded(Event, type="responsibility_registry.lead.forwarded.v1"):
    """The receiving body handed it on to whose it is; the limit began anew."""

    state: LeadState


class LeadConcluded(Event, type="responsibility_registry.lead.concluded.v1"):
    """What came of it was told to the sender."""

    state: LeadState
    outcome: str
    attachments: tuple[FileId, ...] = ()


class LeadReceiptMissed(Event, type="responsibility_registry.lead.receipt_missed.v1"):
    """Nobody signed for it by the instant by which it was to be signed for; told once."""

    state: LeadState
