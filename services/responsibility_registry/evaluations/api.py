"""The doors of evaluations, for those who audit or lead the evaluated area."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.evaluations import actions, actions_results, rules, store
from services.responsibility_registry.evaluations.actions_results import Reckoned
from services.responsibility_registry.evaluations.forms import (
    BodyOut,
    EvaluationOut,
    FactOut,
    FigureOut,
    Key,
    OpenIn,
    ResultOut,
    ResultsOut,
    ReturnEvaluationIn,
    VetoStandsOut,
    WithdrawEvaluationIn,
)
from services.responsibility_registry.evaluations.rules import Evaluation, EvaluationState
from services.responsibility_registry.evaluations.rules_facts import Fact
from services.responsibility_registry.evaluations.rules_packs import PackUnknown
from services.responsibility_registry.evaluations.rules_scores import Figure, Result

routes = router("evaluations", prefix="/v1/evaluations")
_MOVE = (rules.EvaluationCannotMove,)
_SAME = tuple(name for name in EvaluationOut.model_fields if name not in {"bodies", "actions"})
_NEEDS = {
    "submit": actions.KEEPS, "withdraw": actions.KEEPS, "return": actions.REVIEWS, "publish": actions.REVIEWS,
}  # fmt: skip


def show(evaluation: Evaluation, scope: Scope) -> EvaluationOut:
    """An evaluation, and what the caller may do with it now."""
    return EvaluationOut(
        **{name: getattr(evaluation, name) for name in _SAME},
        bodies=tuple(BodyOut.model_validate(one) for one in evaluation.bodies),
        actions=tuple(move for move in rules.open_moves(evaluation) if _may(move, evaluation, scope)),
    )


def _may(move: str, evaluation: Evaluation, scope: Scope) -> bool:
    own = scope.post_id in evaluation.hands or scope.subject in evaluation.hand_subjects
    if own and move in ("return", "publish"):
        return False
    return scope.holds(*_NEEDS[move], area_code=evaluation.area_code, sectors=())


def show_result(result: Result) -> ResultOut:
    """One body's figures, score and rank."""
    return ResultOut(
        body=BodyOut.model_validate(result.body), sample=result.sample, standing=result.standing, rank=result.rank,
        figures=tuple(_figure(one) for one in result.figures),
        vetoes=tuple(VetoStandsOut.model_validate(one) for one in result.vetoes),
        score=None if result.score is None else str(result.score),
    )  # fmt: skip


def _figure(one: Figure) -> FigureOut:
    return FigureOut(
        indicator=one.indicator, numerator=one.numerator, denominator=one.denominator, weight=one.weight,
        value=None if one.value is None else str(one.value), points=None if one.points is None else str(one.points),
    )  # fmt: skip


def show_results(reckoned: Reckoned, _: Scope) -> ResultsOut:
    """Everybody's results."""
    return ResultsOut(
        evaluation_id=reckoned.evaluation.id, state=reckoned.evaluation.state, as_of=reckoned.as_of,
        pack_id=reckoned.pack.id, pack_number=reckoned.pack.number, minimum_sample=reckoned.pack.minimum_sample,
        items=tuple(show_result(one) for one in reckoned.results),
    )  # fmt: skip


def show_fact(fact: Fact, _: Scope) -> FactOut:
    """A fact behind a number."""
    return FactOut.model_validate(fact)


@routes.post(
    "",
    status_code=201,
    response_model=EvaluationOut,
    summary="发起考核 Open an evaluation",
    responses=refuses(rules.EvaluationWrong, PackUnknown, rules.EvaluationAlreadyOpen, IdTaken),
)
async def open_evaluation(body: OpenIn, door: Write) -> Response:
    """The areas of one level or the posts of one kind, over a quarter, a year or any period up to a year ([P] 2018
    规定: duty assessment is one of the five forms). Its figures are counted from facts; nobody types one in."""
    new = body.entered()
    return await door.perform(lambda tx: actions.open_evaluation(tx, new), show, show_again=store.find_evaluation)


@routes.get("", response_model=PageOut[EvaluationOut], summary="考核列表 List evaluations")
async def list_evaluations(
    door: Read, asked: Asked, state: EvaluationState | None = None, pack_code: Code | None = None,
    area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Evaluations of the areas that you audit or lead, the newest first; to all others there are none."""

    async def find(tx: Tx) -> Page[Evaluation]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_evaluations(tx, state=state, pack_code=pack_code, areas=within), keys=store.ORDER,
            asked=asked, load=lambda row: load(Evaluation, row),
            fingerprint=["evaluations", state, pack_code, area_code],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{evaluation_id}", response_model=EvaluationOut, summary="考核详情 One evaluation")
async def get_evaluation(evaluation_id: UUID, door: Read) -> Response:
    """One evaluation by its id."""
    return await door.look(lambda tx: store.find_evaluation(tx, evaluation_id), show)


@routes.get(
    "/{evaluation_id}/results",
    response_model=ResultsOut,
    summary="考核结果 What it comes to",
    responses=refuses(PackUnknown),
)
async def get_results(evaluation_id: UUID, door: Read) -> Response:
    """Figures, vetoes, scores and ranks: counted now while it is open, from what was frozen once it was handed in.

    A veto voids the score and ranks last ([SEED]); too few facts are listed apart; nothing is divided by zero.
    """
    return await door.look(lambda tx: actions_results.look_into(tx, evaluation_id), show_results)


@routes.get(
    "/{evaluation_id}/facts",
    response_model=PageOut[FactOut],
    summary="指标明细 The facts behind a number",
    responses=refuses(PackUnknown),
)
async def list_facts(
    evaluation_id: UUID, door: Read, asked: Asked, body: Key, named: Code, numerator: bool = False
) -> Response:
    """The facts behind one indicator or veto (`named`) of one body: all below the line, or those that count above."""

    async def verb(tx: Tx) -> Page[Fact]:
        evaluation = await store.find_evaluation(tx, evaluation_id)
        return await actions_results.facts_behind(tx, evaluation, body, named, above=numerator, asked=asked)

    return await door.look(verb, listed(show_fact))


@routes.post(
    "/{evaluation_id}/submit",
    response_model=EvaluationOut,
    summary="提交审核 Hand in for review",
    responses=refuses(*_MOVE, rules.PeriodNotOver, PackUnknown),
)
async def submit(evaluation_id: UUID, door: Change) -> Response:
    """After the period is over: facts and rules are frozen, and what is reviewed is what will be published."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.submit_evaluation(tx, evaluation_id, expected), show, show_again=store.find_evaluation
    )


@routes.post(
    "/{evaluation_id}/return",
    response_model=EvaluationOut,
    summary="退回 Hand back",
    responses=refuses(*_MOVE, rules.AnotherMustReview, rules.OwnBodyEvaluated),
)
async def hand_back(evaluation_id: UUID, body: ReturnEvaluationIn, door: Change) -> Response:
    """The reviewer does not agree: it is open again, and counted anew."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.return_evaluation(tx, evaluation_id, expected, body.reason), show,
        show_again=store.find_evaluation,
    )  # fmt: skip


@routes.post(
    "/{evaluation_id}/publish",
    response_model=EvaluationOut,
    summary="公布 Publish",
    responses=refuses(*_MOVE, rules.AnotherMustReview, rules.OwnBodyEvaluated),
)
async def publish(evaluation_id: UUID, door: Change) -> Response:
    """Told to everybody in the area, by another person and post than who opened it or handed it in, and by nobody who
    holds a post of what was evaluated ([DEF]).

    A publication is never changed; the days in which a body may appeal begin.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.publish_evaluation(tx, evaluation_id, expected), show, show_again=store.find_evaluation
    )


@routes.post(
    "/{evaluation_id}/withdraw",
    response_model=EvaluationOut,
    summary="撤回考核 Withdraw",
    responses=refuses(*_MOVE),
)
async def withdraw(evaluation_id: UUID, body: WithdrawEvaluationIn, door: Change) -> Response:
    """It should not have been opened; what is published is never withdrawn."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.withdraw_evaluation(tx, evaluation_id, expected, body.reason), show,
        show_again=store.find_evaluation,
    )  # fmt: skip
