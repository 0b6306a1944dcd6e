"""What the responsibility registry tells of circular notices 通报 about late orders, and of their receipts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class CircularFacts(Value):
    """A circular notice as its events carry it: who is `addressed`, and who of them has not signed (`missing`)."""

    order_id: UUID
    step: str
    state: str
    sign_by: datetime | None
    addressed: tuple[UUID, ...]
    missing: tuple[UUID, ...]


class CircularNoticeProposed(Event, type="responsibility_registry.circular_notice.proposed.v1", sensitivity=SHARED):
    """The ladder of a late order has come to a circular notice; who decides is asked."""

    notice: CircularFacts
    deciding_posts: tuple[UUID, ...]


class CircularNoticeIssued(Event, type="responsibility_registry.circular_notice.issued.v1", sensitivity=SHARED):
    """It goes out; who is addressed signs for it by `sign_by`."""

    notice: CircularFacts
    decided_by: UUID | None
    words: str


class CircularNoticeRefused(Event, type="responsibility_registry.circular_notice.refused.v1", sensitivity=SHARED):
    """It does not go out, and why."""

    notice: CircularFacts
    reason: str


class CircularNoticeSigned(Event, type="responsibility_registry.circular_notice.signed.v1", sensitivity=SHARED):
    """One of those addressed signed for it; `late`: after its limit."""

    notice: CircularFacts
    signed_by: UUID
    words: str
    late: bool


class CircularNoticeLate(Event, type="responsibility_registry.circular_notice.late.v1", sensitivity=SHARED):
    """Nobody decided in time (`undecided`), or receipts are missing: told once for each limit."""

    notice: CircularFacts
    undecided: bool
    missing: tuple[UUID, ...]
