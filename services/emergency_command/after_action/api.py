"""The doors of reviews."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.after_action import actions, rules, store
from services.emergency_command.after_action.forms import CompleteIn, FindingOut, LessonOut, ReviewOut
from services.emergency_command.after_action.rules import (
    Finding,
    FindingsUnanswered,
    FindingUnknown,
    Review,
    ReviewAlreadyCompleted,
    ReviewState,
)

routes = router("reviews", prefix="/v1/reviews")


def show(review: Review, scope: Scope) -> ReviewOut:
    """A review, and whether the caller may complete it now."""
    may = scope.holds(*actions.REVIEWERS, area_code=review.area_code, sectors=review.sectors)
    return ReviewOut(
        id=review.id, version=review.version, incident_id=review.incident_id, state=review.state,
        opened_at=review.opened_at, findings=tuple(_finding(one) for one in review.findings),
        unanswered=rules.unanswered(review), lessons=tuple(LessonOut.model_validate(one) for one in review.lessons),
        conclusion=review.conclusion, completed_at=review.completed_at, area_code=review.area_code,
        exercise=review.exercise, correlation_id=review.correlation_id,
        actions=("complete",) if may and review.state is ReviewState.OPEN else (),
    )  # fmt: skip


def _finding(one: Finding) -> FindingOut:
    return FindingOut(
        key=one.key, subject=one.subject, label={"zh": one.zh, "en": one.en}, limit_seconds=one.limit_seconds,
        took_seconds=one.took_seconds, late_seconds=one.late_seconds, source=one.source,
        explanation=one.explanation,
    )  # fmt: skip


@routes.get("", response_model=PageOut[ReviewOut], summary="复盘列表 List reviews")
async def list_reviews(
    door: Read, asked: Asked, state: ReviewState | None = None, incident_id: UUID | None = None,
    area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Reviews within your scope, the newest first, with what each has found when it was opened or completed."""
    within = None if area_code is None else area_range(area_code)

    async def find(tx: Tx) -> Page[Review]:
        chosen = store.list_reviews(tx, state=state, incident_id=incident_id, area=within)
        mark = ["reviews", state, incident_id, area_code]
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Review, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/{review_id}", response_model=ReviewOut, summary="复盘详情 One review")
async def get_review(review_id: UUID, door: Read) -> Response:
    """One review within your scope: every clock that was missed, measured now as long as the review is open."""
    return await door.look(lambda tx: actions.find_review(tx, review_id), show)


@routes.post(
    "/{review_id}/complete", response_model=ReviewOut, summary="完成复盘 Complete a review",
    responses=refuses(FindingsUnanswered, FindingUnknown, ReviewAlreadyCompleted),
)  # fmt: skip
async def complete(review_id: UUID, body: CompleteIn, door: Change) -> Response:
    """Each finding is explained or answered by a lesson, each lesson becomes something; then it stays as it is."""
    expected = door.expected_version
    explanations = {one.key: one.words for one in body.explanations}
    lessons = [one.learned() for one in body.lessons]
    return await door.perform(
        lambda tx: actions.complete(
            tx, review_id, expected, explanations=explanations, lessons=lessons, conclusion=body.conclusion
        ),
        show, show_again=actions.find_review,
    )  # fmt: skip
