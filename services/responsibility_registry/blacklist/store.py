"""All SQL about the blacklist. What is not published is read by who inspects, leads or audits, and by the firm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_

from libs.common.aggregates import load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.blacklist.model import entries
from services.responsibility_registry.blacklist.rules_kept import LIVE, PUBLISHED, Entry, EntryState

READS = ("inspector", "leader", "auditor")
"""Who reads proposals: to all others, also within their area, they do not exist."""
_SOLE_TRADERS = "92%"


def reading(scope: Scope) -> Scope:
    """The scope without the grants that do not let their holder read entries; the firm still sees its own."""
    return replace(scope, grants=tuple(grant for grant in scope.grants if grant.role in READS))


async def find_entry(tx: Tx, entry_id: UUID) -> Entry:
    """One entry, for whoever reads entries there; NotFound otherwise."""
    row = await tx.one_or_none(selected(entries, reading(tx.scope)).where(entries.c.id == entry_id))
    if row is None:
        raise NotFound("blacklist_entries", entry_id)
    return load(Entry, row)


async def lock_entry(tx: Tx, entry_id: UUID) -> Entry:
    """The same, locked. The version is asked for after the right."""
    await find_entry(tx, entry_id)
    return await lock(tx, entries, Entry, entry_id)


async def live_entry(tx: Tx, firm_id: UUID) -> Entry | None:
    """The firm's entry that is not over; under a system scope."""
    asked = selected(entries, tx.scope).where(entries.c.firm_id == firm_id, entries.c.state.in_(LIVE))
    row = await tx.one_or_none(asked)
    return None if row is None else load(Entry, row)


async def record_entry(
    tx: Tx, entry: Entry, event: Event, *, why: str, parts: Sequence[tuple[UUID, str]] = ()
) -> Entry:
    """Write the entry's next version with its event."""
    version = f"firm_credit-{entry.pack_number}"
    return await record(tx, entries, entry, event, why=why, policy_version=version, parts=parts)


async def lock_over(tx: Tx, now: datetime, limit: int) -> Sequence[Entry]:
    """Entries whose period is over by now, locked, the earliest first."""
    over = _over(tx.scope, now).limit(limit).with_for_update(of=entries, skip_locked=True)
    return [load(Entry, row) for row in await tx.all(over)]


async def ids_over(tx: Tx, since: datetime) -> Sequence[UUID]:
    """Entries whose period has been over for longer than a sweep takes: for the watchdog."""
    over = _over(tx.scope, since).with_only_columns(entries.c.id, entries.c.ends_at)
    return [row["id"] for row in await tx.all(over.limit(20))]


def _over(scope: Scope, now: datetime) -> Select[Any]:
    over = (entries.c.state == EntryState.LISTED, entries.c.ends_at <= now)
    return selected(entries, scope).where(*over).order_by(entries.c.ends_at, entries.c.id)


def list_entries(
    scope: Scope, *, areas: Sequence[tuple[str, str]] | None, state: EntryState | None, firm_id: UUID | None
) -> Select[Any]:
    """Entries that the caller reads, filtered; the door pages through them."""
    asked = selected(entries, reading(scope))
    if areas is not None:
        asked = asked.where(in_ranges(entries, areas))
    if state is not None:
        asked = asked.where(entries.c.state == state)
    return asked if firm_id is None else asked.where(entries.c.firm_id == firm_id)


def list_published(scope: Scope, now: datetime) -> Select[Any]:
    """Who is on the blacklist, and who came off it in the days of its terms; never a sole trader, whose name is a
    person's. Under the public's system scope."""
    shown_days = entries.c.terms["removal_shown_days"].as_integer()
    lately = entries.c.ended_at + func.make_interval(0, 0, 0, shown_days) > now
    shown = or_(entries.c.state == EntryState.LISTED, and_(entries.c.state.in_(PUBLISHED), lately))
    no_person = ~entries.c.credit_code.like(_SOLE_TRADERS)
    return selected(entries, scope).where(entries.c.listed_at.is_not(None), shown, no_person)


ORDER: Sequence[Key] = ((entries.c.proposed_at, "desc"), (entries.c.id, "desc"))
PUBLISHED_ORDER: Sequence[Key] = ((entries.c.listed_at, "desc"), (entries.c.id, "desc"))
