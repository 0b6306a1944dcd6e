"""The doors of inspection tours and their visits."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import area_range
from libs.common.problems import IdTaken, NotFound, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.inspection_tours import actions, rules, store
from services.responsibility_registry.inspection_tours.forms import (
    Body,
    ConcludeTourIn,
    CoverageOut,
    OrderFindingIn,
    PlanTourIn,
    TourBodyOut,
    TourFindingOut,
    TourOut,
    VisitIn,
    VisitOut,
)
from services.responsibility_registry.inspection_tours.rules import Coverage, Tour, TourState, Visit

routes = router("inspection-tours", prefix="/v1/inspection-tours")
visit_routes = router("tour-visits", prefix="/v1/tour-visits")
_SAME = tuple(name for name in TourOut.model_fields if name not in {"bodies", "actions"})
_SAME_VISIT = tuple(name for name in VisitOut.model_fields if name not in {"findings", "actions"})


def show(tour: Tour, scope: Scope) -> TourOut:
    """A tour, and what the caller may do with it now."""
    may = tour.state is TourState.RUNNING and scope.holds(*actions.KEEPS, area_code=tour.area_code, sectors=())
    return TourOut(
        **{name: getattr(tour, name) for name in _SAME},
        bodies=tuple(TourBodyOut.model_validate(one) for one in tour.bodies),
        actions=("visit", "conclude") if may else (),
    )


def show_visit(visit: Visit, scope: Scope) -> VisitOut:
    """A visit with its findings, and whether the caller may draft an order for one in some sector."""
    waiting = any(one.order_id is None for one in visit.findings)
    first, last = area_range(visit.area_code)
    may = any(
        grant.role in actions.ORDERS and grant.area_from <= last and grant.area_to >= first for grant in scope.grants
    )
    return VisitOut(
        **{name: getattr(visit, name) for name in _SAME_VISIT},
        findings=tuple(TourFindingOut.model_validate(one) for one in visit.findings),
        actions=("order",) if waiting and may else (),
    )


def show_coverage(covered: Coverage, _: Scope) -> CoverageOut:
    """How far a tour has come."""
    return CoverageOut(
        planned=covered.planned, visited=covered.visited, share=None if covered.share is None else str(covered.share),
        visits=covered.visits, findings=covered.findings, ordered=covered.ordered,
        left=tuple(TourBodyOut.model_validate(one) for one in covered.left),
    )  # fmt: skip


@routes.post(
    "",
    status_code=201,
    response_model=TourOut,
    summary="安排巡查 Plan an inspection tour",
    responses=refuses(rules.TourWrong, actions.EvaluationWrong, IdTaken),
)
async def plan(body: PlanTourIn, door: Write) -> Response:
    """The areas of one level or the posts of one kind are to be visited between two days ([P] 2018 规定: inspection
    tours are one of the five forms of assessment). Who they are is fixed now, so that coverage means something."""
    new = body.entered()
    return await door.perform(lambda tx: actions.plan_tour(tx, new), show, show_again=store.find_tour)


@routes.get("", response_model=PageOut[TourOut], summary="巡查列表 List inspection tours")
async def list_tours(
    door: Read, asked: Asked, state: TourState | None = None, area_code: AreaCode | None = None
) -> Response:
    """Inspection tours within your scope, the newest first."""

    async def find(tx: Tx) -> Page[Tour]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_tours(tx, state=state, areas=within), keys=store.ORDER, asked=asked,
            load=lambda row: load(Tour, row), fingerprint=["inspection-tours", state, area_code],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{tour_id}", response_model=TourOut, summary="巡查详情 One inspection tour")
async def get_tour(tour_id: UUID, door: Read) -> Response:
    """One inspection tour by its id."""
    return await door.look(lambda tx: store.find_tour(tx, tour_id), show)


@routes.get("/{tour_id}/coverage", response_model=CoverageOut, summary="巡查覆盖率 The coverage of a tour")
async def get_coverage(tour_id: UUID, door: Read) -> Response:
    """How many of the planned bodies were visited, who is left, what was found and how much of it has an order."""
    return await door.look(lambda tx: actions.coverage_of(tx, tour_id), show_coverage)


@routes.post(
    "/{tour_id}/conclude",
    response_model=TourOut,
    summary="结束巡查 Conclude a tour",
    responses=refuses(rules.TourCannotMove),
)
async def conclude(tour_id: UUID, body: ConcludeTourIn, door: Change) -> Response:
    """It is over, also where bodies are left; the event says how many were visited."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.conclude_tour(tx, tour_id, expected, body.conclusion), show, show_again=store.find_tour
    )


@visit_routes.post(
    "",
    status_code=201,
    response_model=VisitOut,
    summary="登记走访 Record a visit",
    responses=refuses(NotFound, rules.TourCannotMove, rules.TourWrong, rules.OwnBodyNotVisited),
)
async def record(body: VisitIn, door: Write) -> Response:
    """A post of another body was there, and what it found; the visited body sees it ([DEF])."""
    new = body.entered()
    return await door.perform(lambda tx: actions.record_visit(tx, new), show_visit, show_again=store.find_visit)


@visit_routes.get("", response_model=PageOut[VisitOut], summary="走访列表 List visits")
async def list_visits(door: Read, asked: Asked, tour_id: UUID | None = None, body: Body | None = None) -> Response:
    """Visits within your scope, the latest first: of one tour, or of one body."""
    return await door.look(
        lambda tx: page(
            tx, store.list_visits(tx, tour_id=tour_id, body_key=body), keys=store.VISIT_ORDER, asked=asked,
            load=lambda row: load(Visit, row), fingerprint=["tour-visits", str(tour_id), body],
        ),
        listed(show_visit),
    )  # fmt: skip


@visit_routes.get("/{visit_id}", response_model=VisitOut, summary="走访详情 One visit")
async def get_visit(visit_id: UUID, door: Read) -> Response:
    """One visit by its id."""
    return await door.look(lambda tx: store.find_visit(tx, visit_id), show_visit)


@visit_routes.post(
    "/{visit_id}/order",
    response_model=VisitOut,
    summary="问题交办 Draft an order for a finding",
    responses=refuses(RoleMissing, rules.TourWrong, rules.FindingAlreadyOrdered, actions.OrderIncomplete),
)
async def order(visit_id: UUID, body: OrderFindingIn, door: Change) -> Response:
    """A task is drafted for one finding, once; it is issued, served and inspected as any other order."""
    expected, new = door.expected_version, body.entered()
    return await door.perform(
        lambda tx: actions.order_finding(tx, visit_id, expected, new), show_visit, show_again=store.find_visit
    )
