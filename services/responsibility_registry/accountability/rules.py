"""Accountability cases: opened on harm or on a trigger, never on one overdue order; traced before they conclude."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Cause(StrEnum):
    """What a case opens on."""

    HARM = "harm"
    TRIGGER = "trigger"


class CauseNoun(StrEnum):
    """Of what the cause is one: an incident, or a decision of another system."""

    INCIDENT = "incident"
    ENFORCEMENT_FACT = "enforcement_fact"


class CaseState(StrEnum):
    """Open → traced (again, as more is known) → concluded."""

    OPEN = "open"
    TRACED = "traced"
    CONCLUDED = "concluded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """An accountability case 追责案件 about one cause, traced as of one instant."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    cause: Cause
    cause_id: UUID
    cause_noun: CauseNoun = CauseNoun.INCIDENT
    as_of: datetime
    state: CaseState = CaseState.OPEN
    opened_at: datetime
    trace_id: UUID | None = None
    traced_at: datetime | None = None
    concluded_at: datetime | None = None
    conclusion: str = ""


class CaseMoveRefused(Exception):
    """The case's state does not allow the verb; says the state and the moves that are open."""

    status = 409
    code = "case_move_refused"
    title = ("案件当前状态不允许此操作", "The case is not in a state for this")

    def __init__(self, case: Case, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state = case.state.value
        self.open_moves = open_moves(case)


class CaseAlreadyConcluded(CaseMoveRefused):
    """Concluded: what comes to light later opens another case."""

    code = "case_already_concluded"


class CaseNotTraced(CaseMoveRefused):
    """Nobody is judged before it is traced who answered, and what each knew and did."""

    code = "case_not_traced"


class MeasuresUndecided(CaseMoveRefused):
    """A case is concluded once the authorities have decided every measure that was proposed."""

    code = "measures_undecided"


class NoCaseForThis(Exception):
    """Neither harm nor a trigger: one overdue order escalates and opens no case."""

    status = 422
    code = "no_case_for_this"
    title = ("不符合立案条件", "This opens no case")


_MOVES: Mapping[CaseState, tuple[str, ...]] = {
    CaseState.OPEN: ("trace",),
    CaseState.TRACED: ("trace", "conclude"),
    CaseState.CONCLUDED: (),
}


def open_moves(case: Case) -> tuple[str, ...]:
    """The verbs that the case's state allows now."""
    return _MOVES[case.state]


def cause_of(*, people_harmed: int, level_ordinal: int | None, trigger_id: str | None) -> Cause:
    """What a case would open on: people harmed or a level above ordinary, or a trigger; raises NoCaseForThis."""
    if people_harmed > 0 or (level_ordinal is not None and level_ordinal < 4):
        return Cause.HARM
    if trigger_id:
        return Cause.TRIGGER
    raise NoCaseForThis(
        "造成后果或达到触发条件才立案；逾期的指令单会自动升级督办。",
        "a case opens on harm or on a trigger; an overdue order escalates by itself",
    )


def trace(case: Case, trace_id: UUID, at: datetime) -> Case:
    """Who answered, knew and did is on record as of the case's instant; traced again when more came in."""
    _require_unconcluded(case)
    return replace(case, state=CaseState.TRACED, trace_id=trace_id, traced_at=at)


def conclude(case: Case, at: datetime, *, conclusion: str, undecided: int) -> Case:
    """Concluded, with words; raises CaseNotTraced, or MeasuresUndecided while proposals wait."""
    _require_unconcluded(case)
    if case.state is not CaseState.TRACED:
        raise CaseNotTraced(case, "请先追溯，再结案。", "trace the case before it is concluded")
    if undecided:
        raise MeasuresUndecided(
            case, f"还有 {undecided} 项拟议措施待决定。", f"{undecided} proposed measures wait for their decision"
        )
    return replace(case, state=CaseState.CONCLUDED, concluded_at=at, conclusion=conclusion)


def _require_unconcluded(case: Case) -> None:
    if case.state is CaseState.CONCLUDED:
        raise CaseAlreadyConcluded(
            case,
            "案件已结案；新发现的情况请另行立案。",
            "the case is concluded: what comes to light later opens another",
        )
