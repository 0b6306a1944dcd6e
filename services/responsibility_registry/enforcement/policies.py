"""The kinds of enforcement facts and what they count as: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.enforcement.rules import KindPolicy

KINDS = TypeAdapter(KindPolicy).validate_json((Path(__file__).parent / "policies" / "kinds-1.json").read_bytes())
VERSION = f"{KINDS.policy}-{KINDS.version}"
