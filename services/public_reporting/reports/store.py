"""All SQL about reports; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import cast, literal

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_range
from libs.contracts.event import Event
from services.public_reporting.reports.model import reports
from services.public_reporting.reports.rules import IntakePolicy, Place, Report, ReportState
from services.public_reporting.reports.rules_findings import UNKNOWN_CATEGORY

_METRES_PER_DEGREE = 111_000.0
MOST_AT_ONCE = 1000
"""So many ids come with one read; nobody who reported is passed over because many did."""


async def find_report(tx: Tx, report_id: UUID) -> Report:
    """The report within the scope; NotFound otherwise."""
    return await find(tx, reports, Report, report_id)


async def lock_report(tx: Tx, report_id: UUID) -> Report:
    """The report, locked; NotFound otherwise. The version is asked for after the role."""
    return await lock(tx, reports, Report, report_id)


async def find_tracked(tx: Tx, tracking_hash: str) -> Report:
    """The report behind a tracking code; the door that is open to the public asks under a system scope."""
    row = await tx.one_or_none(selected(reports, tx.scope).where(reports.c.tracking_hash == tracking_hash))
    if row is None:
        raise NotFound("tracking", "code")
    return load(Report, row)


async def record_report(tx: Tx, report: Report, event: Event, *, why: str = "") -> Report:
    """Write the report's next version with its event."""
    return await record(tx, reports, report, event, why=why, policy_version=report.intake_version)


def list_reports(
    tx: Tx, *, state: ReportState | None = None, category: str | None = None, area: tuple[str, str] | None = None
) -> Select[tuple[object, ...]]:
    """The reports within the scope, filtered; the door pages through them."""
    statement = selected(reports, tx.scope)
    if state is not None:
        statement = statement.where(reports.c.state == state)
    if category is not None:
        statement = statement.where(reports.c.category == category)
    if area is not None:
        statement = statement.where(in_range(reports, area))
    return statement


async def ids_due_to_close(tx: Tx, fixed_before: datetime, limit: int) -> Sequence[UUID]:
    """Settled reports whose days to dispute are over; each is re-checked under its own lock."""
    settled = [ReportState.FIXED, ReportState.UNFOUNDED]
    due = (
        selected(reports, tx.scope)
        .with_only_columns(reports.c.id)
        .where(reports.c.state.in_(settled), reports.c.fixed_at <= fixed_before)
        .order_by(reports.c.fixed_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=reports)
    )
    return [row["id"] for row in await tx.all(due)]


async def ids_untold(tx: Tx, limit: int) -> Sequence[UUID]:
    """Reports that ended since the reporter was last told a result."""
    settled = [ReportState.FIXED, ReportState.UNFOUNDED]
    untold = or_(reports.c.result_told_at.is_(None), reports.c.result_told_at < reports.c.fixed_at)
    ended = (
        selected(reports, tx.scope)
        .with_only_columns(reports.c.id)
        .where(reports.c.state.in_(settled), reports.c.fixed_at.is_not(None), untold)
        .order_by(reports.c.fixed_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=reports)
    )
    return [row["id"] for row in await tx.all(ended)]


async def ids_following(tx: Tx, hazard_id: UUID, report_ids: Iterable[UUID]) -> Sequence[UUID]:
    """Every report that a hazard's event concerns, by id: those it names, and those that follow it already."""
    following = reports.c.hazards.contains(cast(literal([{"hazard_id": str(hazard_id)}], JSONB), JSONB))
    named = reports.c.id.in_(list(report_ids))
    concerned = selected(reports, tx.scope).with_only_columns(reports.c.id).where(named | following)
    found: list[UUID] = []
    while True:
        asked = concerned.where(reports.c.id > found[-1]) if found else concerned
        block = [row["id"] for row in await tx.all(asked.order_by(reports.c.id).limit(MOST_AT_ONCE))]
        found += block
        if len(block) < MOST_AT_ONCE:
            return found


async def list_near(tx: Tx, report: Report, intake: IntakePolicy, since: datetime) -> Sequence[Report]:
    """Earlier reports of the same category or of none in a box around the place; the rule decides which are alike."""
    if report.place is None:
        return []
    west, east, south, north = _box(report.place, intake.duplicate_metres)
    lon = reports.c.place["lon"].as_float()
    lat = reports.c.place["lat"].as_float()
    unknown = report.category == UNKNOWN_CATEGORY
    near = selected(reports, tx.scope).where(
        true() if unknown else reports.c.category.in_([report.category, UNKNOWN_CATEGORY]),
        reports.c.received_at >= since,
        lon.between(west, east),
        lat.between(south, north),
        reports.c.id != report.id,
    )
    return [load(Report, row) for row in await tx.all(near.order_by(reports.c.received_at.desc()).limit(20))]


def _box(place: Place, metres: float) -> tuple[float, float, float, float]:
    # Wider than needed by longitude at high latitudes; the rule measures exactly.
    margin = metres / _METRES_PER_DEGREE * 2
    return place.lon - margin, place.lon + margin, place.lat - margin, place.lat + margin


ORDER: Sequence[Key] = ((reports.c.received_at, "desc"), (reports.c.id, "desc"))
"""The newest first."""
