"""The verbs of inspection tours: plan, record a visit, draft an order for a finding, conclude; and the coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts import inspection_tours as told
from services.responsibility_registry.classification.actions import unknown_categories
from services.responsibility_registry.evaluations.actions import belongs, bodies_among
from services.responsibility_registry.evaluations.rules import BodyKind, EvaluationWrong
from services.responsibility_registry.evaluations.rules_scores import Body
from services.responsibility_registry.inspection_tours import rules, store
from services.responsibility_registry.inspection_tours.rules import (
    Coverage,
    Finding,
    Planned,
    Tour,
    TourState,
    TourWrong,
    Visit,
)
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.rules import OrderIncomplete, OrderKind

__all__ = [
    "KEEPS", "ORDERS", "BodyKind", "EvaluationWrong", "NewOrder", "NewTour", "NewVisit", "OrderIncomplete",
    "conclude_tour", "coverage_of", "order_finding", "plan_tour", "record_visit",
]  # fmt: skip
KEEPS = ("auditor", "leader")
"""Who plans and concludes a tour, and records visits."""
_SAME = ("key", "zh", "en", "area_code", "post_id")
ORDERS = orders.ISSUES
"""Who drafts an order for a finding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTour:
    """Whom to visit when."""

    name: str
    area_code: str
    body_kind: BodyKind
    among: str
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVisit:
    """What was seen where; findings as (category, words), in their order."""

    tour_id: UUID
    body: str
    visited_at: datetime
    words: str
    evidence: tuple[UUID, ...]
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrder:
    """The order for one finding; its area lies in the body's."""

    finding: int
    entity: str
    area_code: str
    sectors: tuple[str, ...]
    major: bool


async def plan_tour(tx: Tx, new: NewTour) -> Tour:
    """Who is to be visited is fixed now. Raises TourWrong, EvaluationWrong (422)."""
    tx.caller.require_every(*KEEPS, area_code=new.area_code, sectors=())
    rules.check_days(new.first_day, new.last_day)
    found = await bodies_among(tx, new.area_code, new.body_kind, new.among)
    bodies = tuple(Planned(**{name: getattr(one, name) for name in _SAME}) for one in found)
    tour = Tour(
        id=new_id(), version=0, area_code=new.area_code, sectors=(), exercise=False, correlation_id=new_id(),
        name=new.name, body_kind=new.body_kind, among=new.among, bodies=bodies, first_day=new.first_day,
        last_day=new.last_day, state=TourState.RUNNING, planned_at=tx.now, planned_by=tx.caller.acting_post(),
    )  # fmt: skip
    event = told.TourPlanned(
        name=tour.name, bodies=tuple(one.key for one in bodies), first_day=tour.first_day, last_day=tour.last_day
    )
    return await store.record_tour(tx, tour, event)


async def record_visit(tx: Tx, new: NewVisit) -> Visit:
    """A post of another body was there. Raises TourCannotMove, OwnBodyNotVisited (409), TourWrong (422)."""
    # Locked, so that no visit is added to a tour that is concluded meanwhile.
    tour = await store.lock_tour(tx, new.tour_id)
    tx.caller.require(*KEEPS, area_code=tour.area_code, sectors=())
    body, own = rules.body_of(tour, new.body), tx.caller.acting_post()
    begins = datetime.combine(tour.first_day, time(), CITY_ZONE)
    rules.check_visit(tour, new.visited_at, begins, tx.now)
    if await belongs(tx, own, Body(**{name: getattr(body, name) for name in _SAME})):
        raise rules.OwnBodyNotVisited
    _check_categories(new)
    visit = Visit(
        id=new_id(), version=0, area_code=body.area_code, sectors=(), exercise=False,
        correlation_id=tour.correlation_id, tour_id=tour.id, body_key=body.key, visited_at=new.visited_at,
        by_post=own, words=new.words, evidence=new.evidence,
        findings=tuple(
            Finding(number=number, category=category, words=words)
            for number, (category, words) in enumerate(new.findings, start=1)
        ),
    )  # fmt: skip
    event = told.VisitRecorded(
        tour_id=tour.id, body=body.key, visited_at=visit.visited_at, by_post=own, evidence=visit.evidence,
        findings=tuple(
            told.FindingFacts(number=one.number, category=one.category, words=one.words) for one in visit.findings
        ),
    )  # fmt: skip
    return await store.record_visit(tx, visit, event, why=visit.words)


async def order_finding(tx: Tx, visit_id: UUID, expected: int | None, new: NewOrder) -> Visit:
    """Draft a task for a finding; who issues orders there for these sectors does it, and it goes on as any order.

    Raises FindingAlreadyOrdered (409), TourWrong, OrderIncomplete (422).
    """
    visit = await store.lock_visit(tx, visit_id)
    tx.caller.require_every(*orders.ISSUES, area_code=new.area_code, sectors=new.sectors)
    require_version(visit, expected)
    finding = rules.require_unordered(visit, new.finding)
    first, last = area_range(visit.area_code)
    if not first <= new.area_code <= last:
        said = ("须在被巡查对象的区划内。", "an area of the visited body")
        raise TourWrong(("/area_code", "elsewhere", said))
    order = await orders.draft_order(
        tx,
        orders.Drafted(
            kind=OrderKind.TASK, category=finding.category, words=finding.words, entity=new.entity,
            area_code=new.area_code, sectors=new.sectors, object_id=None, major=new.major, exercise=False,
        ),
    )  # fmt: skip
    after = rules.order_finding(visit, finding.number, order.id)
    event = told.FindingOrdered(tour_id=visit.tour_id, body=visit.body_key, number=finding.number, order_id=order.id)
    return await store.record_visit(tx, after, event)


async def conclude_tour(tx: Tx, tour_id: UUID, expected: int | None, words: str) -> Tour:
    """Over, also where bodies are left: the event says how many. Raises TourCannotMove (409)."""
    tour = await store.lock_tour(tx, tour_id)
    tx.caller.require(*KEEPS, area_code=tour.area_code, sectors=())
    require_version(tour, expected)
    after = rules.conclude(tour, words=words, now=tx.now)
    covered = await _coverage(tx, tour)
    event = told.TourConcluded(
        planned=covered.planned, visited=covered.visited, findings=covered.findings, conclusion=words
    )
    return await store.record_tour(tx, after, event, why=words)


async def coverage_of(tx: Tx, tour_id: UUID) -> Coverage:
    """How many of the planned bodies were visited, and who is left; NotFound (404) outside the scope."""
    return await _coverage(tx, await store.find_tour(tx, tour_id))


async def _coverage(tx: Tx, tour: Tour) -> Coverage:
    async with tx.system("inspection tours:coverage"):
        return rules.coverage(tour.bodies, await store.seen_of(tx, tour.id))


def _check_categories(new: NewVisit) -> None:
    faults = [
        (f"/findings/{number}/category", code, said)
        for number, (category, _) in enumerate(new.findings)
        for _, code, said in unknown_categories([category])
    ]
    if faults:
        raise TourWrong(*faults)
