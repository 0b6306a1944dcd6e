"""What hazards hear: accepted and disputed reports, and the facts of their orders."""

from __future__ import annotations

from typing import Any

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts import orders as order_work
from libs.contracts import responsibility_registry as registry
from libs.contracts.event import Heard
from libs.contracts.public_reporting import ReportAccepted, ReportDisputed
from services.risk_grading.hazards import actions_follow, actions_register
from services.risk_grading.hazards.actions_follow import OrderTold
from services.risk_grading.hazards.actions_register import Accepted
from services.risk_grading.hazards.rules import Place
from services.risk_grading.hazards.rules_rounds import OrderFact

_PRESSES, _RECTIFIED = "supervision_notice", "rectified"


async def on_report_accepted(event: Heard[ReportAccepted], tx: Tx) -> None:
    """A danger was reported and taken on."""
    report = event.data
    place = None if report.place is None else Place(lon=report.place.lon, lat=report.place.lat)
    taken_on = Accepted(
        report_id=event.aggregate_id, area_code=event.area_code, sectors=event.sectors, exercise=event.exercise,
        correlation_id=event.correlation_id, category=report.category, words=report.summary, place=place,
        place_words=report.place_words, life_at_risk=report.life_at_risk, findings=report.findings,
    )  # fmt: skip
    await actions_register.register_accepted(tx, taken_on)


async def on_report_disputed(event: Heard[ReportDisputed], tx: Tx) -> None:
    """Whoever reported says that it is not fixed."""
    await actions_follow.follow_reporters_dispute(tx, event.data.hazard_ids, event.data.words, event.correlation_id)


async def on_order_issued(event: Heard[Any], tx: Tx) -> None:
    """An order for the hazard is there: drafted, without a post as yet, or out."""
    await _follow(event, tx, OrderFact.ISSUED)


async def on_order_rectified(event: Heard[registry.OrderRectified], tx: Tx) -> None:
    """The responsible side says done."""
    await _follow(event, tx, OrderFact.RECTIFIED)


async def on_order_inspection_failed(event: Heard[registry.OrderInspectionFailed], tx: Tx) -> None:
    """Inspected and not good enough, or disputed before closure."""
    await _follow(event, tx, OrderFact.INSPECTION_FAILED, event.data.reason)


async def on_order_closed(event: Heard[registry.OrderClosed], tx: Tx) -> None:
    """Inspected by another post, and gone."""
    await _follow(event, tx, OrderFact.CLOSED)


async def on_order_withdrawn(event: Heard[registry.OrderWithdrawn], tx: Tx) -> None:
    """The order ended without rectification."""
    await _follow(event, tx, OrderFact.WITHDRAWN, event.data.reason)


async def on_order_due_moved(event: Heard[Any], tx: Tx) -> None:
    """The order was extended, paused, or brought forward."""
    order = _told(event, event.data.reason)
    if order is not None:
        await actions_follow.follow_due(tx, order)


async def on_order_merged(event: Heard[registry.OrderMerged], tx: Tx) -> None:
    """The order ended in another one."""
    order = _told(event)
    if order is not None:
        await actions_follow.follow_merged_order(tx, order, event.data.into)


async def on_order_moved(event: Heard[registry.OrderMoved], tx: Tx) -> None:
    """The order of a merged hazard goes on for the survivor."""
    order = _told(event)
    if order is not None:
        rectified = event.data.order.state == _RECTIFIED
        await actions_follow.follow_moved_order(tx, order, event.data.from_hazard_id, rectified=rectified)


async def on_dispute_decided(event: Heard[registry.OrderDisputeDecided], tx: Tx) -> None:
    """A dispute reached an order that was closed already."""
    order = _told(event, event.data.words)
    if order is not None:
        await actions_follow.follow_decided_dispute(tx, order)


async def _follow(event: Heard[Any], tx: Tx, fact: OrderFact, words: str = "") -> None:
    order = _told(event, words)
    if order is not None:
        await actions_follow.follow_order(tx, fact, order)


def _told(event: Heard[Any], words: str = "") -> OrderTold | None:
    """The order in the words of the verbs; None for one about no hazard, or that presses another order."""
    order: registry.OrderFacts = event.data.order
    if order.hazard_id is None or order.kind == _PRESSES:
        return None
    return OrderTold(
        heard=event.type, hazard_id=order.hazard_id, order_id=event.aggregate_id, due_at=order.due_at,
        at=event.occurred_at, hands=order.hands, words=words,
    )  # fmt: skip


LISTENS = (
    on(ReportAccepted, on_report_accepted),
    on(ReportDisputed, on_report_disputed),
    on(registry.OrderDrafted, on_order_issued),
    on(registry.OrderUnassigned, on_order_issued),
    on(registry.OrderIssued, on_order_issued),
    on(registry.OrderAssigned, on_order_issued),
    on(registry.OrderRectified, on_order_rectified),
    on(registry.OrderInspectionFailed, on_order_inspection_failed),
    on(registry.OrderClosed, on_order_closed),
    on(registry.OrderWithdrawn, on_order_withdrawn),
    on(registry.OrderExtended, on_order_due_moved),
    on(registry.OrderBroughtForward, on_order_due_moved),
    on(registry.OrderDueRecounted, on_order_due_moved),
    on(order_work.OrderPaused, on_order_due_moved),
    on(order_work.OrderResumed, on_order_due_moved),
    on(registry.OrderMerged, on_order_merged),
    on(registry.OrderMoved, on_order_moved),
    on(registry.OrderDisputeDecided, on_dispute_decided),
)
