"""Rows of services that are not there, auditors, and what the gateway's own timeline says."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from libs.common.scope import Scope
from libs.common.timeline import TimelineRow, history
from tests.gateway.running import Running

SYSTEM = Scope.of_system("test")
COUNTY = {"area_from": "331002000000", "area_to": "331002999999"}


def row(service: str, minute: int, **fields: Any) -> dict[str, Any]:
    """A row as a service tells it."""
    instant = f"2026-10-12T11:{minute:02d}:00Z"
    return {
        "id": str(uuid4()), "recorded_at": instant, "occurred_at": instant, "service": service,
        "event_type": f"{service}.thing.happened.v1", "aggregate_id": str(uuid4()), "aggregate_version": 1,
        "actor_subject": "somebody", "actor_post": None, "client_id": "app", "area_code": "331002004208",
        "sectors": ["fire"], "exercise": False, "correlation_id": str(uuid4()), "causation_id": None,
        "details": {"n": 1}, "why": "", "erased_at": None, **fields,
    }  # fmt: skip


PROOF = {"canonical": "[]", "commitment": "00", "opening": None, "seal": None}


async def caller(gateway: Running, role: str = "auditor", **grant: Any) -> dict[str, str]:
    """The header of a new caller with one role over the county."""
    given = {"role": role, **COUNTY, **grant}
    if role == "audit_administrator":
        return await gateway.person(given)
    made = await gateway.register(grants=[given])
    return await gateway.bearer(made["client_id"], made["client_secret"])


async def own_rows(gateway: Running, aggregate_id: str | UUID) -> list[TimelineRow]:
    """The gateway's own rows about something."""
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        return await history(tx, UUID(str(aggregate_id)))


async def looks(gateway: Running, noun: str) -> list[TimelineRow]:
    """Every look at a noun, oldest first."""
    asked = text("SELECT DISTINCT aggregate_id FROM timeline WHERE event_type = :type LIMIT 500")
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        found = await tx.all(asked, {"type": f"gateway.{noun}.looked_into.v1"})
        rows = [row for one in found for row in await history(tx, one["aggregate_id"])]
    return sorted((row for row in rows if "looked_into" in row.event_type), key=lambda row: row.recorded_at)
