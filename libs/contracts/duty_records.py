"""What the responsibility registry tells of pairings, of duty records, and of periods in which nothing was done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import FileId, Value


class PairingFacts(Value):
    """A post that is bound to one object; of a home not even its key is told."""

    kind: str
    post_id: UUID
    object_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None
    document: str


class PairingBegun(Event, type="responsibility_registry.pairing.begun.v1"):
    """A post was bound to a firm, an installation or a home."""

    pairing: PairingFacts


class PairingEnded(Event, type="responsibility_registry.pairing.ended.v1"):
    """The pairing no longer holds from an instant on."""

    pairing: PairingFacts
    reason: str


class DutyRecordFacts(Value):
    """What a post did; its words and its position stay in the house."""

    kind: str
    post_id: UUID
    by_post: UUID
    pairing_id: UUID | None
    object_id: UUID | None
    grid_id: UUID | None
    duty_item: str | None
    done_at: datetime
    late: bool
    corrects: UUID | None


class DutyRecorded(Event, type="responsibility_registry.duty_record.entered.v1"):
    """A post entered what it did of a duty, or a better record of it (`corrects`)."""

    record: DutyRecordFacts
    evidence: tuple[FileId, ...] = ()


class DutyRecordCorrected(Event, type="responsibility_registry.duty_record.corrected.v1"):
    """The record counts no longer: a better one stands for it."""

    record: DutyRecordFacts
    corrected_by: UUID


class DutyRecordWithdrawn(Event, type="responsibility_registry.duty_record.withdrawn.v1"):
    """The record was entered by mistake, and counts no longer."""

    record: DutyRecordFacts
    reason: str


class PeriodMissed(Event, type="responsibility_registry.missed_period.noted.v1"):
    """In one period of a pairing less was done, and entered in time, than was asked for; told once."""

    pairing_id: UUID
    post_id: UUID
    kind: str
    begins_at: datetime
    due_at: datetime
    asked: int
    done: int
    post_vacant: bool
