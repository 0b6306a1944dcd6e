"""Assessments: each in its turn, with its cause and its course, and the next one due by colour."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from services.risk_grading.assessments import rules
from services.risk_grading.assessments.rules import Assessment, Course, Reason

FILE = Path(rules.__file__).with_name("policies") / "reassessment-1.json"
DATA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
POLICY = TypeAdapter(rules.ReassessmentPolicy).validate_python(DATA)
MONDAY = datetime(2026, 10, 12, 12, 50, tzinfo=UTC)
RED = Assessment(
    id=UUID(int=31),
    version=0,
    area_code="331002004208",
    sectors=("fire", "housing"),
    exercise=False,
    correlation_id=UUID(int=8),
    object_id=UUID(int=21),
    reason=Reason.INITIAL,
    caused_by=None,
    by_post=UUID(int=2),
    assessed_at=MONDAY,
    evidence=(),
    pack="lec",
    pack_version="1",
    pack_digest="d" * 64,
    inputs={"L": "6", "E": "6", "C": "40"},
    product=Decimal(1440),
    band="A",
    ordinal=1,
    colour="red",
    scale="risk_control",
    fingerprint="f" * 64,
)
ORANGE = replace(
    RED, id=UUID(int=32), reason=Reason.AFTER_FIX, caused_by=UUID(int=11), band="B", ordinal=2,
    colour="orange", assessed_at=MONDAY + timedelta(minutes=20),
)  # fmt: skip


def test_the_first_assessment_has_no_course() -> None:
    assert rules.assess(RED, None) == RED
    assert RED.course is Course.FIRST


@pytest.mark.parametrize(("ordinal", "course"), [(1, Course.RAISED), (2, Course.UNCHANGED), (4, Course.LOWERED)])
def test_the_course_says_which_way_the_level_moved(ordinal: int, course: Course) -> None:
    later = rules.assess(replace(ORANGE, ordinal=ordinal), replace(RED, ordinal=2))
    assert (later.course, later.previous_id) == (course, RED.id)


@pytest.mark.parametrize("reason", [Reason.AFTER_FIX, Reason.AFTER_INCIDENT])
def test_an_assessment_after_a_fix_or_an_incident_says_which(reason: Reason) -> None:
    with pytest.raises(rules.AssessmentWithoutCause) as refused:
        rules.assess(replace(RED, reason=reason), None)
    assert refused.value.errors[0][0] == "/caused_by"


def test_an_assessment_is_not_older_than_the_one_before_it() -> None:
    with pytest.raises(rules.AssessmentOutOfTurn) as refused:
        rules.assess(replace(ORANGE, assessed_at=MONDAY - timedelta(seconds=1)), RED)
    assert (refused.value.status, refused.value.open_moves) == (409, ())


def test_an_assessment_does_not_follow_one_of_another_object() -> None:
    with pytest.raises(rules.AssessmentOutOfTurn):
        rules.assess(replace(ORANGE, object_id=UUID(int=99)), RED)


def test_an_assessment_offers_no_moves() -> None:
    assert rules.open_moves(RED) == ()


def test_red_is_looked_at_within_a_month_and_orange_within_half_a_year() -> None:
    assert rules.next_check_at(RED, POLICY) == MONDAY + timedelta(days=30)
    assert rules.next_check_at(ORANGE, POLICY) == ORANGE.assessed_at + timedelta(days=180)
    assert rules.reassess_at(RED, POLICY) == MONDAY + timedelta(days=365)


def test_every_figure_of_the_policy_carries_its_source() -> None:
    assert TypeAdapter(rules.ReassessmentPolicy).dump_python(POLICY, mode="json") == DATA
    assert set(DATA["sources"]) == {"reassess_days", *(f"check_days.{c}" for c in DATA["check_days"])}


def test_a_policy_without_a_colour_is_refused() -> None:
    with pytest.raises(ValidationError, match="every colour"):
        TypeAdapter(rules.ReassessmentPolicy).validate_python(DATA | {"check_days": {"red": 1}})
