"""All SQL about traces on demand. As cases, they are read by those who audit or lead alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import load, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.liability_traces.model import liability_traces as table
from services.responsibility_registry.liability_traces.rules import LiabilityTrace, TraceAbout

READS = ("auditor", "leader")
"""Who makes and reads traces: to all others, also within their area, they do not exist."""


def reading(scope: Scope) -> Scope:
    """The scope without the grants that do not let their holder read traces."""
    return replace(scope, grants=tuple(grant for grant in scope.grants if grant.role in READS))


async def find(tx: Tx, trace_id: UUID) -> LiabilityTrace | None:
    """The trace, for whoever reads traces there."""
    row = await tx.one_or_none(selected(table, reading(tx.scope)).where(table.c.id == trace_id))
    return None if row is None else load(LiabilityTrace, row)


async def record_trace(tx: Tx, made: LiabilityTrace, event: Event, *, why: str) -> LiabilityTrace:
    """Keep it, with its event; it is never changed."""
    return await record(tx, table, made, event, why=why, policy_version=made.policy_version)


def list_traces(
    scope: Scope, *, kind: TraceAbout | None, about_id: UUID | None, areas: Sequence[tuple[str, str]] | None
) -> Select[Any]:
    """Traces that the caller reads, filtered; the door pages through them."""
    asked = selected(table, reading(scope))
    if kind is not None:
        asked = asked.where(table.c.about_kind == kind)
    if about_id is not None:
        asked = asked.where(table.c.about_id == about_id)
    if areas is not None:
        asked = asked.where(in_ranges(table, areas))
    return asked


ORDER: Sequence[Key] = ((table.c.made_at, "desc"), (table.c.id, "desc"))
