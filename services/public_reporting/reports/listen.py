"""What reports hear: the facts of the hazards that came of them."""

from __future__ import annotations

from typing import Any

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts import risk_grading as hazards
from libs.contracts.event import Heard
from services.public_reporting.reports import actions
from services.public_reporting.reports.rules import HazardStage


async def on_hazard_moved(event: Heard[Any], tx: Tx) -> None:
    """A hazard was registered, verified, rectified, closed or reopened."""
    stage = HazardStage(event.data.hazard.state)
    await actions.follow_hazard(tx, event.aggregate_id, stage, event.data.hazard.report_ids)


async def on_hazard_merged(event: Heard[hazards.HazardMerged], tx: Tx) -> None:
    """A hazard was merged: its reports follow the survivor."""
    stage = HazardStage(event.data.into_state or HazardStage.VERIFIED)
    await actions.follow_hazard(tx, event.aggregate_id, stage, event.data.hazard.report_ids, became=event.data.into)


LISTENS = (
    on(hazards.HazardRegistered, on_hazard_moved),
    on(hazards.HazardVerified, on_hazard_moved),
    on(hazards.HazardBeingFixed, on_hazard_moved),
    on(hazards.HazardOrderWithdrawn, on_hazard_moved),
    on(hazards.HazardFixedAtOnce, on_hazard_moved),
    on(hazards.HazardDismissed, on_hazard_moved),
    on(hazards.HazardRectifying, on_hazard_moved),
    on(hazards.HazardPendingReview, on_hazard_moved),
    on(hazards.HazardClosed, on_hazard_moved),
    on(hazards.HazardReopened, on_hazard_moved),
    on(hazards.HazardArchived, on_hazard_moved),
    on(hazards.HazardAbsorbed, on_hazard_moved),
    on(hazards.HazardMerged, on_hazard_merged),
)
