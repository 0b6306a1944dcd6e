"""The levels of honours: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.commendations.rules import LevelPolicy

LEVELS = TypeAdapter(LevelPolicy).validate_json((Path(__file__).parent / "policies" / "levels-1.json").read_bytes())
VERSION = f"{LEVELS.policy}-{LEVELS.version}"
