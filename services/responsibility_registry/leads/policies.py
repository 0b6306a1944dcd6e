"""The kinds of leads and their limits: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.leads.rules import LimitPolicy

LIMITS = TypeAdapter(LimitPolicy).validate_json((Path(__file__).parent / "policies" / "limits-1.json").read_bytes())
KINDS = {one.code: one for one in LIMITS.kinds}
VERSION = f"{LIMITS.policy}-{LIMITS.version}"
