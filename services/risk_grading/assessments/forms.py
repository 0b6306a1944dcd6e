"""The shapes of the doors of assessments."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Code, Form, Shown
from services.risk_grading import examples
from services.risk_grading.assessments.actions import Asked
from services.risk_grading.assessments.rules import Course, Reason
from services.risk_grading.levels import LevelOut

Figure = Annotated[Decimal, Field(max_digits=20, allow_inf_nan=False)]
FactorCode = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class AssessmentIn(Form):
    """What an object is graded by: a pack by name, one figure of its table for each factor, and why."""

    model_config = examples.example(examples.ASSESSMENT)

    pack: Code
    inputs: Annotated[
        dict[FactorCode, Figure], Field(max_length=40, json_schema_extra={"additionalProperties": False})
    ]
    reason: Reason
    caused_by: Annotated[
        UUID | None, Field(description="the hazard or incident that led here; after_fix and after_incident need it")
    ] = None
    evidence: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()

    def asked(self) -> Asked:
        """The same in the words of the verb."""
        return Asked(
            pack=self.pack, inputs=self.inputs, reason=self.reason, caused_by=self.caused_by, evidence=self.evidence
        )


class AssessmentOut(Shown):
    """One grading, kept for ever with everything that it came from. `product` and `inputs` are exact decimals."""

    id: UUID
    version: int
    object_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    reason: Reason
    caused_by: UUID | None
    by_post: UUID | None
    assessed_at: datetime
    evidence: tuple[UUID, ...]
    pack: str
    pack_version: str
    pack_digest: str
    rule_pack_id: str
    inputs: dict[str, str]
    product: str
    band: str
    level: LevelOut
    fingerprint: str
    previous_id: UUID | None
    course: Course
    next_check_at: datetime
    reassess_at: datetime
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]


class RecomputedOut(Shown):
    """The proof: the same inputs and the same pack version give the same grade."""

    assessment_id: UUID
    reproduces: bool
    pack: str
    pack_version: str
    pack_digest: str
    inputs: dict[str, str]
    product: str
    band: str
    level: LevelOut
    fingerprint: str
