"""A stop measure as its doors show it, and what the caller may do with it now."""

from __future__ import annotations

from libs.common.scope import Scope
from services.responsibility_registry.stop_measures import rules
from services.responsibility_registry.stop_measures.actions import ACTS, DECIDES, StopOfOrder, works_on
from services.responsibility_registry.stop_measures.forms import (
    ExecutionOut,
    StopLabelOut,
    StopMeasureOut,
    WrittenNoticeOut,
)
from services.responsibility_registry.stop_measures.policies import POLICY

_NEEDS = {"decide": DECIDES, "lift": DECIDES, "withdraw": DECIDES}
_OTHERWISE = frozenset({"kind_label", "source", "notices", "executions", "late_steps", "actions"})
_SAME = tuple(name for name in StopMeasureOut.model_fields if name not in _OTHERWISE)


def show(found: StopOfOrder, scope: Scope) -> StopMeasureOut:
    """A measure, and what the caller may do; tier and supplier are checked by the verb."""
    one, kind = found.measure, POLICY.kind(found.measure.kind)
    return StopMeasureOut(
        **{name: getattr(one, name) for name in _SAME},
        kind_label=StopLabelOut(zh=kind.zh, en=kind.en) if kind else StopLabelOut(zh=one.kind, en=one.kind),
        source=kind.source if kind else "",
        notices=tuple(WrittenNoticeOut.model_validate(each) for each in one.notices),
        executions=tuple(ExecutionOut.model_validate(each) for each in one.executions), late_steps=one.late_told,
        actions=tuple(_moves(found, scope)),
    )  # fmt: skip


def _moves(found: StopOfOrder, scope: Scope) -> list[str]:
    one = found.measure
    moves = [move for move in rules.open_moves(one) if _may(move, found, scope)]
    return [*moves, "refuse"] if "decide" in moves else moves


def _may(move: str, found: StopOfOrder, scope: Scope) -> bool:
    one = found.measure
    if move == "ask_lift":
        return works_on(found.order, scope.posts, scope.parties)
    if move == "decide" and (scope.post_id == one.proposed_by or scope.subject == one.proposed_subject):
        return False
    return scope.holds(*_NEEDS.get(move, ACTS), area_code=one.area_code, sectors=one.sectors)
