"""A measure as its doors show it, and what the caller may do with it now."""

from __future__ import annotations

from libs.common.clocks import now
from libs.common.scope import Scope
from services.responsibility_registry.accountability import actions_ends, actions_measures
from services.responsibility_registry.accountability.forms import MeasureOut
from services.responsibility_registry.accountability.rules_measures import Measure, holds, open_moves

_SAME = tuple(name for name in MeasureOut.model_fields if name not in {"last_day", "in_force", "actions"})
_DECIDED_BY = {"accept": "decide", "refuse": "decide"}


def show_measure(measure: Measure, scope: Scope) -> MeasureOut:
    """A measure, and what the caller may do with it now; whether its post is the authority is checked by the verb."""
    decides = scope.holds(*actions_measures.DECIDES, area_code=measure.area_code, sectors=measure.sectors)
    proposes = scope.holds(*actions_ends.RENEWS, area_code=measure.area_code, sectors=measure.sectors)
    moves = dict.fromkeys(_DECIDED_BY.get(move, move) for move in open_moves(measure)) if decides else ()
    renews = ("renew",) if proposes and actions_ends.renewable(measure) else ()
    return MeasureOut.model_validate(
        {name: getattr(measure, name) for name in _SAME}
        | {"last_day": actions_measures.last_day(measure), "in_force": holds(measure, now())}
        | {"actions": (*moves, *renews)}
    )
