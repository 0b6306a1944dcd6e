"""The audit's search over many rows, asked as the app role: an index serves each filter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from libs.common.clocks import system_now
from libs.common.db import Database
from libs.common.scope import Grant, Scope
from libs.common.statements import bound
from libs.common.timeline_search import Place, Sought, search
from tests.cluster import Cluster
from tests.common.plumbed import Plumbed, plumbed_database

ROWS = 60_000
_FILL = f"""INSERT INTO timeline (id, recorded_at, occurred_at, service, event_type, aggregate_id, aggregate_version,
    actor_subject, actor_post, client_id, area_code, sectors, exercise, correlation_id, commitment, changed_in)
  SELECT md5('row' || i)::uuid, now() - make_interval(secs => i * 20), now(), 'risk_grading',
    'risk_grading.' || (ARRAY['hazard', 'assessment', 'risk_object', 'warning'])[1 + i % 4] || '.changed.v1',
    md5('thing' || i / 4)::uuid, 1, 'subject-' || i % 997, CASE WHEN i % 3 = 0 THEN md5('post' || i % 251)::uuid END,
    'client-' || i % 29, '331002' || lpad((i % 20)::text, 3, '0') || lpad((i % 300)::text, 3, '0'),
    CASE i % 10 WHEN 0 THEN '{{}}' ELSE ARRAY[(ARRAY['fire', 'gas', 'housing'])[1 + i % 3]] END, i % 50 = 0,
    md5('case' || i / 8)::uuid, sha256('x'), '3'
  FROM generate_series(1, {ROWS}) AS i"""
FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "actor_subject": {"actor_subject": "subject-77"},
    "actor_subject unknown": {"actor_subject": "nobody"},
    "actor_post": {"actor_post": "post"},
    "client_id": {"client_id": "client-7"},
    "event_type": {"event_type": "risk_grading.warning.changed.v1"},
    "event_type unknown": {"event_type": "risk_grading.alarm"},
    "noun": {"noun": "hazard"},
    "aggregate_id": {"aggregate_id": "thing"},
    "when": {"recorded_from": -30, "recorded_to": -29},
    "area": {"area_code": "331002004000"},
    "village": {"area_code": "331002004204"},
    "sector": {"sector": "gas"},
    "trace": {"correlation_id": "case"},
    "exercise": {"exercise": True},
    "several": {"noun": "hazard", "area_code": "331002004000", "recorded_from": -10, "sector": "fire"},
}


@pytest.fixture(scope="module")
async def filled(cluster: Cluster) -> AsyncIterator[Plumbed]:
    async with plumbed_database(cluster) as plumbed:
        await plumbed.superuser.execute(f"SET session_replication_role = replica; {_FILL}; ANALYZE timeline")
        yield plumbed


def auditor(role: str, low: str = "331002000000", high: str = "331002999999") -> Scope:
    grant = Grant(area_from=low, area_to=high, sectors=None, role=role)
    return Scope(subject="wang", client_id="audit", grants=(grant,))


CALLERS = {
    "county": auditor("auditor"),
    "township": auditor("auditor", "331002004000", "331002004999"),
    "everything": auditor("audit_administrator", "0" * 12, "9" * 12),
    "wide county": auditor("audit_administrator"),
}


async def sought_in(superuser: asyncpg.Connection, given: dict[str, Any]) -> Sought:
    """The filter with ids and times that are there."""
    ids = {"post": "post12", "thing": "thing500", "case": "case250"}
    values = dict(given)
    for name, value in given.items():
        if name.startswith("recorded"):
            values[name] = system_now() + timedelta(days=value)
        elif value in ids:
            values[name] = await superuser.fetchval("SELECT md5($1)::uuid", ids[value])
    return Sought(**values)


def scans(plan: dict[str, Any]) -> list[str]:
    own = [plan["Node Type"]] if plan.get("Relation Name") == "timeline" else []
    return own + [one for inner in plan.get("Plans", ()) for one in scans(inner)]


@pytest.mark.parametrize("name", FILTERS)
async def test_each_filter_is_served_by_an_index(filled: Plumbed, name: str) -> None:
    sought, found = await sought_in(filled.superuser, FILTERS[name]), dict[str, list[str]]()
    place = Place(recorded_at=system_now() - timedelta(days=20), id=UUID(int=1))
    for who, scope in CALLERS.items():
        for before in (None, place):
            found[f"{who} {before is not None}"] = await plan_of(filled.app, scope, sought, before)
    assert {who: nodes for who, nodes in found.items() if "Seq Scan" in nodes} == {}
    assert all(found.values())


async def plan_of(door: Database, scope: Scope, sought: Sought, before: Place | None) -> list[str]:
    """How the search itself is done, by its own statement and values."""

    class Spied:
        """The transaction, which keeps what it was asked for."""

        def __init__(self, tx: Any) -> None:
            self._tx = tx

        def __getattr__(self, name: str) -> Any:
            return getattr(self._tx, name)

        async def all(self, said: Any, values: dict[str, Any]) -> list[Any]:
            sql, bound_values = bound(said, values)
            row = await self._tx.ask(f"EXPLAIN (FORMAT JSON) {sql}", *bound_values)
            plans.append(row[0])
            return []

    plans: list[Any] = []
    async with door.unit_of_work(scope) as tx:
        assert await search(Spied(tx), sought, limit=51, before=before) == []  # type: ignore[arg-type]
    [[plan]] = plans
    return scans(plan["Plan"])
