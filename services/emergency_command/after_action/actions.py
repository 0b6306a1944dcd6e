"""The verbs of reviews: opened when an incident has ended, measured by its clocks, completed with what is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.emergency_command import LessonFacts, ReviewCompleted, ReviewOpened
from services.emergency_command.after_action import rules, store
from services.emergency_command.after_action.rules import Finding, LeadsTo, Lesson, Review, ReviewState, Timed
from services.emergency_command.dispatch import actions as dispatch
from services.emergency_command.dispatch.actions import SentTeam
from services.emergency_command.dispatch.rules import Light
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents import actions_reports
from services.emergency_command.incidents.rules_reports import ReportClock

REVIEWERS = ("commander", "duty_officer", "leader")
"""Who completes a review."""
_GRACE = timedelta(minutes=1)
_MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """A lesson as it was told: in words, which findings it answers, what it becomes."""

    words: str
    answers: tuple[str, ...]
    leads_to: LeadsTo


async def open_reviews(tx: Tx, limit: int) -> int:
    """Open the reviews of incidents that have ended, each once; returns how many. Under a system scope."""
    ended = await incidents.take_ended(tx, limit)
    for incident in ended:
        rules.may_open(incident.state)
        review = Review(
            id=new_id(), version=0, area_code=incident.area_code, sectors=incident.sectors,
            exercise=incident.exercise, correlation_id=incident.correlation_id, incident_id=incident.id,
            opened_at=tx.now, findings=await _findings(tx, incident.id),
        )  # fmt: skip
        await store.record_review(tx, review, ReviewOpened(incident_id=incident.id))
    return len(ended)


async def unopened(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Incidents that have ended and whose review should be open by now: for the watchdog."""
    return await incidents.waiting_for_review(tx, now - _GRACE, _MOST_SHOWN)


async def find_review(tx: Tx, review_id: UUID) -> Review:
    """One review; while it is open its findings are those of the clocks as they stand now."""
    return await current(tx, await store.find_review(tx, review_id))


async def current(tx: Tx, review: Review) -> Review:
    """An open review with its findings measured again: facts come in late. A completed one stays as it is."""
    if review.state is not ReviewState.OPEN:
        return review
    async with tx.system("reviews:measure"):
        return rules.recompute(review, await _findings(tx, review.incident_id))


async def complete(
    tx: Tx, review_id: UUID, expected: int | None, *, explanations: Mapping[str, str], lessons: Sequence[Learned],
    conclusion: str,
) -> Review:  # fmt: skip
    """Every finding explained or learned from, the review is completed for good, and the incident is reviewed.

    Raises RoleMissing (403), FindingUnknown (422), FindingsUnanswered, ReviewAlreadyCompleted and
    ProductionNotAnswered (409).
    """
    known = await store.find_review(tx, review_id)
    tx.caller.require(*REVIEWERS, area_code=known.area_code, sectors=known.sectors)
    by_post = tx.caller.acting_post()
    review = await current(tx, await store.lock_review(tx, review_id, expected))
    for key, words in explanations.items():
        review = rules.explain(review, key, words)
    for one in lessons:
        lesson = Lesson(words=one.words, answers=one.answers, leads_to=one.leads_to, by_post=by_post, at=tx.now)
        review = rules.learn(review, lesson)
    completed = rules.complete(review, tx.now, conclusion=conclusion)
    await incidents.mark_reviewed(tx, completed.incident_id)
    return await store.record_review(tx, completed, _told(completed), why=conclusion)


async def _findings(tx: Tx, incident_id: UUID) -> tuple[Finding, ...]:
    sent = await dispatch.sent_teams(tx, [incident_id])
    clocks = (await actions_reports.clocks_of(tx, [incident_id])).get(incident_id, ())
    timed = [stage for one in sent for stage in _stages(one)]
    return rules.breaches([*timed, *(_report(clock) for clock in clocks if _counts(clock))], tx.now)


def _stages(sent: SentTeam) -> Sequence[Timed]:
    return [
        Timed(
            key=f"dispatch:{sent.dispatch.id}:{found.clock.stage}", subject=sent.team_name, zh=found.clock.zh,
            en=found.clock.en, start_at=found.clock.start_at, due_at=found.clock.due_at, done_at=found.done_at,
            source=found.clock.source,
        )
        for found in sent.stages
        if found.light is not Light.VOID
    ]  # fmt: skip


def _report(clock: ReportClock) -> Timed:
    return Timed(
        key=f"report:{clock.key}", subject=f"{clock.by} → {clock.to}", zh=clock.zh, en=clock.en,
        start_at=clock.start_at, due_at=clock.due_at, done_at=clock.done_at, source=clock.source,
    )  # fmt: skip


def _counts(clock: ReportClock) -> bool:
    return not clock.window and not clock.void_reason


def _told(review: Review) -> ReviewCompleted:
    return ReviewCompleted(
        incident_id=review.incident_id,
        breaches=tuple(f"{one.subject} {one.zh}: {one.late_seconds} s" for one in review.findings),
        lessons=tuple(lesson.words for lesson in review.lessons),
        drawn=tuple(LessonFacts(words=one.words, leads_to=one.leads_to) for one in review.lessons),
    )
