"""All SQL about assessments; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, load, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.contracts.event import Event
from services.risk_grading.assessments.model import assessments
from services.risk_grading.assessments.rules import Assessment


async def find_assessment(tx: Tx, assessment_id: UUID) -> Assessment:
    """The assessment within the scope; NotFound otherwise."""
    return await find(tx, assessments, Assessment, assessment_id)


async def newest_assessment(tx: Tx, object_id: UUID, *, pack: str | None = None) -> Assessment | None:
    """The last assessment of an object, by one pack or by any; None before the first."""
    asked = of_object(tx, object_id)
    if pack is not None:
        asked = asked.where(assessments.c.pack == pack)
    row = await tx.one_or_none(asked.order_by(assessments.c.assessed_at.desc(), assessments.c.id.desc()).limit(1))
    return None if row is None else load(Assessment, row)


async def is_assessed_for(tx: Tx, object_id: UUID, caused_by: UUID) -> bool:
    """Whether this cause has led to an assessment of the object already."""
    asked = of_object(tx, object_id).with_only_columns(assessments.c.id)
    return await tx.scalar(asked.where(assessments.c.caused_by == caused_by).limit(1)) is not None


async def add_assessment(tx: Tx, made: Assessment, event: Event, *, why: str, policy_version: str) -> Assessment:
    """Write an assessment; it never changes afterwards."""
    return await record(tx, assessments, made, event, why=why, policy_version=policy_version)


def of_object(tx: Tx, object_id: UUID) -> Select[Any]:
    """The assessments of an object within the scope; the door pages through them."""
    return selected(assessments, tx.scope).where(assessments.c.object_id == object_id)


TABLE = assessments
ORDER: Sequence[Key] = ((assessments.c.assessed_at, "desc"), (assessments.c.id, "desc"))
"""The newest first."""
