"""What orders and reporters tell hazards, for the tests beside."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from libs.contracts import responsibility_registry as registry
from libs.contracts.event import Event
from libs.contracts.public_reporting import ReportDisputed
from services.risk_grading.hazards import listen
from services.risk_grading.hazards.rules import Hazard
from tests.risk_grading.village import (
    PHOTO,
    Village,
    finding,
    heard,
    order_of,
)

HANDLERS = {listener.event: listener.handle for listener in listen.LISTENS}
ORDER = UUID(int=41)
EARLIER = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 10, 26, 2, 30, tzinfo=UTC)


def said(fact: type[Event], hazard_id: UUID, /, **changed: Any) -> Event:
    more = {
        registry.OrderDrafted: {"missing": ("funds",)},
        registry.OrderUnassigned: {"gap": "没有岗位"},
        registry.OrderIssued: {"issued_at": NOW},
        registry.OrderRectified: {"evidence": (PHOTO,), "rectified_at": NOW},
        registry.OrderInspectionFailed: {"reason": "仍有飞线"},
        registry.OrderClosed: {"closed_at": NOW, "on_time": False},
        registry.OrderWithdrawn: {"reason": "对象有误"},
        registry.OrderExtended: {"reason": "雨季"},
        registry.OrderBroughtForward: {"reason": "提级"},
        registry.OrderMerged: {"into": UUID(int=42)},
        registry.OrderAssigned: {"unassigned_seconds": 60},
        registry.OrderDisputeDecided: {"words": "又在充电"},
    }[fact]
    return fact(order=order_of(hazard_id, **changed), **more)


async def tell(village: Village, hazard_id: UUID, *facts: type[Event], order: UUID = ORDER, **says: Any) -> None:
    for fact in facts:
        event = heard(said(fact, hazard_id, **says), about=order, at=NOW)
        await village.hear(event, HANDLERS[fact])


async def in_work(village: Village) -> Hazard:
    hazard = await village.reported(findings=[finding()])
    await tell(village, hazard.id, registry.OrderIssued)
    return await village.hazard(hazard.id)


async def closed_by_order(village: Village) -> Hazard:
    hazard = await in_work(village)
    await tell(village, hazard.id, registry.OrderRectified, registry.OrderClosed)
    return await village.hazard(hazard.id)


async def dispute(village: Village, *hazard_ids: UUID) -> None:
    event = heard(ReportDisputed(words="楼梯口又停满了", hazard_ids=hazard_ids))
    await village.hear(event, listen.on_report_disputed)


async def move(village: Village, gone: UUID, kept: UUID, **says: Any) -> None:
    event = registry.OrderMoved(order=order_of(kept, **says), from_hazard_id=gone)
    await village.hear(heard(event, about=ORDER), listen.on_order_moved)


async def noted(village: Village) -> int:
    asked = "SELECT count(*) FROM timeline WHERE event_type = 'risk_grading.hazard.noted.v1'"
    return int(await village.superuser.fetchval(asked))
