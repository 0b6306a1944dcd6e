"""The registry's own facts about firms, read from its timeline behind the writers: orders, letters, measures.

Of orders only rectification notices count: they are served on the entity itself, while a task binds a department.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.db import Tx
from libs.contracts import accountability as measures
from libs.contracts import letters
from libs.contracts import responsibility_registry as registry
from libs.contracts.event import Heard
from services.responsibility_registry.credit.actions_facts import count, uncount
from services.responsibility_registry.credit.rules_facts import CreditFactKind, ToldFact
from services.responsibility_registry.evaluations import actions_own as timeline
from services.responsibility_registry.evaluations.actions_own import Handle

_NAME = "credit_facts"


async def gather_credit_facts(tx: Tx, limit: int) -> int:
    """Take what the registry told since the last time; returns how many rows were read."""
    return await timeline.read_own(tx, _NAME, OWN, limit)


async def ungathered(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Rows of the timeline that nobody took in ten minutes: for the watchdog."""
    del now
    return await timeline.unread_own(tx, _NAME)


async def _order_closed(event: Heard[registry.OrderClosed], tx: Tx) -> None:
    """Put right and closed by another post, in time or not."""
    data = event.data
    if _binds_a_firm(data.order):
        tag = "on_time" if data.on_time else "late"
        await _count(
            event, tx, _of_order(event, CreditFactKind.ORDER_CLOSED, event.aggregate_id, data.closed_at, tag)
        )


async def _order_escalated(event: Heard[registry.OrderEscalated], tx: Tx) -> None:
    """Overdue and a step up: once an order, however far it goes."""
    if _binds_a_firm(event.data.order):
        told = _of_order(event, CreditFactKind.ORDER_OVERDUE, event.aggregate_id, event.occurred_at, event.data.step)
        await _count(event, tx, told)


async def _inspection_failed(event: Heard[registry.OrderInspectionFailed], tx: Tx) -> None:
    """Said to be done, and not good enough: each round of an order counts."""
    if _binds_a_firm(event.data.order):
        await _count(event, tx, _of_order(event, CreditFactKind.INSPECTION_FAILED, event.id, event.occurred_at, ""))


async def _order_ended(event: Heard[Any], tx: Tx) -> None:
    """Merged or withdrawn: that it was overdue counts for nobody."""
    await uncount(tx, CreditFactKind.ORDER_OVERDUE, event.aggregate_id, event.type)


async def _letter_answered(event: Heard[Any], tx: Tx) -> None:
    """Signed by the firm that it binds, or returned unsigned."""
    state: letters.LetterTold = event.data.state
    if state.entity_party_id is not None:
        told = _told(event, CreditFactKind.LETTER, event.aggregate_id, event.occurred_at)
        await _count(event, tx, replace(told, party_id=state.entity_party_id, tag=state.state))


async def _measure_decided(event: Heard[measures.MeasureDecided], tx: Tx) -> None:
    """Its authority decided a measure on a firm: it counts while it lasts."""
    one = event.data.measure
    if event.data.accepted and one.subject_kind == "firm":
        told = _told(event, CreditFactKind.MEASURE, event.aggregate_id, one.starts_at or event.occurred_at)
        named = replace(told, credit_code=one.subject_id, name=one.subject_name, tag=one.kind, ends_at=one.ends_at)
        await _count(event, tx, replace(named, authority=one.authority), event.aggregate_version)


async def _measure_revoked(event: Heard[measures.MeasureRevoked], tx: Tx) -> None:
    """Taken back by its authority."""
    await uncount(tx, CreditFactKind.MEASURE, event.aggregate_id, event.data.words, event.aggregate_version)


async def _count(event: Heard[Any], tx: Tx, fact: ToldFact, version: int = 1) -> None:
    """An exercise never counts."""
    if not event.exercise:
        await count(tx, fact, version)


def _binds_a_firm(order: registry.OrderFacts) -> bool:
    return order.kind == "rectification_notice" and order.risk_object_id is not None


def _of_order(event: Heard[Any], kind: CreditFactKind, source_id: UUID, at: datetime, tag: str) -> ToldFact:
    order: registry.OrderFacts = event.data.order
    return replace(_told(event, kind, source_id, at), object_id=order.risk_object_id, tag=tag)


def _told(event: Heard[Any], kind: CreditFactKind, source_id: UUID, at: datetime) -> ToldFact:
    return ToldFact(
        kind=kind, source_id=source_id, at=at, area_code=event.area_code, sectors=event.sectors,
        correlation_id=event.correlation_id,
    )  # fmt: skip


OWN: Mapping[str, Handle] = {
    registry.OrderClosed.type: _order_closed,
    registry.OrderEscalated.type: _order_escalated,
    registry.OrderInspectionFailed.type: _inspection_failed,
    registry.OrderMerged.type: _order_ended,
    registry.OrderWithdrawn.type: _order_ended,
    letters.LetterSigned.type: _letter_answered,
    letters.LetterReturned.type: _letter_answered,
    measures.MeasureDecided.type: _measure_decided,
    measures.MeasureRevoked.type: _measure_revoked,
}
