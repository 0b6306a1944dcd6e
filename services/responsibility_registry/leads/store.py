"""All SQL about leads. Seen by who takes part, and by who audits or leads there: to others there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_

from libs.common.aggregates import load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.parts import add_parts
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.leads.model import leads
from services.responsibility_registry.leads.rules import Lead, LeadState

READS = ("auditor", "leader")
"""Whose grants over the area show leads; any other role sees those alone in which it takes part."""


def reading(scope: Scope) -> Scope:
    """The scope without the grants that do not let their holder read leads."""
    return replace(scope, grants=tuple(grant for grant in scope.grants if grant.role in READS))


async def find_lead(tx: Tx, lead_id: UUID) -> Lead:
    """One lead, for whoever may know of it; NotFound otherwise."""
    row = await tx.one_or_none(selected(leads, reading(tx.scope)).where(leads.c.id == lead_id))
    if row is None:
        raise NotFound("leads", lead_id)
    return load(Lead, row)


async def lock_lead(tx: Tx, lead_id: UUID) -> Lead:
    """The same, locked. The version is asked for after the right."""
    await find_lead(tx, lead_id)
    return await lock(tx, leads, Lead, lead_id)


async def record_lead(
    tx: Tx, lead: Lead, event: Event, *, parts: Sequence[tuple[UUID, str]] = ()
) -> Lead:  # fmt: skip
    """Write the lead's next version with its event; what it says of people stays out of the timeline."""
    return await record(tx, leads, lead, event, policy_version=lead.policy_version, parts=parts)


async def let_in(tx: Tx, lead: Lead, posts: Sequence[UUID], part: str) -> None:
    """Posts that a body has got since take part, too; a repeat changes nothing."""
    await add_parts(tx, lead.id, [(post, part) for post in posts])


async def lock_missed(tx: Tx, now: datetime, limit: int) -> Sequence[Lead]:
    """Leads that should have been signed for by now and of which nobody was told, locked, the earliest first."""
    missed = _untold(tx.scope, now).limit(limit).with_for_update(of=leads, skip_locked=True)
    return [load(Lead, row) for row in await tx.all(missed)]


async def ids_untold(tx: Tx, missed_since: datetime, limit: int) -> Sequence[UUID]:
    """Leads that have been late for longer than a sweep takes, and of which nobody was told."""
    untold = _untold(tx.scope, missed_since).with_only_columns(leads.c.id, leads.c.receipt_due_at)
    return [row["id"] for row in await tx.all(untold.limit(limit))]


def _untold(scope: Scope, now: datetime) -> Select[Any]:
    waiting = (leads.c.state == LeadState.SENT, leads.c.missed_told_at.is_(None), leads.c.receipt_due_at <= now)
    return selected(leads, scope).where(*waiting).order_by(leads.c.receipt_due_at, leads.c.id)


def list_leads(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, state: LeadState | None, organization_id: UUID | None
) -> Select[Any]:
    """Leads that the caller may know of, filtered; of an organisation: those that it sent and that lie with it."""
    asked = selected(leads, reading(tx.scope))
    if state is not None:
        asked = asked.where(leads.c.state == state)
    if organization_id is not None:
        of_it = (leads.c.from_organization_id == organization_id, leads.c.to_organization_id == organization_id)
        asked = asked.where(or_(*of_it))
    return asked if areas is None else asked.where(in_ranges(leads, areas))


ORDER: Sequence[Key] = ((leads.c.sent_at, "desc"), (leads.c.id, "desc"))
