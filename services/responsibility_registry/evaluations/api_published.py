"""The doors of what was published: rankings with the facts behind them, appeals, days since a major incident."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import NotFound, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.evaluations import actions_appeals as actions
from services.responsibility_registry.evaluations import actions_facts, rules_appeals, store, store_appeals
from services.responsibility_registry.evaluations.actions import REVIEWS
from services.responsibility_registry.evaluations.actions_facts import DaysSince
from services.responsibility_registry.evaluations.api import show_fact, show_result
from services.responsibility_registry.evaluations.forms import (
    AppealIn,
    AppealOut,
    DaysSinceOut,
    DecideAppealIn,
    FactOut,
    Key,
    PublicationOut,
)
from services.responsibility_registry.evaluations.rules_appeals import Appeal, AppealState
from services.responsibility_registry.evaluations.store import Publication

routes = router("evaluation-publications", prefix="/v1/evaluation-publications")
appeal_routes = router("evaluation-appeals", prefix="/v1/evaluation-appeals")
days_routes = router("days-since-major", prefix="/v1/days-since-major")
_SAME = tuple(
    name for name in PublicationOut.model_fields if name not in {"pack_code", "pack_number", "results", "actions"}
)
_SAME_APPEAL = tuple(name for name in AppealOut.model_fields if name != "actions")
Ordinal = Annotated[int, Query(ge=1, le=4, description="1 is the worst level; 2 is serious or worse")]


def show(published: Publication, scope: Scope) -> PublicationOut:
    """A publication, and whether the caller may appeal: a leader inside its area, while the days run."""
    inside = any(
        grant.role == "leader" and published.area_code <= grant.area_from and grant.area_to <= published.area_to
        for grant in scope.grants
    )
    return PublicationOut(
        **{name: getattr(published, name) for name in _SAME}, pack_code=published.pack.code,
        pack_number=published.pack.number, results=tuple(show_result(one) for one in published.results),
        actions=("appeal",) if inside and now() < published.appeal_until else (),
    )  # fmt: skip


def show_appeal(appeal: Appeal, scope: Scope) -> AppealOut:
    """An appeal, and what the caller may do with it; whether its post had a hand in it is checked by the verb."""
    own = scope.post_id == appeal.lodged_by or scope.subject == appeal.lodged_subject
    may = appeal.state is AppealState.LODGED and not own
    may = may and scope.holds(*REVIEWS, area_code=appeal.area_code, sectors=())
    return AppealOut(**{name: getattr(appeal, name) for name in _SAME_APPEAL}, actions=("decide",) if may else ())


def show_days(found: DaysSince, _: Scope) -> DaysSinceOut:
    """How long it has been."""
    return DaysSinceOut.model_validate(found)


@routes.get("", response_model=PageOut[PublicationOut], summary="考核公布列表 List what was published")
async def list_publications(
    door: Read, asked: Asked, evaluation_id: UUID | None = None, area_code: AreaCode | None = None
) -> Response:
    """Rankings of areas that lie in, over or around yours ([SEED] 季度晾晒), the newest first; a correction stands
    beside what it corrects."""

    async def find(tx: Tx) -> Page[Publication]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_publications(tx, evaluation_id=evaluation_id, areas=within),
            keys=store.PUBLICATION_ORDER, asked=asked, load=lambda row: load(Publication, row),
            fingerprint=["evaluation-publications", str(evaluation_id), area_code],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{publication_id}", response_model=PublicationOut, summary="考核公布详情 One publication")
async def get_publication(publication_id: UUID, door: Read) -> Response:
    """One ranking as it was published, with the number of the pack by which it was counted."""
    return await door.look(lambda tx: store.find_publication(tx, publication_id), show)


@routes.get(
    "/{publication_id}/facts",
    response_model=PageOut[FactOut],
    summary="公布指标明细 The facts behind a published number",
    responses=refuses(RoleMissing),
)
async def list_published_facts(
    publication_id: UUID, door: Read, asked: Asked, body: Key, named: Code, numerator: bool = False
) -> Response:
    """The facts behind an indicator or veto (`named`) of a body, for itself and for who audits or leads it."""
    return await door.look(
        lambda tx: actions.published_facts(tx, publication_id, body, named, above=numerator, asked=asked),
        listed(show_fact),
    )


@routes.post(
    "/{publication_id}/appeals",
    status_code=201,
    response_model=AppealOut,
    summary="提出申诉 Appeal",
    responses=refuses(
        RoleMissing, rules_appeals.NotAnEvaluatedBody, rules_appeals.AppealTooLate, rules_appeals.AppealAlreadyLodged
    ),
)
async def appeal(publication_id: UUID, body: AppealIn, door: Write) -> Response:
    """A ranked body says what was counted wrongly, within the days of the pack, through a post of its own ([DEF])."""
    return await door.perform(
        lambda tx: actions.lodge_appeal(tx, publication_id, body.body, body.words, body.evidence), show_appeal,
        location=lambda made: f"/v1/evaluation-appeals/{made.id}", show_again=store_appeals.find_appeal,
    )  # fmt: skip


@appeal_routes.get("", response_model=PageOut[AppealOut], summary="申诉列表 List appeals")
async def list_appeals(
    door: Read, asked: Asked, state: AppealState | None = None, evaluation_id: UUID | None = None
) -> Response:
    """Appeals of the areas that you audit or lead, and your own, the newest first."""
    return await door.look(
        lambda tx: page(
            tx, store_appeals.list_appeals(tx, state=state, evaluation_id=evaluation_id), keys=store_appeals.ORDER,
            asked=asked, load=lambda row: load(Appeal, row),
            fingerprint=["evaluation-appeals", state, str(evaluation_id)],
        ),
        listed(show_appeal),
    )  # fmt: skip


@appeal_routes.get("/{appeal_id}", response_model=AppealOut, summary="申诉详情 One appeal")
async def get_appeal(appeal_id: UUID, door: Read) -> Response:
    """One appeal by its id."""
    return await door.look(lambda tx: store_appeals.find_appeal(tx, appeal_id), show_appeal)


@appeal_routes.post(
    "/{appeal_id}/decide",
    response_model=AppealOut,
    summary="决定申诉 Decide an appeal",
    responses=refuses(
        rules_appeals.AppealAlreadyDecided, rules_appeals.AnotherMustDecide, rules_appeals.ExclusionWrong
    ),
)
async def decide(appeal_id: UUID, body: DecideAppealIn, door: Change) -> Response:
    """By a leader of the evaluated area who neither made, reviewed nor appealed it, nor is of the body that did
    ([DEF]). Upheld, it names facts that come out, and the next publication is counted without them and stands beside
    the one before."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decide_appeal(
            tx, appeal_id, expected, upheld=body.upheld, exclude=body.exclude, words=body.words
        ),
        show_appeal, show_again=store_appeals.find_appeal,
    )  # fmt: skip


@days_routes.get(
    "",
    response_model=DaysSinceOut,
    responses=refuses(NotFound),
    summary="距上次重大事件天数 Days since a major incident",
)
async def days_since_major(door: Read, area_code: AreaCode, worst_ordinal: Ordinal = 2) -> Response:
    """How many days an area has been without an incident of this level or worse ([SEED] 100-1=0): exercises never
    count; null where none is known here, with the day from which incidents are known at all."""
    return await door.look(lambda tx: actions_facts.days_since_major(tx, area_code, worst_ordinal), show_days)
