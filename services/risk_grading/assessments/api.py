"""The doors of assessments."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.risk_grading.assessments import actions, rules, store
from services.risk_grading.assessments.actions import Recomputed
from services.risk_grading.assessments.forms import AssessmentIn, AssessmentOut, RecomputedOut
from services.risk_grading.assessments.policies import REASSESSMENT
from services.risk_grading.assessments.rules import (
    Assessment,
    AssessmentOutOfTurn,
    AssessmentWithoutCause,
    FixUnknown,
)
from services.risk_grading.levels import level_of

routes = router("assessments", prefix="/v1")


def show(made: Assessment, scope: Scope) -> AssessmentOut:
    """An assessment, with the days on which the object is looked at and assessed again."""
    del scope
    return AssessmentOut(
        id=made.id, version=made.version, object_id=made.object_id, area_code=made.area_code, sectors=made.sectors,
        reason=made.reason, caused_by=made.caused_by, by_post=made.by_post, assessed_at=made.assessed_at,
        evidence=made.evidence, pack=made.pack, pack_version=made.pack_version, pack_digest=made.pack_digest,
        rule_pack_id=f"{made.pack}-{made.pack_version}", inputs=dict(made.inputs), product=format(made.product, "f"),
        band=made.band, level=level_of(made.scale, made.ordinal), fingerprint=made.fingerprint,
        previous_id=made.previous_id, course=made.course, next_check_at=rules.next_check_at(made, REASSESSMENT),
        reassess_at=rules.reassess_at(made, REASSESSMENT), exercise=made.exercise,
        correlation_id=made.correlation_id, actions=("recompute",),
    )  # fmt: skip


def show_proof(proved: Recomputed, scope: Scope) -> RecomputedOut:
    """The grade as it was computed again; verbs that find a difference have refused by now."""
    del scope
    grade = proved.grade
    return RecomputedOut(
        assessment_id=proved.assessment.id, reproduces=True, pack=grade.pack, pack_version=grade.pack_version,
        pack_digest=grade.pack_digest, inputs=dict(grade.inputs), product=format(grade.product, "f"),
        band=grade.band, level=level_of(grade.scale, grade.ordinal), fingerprint=grade.fingerprint,
    )  # fmt: skip


@routes.post(
    "/risk-objects/{object_id}/assessments", status_code=201, response_model=AssessmentOut,
    summary="评估风险对象 Assess a risk object",
    responses=refuses(AssessmentOutOfTurn, AssessmentWithoutCause, FixUnknown, *actions.REFUSALS),
)  # fmt: skip
async def assess(object_id: UUID, body: AssessmentIn, door: Write) -> Response:
    """Grade by the version of the pack that is in force today; the object takes the colour, nothing else follows.

    Inputs, pack, version and digest stay for ever, so that the grade can be computed again (LEC: domain rule 2.2
    [C]). Naming the hazard that led here in `caused_by` puts the assessment into that hazard's trace.
    """
    return await door.perform(
        lambda tx: actions.assess_object(tx, object_id, body.asked()), show,
        location=lambda made: f"/v1/assessments/{made.id}", show_again=store.find_assessment,
    )  # fmt: skip


@routes.get(
    "/risk-objects/{object_id}/assessments",
    response_model=PageOut[AssessmentOut],
    summary="评估历史 Assessments of a risk object",
)
async def list_assessments(object_id: UUID, door: Read, asked: Asked) -> Response:
    """Every grading of an object within your scope, the newest first; 404 where the object is out of sight."""

    async def find(tx: Tx) -> Page[Assessment]:
        await actions.require_object(tx, object_id)
        chosen = store.of_object(tx, object_id)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Assessment, row),
            fingerprint=["assessments", object_id],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/assessments/{assessment_id}", response_model=AssessmentOut, summary="评估详情 One assessment")
async def get_assessment(assessment_id: UUID, door: Read) -> Response:
    """One grading with its inputs, pack version and fingerprint."""
    return await door.look(lambda tx: store.find_assessment(tx, assessment_id), show)


@routes.post(
    "/assessments/{assessment_id}/recompute", response_model=RecomputedOut, summary="复算评估 Recompute a grade",
    responses=refuses(*actions.REFUSALS),
)  # fmt: skip
async def recompute(assessment_id: UUID, door: Write) -> Response:
    """Compute the grade again from its inputs and its very pack version; 409 where a single bit differs."""
    return await door.perform(lambda tx: actions.recompute(tx, assessment_id), show_proof)
