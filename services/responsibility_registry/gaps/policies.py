"""The versioned data of gaps: how long a new area settles, and how often each is looked at."""

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.gaps.rules import GapPolicy

POLICY = TypeAdapter(GapPolicy).validate_json((Path(__file__).parent / "policies" / "gaps-1.json").read_bytes())
