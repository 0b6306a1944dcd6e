"""The review of an ended incident: what the clocks say was late, and what is learned from it.

Findings are computed from clocks and never typed in; each is answered by an explanation or by a lesson, and a
lesson leads to something: an order, a plan's revision, an exercise, a campaign.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import ceil
from uuid import UUID


class ReviewState(StrEnum):
    """Open until every finding is answered; then completed, for good."""

    OPEN = "open"
    COMPLETED = "completed"


class LeadsTo(StrEnum):
    """What a lesson becomes."""

    ORDER = "order"
    PLAN_REVISION = "plan_revision"
    EXERCISE = "exercise"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, kw_only=True, slots=True)
class Timed:
    """A clock that ran in the incident: a team's stage or a report. `key` is unique within the incident."""

    key: str
    subject: str
    zh: str
    en: str
    start_at: datetime
    due_at: datetime
    done_at: datetime | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A clock that was missed: what it allowed, what it took (None: never done), and why, once explained."""

    key: str
    subject: str
    zh: str
    en: str
    limit_seconds: int
    took_seconds: int | None
    late_seconds: int
    source: str
    explanation: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What is learned, from which findings (their keys; none: from the whole), and what it becomes."""

    words: str
    answers: tuple[str, ...]
    leads_to: LeadsTo
    by_post: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """The review of one incident."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    incident_id: UUID
    state: ReviewState = ReviewState.OPEN
    opened_at: datetime
    findings: tuple[Finding, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    conclusion: str = ""
    completed_at: datetime | None = None


class ReviewMoveRefused(Exception):
    """The review's state does not allow the verb; says the state and the moves that are open."""

    status = 409
    code = "review_move_refused"
    title = ("复盘当前状态不允许此操作", "The review is not in a state for this")

    def __init__(self, review: Review, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state = review.state.value
        self.open_moves = open_moves(review)


class ReviewAlreadyCompleted(ReviewMoveRefused):
    """Completed: what is learned later is a new lesson elsewhere."""

    code = "review_already_completed"
    title = ("复盘已完成", "The review is completed")


class FindingsUnanswered(ReviewMoveRefused):
    """Some findings have neither an explanation nor a lesson; `unanswered` are their keys."""

    code = "findings_unanswered"
    title = ("尚有超时问题未说明", "Some findings are not answered yet")

    def __init__(self, review: Review) -> None:
        self.unanswered = unanswered(review)
        keys = ", ".join(self.unanswered)
        super().__init__(
            review,
            f"请先说明这些问题，或据此提出改进：{keys}。",
            f"explain these findings or learn from them: {keys}",
        )


class IncidentStillRuns(Exception):
    """An incident is reviewed once it has ended."""

    status = 409
    code = "incident_still_runs"
    title = ("突发事件尚未结束", "The incident has not ended yet")
    open_moves: tuple[str, ...] = ()

    def __init__(self, state: str) -> None:
        super().__init__(
            f"突发事件为「IncidentState.{state}」，结束后才能复盘。",
            f"the incident is {state}: it is reviewed once it has ended",
        )
        self.state = state


class FindingUnknown(Exception):
    """The review has no finding with this key."""

    status = 422
    code = "finding_unknown"
    title = ("没有此问题", "There is no such finding")


def open_moves(review: Review) -> tuple[str, ...]:
    """The verbs that are open now; completing waits until nothing is unanswered."""
    if review.state is ReviewState.COMPLETED:
        return ()
    explain = ("explain",) if review.findings else ()
    return ("recompute", *explain, "learn", *(() if unanswered(review) else ("complete",)))


def may_open(incident_state: str) -> None:
    """Raise IncidentStillRuns unless the incident has ended."""
    if incident_state != "ended":
        raise IncidentStillRuns(incident_state)


def breaches(clocks: Iterable[Timed], now: datetime) -> tuple[Finding, ...]:
    """The clocks that were missed, or are past due and not done, in the order of their due times."""
    late = ((clock, ceil(((clock.done_at or now) - clock.due_at).total_seconds())) for clock in clocks)
    return tuple(
        Finding(
            key=clock.key, subject=clock.subject, zh=clock.zh, en=clock.en, source=clock.source, late_seconds=seconds,
            limit_seconds=_seconds(clock.start_at, clock.due_at),
            took_seconds=_seconds(clock.start_at, clock.done_at) if clock.done_at else None,
        )
        for clock, seconds in sorted(late, key=lambda found: (found[0].due_at, found[0].key))
        if seconds > 0
    )  # fmt: skip


def _seconds(start: datetime, end: datetime) -> int:
    return ceil((end - start).total_seconds())


def recompute(review: Review, found: Iterable[Finding]) -> Review:
    """Findings again, as facts come in late; what was explained stays explained."""
    _require_open(review)
    explained = {finding.key: finding.explanation for finding in review.findings}
    findings = tuple(replace(finding, explanation=explained.get(finding.key, "")) for finding in found)
    return replace(review, findings=findings)


def explain(review: Review, key: str, words: str) -> Review:
    """Why it was late, in words; raises FindingUnknown."""
    _require_open(review)
    _require_findings(review, (key,))
    return replace(
        review, findings=tuple(replace(f, explanation=words) if f.key == key else f for f in review.findings)
    )


def learn(review: Review, lesson: Lesson) -> Review:
    """A lesson, and what it leads to; raises FindingUnknown."""
    _require_open(review)
    _require_findings(review, lesson.answers)
    return replace(review, lessons=(*review.lessons, lesson))


def unanswered(review: Review) -> tuple[str, ...]:
    """The keys of findings that have neither an explanation nor a lesson."""
    learned = {key for lesson in review.lessons for key in lesson.answers}
    return tuple(f.key for f in review.findings if not f.explanation and f.key not in learned)


def complete(review: Review, at: datetime, *, conclusion: str) -> Review:
    """Closed for good; raises FindingsUnanswered while a finding has no answer."""
    _require_open(review)
    if unanswered(review):
        raise FindingsUnanswered(review)
    return replace(review, state=ReviewState.COMPLETED, completed_at=at, conclusion=conclusion)


def _require_open(review: Review) -> None:
    if review.state is not ReviewState.OPEN:
        raise ReviewAlreadyCompleted(review, "复盘已完成，不再改动。", "the review is completed and stays as it is")


def _require_findings(review: Review, keys: Iterable[str]) -> None:
    unknown = sorted(set(keys) - {finding.key for finding in review.findings})
    if unknown:
        raise FindingUnknown(f"复盘中没有这些问题：{', '.join(unknown)}。", f"no such finding: {', '.join(unknown)}")
