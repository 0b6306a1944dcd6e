"""The shapes of the doors of reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Form, Name, Shown, Words
from services.emergency_command import examples
from services.emergency_command.after_action.actions import Learned
from services.emergency_command.after_action.rules import LeadsTo, ReviewState

FindingKey = Annotated[Name, Field(examples=["report:phone_report"])]


class ExplanationIn(Form):
    """Why a clock was missed."""

    model_config = examples.example(examples.EXPLANATION)

    key: FindingKey
    words: Words


class LessonIn(Form):
    """What is learned, from which findings, and what it becomes."""

    model_config = examples.example(examples.LESSON)

    words: Words
    answers: Annotated[tuple[FindingKey, ...], Field(max_length=200)] = ()
    leads_to: LeadsTo

    def learned(self) -> Learned:
        """The lesson in the words of the verbs."""
        return Learned(words=self.words, answers=self.answers, leads_to=self.leads_to)


class CompleteIn(Form):
    """Every finding is explained, or a lesson answers it."""

    model_config = examples.example(examples.COMPLETE)

    explanations: Annotated[tuple[ExplanationIn, ...], Field(max_length=200)] = ()
    lessons: Annotated[tuple[LessonIn, ...], Field(max_length=100)] = ()
    conclusion: Words


class FindingOut(Shown):
    """A clock that was missed: what it allowed, what it took (null: never done), and why, once explained."""

    key: str
    subject: str
    label: dict[str, str]
    limit_seconds: int
    took_seconds: int | None
    late_seconds: int
    source: str
    explanation: str


class LessonOut(Shown):
    """A lesson."""

    words: str
    answers: tuple[str, ...]
    leads_to: LeadsTo
    by_post: UUID
    at: datetime


class ReviewOut(Shown):
    """The review of an ended incident. Findings are measured, never typed in."""

    id: UUID
    version: int
    incident_id: UUID
    state: ReviewState
    opened_at: datetime
    findings: tuple[FindingOut, ...]
    unanswered: tuple[str, ...]
    lessons: tuple[LessonOut, ...]
    conclusion: str
    completed_at: datetime | None
    area_code: str
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
