"""What evaluations hear: hazards, reports and incidents. The registry's own facts are read from its own timeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts import emergency_command as incidents
from libs.contracts import public_reporting as reports
from libs.contracts import risk_grading as hazards
from libs.contracts.event import Heard
from services.responsibility_registry.evaluations import actions_facts as actions
from services.responsibility_registry.evaluations.rules_facts import Fact, FactKind


async def on_hazard_found(event: Heard[Any], tx: Tx) -> None:
    """Somebody stood there and confirmed it."""
    at = event.data.verified_at
    await actions.begin_fact(tx, event, FactKind.HAZARD, at, lambda fact: _hazard(fact, event))


async def on_hazard_fixed_at_once(event: Heard[hazards.HazardFixedAtOnce], tx: Tx) -> None:
    """Found and removed on the spot."""
    at = event.data.verified_at
    await actions.begin_fact(tx, event, FactKind.HAZARD, at, lambda fact: actions.done(_hazard(fact, event), at))


async def on_hazard_closed(event: Heard[hazards.HazardClosed], tx: Tx) -> None:
    """The danger is gone."""
    at = event.occurred_at
    await actions.change_fact(tx, event, FactKind.HAZARD, lambda fact: actions.done(_hazard(fact, event), at))


async def on_hazard_reopened(event: Heard[hazards.HazardReopened], tx: Tx) -> None:
    """It is back, or was never gone."""
    at = event.occurred_at
    await actions.change_fact(
        tx, event, FactKind.HAZARD, lambda fact: replace(_hazard(fact, event), done_at=None, reopened_at=at)
    )


async def on_hazard_regraded(event: Heard[hazards.HazardRegraded], tx: Tx) -> None:
    """Major from now on, or ordinary."""
    await actions.change_fact(tx, event, FactKind.HAZARD, lambda fact: _hazard(fact, event))


async def on_hazard_gone(event: Heard[Any], tx: Tx) -> None:
    """Dismissed, or the same as another: it counts for nobody."""
    await actions.change_fact(tx, event, FactKind.HAZARD, lambda fact: replace(fact, void=True))


async def on_report_received(event: Heard[reports.ReportReceived], tx: Tx) -> None:
    """Somebody told the city, and waits for an answer."""
    data = event.data
    await actions.begin_fact(
        tx, event, FactKind.REPORT, data.received_at,
        lambda fact: replace(fact, tag=data.category, due_at=data.due_first_answer_at),
    )  # fmt: skip


async def on_report_accepted(event: Heard[reports.ReportAccepted], tx: Tx) -> None:
    """Triage says what it is and whose: it counts there."""
    category = event.data.category
    await actions.change_fact(tx, event, FactKind.REPORT, lambda fact: replace(fact, tag=category))


async def on_report_answered(event: Heard[reports.ReportAnswered], tx: Tx) -> None:
    """The first answer stops the clock."""
    waited = timedelta(seconds=event.data.seconds_from_receipt)
    if event.data.first:
        await actions.change_fact(tx, event, FactKind.REPORT, lambda fact: actions.done(fact, fact.at + waited))


async def on_report_disputed(event: Heard[reports.ReportDisputed], tx: Tx) -> None:
    """The reporter says that it is not fixed."""
    at = event.occurred_at
    await actions.change_fact(tx, event, FactKind.REPORT, lambda fact: replace(fact, reopened_at=at))


async def on_incident_told(event: Heard[Any], tx: Tx) -> None:
    """Opened, regraded, changed or closed: the incident as it is now."""
    told: incidents.IncidentFacts = event.data.incident
    await actions.begin_fact(
        tx, event, FactKind.INCIDENT, told.clock_zero_at,
        lambda fact: replace(fact, tag=told.kind, ordinal=told.ordinal, at=told.clock_zero_at),
    )  # fmt: skip


def _hazard(fact: Fact, event: Heard[Any]) -> Fact:
    return replace(fact, tag="major" if event.data.hazard.is_major else "ordinary")


_INCIDENT_TOLD = (
    incidents.IncidentOpened, incidents.IncidentUpdated, incidents.IncidentRegraded, incidents.IncidentControlled,
    incidents.IncidentClosed,
)  # fmt: skip
LISTENS = (
    on(hazards.HazardVerified, on_hazard_found),
    on(hazards.HazardBeingFixed, on_hazard_found),
    on(hazards.HazardFixedAtOnce, on_hazard_fixed_at_once),
    on(hazards.HazardClosed, on_hazard_closed),
    on(hazards.HazardReopened, on_hazard_reopened),
    on(hazards.HazardRegraded, on_hazard_regraded),
    on(hazards.HazardDismissed, on_hazard_gone),
    on(hazards.HazardMerged, on_hazard_gone),
    on(reports.ReportReceived, on_report_received),
    on(reports.ReportAccepted, on_report_accepted),
    on(reports.ReportAnswered, on_report_answered),
    on(reports.ReportDisputed, on_report_disputed),
    *(on(one, on_incident_told) for one in _INCIDENT_TOLD),
)
