"""What grids go by: their kinds, versioned data read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.grids.rules import KindPolicy

KINDS = TypeAdapter(KindPolicy).validate_json((Path(__file__).parent / "policies" / "kinds-1.json").read_bytes())
