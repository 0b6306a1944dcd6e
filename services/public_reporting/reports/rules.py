"""What a public report is and how it may move.

From triage on it moves by the facts of its hazards. It holds nothing of the reporter but a tracking code's hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.public_reporting.reports.rules_findings import UNKNOWN_CATEGORY, Finding
from services.public_reporting.reports.rules_words import ReportIncomplete, check_words


class Source(StrEnum):
    """Who speaks."""

    RESIDENT = "resident"
    GRID_MEMBER = "grid_member"
    HOTLINE = "hotline"
    AGENCY = "agency"


class ReportState(StrEnum):
    """Where a report is. From BEING_VERIFIED on, all but DISPUTED and CLOSED follow the hazards."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"
    REJECTED = "rejected"
    BEING_VERIFIED = "being_verified"
    VERIFIED = "verified"
    RECTIFYING = "rectifying"
    FIXED = "fixed"
    UNFOUNDED = "unfounded"
    DISPUTED = "disputed"
    CLOSED = "closed"


class HazardStage(StrEnum):
    """The states of a hazard as its events tell them."""

    REGISTERED = "registered"
    REOPENED = "reopened"
    VERIFIED = "verified"
    RECTIFYING = "rectifying"
    PENDING_REVIEW = "pending_review"
    CLOSED = "closed"
    ARCHIVED = "archived"
    DISMISSED = "dismissed"


# Besides, every report may be answered, and one whose fix waits to be checked may be disputed.
MOVES: Mapping[ReportState, tuple[str, ...]] = {
    ReportState.RECEIVED: ("accept", "reject", "transfer"),
    ReportState.FIXED: ("dispute", "close"),
    ReportState.UNFOUNDED: ("dispute", "close"),
}
_SETTLED = (ReportState.FIXED, ReportState.UNFOUNDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A point in WGS 84, degrees."""

    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What somebody said about the report, and when; `by_post` is None where the reporter speaks."""

    at: datetime
    by_post: UUID | None = None
    words: str = ""
    evidence: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowedHazard:
    """A hazard that came of the report, and how far it is."""

    hazard_id: UUID
    stage: HazardStage


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A danger that somebody told the city about. `findings` is what a post saw on the spot, `triage` who
    decided and why; `urgent` raises an alarm, `life_at_risk` shortens the verification clock."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    source: Source
    category: str
    words: str
    place: Place | None
    place_words: str
    photos: tuple[UUID, ...]
    findings: tuple[Finding, ...]
    tracking_hash: str
    state: ReportState
    urgent: bool
    life_at_risk: bool
    received_at: datetime
    due_first_answer_at: datetime
    intake_version: str
    first_answered_at: datetime | None = None
    triage: Statement | None = None
    transferred_to: str | None = None
    hazards: tuple[FollowedHazard, ...] = ()
    disputes: tuple[Statement, ...] = ()
    fixed_at: datetime | None = None
    result_told_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakePolicy:
    """The first-answer clock and the likeness of duplicates, shaped like `policies/intake-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    first_answer_hours: int
    duplicate_metres: int
    duplicate_days: int
    sources: Mapping[str, str]


class ReportCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "report_cannot_move"
    title = ("举报当前状态不允许此操作", "The report is not in a state for this")

    def __init__(self, report: Report, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = report.state
        self.open_moves = open_moves(report)


class ReportNotAccepted(ReportCannotMove):
    """Nothing comes of a report that nobody has accepted."""

    code = "report_not_accepted"


class DisputeWindowOver(ReportCannotMove):
    """The days in which the reporter may dispute are over: a new report is the way."""

    code = "dispute_window_over"


def receive_report(
    *, report_id: UUID, area_code: str, exercise: bool, correlation_id: UUID, source: Source, category: str,
    words: str, place: Place | None, place_words: str, photos: tuple[UUID, ...] = (),
    findings: tuple[Finding, ...] = (), tracking_hash: str, now: datetime, intake: IntakePolicy,
) -> Report:  # fmt: skip
    """A new report, not yet triaged; its first-answer clock starts and keeps its policy. Raises ReportIncomplete."""
    check_words("/words", words)
    if not category or (place is None and not place_words.strip()):
        say = ("请写明是什么、在哪里：给出位置点或文字描述。", "say what it is, and where: a point or words")
        raise ReportIncomplete(("/place_words", "required", say))
    return Report(
        id=report_id, version=0, area_code=area_code, sectors=(), exercise=exercise,
        correlation_id=correlation_id, source=source, category=category, words=words, place=place,
        place_words=place_words, photos=photos, findings=findings, tracking_hash=tracking_hash,
        state=ReportState.RECEIVED, urgent=False, life_at_risk=False, received_at=now,
        due_first_answer_at=now + timedelta(hours=intake.first_answer_hours), intake_version=intake.version,
    )  # fmt: skip


def accept(
    report: Report, *, by_post: UUID, category: str, area_code: str, sectors: tuple[str, ...],
    urgent: bool, life_at_risk: bool, now: datetime,
) -> Report:  # fmt: skip
    """The call-taker takes the report on and says what, where and whose it is."""
    _open(report, "accept")
    if not sectors or category in ("", UNKNOWN_CATEGORY):
        say = ("请写明属于哪个行业领域、是什么类别。", "say whose it is, and what")
        raise ReportIncomplete(("/sectors" if not sectors else "/category", "required", say))
    return replace(
        report, state=ReportState.ACCEPTED, category=category, area_code=area_code, sectors=sectors,
        urgent=urgent, life_at_risk=life_at_risk or urgent, triage=Statement(by_post=by_post, at=now),
    )  # fmt: skip


def reject(report: Report, *, by_post: UUID, reason: str, now: datetime) -> Report:
    """Not taken on; the reporter is told why ([S] ERL 2024 Art 9)."""
    _open(report, "reject")
    check_words("/reason", reason)
    triage = Statement(by_post=by_post, at=now, words=reason)
    return replace(report, state=ReportState.REJECTED, triage=triage)


def transfer(report: Report, *, by_post: UUID, to: str, reason: str, now: datetime) -> Report:
    """Not ours: passed to the body whose duty it is, and the reporter told ([S] WSL Art 73, ERL Art 9)."""
    _open(report, "transfer")
    check_words("/to", to)
    check_words("/reason", reason)
    triage = Statement(by_post=by_post, at=now, words=reason)
    return replace(report, state=ReportState.TRANSFERRED, triage=triage, transferred_to=to)


def follow_hazard(
    report: Report, *, hazard_id: UUID, stage: HazardStage, now: datetime, became: UUID | None = None
) -> Report:
    """The report moves as its hazards do: the least advanced open one speaks for all. `became` names a merged
    hazard's survivor: its stage is `stage`, unless its own facts have told one. Raises ReportNotAccepted."""
    if report.state in {ReportState.RECEIVED, ReportState.REJECTED, ReportState.TRANSFERRED}:
        raise ReportNotAccepted(
            report, "请先受理举报，再据此登记隐患。", "accept the report before a hazard is registered from it"
        )
    survivor = became or hazard_id
    known = next((h.stage for h in report.hazards if became is not None and h.hazard_id == became), stage)
    others = (h for h in report.hazards if h.hazard_id not in {hazard_id, survivor})  # told in any order
    hazards = tuple(sorted((*others, FollowedHazard(hazard_id=survivor, stage=known)), key=lambda h: h.hazard_id))
    told = _told(hazards)
    if len(hazards) < len(report.findings) and told in _SETTLED:  # facts of other findings are on their way
        told = ReportState.BEING_VERIFIED
    if told in _SETTLED and report.state in {ReportState.DISPUTED, ReportState.CLOSED}:
        return replace(report, hazards=hazards)
    fixed_at = (now if report.state is not told else report.fixed_at) if told in _SETTLED else None
    return replace(report, hazards=hazards, state=told, fixed_at=fixed_at, closed_at=None)


def dispute(report: Report, *, words: str, now: datetime, until: datetime | None) -> Report:
    """The reporter says it is not fixed: before `until`, once it is called fixed or unfounded; or while a fix waits
    to be checked. What follows is decided under the order's lock, or the hazard's."""
    _open(report, "dispute")
    if report.state in _SETTLED and until is not None and now >= until:
        raise DisputeWindowOver(
            report, "异议期已过，请重新举报。", "the days to dispute are over; please report again"
        )
    check_words("/words", words)
    disputes = (*report.disputes, Statement(words=words, at=now))
    return replace(report, state=ReportState.DISPUTED, disputes=disputes)


def close(report: Report, *, now: datetime, until: datetime) -> Report:
    """Done: fixed or unfounded, and nobody disputed it before `until`."""
    _open(report, "close")
    if now < until:
        raise ReportCannotMove(
            report,
            f"举报人在 {until.isoformat()} 前可提异议，此前不能办结。",
            f"the reporter may dispute until {until.isoformat()}",
        )
    return replace(report, state=ReportState.CLOSED, closed_at=now)


def result_untold(report: Report) -> bool:
    """Whether it ended, and the reporter has not been told since."""
    told, ended = report.result_told_at, report.fixed_at
    return report.state in _SETTLED and ended is not None and (told is None or told < ended)


def answer(report: Report, *, now: datetime) -> Report:
    """A post has answered the reporter; the first answer stops the clock and stays the first."""
    return replace(report, first_answered_at=report.first_answered_at or now)


def open_moves(report: Report) -> tuple[str, ...]:
    """The verbs that a person may use now; facts about hazards come by themselves."""
    to_be_checked = any(h.stage is HazardStage.PENDING_REVIEW for h in report.hazards)
    waiting = ("dispute",) if report.state is ReportState.RECTIFYING and to_be_checked else ()
    return (*MOVES.get(report.state, waiting), "answer")


def _told(hazards: tuple[FollowedHazard, ...]) -> ReportState:
    stages = {followed.stage for followed in hazards}
    if stages & {HazardStage.REGISTERED, HazardStage.REOPENED}:
        return ReportState.BEING_VERIFIED
    if HazardStage.VERIFIED in stages:
        return ReportState.VERIFIED
    if stages & {HazardStage.RECTIFYING, HazardStage.PENDING_REVIEW}:
        return ReportState.RECTIFYING
    return ReportState.UNFOUNDED if stages == {HazardStage.DISMISSED} else ReportState.FIXED


def _open(report: Report, verb: str) -> None:
    if verb not in open_moves(report):
        zh = f"举报为「ReportState.{report.state}」，不能「Move.{verb}」。"
        raise ReportCannotMove(report, zh, f"cannot {verb} a report that is {report.state}")
