"""What public reporting tells. Reporter identity never enters an event."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, FiveItems, Point, Value


class OnSiteFinding(Value):
    """What a post that stood there found: with it the hazard is verified in the same step."""

    found_at: datetime
    by_post: UUID
    description: str
    is_major: bool
    fix_at_once: bool
    risk_object_id: UUID | None = None
    before_evidence: tuple[FileId, ...] = ()
    after_evidence: tuple[FileId, ...] = ()
    five_items: FiveItems = FiveItems()


class ReportReceived(Event, type="public_reporting.report.received.v1", sensitivity=SHARED):
    """Somebody told the city about a danger; nobody has triaged it yet."""

    source: str
    category: str
    place: Point | None
    received_at: datetime
    due_first_answer_at: datetime
    photos: tuple[FileId, ...] = ()


class ReportAccepted(Event, type="public_reporting.report.accepted.v1", sensitivity=SHARED):
    """A call-taker took the report on and said what, where and whose it is."""

    source: str
    category: str
    summary: str
    place: Point | None
    place_words: str
    urgent: bool
    life_at_risk: bool
    received_at: datetime
    findings: tuple[OnSiteFinding, ...] = ()


class ReportRejected(Event, type="public_reporting.report.rejected.v1", sensitivity=SHARED):
    """The report was not taken on; the reporter is told why."""

    reason: str


class ReportTransferred(Event, type="public_reporting.report.transferred.v1", sensitivity=SHARED):
    """The report was passed to the body whose duty it is."""

    to: str
    reason: str


class ReportMoved(Event, type="public_reporting.report.moved.v1", sensitivity=SHARED):
    """The report followed its hazards: being verified, verified, rectifying, fixed, unfounded or closed."""

    state: str
    hazard_ids: tuple[UUID, ...]


class ReportResultTold(Event, type="public_reporting.report.result_told.v1", sensitivity=SHARED):
    """The reporter was told how it ended."""

    state: str


class ReportAnswered(Event, type="public_reporting.report.answered.v1", sensitivity=SHARED):
    """A post answered the reporter; the first answer stops the first-answer clock."""

    by_post: UUID | None
    first: bool
    seconds_from_receipt: int


class ReportDisputed(Event, type="public_reporting.report.disputed.v1", sensitivity=SHARED):
    """The reporter says that it is not fixed; the registry and the hazard decide what follows."""

    words: str
    hazard_ids: tuple[UUID, ...]


class ReplyWritten(Event, type="public_reporting.reply.written.v1", sensitivity=SHARED):
    """The reporter was answered; the words stay here."""

    report_id: UUID
    kind: str
    by_post: UUID | None
