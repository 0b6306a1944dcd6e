"""Lists of a hundred thousand rows, asked for as the app role: an index serves each, however little it sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Select

from libs.common.db import Database, Tx
from libs.common.ids import new_id
from libs.common.pagination import Key
from libs.common.scope import Grant, Scope
from libs.common.statements import bound
from services.public_reporting.reports import store as reports
from services.responsibility_registry.orders import store as orders
from tests.cluster import FreshDatabase

ROWS = 100_000
_COLUMNS = """SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
  WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND attname <> 'changed_in'"""
_BY_NAME = {
    "version": "1",
    "area_code": "'331002' || lpad((i % 20)::text, 3, '0') || lpad((i % 15 * 13 % 300)::text, 3, '0')",
    "sectors": "CASE WHEN i % 10 = 0 THEN '{}'::text[] ELSE ARRAY[(ARRAY['fire', 'gas', 'housing'])[1 + i % 3]] END",
    "state": "'received'",
}
_BY_TYPE = {
    "uuid": "gen_random_uuid()", "text": "md5(i::text)", "text[]": "'{}'", "uuid[]": "'{}'", "jsonb": "'[]'",
    "integer": "1", "boolean": "false", "timestamp with time zone": "now() - make_interval(secs => i * 30)",
}  # fmt: skip

Asked = Callable[[Tx], Select[Any]]
LISTS: dict[str, tuple[str, str, Sequence[Key], Asked]] = {
    "reports": ("public_reporting", "reports", reports.ORDER, lambda tx: reports.list_reports(tx)),
    "orders": (
        "responsibility_registry", "orders", orders.ORDER,
        lambda tx: orders.list_orders(
            tx, state=None, kind=None, hazard_id=None, post_id=None, areas=None, overdue_at=None
        ),
    ),
}  # fmt: skip


async def fill(superuser: asyncpg.Connection, table: str, party: UUID) -> None:
    """A hundred thousand rows all over a county, of which a party takes part in twenty."""
    columns = await superuser.fetch(_COLUMNS, table)
    values = [_BY_NAME.get(column["name"]) or _BY_TYPE[column["type"]] for column in columns]
    names = ", ".join(column["name"] for column in columns)
    schema = table.split(".")[0]
    await superuser.execute(f"""SET session_replication_role = replica;
      INSERT INTO {table} ({names}) SELECT {", ".join(values)} FROM generate_series(1, {ROWS}) AS i;
      INSERT INTO {schema}.participants SELECT id, '{party}', 'x' FROM {table} ORDER BY id LIMIT 20;
      ANALYZE {table}, {schema}.participants""")


def callers(party: UUID) -> dict[str, Scope]:
    """Who sees much, little, only what it takes part in, and nothing."""

    def grant(low: str, high: str, *sectors: str, role: str = "inspector") -> Grant:
        return Grant(area_from=low, area_to=high, sectors=sectors or None, role=role)

    county = ("331002000000", "331002999999")
    township = grant("331002004000", "331002004999", "fire")
    elsewhere = grant("339002004000", "339002004999", "fire")
    of = {
        "county": ([grant(*county, role="leader")], []), "township": ([township], []),
        "township and parts": ([township], [party]), "parts only": ([], [party]),
        "elsewhere": ([elsewhere], [new_id()]), "triage": ([grant(*county, "water", role="call_taker")], []),
    }  # fmt: skip
    return {
        name: Scope(subject="zhang", grants=tuple(grants), posts=frozenset(posts))
        for name, (grants, posts) in of.items()
    }


@pytest.mark.parametrize("name", list(LISTS))
async def test_every_caller_pages_by_an_index(fresh_database: FreshDatabase, name: str) -> None:
    schema, table, order, asked = LISTS[name]
    superuser, party = await asyncpg.connect(fresh_database.superuser_url), new_id()
    await fill(superuser, f"{schema}.{table}", party)
    await superuser.close()
    door = Database(fresh_database.url(f"{schema}_app"), service=schema, pool_size=1)
    found = {}
    for who, scope in callers(party).items():
        async with door.unit_of_work(scope) as tx:
            ordered = asked(tx).order_by(*(key.desc() if way == "desc" else key.asc() for key, way in order))
            sql, values = bound(ordered.limit(51))
            plan = "\n".join(row[0] for row in await tx.connection.fetch(f"EXPLAIN {sql}", *values))
            assert f"Seq Scan on {table}" not in plan, f"{who}: {plan}"
            found[who] = len(await tx.connection.fetch(sql, *values))
    await door.close()
    assert found["elsewhere"] == 0
    assert found["parts only"] == 20
    assert {found[who] for who in ("county", "township", "township and parts", "triage")} == {51}
