"""All SQL about what hangs on an incident: its signs, its report clocks, its regrades, and the asked-for review.

These rows have no version of their own; their row security follows the incident's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from libs.common.aggregates import dump, load, selected
from libs.common.db import Tx
from libs.common.ids import new_id
from services.emergency_command.incidents.model import (
    incident_signs,
    incidents,
    regrades,
    report_clocks,
    review_requests,
    team_shortages,
)
from services.emergency_command.incidents.rules import Regrade
from services.emergency_command.incidents.rules_reports import ReportClock
from services.emergency_command.incidents.rules_signs import Sign

MOST_OF_ONE = 500
"""So many parts of each kind are shown with one incident."""
_MOST_KINDS = 1_000


async def add_signs(tx: Tx, incident_id: UUID, signs: Collection[Sign]) -> None:
    """Write alarms as signs of an incident."""
    rows = [dump(incident_signs, sign) | {"incident_id": incident_id} for sign in signs]
    if rows:
        await tx.execute(incident_signs.insert(), rows)


async def leave(tx: Tx, incident_id: UUID, alarm_id: UUID, at: datetime) -> None:
    """An alarm was split off: it stays on record as one that had been a sign."""
    of_both = (incident_signs.c.incident_id == incident_id, incident_signs.c.alarm_id == alarm_id)
    await tx.execute(incident_signs.update().where(*of_both).values(left_at=at))


async def signs_of(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Sign]]:
    """The signs of some incidents, the first received first."""
    ordered = select(incident_signs).order_by(incident_signs.c.received_at, incident_signs.c.alarm_id)
    return _grouped(await tx.all(_of(ordered, incident_signs.c.incident_id, ids)), Sign)


async def kinds_of(tx: Tx, incident_id: UUID) -> Sequence[str]:
    """Every kind that a sign of the incident has, however many signs there are; not of those that left."""
    of_one = (incident_signs.c.incident_id == incident_id, incident_signs.c.left_at.is_(None))
    asked = select(incident_signs.c.kind).distinct().where(*of_one).order_by(incident_signs.c.kind)
    return [row["kind"] for row in await tx.all(asked.limit(_MOST_KINDS))]


async def last_signs(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """When each incident last gave a sign: an alarm, or a report that was made."""
    signs = select(incident_signs.c.incident_id, incident_signs.c.sign_at.label("at")).where(
        incident_signs.c.incident_id.in_(ids), incident_signs.c.left_at.is_(None)
    )
    made = select(report_clocks.c.incident_id, report_clocks.c.done_at.label("at")).where(
        report_clocks.c.incident_id.in_(ids), report_clocks.c.done_at.is_not(None)
    )
    both = signs.union_all(made).subquery()
    asked = select(both.c.incident_id, func.max(both.c.at).label("at")).group_by(both.c.incident_id)
    return {row["incident_id"]: row["at"] for row in await tx.all(asked)}


async def add_clocks(tx: Tx, incident_id: UUID, clocks: Collection[ReportClock]) -> None:
    """Write report clocks that start now."""
    rows = [dump(report_clocks, clock) | {"id": new_id(), "incident_id": incident_id} for clock in clocks]
    if rows:
        await tx.execute(report_clocks.insert(), rows)


async def change_clocks(tx: Tx, incident_id: UUID, clocks: Collection[ReportClock]) -> None:
    """Write what became of clocks that were owed; at most one of a key is not void."""
    for clock in clocks:
        live = (report_clocks.c.incident_id == incident_id, report_clocks.c.key == clock.key)
        changed = report_clocks.update().where(*live, report_clocks.c.void_reason == "")
        await tx.execute(changed.values(dump(report_clocks, clock)))


async def recount_clock(tx: Tx, incident_id: UUID, clock: ReportClock, now: datetime) -> None:
    """Write what a provisional clock was counted to; one that is not late any more is told of when it is again."""
    live = (report_clocks.c.incident_id == incident_id, report_clocks.c.key == clock.key)
    not_late = {"reminded_at": None} if clock.due_at > now else {}
    changed = report_clocks.update().where(*live, report_clocks.c.void_reason == "")
    await tx.execute(changed.values(dump(report_clocks, clock) | not_late))


async def clocks_of(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, Sequence[ReportClock]]:
    """The report clocks of some incidents, void ones too, by their due times."""
    ordered = select(report_clocks).order_by(report_clocks.c.due_at, report_clocks.c.key)
    return _grouped(await tx.all(_of(ordered, report_clocks.c.incident_id, ids)), ReportClock)


async def lock_late_clocks(tx: Tx, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID, ReportClock]]:
    """(row, incident, clock) of reports that are late and that nobody was told of; others' rows are skipped.

    Locked with their incidents, which verbs lock first: what is told of a clock refers to its incident.
    """
    both = selected(incidents, tx.scope).join(report_clocks, report_clocks.c.incident_id == incidents.c.id)
    late = _first_late(both.with_only_columns(*report_clocks.c), now, limit)
    rows = await tx.all(late.with_for_update(of=(report_clocks, incidents), skip_locked=True))
    return [(row["id"], row["incident_id"], load(ReportClock, row)) for row in rows]


async def list_late(tx: Tx, due_before: datetime, limit: int) -> Sequence[UUID]:
    """Incidents with a report that is late and that nobody was told of."""
    return [row["incident_id"] for row in await tx.all(_first_late(select(report_clocks), due_before, limit))]


def _first_late(clocks: Select[Any], due_before: datetime, limit: int) -> Select[Any]:
    late = clocks.where(
        report_clocks.c.due_at < due_before, report_clocks.c.done_at.is_(None), report_clocks.c.void_reason == "",
        report_clocks.c.window.is_(False), report_clocks.c.reminded_at.is_(None),
    )  # fmt: skip
    return late.order_by(report_clocks.c.due_at).limit(limit)


async def note_reminded(tx: Tx, clock_id: UUID, at: datetime) -> None:
    """Somebody was told that this report is late."""
    await tx.execute(report_clocks.update().where(report_clocks.c.id == clock_id).values(reminded_at=at))


async def add_regrade(tx: Tx, incident_id: UUID, version: int, regrade: Regrade) -> None:
    """Write why the level is what it is since this version."""
    row = dump(regrades, regrade) | {"incident_id": incident_id, "version": version}
    await tx.execute(regrades.insert().values(row))


async def regrades_of(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Regrade]]:
    """The regrades of some incidents, the first first."""
    ordered = select(regrades).order_by(regrades.c.version)
    return _grouped(await tx.all(_of(ordered, regrades.c.incident_id, ids)), Regrade)


async def set_shortage(tx: Tx, incident_id: UUID, short: Collection[tuple[str, int]], at: datetime) -> None:
    """Write what nobody is free for; nothing takes the shortage away."""
    if not short:
        await tx.execute(team_shortages.delete().where(team_shortages.c.incident_id == incident_id))
        return
    needs = [{"capability": capability, "teams": teams} for capability, teams in short]
    added = insert(team_shortages).values(incident_id=incident_id, needs=needs, since=at, tried_at=at)
    kept = {"needs": added.excluded.needs, "tried_at": added.excluded.tried_at}
    await tx.execute(added.on_conflict_do_update(index_elements=[team_shortages.c.incident_id], set_=kept))


async def shortages_of(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, Sequence[tuple[str, int]]]:
    """What nobody is free for, by incident."""
    rows = await tx.all(select(team_shortages).where(team_shortages.c.incident_id.in_(ids)))
    return {row["incident_id"]: [(need["capability"], need["teams"]) for need in row["needs"]] for row in rows}


async def request_review(tx: Tx, incident_id: UUID, at: datetime) -> None:
    """The incident has ended: its review is to be opened."""
    await tx.execute(review_requests.insert().values(incident_id=incident_id, asked_at=at))


async def take_review_requests(tx: Tx, limit: int) -> Sequence[UUID]:
    """Incidents whose review is to be opened by this transaction; others' rows are skipped."""
    waiting = select(review_requests.c.incident_id).order_by(review_requests.c.asked_at).limit(limit)
    taken = [row["incident_id"] for row in await tx.all(waiting.with_for_update(skip_locked=True))]
    if taken:
        await tx.execute(review_requests.delete().where(review_requests.c.incident_id.in_(taken)))
    return taken


async def list_requested(tx: Tx, asked_before: datetime, limit: int) -> Sequence[UUID]:
    """Incidents whose review was asked for before an instant and is not open yet."""
    waiting = select(review_requests.c.incident_id).where(review_requests.c.asked_at < asked_before)
    return [row["incident_id"] for row in await tx.all(waiting.order_by(review_requests.c.asked_at).limit(limit))]


def _of(ordered: Any, column: Any, ids: Collection[UUID]) -> Any:
    return ordered.where(column.in_(ids)).limit(MOST_OF_ONE * max(1, len(ids)))


def _grouped(rows: Sequence[Any], cls: type[Any]) -> Mapping[UUID, Sequence[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["incident_id"], []).append(load(cls, row))
    return found
