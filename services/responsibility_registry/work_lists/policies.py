"""The tables of the lights, by their versions; a list keeps the one by which it was drawn."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.work_lists.rules_lights import LightPolicy

_HERE = Path(__file__).parent / "policies"
_READ = [TypeAdapter(LightPolicy).validate_json(one.read_bytes()) for one in sorted(_HERE.glob("lights-*.json"))]
LIGHTS = {one.version: one for one in _READ}
NEWEST = _READ[-1].version
