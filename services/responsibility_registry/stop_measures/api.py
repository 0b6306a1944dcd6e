"""The doors of stop measures."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, PostUnsaid, RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.stop_measures import actions, rules, rules_who, store
from services.responsibility_registry.stop_measures.actions import StopOfOrder
from services.responsibility_registry.stop_measures.api_shown import show
from services.responsibility_registry.stop_measures.forms import (
    AcknowledgeStopIn,
    DecideStopIn,
    ExecuteStopIn,
    NotifyStopIn,
    StopMeasureIn,
    StopMeasureOut,
    StopReasonIn,
)
from services.responsibility_registry.stop_measures.rules import StopMeasure, StopState

routes = router("stop-measures", prefix="/v1/stop-measures")
_MOVES = (NotFound, RoleMissing, PostUnsaid, rules.StopCannotMove)
_DECIDES = (*_MOVES, rules_who.NotOfThisTier)


@routes.post(
    "", status_code=201, response_model=StopMeasureOut, summary="提请停产停业、停电措施 Propose a stop measure",
    responses=refuses(RoleMissing, PostUnsaid, NotFound, rules_who.NoStopForThis, rules.StopWrong, IdTaken),
)  # fmt: skip
async def propose(body: StopMeasureIn, door: Write) -> Response:
    """Propose to stop a firm with a major hazard, or to have its power or explosives cut where it defied a stop and
    an accident is a real danger ([S] Work Safety Law 2021 Art 70). Another person decides in a day ([DEF])."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.propose_measure(tx, new), show, created=True, show_again=actions.find_measure
    )


@routes.get("", response_model=PageOut[StopMeasureOut], summary="停产停业、停电措施列表 List stop measures")
async def list_measures(
    door: Read, asked: Asked, area_code: AreaCode | None = None, state: StopState | None = None,
    kind: Code | None = None, order_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Stop measures within your scope, or that your organisation carries out; the newest first."""

    async def find(tx: Tx) -> Page[StopOfOrder]:
        within = await door.within(tx, area_code)
        found = await page(
            tx, store.list_measures(tx, state=state, kind=kind, order_id=order_id, areas=within), keys=store.ORDER,
            asked=asked, load=lambda row: load(StopMeasure, row),
            fingerprint=["stop-measures", area_code, state, kind, str(order_id)],
        )  # fmt: skip
        return await actions.with_page(tx, found)

    return await door.look(find, listed(show))


@routes.get(
    "/{measure_id}", response_model=StopMeasureOut, summary="停产停业、停电措施详情 One stop measure",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_measure(measure_id: UUID, door: Read) -> Response:
    """One measure with its written notices and what came of it."""
    return await door.look(lambda tx: actions.find_measure(tx, measure_id), show)


@routes.post(
    "/{measure_id}/decide", response_model=StopMeasureOut, summary="决定措施 Decide a stop measure",
    responses=refuses(*_DECIDES, rules_who.AnotherMustDecideStop, rules.NoticeTooShort, rules.StopWrong),
)  # fmt: skip
async def decide(measure_id: UUID, body: DecideStopIn, door: Change) -> Response:
    """A leader's post of the county or city decides in writing ([S] Art 70, approved by the main head). A power cut
    takes effect 24 hours later at the earliest; in an emergency that endangers work safety say why in `imminent`."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decide_measure(tx, measure_id, expected, body.decision()), show,
        show_again=actions.find_measure,
    )  # fmt: skip


@routes.post(
    "/{measure_id}/refuse", response_model=StopMeasureOut, summary="不予决定 Do not decide it",
    responses=refuses(*_DECIDES, rules_who.AnotherMustDecideStop),
)  # fmt: skip
async def refuse(measure_id: UUID, body: StopReasonIn, door: Change) -> Response:
    """Not decided, and why."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.refuse_measure(tx, measure_id, expected, body.words), show,
        show_again=actions.find_measure,
    )  # fmt: skip


@routes.post(
    "/{measure_id}/notify", response_model=StopMeasureOut, summary="登记书面通知 Enter a written notice",
    responses=refuses(*_MOVES, rules.NoticeTooShort, rules.StopWrong),
)  # fmt: skip
async def notify(measure_id: UUID, body: NotifyStopIn, door: Change) -> Response:
    """The firm, and for a cut its supplier, was told in writing. Less than 24 hours before a power cut ([S] Art 70)
    is refused unless the decision records what is imminent: say a later `effect_at`."""
    expected = door.expected_version
    effect_at = None if body.effect_at is None else body.effect_at.astimezone(UTC)
    return await door.perform(
        lambda tx: actions.notify(
            tx, measure_id, expected, to=body.to, given_at=body.given_at.astimezone(UTC), how=body.how,
            evidence=body.evidence, effect_at=effect_at,
        ),
        show, show_again=actions.find_measure,
    )  # fmt: skip


@routes.post(
    "/{measure_id}/acknowledge", response_model=StopMeasureOut, summary="供应单位回执 The supplier acknowledges",
    responses=refuses(*_MOVES, rules_who.NotTheSupplier),
)  # fmt: skip
async def acknowledge(measure_id: UUID, body: AcknowledgeStopIn, door: Change) -> Response:
    """A post of the supplier says that it has the notice ([S] Art 70: it cooperates); or its paper is entered."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.acknowledge(tx, measure_id, expected, body.words, body.evidence), show,
        show_again=actions.find_measure,
    )  # fmt: skip


@routes.post(
    "/{measure_id}/execute", response_model=StopMeasureOut, summary="报告执行情况 Report what came of it",
    responses=refuses(
        *_MOVES, rules.NotNotified, rules.NoticeTooShort, rules_who.NotTheSupplier, rules.StopWrong
    ),
)  # fmt: skip
async def execute(measure_id: UUID, body: ExecuteStopIn, door: Change) -> Response:
    """Of a cut its supplier reports that it is carried out, not before its effect; of a stop whoever inspects there
    says whether the firm stopped or defies it. What nobody reports within hours ([DEF]) is told."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.execute(
            tx, measure_id, expected, carried_out=body.carried_out, words=body.words, evidence=body.evidence
        ),
        show, show_again=actions.find_measure,
    )  # fmt: skip


@routes.post(
    "/{measure_id}/ask-lift", response_model=StopMeasureOut, summary="申请解除 Ask to lift it",
    responses=refuses(NotFound, actions.NotTheAssignee, rules.StopCannotMove),
)  # fmt: skip
async def ask_lift(measure_id: UUID, body: StopReasonIn, door: Change) -> Response:
    """The firm, or who has the order, says that the hazard is removed; lifted within two working days ([DEF], in
    time: [S] Art 70). A closed order asks by itself."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.ask_lift(tx, measure_id, expected, body.words), show, show_again=actions.find_measure
    )


@routes.post(
    "/{measure_id}/lift", response_model=StopMeasureOut, summary="解除措施 Lift it",
    responses=refuses(*_DECIDES, rules.StopWrong),
)  # fmt: skip
async def lift(measure_id: UUID, body: StopReasonIn, door: Change) -> Response:
    """A leader's post of the tier lifts it; a cut of supply goes before the stop that it enforced."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.lift(tx, measure_id, expected, body.words), show, show_again=actions.find_measure
    )


@routes.post(
    "/{measure_id}/withdraw", response_model=StopMeasureOut, summary="撤回措施 Take it back",
    responses=refuses(*_DECIDES),
)  # fmt: skip
async def withdraw(measure_id: UUID, body: StopReasonIn, door: Change) -> Response:
    """Taken back before it was carried out, and why."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.withdraw_measure(tx, measure_id, expected, body.words), show,
        show_again=actions.find_measure,
    )  # fmt: skip
