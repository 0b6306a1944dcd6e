"""The versioned policies of answering, read once from the data beside the rules."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.public_reporting.replies.rules import AnswerPolicy, PublicWords

_HERE = Path(__file__).parent / "policies"

ANSWERS = TypeAdapter(AnswerPolicy).validate_json((_HERE / "answers-1.json").read_bytes())
PUBLIC_WORDS = TypeAdapter(PublicWords).validate_json((_HERE / "public-words-1.json").read_bytes()).words
