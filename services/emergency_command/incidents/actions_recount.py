"""Due times that were a guess: counted again once the working days of their year are announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from libs.common.calendars import BusinessCalendar
from libs.common.clocks import CITY_ZONE, Due, due_at
from libs.common.db import Tx
from libs.contracts.emergency_command import IncidentUpdated
from services.emergency_command.copies import store as copies
from services.emergency_command.incidents import rules_reports, store, store_parts
from services.emergency_command.incidents.actions_facts import facts_of
from services.emergency_command.incidents.actions_reports import circumstances
from services.emergency_command.incidents.policies import REPORTS
from services.emergency_command.incidents.rules import Incident
from services.emergency_command.incidents.rules_reports import ReportClock, ReportRule


async def recount_provisional(tx: Tx, limit: int) -> int:
    """Count again what is owed and provisional in years that are announced by now, of up to `limit` incidents.

    Once by each calendar: the announcement is the act, and each incident tells it once ([DEF]). Returns how many
    incidents were looked at.
    """
    calendar = await copies.city_calendar(tx)
    known_until = datetime.combine(calendar.announced_until + timedelta(days=1), time(), CITY_ZONE)
    waiting = await store.lock_provisional(tx, known_until, calendar.version, limit)
    for incident in waiting:
        await _recount(tx, incident, calendar)
    return len(waiting)


async def _recount(tx: Tx, incident: Incident, calendar: BusinessCalendar) -> None:
    def reckon(start: datetime, rule: ReportRule) -> Due:
        return due_at(start, rule, calendar)

    clocks = (await store_parts.clocks_of(tx, [incident.id])).get(incident.id, ())
    known: list[str] = []
    for clock in clocks:
        if not clock.provisional or rules_reports.state(clock) != "owed":
            continue
        counted = rules_reports.recount(REPORTS, circumstances(incident), clock, reckon)
        # Also what stays a guess: it waits for the next calendar, and not for the next sweep.
        counted = replace(counted, calendar_version=calendar.version)
        await store_parts.recount_clock(tx, incident.id, counted, tx.now)
        if not counted.provisional:
            known.append(_said(clock, counted))
    if known:
        event = IncidentUpdated(incident=facts_of(incident), what="recounted")
        await store.record_incident(tx, incident, event, why=f"{'; '.join(known)} ({calendar.version})")


def _said(before: ReportClock, after: ReportClock) -> str:
    first, then = (one.due_at.astimezone(CITY_ZONE).isoformat() for one in (before, after))
    return f"{after.key}: {first} -> {then}"
