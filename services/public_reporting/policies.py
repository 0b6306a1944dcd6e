"""The policies of this service: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from services.public_reporting.replies.rules import AnswerPolicy, PublicWords
from services.public_reporting.reports.rules import IntakePolicy

P = TypeVar("P")
_HERE = Path(__file__).parent


def _read(path: str, shape: type[P]) -> P:
    return TypeAdapter(shape).validate_json((_HERE / path).read_bytes())


INTAKE = _read("reports/policies/intake-1.json", IntakePolicy)
ANSWERS = _read("replies/policies/answers-1.json", AnswerPolicy)
PUBLIC_WORDS = _read("replies/policies/public-words-1.json", PublicWords).words
