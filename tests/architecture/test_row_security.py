"""The second wall, read from the catalogue of a migrated database: no table without it, no role above it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from infra.database import Roles
from infra.settings import APPS
from tests.cluster import FreshDatabase

_SCHEMAS = list(APPS)
_SERVING = [role for app in APPS for role in (Roles(app).app, Roles(app).sealer)]
_OPEN = ["access_grants", "participants", "revoked_tokens"]
"""What a door reads before it knows the caller's scope, and what scopes themselves are made of."""

_TABLES = """SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relname, c.relispartition, c.relrowsecurity,
    c.relforcerowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'"""
_UNGUARDED = f"""SELECT name FROM ({_TABLES}) AS t WHERE NOT relrowsecurity OR NOT relforcerowsecurity
    OR NOT (relispartition OR EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = t.oid)) ORDER BY name"""
_OWNED = """SELECT r.rolname || ' owns ' || d.classid::regclass || ' ' || d.objid FROM pg_shdepend d
    JOIN pg_roles r ON r.oid = d.refobjid WHERE d.deptype = 'o' AND r.rolname = ANY ($1)"""
_ABOVE = """SELECT rolname FROM pg_roles WHERE rolname LIKE ANY ($1)
    AND (rolbypassrls OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication)
  UNION SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE ANY ($1)"""
_BEYOND = f"""SELECT r.rolname || ' may ' || p.privilege || ' ' || t.name
  FROM ({_TABLES}) AS t CROSS JOIN pg_roles r CROSS JOIN unnest($2::text[]) AS p(privilege)
  WHERE r.rolname = ANY ($3) AND has_table_privilege(r.oid, t.oid, p.privilege)
    AND ($4 OR split_part(t.name, '.', 1) <> regexp_replace(r.rolname, '_(app|sealer)$', ''))"""
_REWRITTEN = f"""SELECT r.rolname || ' rewrites ' || t.name FROM ({_TABLES}) AS t CROSS JOIN pg_roles r
  WHERE t.relname IN ('timeline', 'seals', 'seal_leaves') AND r.rolname = ANY ($2)
    AND (has_any_column_privilege(r.oid, t.oid, 'UPDATE') OR has_table_privilege(r.oid, t.oid, 'DELETE'))"""
_OPEN_POLICIES = """SELECT schemaname || '.' || tablename FROM pg_policies
  WHERE schemaname = ANY ($1) AND (qual = 'true' OR with_check = 'true') AND tablename <> ALL ($2)"""
_AROUND = """SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = ANY ($1) AND p.prosecdef
  UNION SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1) AND (c.relkind = 'm' OR c.relkind = 'v'
      AND NOT coalesce(c.reloptions::text LIKE '%security_invoker=true%', false))"""


@pytest.fixture
async def catalogue(fresh_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection whose changes are undone."""
    connection = await asyncpg.connect(fresh_database.superuser_url)
    change = connection.transaction()
    await change.start()
    try:
        yield connection
    finally:
        await change.rollback()
        await connection.close()


async def _found(catalogue: asyncpg.Connection, query: str, *arguments: object) -> list[str]:
    return [row[0] for row in await catalogue.fetch(query, *arguments)]


async def test_every_table_is_guarded_also_against_its_owner(catalogue: asyncpg.Connection) -> None:
    assert {row["name"].split(".")[0] for row in await catalogue.fetch(_TABLES, _SCHEMAS)} == set(_SCHEMAS)
    assert await _found(catalogue, _UNGUARDED, _SCHEMAS) == []


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE TABLE gateway.forgotten (id uuid)",
        "ALTER TABLE gateway.leases NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE gateway.leases DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE gateway.forgotten (id uuid); ALTER TABLE gateway.forgotten ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE gateway.forgotten FORCE ROW LEVEL SECURITY",
    ],
)
async def test_a_table_without_a_guard_would_be_noticed(catalogue: asyncpg.Connection, planted: str) -> None:
    await catalogue.execute(planted)
    assert len(await _found(catalogue, _UNGUARDED, _SCHEMAS)) == 1


async def test_roles_that_serve_own_nothing(catalogue: asyncpg.Connection) -> None:
    assert await _found(catalogue, _OWNED, _SERVING) == []
    await catalogue.execute("CREATE TABLE gateway.taken (id uuid); ALTER TABLE gateway.taken OWNER TO gateway_app")
    assert await _found(catalogue, _OWNED, _SERVING)


async def test_no_role_of_ours_stands_above_the_wall(catalogue: asyncpg.Connection) -> None:
    ours = [f"{app}\\_%" for app in APPS]
    assert await _found(catalogue, _ABOVE, ours) == []
    await catalogue.execute("ALTER ROLE gateway_app BYPASSRLS")
    assert await _found(catalogue, _ABOVE, ours) == ["gateway_app"]


async def test_no_service_reaches_into_anothers_schema(catalogue: asyncpg.Connection) -> None:
    every = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    assert await _found(catalogue, _BEYOND, _SCHEMAS, every, _SERVING, False) == []
    await catalogue.execute("GRANT SELECT ON gateway.leases TO risk_grading_app")
    assert await _found(catalogue, _BEYOND, _SCHEMAS, every, _SERVING, False)


async def test_nobody_who_serves_may_truncate(catalogue: asyncpg.Connection) -> None:
    """TRUNCATE passes by every policy; REFERENCES and TRIGGER look around them."""
    around = ["TRUNCATE", "REFERENCES", "TRIGGER"]
    assert await _found(catalogue, _BEYOND, _SCHEMAS, around, _SERVING, True) == []


async def test_the_timeline_is_only_ever_added_to(catalogue: asyncpg.Connection) -> None:
    assert await _found(catalogue, _REWRITTEN, _SCHEMAS, _SERVING) == []
    await catalogue.execute("GRANT UPDATE (recorded_at) ON gateway.timeline TO gateway_app")
    assert await _found(catalogue, _REWRITTEN, _SCHEMAS, _SERVING) == ["gateway_app rewrites gateway.timeline"]


async def test_no_policy_lets_everybody_through(catalogue: asyncpg.Connection) -> None:
    assert await _found(catalogue, _OPEN_POLICIES, _SCHEMAS, _OPEN) == []
    await catalogue.execute("CREATE POLICY everybody ON gateway.leases USING (true)")
    assert await _found(catalogue, _OPEN_POLICIES, _SCHEMAS, _OPEN) == ["gateway.leases"]


async def test_no_view_and_no_function_leads_around_the_wall(catalogue: asyncpg.Connection) -> None:
    assert await _found(catalogue, _AROUND, _SCHEMAS) == []
    await catalogue.execute("CREATE VIEW gateway.around AS SELECT * FROM gateway.leases")
    assert await _found(catalogue, _AROUND, _SCHEMAS) == ["gateway.around"]
