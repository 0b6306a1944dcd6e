"""What orders hear: the facts of hazards, and what reporters dispute."""

from __future__ import annotations

from typing import Any

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts import risk_grading as hazards
from libs.contracts.event import Heard
from libs.contracts.public_reporting import ReportDisputed
from services.responsibility_registry.orders import actions_hazards as actions


async def on_hazard_verified(event: Heard[hazards.HazardVerified], tx: Tx) -> None:
    """A verified hazard within a limit is somebody's to rectify; what is fixed on the spot needs no order."""
    if event.data.hazard.handling == "fix_at_once":
        return
    await actions.order_for_hazard(
        tx, event.aggregate_id, event.data.hazard, area_code=event.area_code, sectors=event.sectors,
        exercise=event.exercise, correlation_id=event.correlation_id,
    )  # fmt: skip


async def on_hazard_reopened(event: Heard[hazards.HazardReopened], tx: Tx) -> None:
    """A new round needs a new order, linked to the one before."""
    await actions.reopen_for_hazard(tx, event.aggregate_id, event.data.hazard)


async def on_hazard_regraded(event: Heard[hazards.HazardRegraded], tx: Tx) -> None:
    """Raised to major, the order is due sooner; lowered, nothing moves."""
    if event.data.raised:
        await actions.raise_for_hazard(tx, event.aggregate_id, event.data.reason)


async def on_hazard_merged(event: Heard[hazards.HazardMerged], tx: Tx) -> None:
    """One danger, one order."""
    await actions.merge_for_hazard(tx, event.aggregate_id, event.data.into)


async def on_hazard_gone(event: Heard[Any], tx: Tx) -> None:
    """Dismissed, or fixed at once: there is nothing to order any more."""
    reason = getattr(event.data, "reason", "fixed on the spot")
    await actions.withdraw_for_hazard(tx, event.aggregate_id, reason)


async def on_report_disputed(event: Heard[ReportDisputed], tx: Tx) -> None:
    """A reporter says that it is not fixed: decided under the lock of each hazard's order."""
    for hazard_id in sorted(event.data.hazard_ids):
        await actions.dispute_of_hazard(tx, hazard_id, event.data.words, event.occurred_at)


LISTENS = (
    on(hazards.HazardVerified, on_hazard_verified),
    on(hazards.HazardReopened, on_hazard_reopened),
    on(hazards.HazardRegraded, on_hazard_regraded),
    on(hazards.HazardMerged, on_hazard_merged),
    on(hazards.HazardDismissed, on_hazard_gone),
    on(hazards.HazardFixedAtOnce, on_hazard_gone),
    on(ReportDisputed, on_report_disputed),
)
