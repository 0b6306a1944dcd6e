"""What this slice goes by: the kinds and roles of rosters, versioned data read once."""

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.rosters.rules import RosterPolicy

POLICY = TypeAdapter(RosterPolicy).validate_json((Path(__file__).parent / "policies" / "kinds-1.json").read_bytes())
