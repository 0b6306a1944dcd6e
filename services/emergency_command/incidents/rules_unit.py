"""When the head of the unit learned of the accident: the fact on which the unit's own report is due."""

from dataclasses import replace
from datetime import datetime

from services.emergency_command.incidents.rules import FiguresImpossible, Incident, IncidentMoveRefused


class UnitLearnedAlready(IncidentMoveRefused):
    """It was said once and its clock runs; a correction is entered as words of a situation report."""

    code = "unit_learned_already"
    title = ("事故单位知悉时间已登记", "When the unit learned of it has been entered")


def unit_learned(incident: Incident, at: datetime) -> Incident:
    """The head of the unit learned of it then ([S] SO 493 Art 9: one hour from there); said once."""
    if incident.unit_learned_at is not None:
        raise UnitLearnedAlready(incident, "unit-learned")
    if at < incident.occurred_at:
        raise FiguresImpossible(
            f"知悉时间不得早于发生时间 {incident.occurred_at.isoformat()}。",
            f"nobody learned of it before it happened, {incident.occurred_at.isoformat()}",
        )
    return replace(incident, unit_learned_at=at)
