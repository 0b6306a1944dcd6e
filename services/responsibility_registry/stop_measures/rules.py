"""A stop measure: a written decision that stops a firm with a major hazard, or cuts its supply where it defies that.

[S] Work Safety Law 2021 Art 70: a firm that does not carry out the decision to stop, and where an accident is a real
danger, may have its power or its explosives cut, with the approval of the department's main head, by a written notice
to whoever supplies them; of a power cut the firm is told 24 hours before, except in an emergency that endangers work
safety. Once the firm has carried out the decision and removed the hazard the measure is lifted in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.stop_measures.rules_policy import StopStep


class StopState(StrEnum):
    """Where a measure is; told to whom, acknowledged and late are no states but overlays."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    DECIDED = "decided"
    EXECUTED = "executed"
    DEFIED = "defied"
    LIFTED = "lifted"
    WITHDRAWN = "withdrawn"


class NoticeTo(StrEnum):
    """Who is told in writing."""

    FIRM = "firm"
    SUPPLIER = "supplier"


_S = StopState
IN_FORCE = (_S.DECIDED, _S.EXECUTED, _S.DEFIED)
OPEN = (_S.PROPOSED, *IN_FORCE)
MOVES: Mapping[str, tuple[StopState, ...]] = {
    "decide": (_S.PROPOSED,),
    "withdraw": (_S.PROPOSED, _S.DECIDED),
    "notify": (_S.DECIDED,),
    "acknowledge": (_S.DECIDED,),
    "execute": (_S.DECIDED, _S.DEFIED),
    "ask_lift": (_S.EXECUTED,),
    "lift": (_S.EXECUTED, _S.DEFIED),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenNotice:
    """A written notice: to whom, when it was given, how, with its paper."""

    to: NoticeTo
    given_at: datetime
    how: str
    evidence: tuple[UUID, ...]
    by: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """What came of it: carried out, or defied; `on_paper` where another than the one concerned entered it."""

    at: datetime
    carried_out: bool
    words: str
    evidence: tuple[UUID, ...]
    by: UUID
    on_paper: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StopMeasure:
    """`about_measure_id` is the defied stop that a cut of supply enforces; `imminent` is the recorded reason why the
    hours of notice are not waited for; `proposed_subject` is kept here and in no event."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    order_id: UUID
    kind: str
    supply: bool
    notice_hours: int
    state: StopState
    words: str
    risk: str
    evidence: tuple[UUID, ...]
    policy_version: str
    proposed_at: datetime
    proposed_by: UUID
    proposed_subject: str
    decide_by: datetime
    about_measure_id: UUID | None = None
    supplier_organization_id: UUID | None = None
    document: str = ""
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    decision: str = ""
    imminent: str = ""
    effect_at: datetime | None = None
    execute_by: datetime | None = None
    notices: tuple[WrittenNotice, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None
    acknowledgement: str = ""
    executions: tuple[Execution, ...] = ()
    lift_asked_at: datetime | None = None
    lift_asked_by: UUID | None = None
    lift_asked: str = ""
    lift_by: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: UUID | None = None
    ended: str = ""
    late_told: tuple[StopStep, ...] = ()


class StopCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "stop_cannot_move"
    title = ("该措施当前状态不允许此操作", "The measure is not in a state for this")

    def __init__(self, measure: StopMeasure, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = measure.state
        self.open_moves = open_moves(measure)


class NoticeTooShort(StopCannotMove):
    """Between notice and effect lie the hours of the law, unless danger is imminent and the reason recorded."""

    code = "notice_too_short"


class NotNotified(StopCannotMove):
    """What nobody was told of in writing is not carried out."""

    code = "not_notified"


class StopWrong(Exception):
    """What was entered about a measure does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "stop_wrong"
    title = ("措施信息有误", "The measure is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def notice_to(measure: StopMeasure, to: NoticeTo) -> WrittenNotice | None:
    """The written notice to somebody, if it was given."""
    return next((one for one in measure.notices if one.to is to), None)


def open_moves(measure: StopMeasure) -> tuple[str, ...]:
    """The verbs that people may use now."""
    shut = {
        "notify": all(notice_to(measure, to) is not None for to in owed(measure)),
        "acknowledge": notice_to(measure, NoticeTo.SUPPLIER) is None or measure.acknowledged_at is not None,
        "ask_lift": measure.lift_asked_at is not None,
    }
    return tuple(verb for verb, states in MOVES.items() if measure.state in states and not shut.get(verb, False))


def owed(measure: StopMeasure) -> tuple[NoticeTo, ...]:
    """Who has to be told in writing."""
    return (NoticeTo.FIRM, NoticeTo.SUPPLIER) if measure.supply else (NoticeTo.FIRM,)


def require_open(measure: StopMeasure, verb: str) -> None:
    """Raises StopCannotMove unless the verb is open."""
    if verb not in open_moves(measure):
        zh = f"该措施为「StopState.{measure.state}」，不能「Move.{verb}」。"
        raise StopCannotMove(measure, zh, f"cannot {verb} a measure that is {measure.state}")
