"""The migration goes up, down and up again with rows in it, and the database itself refuses a hasty listing."""

from __future__ import annotations

import re

import asyncpg
import pytest

from infra.database import Roles
from libs.common.alembic.heads import versions_of
from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.ids import new_id
from tests.cluster import FreshDatabase
from tests.responsibility_registry.credit.scene import credit_scene

_SCHEMA = "responsibility_registry"
_HASTY = f"""INSERT INTO {_SCHEMA}.blacklist_entries
  (id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at, firm_id, credit_code, firm_name,
   pack_number, terms, facts, words, state, proposed_at, proposed_by, hands, hand_subjects, repairs, listed_at)
  VALUES ($1, 1, '331002004208', '{{fire}}', false, $1, now(), now(), $2, 'x', 'x', 0, '{{}}', '[]', '', 'listed',
   now(),   $1, '{{}}', '{{}}', '[]', now())"""


def _before() -> str:
    """The revision that this one stands on."""
    (path,) = versions_of(_SCHEMA).glob("*_credit_of_firms.py")
    found = re.search(r'^down_revision = "(\d+)"', path.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


async def test_up_down_and_up_again_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await there.firm()
        await there.enter(firm)
        await there.sweep()
    connection = await asyncpg.connect(fresh_database.superuser_url)
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(_HASTY, new_id(), firm.id)
        owner = fresh_database.url(Roles(_SCHEMA).owner)
        assert await downgrade(owner, _SCHEMA, to=_before()) == _before()
        asked = f"SELECT count(*) FROM {_SCHEMA}.evaluation_cursors WHERE name = 'credit_facts'"
        assert await connection.fetchval(asked) == 0
        await upgrade(owner, _SCHEMA)
        assert await connection.fetchval(asked) == 1
        assert await connection.fetchval(f"SELECT count(*) FROM {_SCHEMA}.credit_standings") == 0
    finally:
        await connection.close()


async def test_nobody_who_serves_changes_how_a_firm_stood(fresh_database: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh_database.superuser_url)
    try:
        for privilege in ("UPDATE", "DELETE"):
            asked = "SELECT has_table_privilege($1, $2, $3)"
            table = f"{_SCHEMA}.credit_standings"
            assert not await connection.fetchval(asked, Roles(_SCHEMA).app, table, privilege)
    finally:
        await connection.close()
