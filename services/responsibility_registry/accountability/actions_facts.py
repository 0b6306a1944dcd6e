"""What is heard becomes facts: incidents that count and harm, and what posts did about hazards on site.

Counting is a sweep and no part of hearing: two facts that are heard at once would each count without the other. The
sweep counts one after the other, and sees all that was heard before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.contracts.emergency_command import IncidentFacts
from services.responsibility_registry.accountability import (
    rules_linked,
    rules_proposals,
    rules_triggers,
    store,
    store_resting,
)
from services.responsibility_registry.accountability.actions_cases import case_for
from services.responsibility_registry.accountability.actions_linked import propose_linked
from services.responsibility_registry.accountability.actions_object import named_object
from services.responsibility_registry.accountability.actions_proposals import facts_with, look_again, propose
from services.responsibility_registry.accountability.policies import FACTS, LINKED, TRIGGERS
from services.responsibility_registry.accountability.rules_entries import Act
from services.responsibility_registry.accountability.rules_facts import Noted, as_fact, harmed
from services.responsibility_registry.accountability.rules_triggers import Outcome
from services.responsibility_registry.copies import store as copies


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """What the envelope of an event says of its aggregate."""

    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID


async def note_incident(tx: Tx, incident_id: UUID, version: int, incident: IncidentFacts, where: Where) -> None:
    """Keep an incident as it is known now; harm opens a case at once, as of the incident's clock zero."""
    hurt = incident.casualties
    noted = await store.note(
        tx,
        Noted(
            id=incident_id, incident_version=version, number=incident.number, kind=incident.kind,
            area_code=where.area_code, sectors=where.sectors, exercise=where.exercise,
            correlation_id=where.correlation_id, object_id=incident.risk_object_id, level_ordinal=incident.ordinal,
            production_related=incident.production_related == "yes", at=incident.clock_zero_at, heard_at=tx.now,
            people_harmed=harmed(dead=hurt.dead, missing=hurt.missing, serious=hurt.serious, minor=hurt.minor),
        ),
    )  # fmt: skip
    await case_for(tx, noted, trigger_id=None)


async def note_acts(tx: Tx, event_id: UUID, area_code: str, acts: Sequence[Act]) -> None:
    """Keep what a post did on site."""
    await store.add_acts(tx, event_id, area_code, acts)


async def note_enforced(tx: Tx, noted: Sequence[Noted]) -> None:
    """Keep enforcement facts as they stand now; those that some trigger counts wait for the sweep."""
    async with tx.system("accountability:enforced"):
        await store_resting.note_enforced(tx, [replace(one, pending=_waits(one)) for one in noted])


def _waits(noted: Noted) -> bool:
    """A decision that no trigger counts is on record and is not waited for; one that was taken back may have been
    counted before."""
    fact, named = as_fact(noted, FACTS), noted.firm_id is not None or noted.object_id is not None
    linked = named and bool(rules_linked.asking(fact.kind, LINKED))
    changed = noted.void or noted.incident_version > 1
    return changed or linked or rules_triggers.counts_at_all(fact, TRIGGERS)


async def count_facts(tx: Tx, limit: int) -> int:
    """Count the facts that wait, and those whose risk object has become known; each as it is known now, once."""
    awaited = await store.awaited_objects(tx, limit)
    if awaited and (known := await copies.find_objects(tx, awaited)):
        await store.count_again(tx, list(known))
    waiting = await store.lock_pending(tx, limit)
    for noted in waiting:
        await _count(tx, noted)
    return len(waiting)


async def uncounted(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Facts that nobody counted in five minutes: for the watchdog."""
    return await store.ids_uncounted(tx, now - timedelta(minutes=5))


async def _count(tx: Tx, heard: Noted) -> None:
    if heard.void:
        await store.counted(tx, replace(heard, outcomes=()))
        await look_again(tx, heard)
        return
    noted = heard if heard.enforced else await _with_firm(tx, heard)
    fact = as_fact(noted, FACTS)
    around, truncated = await facts_with(tx, fact)
    outcomes = rules_triggers.evaluate(fact, around.values(), TRIGGERS, CITY_ZONE, evaluated=noted.marks)
    corrected = noted.enforced and bool(noted.marks)
    if rules_triggers.mark_of(fact) not in noted.marks:
        shown = tuple(_shown(outcome) | {"truncated": truncated} for outcome in outcomes)
        noted = replace(noted, marks=(*noted.marks, rules_triggers.mark_of(fact)), outcomes=shown)
    await store.counted(tx, noted)
    await propose(tx, outcomes, fact, noted, around)
    if corrected:
        await look_again(tx, noted)
    await propose_linked(tx, noted)


async def _with_firm(tx: Tx, noted: Noted) -> Noted:
    """The firm by its code, or by its name where it has none; a landlord or a department is no firm, and another
    county's object names none."""
    named = await named_object(tx, noted.object_id, noted.area_code)
    known = named.known
    if known is None or known.entity_kind not in FACTS.firm_kinds:
        # An object of another county is known, and not waited for.
        return replace(noted, firm_id=None, firm_name="", object_known=named.foreign or known is not None)
    return replace(
        noted, firm_id=known.entity_code or known.entity_name, firm_name=known.entity_name, object_known=True
    )


def _shown(outcome: Outcome) -> dict[str, Any]:
    """How a trigger stands with a fact, met or not, and why."""
    zh, en = rules_proposals.why(outcome)
    return {
        "trigger": outcome.trigger.id, "zh": outcome.trigger.zh, "en": outcome.trigger.en, "met": outcome.met,
        "why_zh": zh, "why_en": en, "subject": outcome.subject_id, "source": outcome.trigger.source,
    }  # fmt: skip
