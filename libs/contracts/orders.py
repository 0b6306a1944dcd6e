"""What the responsibility registry tells of the work on an order: pauses of its clock, reports on progress.

Beside the order's other facts, for length's sake.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.responsibility_registry import OrderFacts
from libs.contracts.values import FileId, Value


class OrderPauseAsked(Event, type="responsibility_registry.order.pause_asked.v1", sensitivity=SHARED):
    """Whoever has the order asked for its clock to stand, with evidence; another has to decide."""

    order: OrderFacts
    ground: str
    words: str
    evidence: tuple[FileId, ...]
    from_at: datetime
    until: datetime
    asked_by: UUID


class OrderPaused(Event, type="responsibility_registry.order.paused.v1", sensitivity=SHARED):
    """Another post granted the pause: the clock stands for a while, and the order is due later."""

    order: OrderFacts
    ground: str
    from_at: datetime
    until: datetime
    from_due_at: datetime | None
    reason: str
    evidence: tuple[FileId, ...]


class OrderPauseRefused(Event, type="responsibility_registry.order.pause_refused.v1", sensitivity=SHARED):
    """Another post did not grant the pause, and said why: the clock runs on."""

    order: OrderFacts
    reason: str


class OrderResumed(Event, type="responsibility_registry.order.resumed.v1", sensitivity=SHARED):
    """The clock runs again, at the pause's end or before it (`early`: the unused rest was given back)."""

    order: OrderFacts
    from_at: datetime
    resumed_at: datetime
    early: bool
    reason: str


class OrderAssistantsNamed(Event, type="responsibility_registry.order.assistants_named.v1", sensitivity=SHARED):
    """Further posts each do a part of the order, beside the post that leads."""

    order: OrderFacts
    assistants: tuple[UUID, ...]


class OrderPartSignedFor(Event, type="responsibility_registry.order.part_signed_for.v1", sensitivity=SHARED):
    """A post that assists took its part on."""

    order: OrderFacts
    post: UUID


class OrderPartReported(Event, type="responsibility_registry.order.part_reported.v1", sensitivity=SHARED):
    """A post that assists reported its part done, with evidence."""

    order: OrderFacts
    post: UUID
    words: str
    evidence: tuple[FileId, ...]


class OrderBatchIssued(Event, type="responsibility_registry.order_batch.issued.v1", sensitivity=SHARED):
    """One act gave the same order to many posts, each its own; `refused` rows got none."""

    kind: str
    category: str
    orders: tuple[UUID, ...]
    refused: int
    issued_by: UUID


class StageFacts(Value):
    """One stage of the work on an order: as it was planned, or a report that nobody had planned."""

    order_id: UUID
    name: str
    state: str
    due_at: datetime | None
    percent: int | None
    assigned_post: UUID | None
    issuing_post: UUID | None


class StagePlanned(Event, type="responsibility_registry.stage.planned.v1", sensitivity=SHARED):
    """A report on progress is asked for by an instant."""

    stage: StageFacts


class StageReported(Event, type="responsibility_registry.stage.reported.v1", sensitivity=SHARED):
    """Whoever has the order reported progress: in words, in per cent, with evidence. `late`: after it was due."""

    stage: StageFacts
    words: str
    evidence: tuple[FileId, ...]
    reported_by: UUID
    late: bool


class StageMissed(Event, type="responsibility_registry.stage.missed.v1", sensitivity=SHARED):
    """Nobody reported by the instant that was asked for; told once to who has the order and to who issued it."""

    stage: StageFacts


class StageDropped(Event, type="responsibility_registry.stage.dropped.v1", sensitivity=SHARED):
    """The report is not asked for any more: the order is over or reported done, or its issuer said so."""

    stage: StageFacts
    reason: str
