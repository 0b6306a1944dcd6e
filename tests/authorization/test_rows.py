"""Row-level security behind every table: with no filter at all, and after a wider request on the same connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random

import asyncpg
import pytest

from infra.settings import APPS
from libs.common.db import Database
from libs.common.scope import Grant, Scope
from tests.authorization.callers import BY_SUBJECT, CITIZEN, COUNTY, OTHER, OTHER_COUNTY
from tests.authorization.conftest import Planted

SYSTEM = Scope.of_system("test")
ELSEWHERE = Scope(
    subject="elsewhere",
    grants=(Grant(area_from="339900000000", area_to="339999999999", sectors=None, role="inspector"),),
)
"""A county in which nothing is planted."""
KNOWN_TO_ALL = {"feed_events": "of_reference"}
"""Where reference data, which has no county that it is hidden from, lies beside cases: the column that says so."""
_PAIRS = 8
_GUARDED = """SELECT DISTINCT p.tablename FROM pg_policies p
  WHERE p.schemaname = $1 AND p.policyname = ANY ($2) AND p.cmd IN ('ALL', 'SELECT') ORDER BY 1"""


@pytest.fixture(scope="module")
async def catalogue(planted: Planted) -> AsyncIterator[asyncpg.Connection]:
    """The superuser's connection, for the list of tables."""
    connection = await asyncpg.connect(planted.database.superuser_url)
    yield connection
    await connection.close()


async def _tables(catalogue: asyncpg.Connection, app: str, *policies: str) -> list[str]:
    return [row[0] for row in await catalogue.fetch(_GUARDED, app, list(policies))]


async def _rows(doors: Database, scope: Scope, tables: Iterable[str]) -> dict[str, set[str]]:
    """What a statement finds in each table that forgot to ask for the scope, reference data aside; a row by its place
    on the disk."""
    found = dict[str, set[str]]()
    async with doors.unit_of_work(scope) as tx:
        for table in tables:
            which = f"WHERE NOT {KNOWN_TO_ALL[table]}" if table in KNOWN_TO_ALL else ""
            row = await tx.ask(f"SELECT array_agg(tableoid::text || ctid::text) AS places FROM {table} {which}")
            found[table] = set((row and row["places"]) or ())
    return found


@asynccontextmanager
async def _one_connection(planted: Planted, app: str) -> AsyncIterator[Database]:
    """The app role's doors over one single connection, so that everybody comes over the same."""
    doors = Database(planted.database.url(f"{app}_app"), service=app, pool_size=1)
    try:
        yield doors
    finally:
        await doors.close()


@pytest.mark.parametrize("app", APPS)
async def test_without_any_filter_who_belongs_elsewhere_finds_no_row_after_a_wide_request(
    planted: Planted, catalogue: asyncpg.Connection, app: str
) -> None:
    """Rows of cases, of children, of one subject each, and plumbing: none; planted is everything in one county."""
    tables = await _tables(catalogue, app, "seen", "own", "kept")
    async with _one_connection(planted, app) as doors:
        wide = await _rows(doors, SYSTEM, tables)
        assert sum(map(bool, wide.values())) >= 5, "there is something to be hidden"
        for stranger in (ELSEWHERE, BY_SUBJECT[f"inspector, {OTHER}"], BY_SUBJECT[CITIZEN]):
            found = await _rows(doors, stranger, tables)
            assert {table: len(rows) for table, rows in found.items() if rows} == {}, stranger.subject
        await _rows(doors, SYSTEM, tables)
        bare = await asyncpg.connect(planted.database.url(f"{app}_app"))
        assert [one for one in tables if await bare.fetchval(f"SELECT count(*) FROM {app}.{one}")] == []
        await bare.close()


@pytest.mark.parametrize("app", APPS)
async def test_grants_are_united_row_by_row_and_never_multiplied(
    planted: Planted, catalogue: asyncpg.Connection, app: str
) -> None:
    """Two grants together show what each shows alone, and not a row more: area of one and sector of another, none."""
    tables, lot = await _tables(catalogue, app, "seen"), Random(app)
    areas = (COUNTY, OTHER_COUNTY, ("331002004208", "331002004208"))
    sectors: tuple[tuple[str, ...] | None, ...] = (None, ("fire",), ("housing",), ("industry",), ("forestry",))
    roles = ("inspector", "call_taker", "auditor", "audit_administrator")
    async with _one_connection(planted, app) as doors:
        for _ in range(_PAIRS):
            pair = [
                Grant(area_from=area[0], area_to=area[1], sectors=lot.choice(sectors), role=lot.choice(roles))
                for area in (lot.choice(areas), lot.choice(areas))
            ]
            both, *alone = [
                await _rows(doors, Scope(subject="two-grants", grants=tuple(given)), tables)
                for given in (pair, pair[:1], pair[1:])
            ]
            assert both == {table: alone[0][table] | alone[1][table] for table in tables}, pair
