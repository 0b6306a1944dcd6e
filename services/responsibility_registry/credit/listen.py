"""What credit hears: major hazards, those that came back, and accidents of production."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts import emergency_command as incidents
from libs.contracts import risk_grading as hazards
from libs.contracts.event import Heard
from services.responsibility_registry.credit import actions_facts as actions
from services.responsibility_registry.credit.rules_facts import CreditFactKind, ToldFact


async def on_hazard_verified(event: Heard[Any], tx: Tx) -> None:
    """Somebody stood there: a major hazard counts."""
    found: hazards.HazardFacts = event.data.hazard
    if found.is_major and not event.exercise:
        told = _told(event, CreditFactKind.MAJOR_HAZARD, event.aggregate_id, event.occurred_at, found.risk_object_id)
        await actions.count(tx, told, event.aggregate_version)


async def on_hazard_regraded(event: Heard[hazards.HazardRegraded], tx: Tx) -> None:
    """Raised to major it counts, lowered to ordinary no more."""
    if event.data.hazard.is_major:
        await on_hazard_verified(event, tx)
    else:
        await on_hazard_gone(event, tx)


async def on_hazard_gone(event: Heard[Any], tx: Tx) -> None:
    """Dismissed, or the same as another: it counts for nobody."""
    await actions.uncount(tx, CreditFactKind.MAJOR_HAZARD, event.aggregate_id, event.type, event.aggregate_version)


async def on_hazard_reopened(event: Heard[hazards.HazardReopened], tx: Tx) -> None:
    """It is back, or was never gone: each time counts."""
    if not event.exercise:
        about = event.data.hazard.risk_object_id
        told = _told(event, CreditFactKind.HAZARD_RECURRED, event.id, event.occurred_at, about, tag=event.data.cause)
        await actions.count(tx, told)


async def on_incident_told(event: Heard[Any], tx: Tx) -> None:
    """A closed incident that was of production counts at its level, as that is known now."""
    told: incidents.IncidentFacts = event.data.incident
    if event.exercise or told.state != "closed":
        return
    if told.production_related == "yes":
        at = told.occurred_at or told.clock_zero_at
        fact = _told(event, CreditFactKind.ACCIDENT, event.aggregate_id, at, told.risk_object_id, tag=told.kind)
        await actions.count(tx, replace(fact, ordinal=told.ordinal), event.aggregate_version)
    else:
        await actions.uncount(tx, CreditFactKind.ACCIDENT, event.aggregate_id, event.type, event.aggregate_version)


def _told(
    event: Heard[Any], kind: CreditFactKind, source_id: UUID, at: datetime, object_id: UUID | None, tag: str = ""
) -> ToldFact:
    return ToldFact(
        kind=kind, source_id=source_id, at=at, area_code=event.area_code, sectors=event.sectors,
        correlation_id=event.correlation_id, object_id=object_id, tag=tag,
    )  # fmt: skip


LISTENS = (
    on(hazards.HazardVerified, on_hazard_verified),
    on(hazards.HazardRegraded, on_hazard_regraded),
    on(hazards.HazardDismissed, on_hazard_gone),
    on(hazards.HazardMerged, on_hazard_gone),
    on(hazards.HazardReopened, on_hazard_reopened),
    on(incidents.IncidentClosed, on_incident_told),
    on(incidents.IncidentUpdated, on_incident_told),
    on(incidents.IncidentRegraded, on_incident_told),
)
