"""The doors of accountability: cases, their traces, and measures. For those who audit or lead, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.accountability import (
    actions_cases,
    actions_looks,
    actions_measures,
    rules,
    store,
)
from services.responsibility_registry.accountability.api_shown import show_measure
from services.responsibility_registry.accountability.forms import (
    CaseInFullOut,
    CaseOut,
    ConcludeIn,
    DecideIn,
    IncidentOut,
    LabelOut,
    LevelOut,
    MeasureOut,
    ObjectIn,
    RevokeIn,
    TraceIn,
    TraceMadeOut,
    TraceOut,
    TriggerOut,
)
from services.responsibility_registry.accountability.policies import FACTS
from services.responsibility_registry.accountability.rules import (
    Case,
    CaseAlreadyConcluded,
    CaseNotTraced,
    CaseState,
    Cause,
    CauseNoun,
    MeasuresUndecided,
)
from services.responsibility_registry.accountability.rules_facts import Noted, category_of
from services.responsibility_registry.accountability.rules_measures import (
    DecisionImpossible,
    Measure,
    MeasureAlreadyDecided,
    MeasureNotInForce,
    NotTheAuthority,
)
from services.responsibility_registry.accountability.store import KeptTrace

routes = router("accountability-cases", prefix="/v1/accountability-cases")
_CAUSES = {"incident_id": CauseNoun.INCIDENT, "enforcement_fact_id": CauseNoun.ENFORCEMENT_FACT}
_SAME = tuple(name for name in CaseOut.model_fields if name not in {*_CAUSES, "actions"})


@dataclass(frozen=True, kw_only=True, slots=True)
class InFull:
    """A case and what it is about; `id` and `version` are the case's."""

    case: Case
    noted: Noted | None

    @property
    def id(self) -> UUID:
        """The case's id."""
        return self.case.id

    @property
    def version(self) -> int:
        """The case's version."""
        return self.case.version

    @property
    def correlation_id(self) -> UUID:
        """The case's trace."""
        return self.case.correlation_id


def show(case: Case, scope: Scope) -> CaseOut:
    """A case, and what the caller may do with it now."""
    may = scope.holds(*store.READS, area_code=case.area_code, sectors=case.sectors)
    causes = {name: case.cause_id if case.cause_noun is noun else None for name, noun in _CAUSES.items()}
    return CaseOut(
        **{name: getattr(case, name) for name in _SAME}, **causes, actions=rules.open_moves(case) if may else ()
    )


def show_in_full(found: InFull, scope: Scope) -> CaseInFullOut:
    """A case with its incident and its triggers."""
    noted = found.noted
    return CaseInFullOut(
        **show(found.case, scope).model_dump(),
        incident=None if noted is None or noted.enforced else _incident(noted),
        triggers=() if noted is None else tuple(TriggerOut.model_validate(one) for one in noted.outcomes),
    )


def _incident(noted: Noted) -> IncidentOut:
    level = next(one for one in FACTS.levels if one.ordinal == noted.level_ordinal)
    return IncidentOut(
        id=noted.id, number=noted.number, kind=noted.kind, category=category_of(noted, FACTS), at=noted.at,
        level=LevelOut(
            ordinal=level.ordinal, colour=level.colour, scale=FACTS.scale, label=LabelOut(zh=level.zh, en=level.en)
        ),
        people_harmed=noted.people_harmed, production_related=noted.production_related,
        risk_object_id=noted.object_id, firm=noted.firm_name,
    )  # fmt: skip


async def _in_full(tx: Tx, case_id: UUID) -> InFull:
    case = await actions_looks.look_into_case(tx, case_id)
    return InFull(case=case, noted=await actions_cases.noted_of(tx, case))


async def _traces(tx: Tx, case_id: UUID) -> list[KeptTrace]:
    case = await actions_looks.look_into_case(tx, case_id)
    if case.trace_id is None:
        raise CaseNotTraced(case, "正在追溯，请稍后再取。", "the trace is being made: ask again in a moment")
    return list(await store.list_traces(tx, case_id))


def show_trace(made: list[KeptTrace], scope: Scope) -> TraceOut:
    """The newest trace, and which there were before it."""
    del scope
    newest = made[0]
    return TraceOut(
        **TraceMadeOut.model_validate(newest).model_dump(), case_id=newest.case_id,
        document=orjson.loads(newest.document),
        earlier=tuple(TraceMadeOut.model_validate(one) for one in made[1 : store.MOST_TRACES]),
        earlier_truncated=len(made) > store.MOST_TRACES,
    )  # fmt: skip


@routes.get("", response_model=PageOut[CaseOut], summary="追责案件列表 List accountability cases")
async def list_cases(
    door: Read, asked: Asked, state: CaseState | None = None, cause: Cause | None = None,
    incident_id: UUID | None = None, area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Cases that you audit or lead, the newest first; to all others there are none."""

    async def find(tx: Tx) -> Page[Case]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_cases(tx, state=state, cause=cause, incident_id=incident_id, areas=within),
            keys=store.ORDER, asked=asked, load=lambda row: load(Case, row),
            fingerprint=["accountability-cases", state, cause, str(incident_id), area_code],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{case_id}", response_model=CaseInFullOut, summary="追责案件详情 One accountability case")
async def get_case(case_id: UUID, door: Read) -> Response:
    """One case, with its incident and how every trigger stands: met or not, and why ([SEED] the city's rules)."""
    return await door.look(lambda tx: _in_full(tx, case_id), show_in_full)


@routes.get(
    "/{case_id}/trace", response_model=TraceOut, summary="责任倒查 The trace", responses=refuses(CaseNotTraced)
)
async def get_trace(case_id: UUID, door: Read) -> Response:
    """Who answered as of the incident, what each knew and when, what was overdue, what was done, what exempts.

    It states facts and judges nobody: due diligence is for the authority to find (尽职免责, [DEF]).
    """
    return await door.look(lambda tx: _traces(tx, case_id), show_trace)


@routes.post(
    "/{case_id}/trace",
    response_model=CaseOut,
    summary="重新倒查 Trace again",
    responses=refuses(CaseAlreadyConcluded, actions_cases.KnownTooEarly),
)
async def trace_again(case_id: UUID, body: TraceIn, door: Change) -> Response:
    """Trace again, by what was known then or at a later instant; every trace before it is kept as it was."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_cases.trace_case(tx, case_id, expected, body.known_at), show, show_again=store.find_case
    )


@routes.post(
    "/{case_id}/conclude",
    response_model=CaseOut,
    summary="结案 Conclude",
    responses=refuses(CaseAlreadyConcluded, CaseNotTraced, MeasuresUndecided),
)
async def conclude(case_id: UUID, body: ConcludeIn, door: Change) -> Response:
    """Traced, every proposed measure decided: concluded in words. What comes to light later opens another case."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_cases.conclude_case(tx, case_id, expected, body.conclusion), show,
        show_again=store.find_case,
    )  # fmt: skip


@routes.get("/{case_id}/measures", response_model=PageOut[MeasureOut], summary="处理措施列表 List measures")
async def list_measures(case_id: UUID, door: Read, asked: Asked) -> Response:
    """What rules propose and authorities decided, each with what was counted in which window."""

    async def verb(tx: Tx) -> Page[Measure]:
        await actions_looks.look_into_case(tx, case_id)
        return await page(
            tx, store.list_measures(tx, case_id), keys=store.MEASURE_ORDER, asked=asked,
            load=lambda row: load(Measure, row), fingerprint=["measures", str(case_id)],
        )  # fmt: skip

    return await door.look(verb, listed(show_measure))


@routes.get("/{case_id}/measures/{measure_id}", response_model=MeasureOut, summary="处理措施详情 One measure")
async def get_measure(case_id: UUID, measure_id: UUID, door: Read) -> Response:
    """One measure of a case."""
    return await door.look(lambda tx: actions_looks.look_into_measure(tx, case_id, measure_id), show_measure)


@routes.post(
    "/{case_id}/measures/{measure_id}/decide",
    response_model=MeasureOut,
    summary="录入决定 Decide",
    responses=refuses(MeasureAlreadyDecided, NotTheAuthority, DecisionImpossible),
)
async def decide(case_id: UUID, measure_id: UUID, body: DecideIn, door: Change) -> Response:
    """The decision of the measure's own authority, entered by its post: accepted from a day on, or refused, in words.

    Until then it is a proposal and has no effect. A fine lies within its band ([S] 安全生产法(2021)第一百一十四条).
    """
    expected, decision = door.expected_version, body.entered()
    return await door.perform(
        lambda tx: actions_measures.decide_measure(tx, case_id, measure_id, expected, decision), show_measure,
        show_again=store.find_measure,
    )  # fmt: skip


@routes.post(
    "/{case_id}/measures/{measure_id}/object",
    response_model=MeasureOut,
    summary="提出异议 Object",
    responses=refuses(MeasureNotInForce),
)
async def object_to(case_id: UUID, measure_id: UUID, body: ObjectIn, door: Change) -> Response:
    """An objection is entered, once and before `objection_until`; the measure stands until it is revoked."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_measures.object_to_measure(tx, case_id, measure_id, expected, body.objection),
        show_measure, show_again=store.find_measure,
    )  # fmt: skip


@routes.post(
    "/{case_id}/measures/{measure_id}/revoke",
    response_model=MeasureOut,
    summary="撤销措施 Revoke",
    responses=refuses(MeasureNotInForce, NotTheAuthority),
)
async def revoke(case_id: UUID, measure_id: UUID, body: RevokeIn, door: Change) -> Response:
    """Taken back by its authority, upon an objection or by itself; it ends now."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_measures.revoke_measure(tx, case_id, measure_id, expected, body.words), show_measure,
        show_again=store.find_measure,
    )  # fmt: skip
