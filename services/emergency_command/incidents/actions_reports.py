"""Situation reports: their clocks follow the incident's facts; each report tells who was told, and how late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import Due, due_at
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.contracts.emergency_command import SituationReported, SituationReportLate
from services.emergency_command.copies import store as copies
from services.emergency_command.dispatch.actions import told_at
from services.emergency_command.incidents import rules_reminders, rules_reports, store, store_parts
from services.emergency_command.incidents.actions_facts import facts_of
from services.emergency_command.incidents.policies import REPORTS
from services.emergency_command.incidents.rules import Incident
from services.emergency_command.incidents.rules_reports import Circumstances, ReportClock, ReportRule

REPORTERS = ("call_taker", "commander", "duty_officer")
"""Who enters that a report was made; for the firm, whoever took its call."""
_SUPPLEMENT = "supplement"
_GRACE = timedelta(minutes=1)
_MOST_SHOWN = 100


async def report(
    tx: Tx, incident_id: UUID, expected: int | None, *, key: str, told: str, at: datetime | None
) -> Incident:
    """A situation report was made: which clock it stops, who was told, when. A late one is taken all the same.

    Raises RoleMissing (403), NotFound for a clock that does not run, ReportNotOwed (409), ReportBeforeItsClock (422).
    """
    incident = await store.lock_incident(tx, incident_id)
    tx.caller.require(*REPORTERS, area_code=incident.area_code, sectors=incident.sectors)
    require_version(incident, expected)
    clock = await _owed(tx, incident, key)
    made = rules_reports.make(clock, at=told_at(tx, at), told=told)
    await store_parts.change_clocks(tx, incident.id, [made])
    event = SituationReported(
        incident=facts_of(incident), clock=key, told=told, seconds_late=rules_reports.late_seconds(made, tx.now),
        by=made.by, to=made.to, due_at=made.due_at,
    )  # fmt: skip
    written = await store.record_incident(tx, incident, event)
    await follow(tx, written)
    return written


async def follow(tx: Tx, incident: Incident) -> None:
    """Start the clocks that should run and do not yet; void or readdress those that the circumstances changed."""
    clocks = (await store_parts.clocks_of(tx, [incident.id])).get(incident.id, ())
    now = circumstances(incident)
    changed = {clock.key: clock for clock in rules_reports.revise(REPORTS, now, clocks)}
    await store_parts.change_clocks(tx, incident.id, changed.values())
    standing = [changed.get(clock.key, clock) if _is_owed(clock) else clock for clock in clocks]
    calendar = await copies.city_calendar(tx)

    def reckon(start: datetime, rule: ReportRule) -> Due:
        return due_at(start, rule, calendar)

    started = rules_reports.start(REPORTS, now, _facts(incident), standing, reckon)
    await store_parts.add_clocks(tx, incident.id, started)


async def window_ends(tx: Tx, incident: Incident) -> datetime:
    """Until when a change of harm regrades: the end of the window for supplementary reports ([S] SO 493 Art 13)."""
    clocks = (await store_parts.clocks_of(tx, [incident.id])).get(incident.id, ())
    return next(clock.due_at for clock in clocks if clock.key == _SUPPLEMENT and not clock.void_reason)


async def clocks_of(tx: Tx, incident_ids: Collection[UUID]) -> dict[UUID, Sequence[ReportClock]]:
    """The report clocks of some incidents, for another slice of this service."""
    return dict(await store_parts.clocks_of(tx, incident_ids))


async def chase_late(tx: Tx, now: datetime, limit: int) -> int:
    """Tell of up to `limit` reports that are late and were never told of. Returns how many."""
    late = await store_parts.lock_late_clocks(tx, now, limit)
    known = await store.find_incidents(tx, {incident_id for _, incident_id, _ in late})
    for row, incident_id, clock in late:
        incident = known[incident_id]
        reminder = rules_reminders.remind(incident, clock, reminder_id=new_id(), now=now)
        event = SituationReportLate(
            incident_id=incident_id, incident=facts_of(incident), clock=clock.key, by=clock.by, to=clock.to,
            due_at=clock.due_at,
        )  # fmt: skip
        await store.add_reminder(tx, reminder, event)
        await store_parts.note_reminded(tx, row, now)
    return len(late)


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Incidents with a late report of which nobody was told: for the watchdog."""
    return await store_parts.list_late(tx, now - _GRACE, _MOST_SHOWN)


async def _owed(tx: Tx, incident: Incident, key: str) -> ReportClock:
    """The clock of this report that counts: the one that is not void, else the last that was."""
    clocks = [one for one in (await store_parts.clocks_of(tx, [incident.id])).get(incident.id, ()) if one.key == key]
    if not clocks:
        raise NotFound("report_clocks", key)
    return next((clock for clock in clocks if not clock.void_reason), clocks[-1])


def _is_owed(clock: ReportClock) -> bool:
    return rules_reports.state(clock) == "owed"


def circumstances(incident: Incident) -> Circumstances:
    """What decides which reports an incident owes."""
    return Circumstances(
        kind=incident.kind, production_related=incident.production_related, level_ordinal=incident.level_ordinal,
        level_since_at=incident.level_since_at,
    )  # fmt: skip


def _facts(incident: Incident) -> dict[str, datetime]:
    known = {
        "clock_zero": incident.clock_zero_at, "occurred": incident.occurred_at,
        "unit_learned": incident.unit_learned_at,
    }  # fmt: skip
    return {name: at for name, at in known.items() if at is not None}
