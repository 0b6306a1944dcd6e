"""The policies of assessments: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.risk_grading.assessments.rules import ReassessmentPolicy
from services.risk_grading.assessments.rules_incident import AfterIncident

_HERE = Path(__file__).parent / "policies"

REASSESSMENT = TypeAdapter(ReassessmentPolicy).validate_json((_HERE / "reassessment-1.json").read_bytes())
AFTER_INCIDENT = TypeAdapter(AfterIncident).validate_json((_HERE / "after-incident-1.json").read_bytes())
