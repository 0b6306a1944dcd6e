"""What this slice goes by: triggers, linked liability, fines, facts and the trace, versioned data read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.accountability.rules_facts import FactPolicy
from services.responsibility_registry.accountability.rules_linked import LinkedPolicy
from services.responsibility_registry.accountability.rules_measures import FinePolicy
from services.responsibility_registry.accountability.rules_trace import TracePolicy
from services.responsibility_registry.accountability.rules_triggers import TriggerPolicy

_HERE = Path(__file__).parent / "policies"

FACTS = TypeAdapter(FactPolicy).validate_json((_HERE / "facts-1.json").read_bytes())
TRIGGERS = TypeAdapter(TriggerPolicy).validate_json((_HERE / "triggers-1.json").read_bytes())
LINKED = TypeAdapter(LinkedPolicy).validate_json((_HERE / "linked-1.json").read_bytes())
TRACE = TypeAdapter(TracePolicy).validate_json((_HERE / "trace-1.json").read_bytes())
_FINES = TypeAdapter(FinePolicy).validate_json((_HERE / "fines-114-1.json").read_bytes())
FINES = {_FINES.policy: _FINES}
