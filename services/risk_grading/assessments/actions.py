"""The verbs of assessments: grade an object, grade it again after an accident, prove a grade bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import structlog

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.contracts.risk_grading import AssessmentMade
from services.risk_grading.assessments import rules, rules_incident, store
from services.risk_grading.assessments.policies import AFTER_INCIDENT
from services.risk_grading.assessments.rules import Assessment, FixUnknown, Reason
from services.risk_grading.assessments.rules_incident import Harm
from services.risk_grading.hazards import actions as hazards
from services.risk_grading.models import actions as packs
from services.risk_grading.models import rules as models
from services.risk_grading.models.rules import Colour, Grade, GradeDoesNotReproduce, Pack
from services.risk_grading.objects import actions as objects
from services.risk_grading.objects.rules import ObjectState, RiskObject, RiskObjectEnded

log = structlog.get_logger("assessments")

_COUNTY = 6
"""So many digits of an area code name its county."""

REFUSALS = (models.InputsDoNotFitPack, models.NoPackInForce, GradeDoesNotReproduce, RiskObjectEnded)
"""What the packs and an object that has ended refuse; the doors name it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What an assessment goes by: the pack by name, the figures, and why."""

    pack: str
    inputs: Mapping[str, Decimal]
    reason: Reason
    caused_by: UUID | None = None
    evidence: tuple[UUID, ...] = ()
    policy_version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recomputed:
    """A grade that was computed again and is the same, bit for bit."""

    assessment: Assessment
    grade: Grade


async def assess_object(tx: Tx, object_id: UUID, asked: Asked) -> Assessment:
    """Grade an object by the version of the pack that is in force today; the object takes the colour.

    The grade commands nothing: no incident follows of it. Raises RoleMissing (403), NoPackInForce and
    InputsDoNotFitPack (422), RiskObjectEnded (409).
    """
    known = await objects.lock_object(tx, object_id)
    tx.caller.require(*objects.ASSESSORS, area_code=known.area_code, sectors=known.sectors)
    if asked.reason is Reason.AFTER_FIX and asked.caused_by is not None:
        await _require_fixed(tx, known, asked.caused_by)
    return await _assess(tx, known, asked, by_post=tx.caller.acting_post())


async def require_object(tx: Tx, object_id: UUID) -> None:
    """Raise NotFound (404) where the object is out of sight: an empty list would say that it has no grading."""
    if await objects.known_object(tx, object_id) is None:
        raise NotFound("risk_objects", object_id)


async def regrade_after_incident(
    tx: Tx, object_id: UUID, *, incident_id: UUID, area_code: str, harm: Harm, exercise: bool
) -> Assessment | None:
    """An accident has happened at the object: its last inputs, made worse by the policy, grade it again.

    Once an incident. A drill regrades no real object, and an object that has ended has no grade to change.
    """
    try:
        known = await objects.lock_object(tx, object_id)
    except NotFound:
        log.warning("incident_names_an_unknown_object", object_id=str(object_id), incident_id=str(incident_id))
        return None
    if known.area_code[:_COUNTY] != area_code[:_COUNTY]:
        # Whoever entered the incident may name any id: one county's incident grades no other county's object.
        log.warning("incident_names_a_foreign_object", object_id=str(object_id), incident_id=str(incident_id))
        return None
    if known.exercise != exercise or known.state is ObjectState.ENDED:
        return None
    if await store.is_assessed_for(tx, object_id, incident_id):
        return None
    policy = AFTER_INCIDENT
    pack = packs.pack_in_force(policy.pack, tx.now)
    last = await store.newest_assessment(tx, object_id, pack=policy.pack)
    before = None if last is None else {code: Decimal(figure) for code, figure in last.inputs.items()}
    inputs = rules_incident.inputs_after(policy, before, _figures(pack), harm)
    asked = Asked(
        pack=policy.pack, inputs=inputs, reason=Reason.AFTER_INCIDENT, caused_by=incident_id,
        policy_version=policy.name,
    )  # fmt: skip
    return await _assess(tx, known, asked, by_post=None)


async def recompute(tx: Tx, assessment_id: UUID) -> Recomputed:
    """Compute a recorded grade again from its inputs and its very pack version.

    Raises GradeDoesNotReproduce (409) where anything differs, or where that version is no longer kept.
    """
    made = await store.find_assessment(tx, assessment_id)
    pack = packs.pack_of(made.pack, made.pack_version)
    if pack is None:
        raise GradeDoesNotReproduce(
            f"{made.pack} 的 {made.pack_version} 版已不在库中；请恢复其文件。",
            f"version {made.pack_version} of {made.pack} is no longer kept: restore its file",
        )
    return Recomputed(assessment=made, grade=models.recompute(pack, _recorded(made)))


async def _assess(tx: Tx, known: RiskObject, asked: Asked, *, by_post: UUID | None) -> Assessment:
    graded = models.grade(packs.pack_in_force(asked.pack, tx.now), asked.inputs)
    async with tx.system("assessments:previous"):
        # The object may have had other sectors then, which the caller does not see.
        previous = await store.newest_assessment(tx, known.id)
    made = rules.assess(_made(tx, known, asked, graded, await _trace(tx, known, asked), by_post), previous)
    policy_version = asked.policy_version or f"{graded.pack}-{graded.pack_version}"
    written = await store.add_assessment(tx, made, _told(made), why=made.reason, policy_version=policy_version)
    await objects.colour_object(
        tx, known, assessment_id=written.id, ordinal=written.ordinal, colour=written.colour, scale=written.scale,
        graded_at=written.assessed_at, pack=written.pack, pack_version=written.pack_version, reason=written.reason,
        policy_version=policy_version,
    )  # fmt: skip
    return written


async def _require_fixed(tx: Tx, known: RiskObject, hazard_id: UUID) -> None:
    """What was fixed is a hazard that the caller sees, at this object or at none that is known."""
    if not await hazards.concerns(tx, hazard_id, known.id):
        raise FixUnknown


async def _trace(tx: Tx, known: RiskObject, asked: Asked) -> UUID:
    """The trace of what led here: the event that is heard, the hazard that is named, else the object's own."""
    if tx.cause.correlation_id is not None or asked.caused_by is None:
        return tx.cause.correlation_id or known.correlation_id
    return await hazards.correlation_of(tx, asked.caused_by) or known.correlation_id


def _made(tx: Tx, known: RiskObject, asked: Asked, graded: Grade, trace: UUID, by_post: UUID | None) -> Assessment:
    return Assessment(
        id=new_id(), version=0, area_code=known.area_code, sectors=known.sectors, exercise=known.exercise,
        correlation_id=trace, object_id=known.id, reason=asked.reason,
        caused_by=asked.caused_by, by_post=by_post, assessed_at=tx.now, evidence=asked.evidence, pack=graded.pack,
        pack_version=graded.pack_version, pack_digest=graded.pack_digest, inputs=graded.inputs,
        product=graded.product, band=graded.band, ordinal=graded.ordinal, colour=graded.colour, scale=graded.scale,
        fingerprint=graded.fingerprint,
    )  # fmt: skip


def _recorded(made: Assessment) -> Grade:
    return Grade(
        pack=made.pack, pack_version=made.pack_version, pack_digest=made.pack_digest, inputs=made.inputs,
        product=made.product, band=made.band, ordinal=made.ordinal, colour=Colour(made.colour), scale=made.scale,
        fingerprint=made.fingerprint,
    )  # fmt: skip


def _figures(pack: Pack) -> dict[str, list[Decimal]]:
    return {factor.code: [one.value for one in factor.values] for factor in pack.factors}


def _told(made: Assessment) -> AssessmentMade:
    return AssessmentMade(
        object_id=made.object_id, reason=made.reason, caused_by=made.caused_by, pack=made.pack,
        pack_version=made.pack_version, pack_digest=made.pack_digest, inputs=dict(made.inputs),
        product=models.plain(made.product), band=made.band, ordinal=made.ordinal, colour=made.colour,
        scale=made.scale, fingerprint=made.fingerprint, previous_id=made.previous_id, course=made.course,
        evidence=made.evidence,
    )  # fmt: skip
