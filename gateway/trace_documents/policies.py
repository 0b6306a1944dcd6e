"""What a document of a trace goes by: its words, and how much of it goes on paper."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from gateway.trace_documents.rules import Words

WORDS = TypeAdapter(Words).validate_json((Path(__file__).parent / "policies" / "words-1.json").read_bytes())
