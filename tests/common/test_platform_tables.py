"""Tables of the platform's own are seen by their keepers alone, and keepers see nothing of the city's."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import MetaData, Table, text

from infra import database
from libs.common.aggregates import (
    AGGREGATE_DDL,
    add_parts,
    aggregate_columns,
    find,
    record,
    selected,
)
from libs.common.db import Database
from libs.common.ddl.policies import platform_policy, scope_policy
from libs.common.ids import new_id
from libs.common.keeping import kept_by
from libs.common.problems import NotFound
from libs.common.scope import PLATFORM_ROLES, Grant, Scope
from libs.contracts.plumbing import DOUBTED
from tests.cluster import Cluster
from tests.common.plumbed import SCHEMA, Plumbed, Thing, thing

SYSTEM = Scope.of_system("test")
TOLD = DOUBTED[SCHEMA](producer="gateway", noun="subject")
KEEPER = "security_administrator"
accounts = Table("accounts", MetaData(), *aggregate_columns(), info=kept_by(KEEPER))
cases = Table("cases", MetaData(), *aggregate_columns())


@pytest.fixture
async def walled(cluster: Cluster, plumbed: Plumbed) -> Plumbed:
    """A table of the platform's own and one of the city's, with a row of every kind of sector in each."""
    role = f"{SCHEMA}_owner"
    url = database.at(cluster.postgres.url, database=plumbed.name, user=role, password=cluster.password_of(role))
    owner = await asyncpg.connect(url)
    for statement in (
        f"CREATE TABLE {SCHEMA}.accounts ({AGGREGATE_DDL})",
        *platform_policy(SCHEMA, "accounts", keepers=(KEEPER,)),
        f"CREATE TABLE {SCHEMA}.cases ({AGGREGATE_DDL})",
        *scope_policy(SCHEMA, "cases"),
    ):
        await owner.execute(statement)
    await owner.close()
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        for table in (accounts, cases):
            for sectors in ((), ("fire",)):
                await record(tx, table, replace(thing(sectors=sectors), version=0), TOLD)
    return plumbed


def scope(role: str, **changes: object) -> Scope:
    """Somebody with one role over everything."""
    grant = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role=role)
    return replace(Scope(subject="zhang", client_id="portal", grants=(grant,)), **changes)  # type: ignore[arg-type]


async def behind_the_filter(door: Database, table: Table, who: Scope) -> set[UUID]:
    """What a statement finds that forgot to ask for the scope."""
    async with door.unit_of_work(who) as tx:
        return {row["id"] for row in await tx.all(text(f"SELECT id FROM {table.name}"))}


async def filtered(door: Database, table: Table, who: Scope) -> set[UUID]:
    """What a statement finds that asks for it."""
    async with door.unit_of_work(who) as tx:
        return {row["id"] for row in await tx.all(selected(table, tx.scope))}


@pytest.mark.parametrize("role", [*sorted(PLATFORM_ROLES), "duty_officer", "administrator", "auditor"])
async def test_both_walls_say_the_same_of_who_sees_what(walled: Plumbed, role: str) -> None:
    who = scope(role)
    for table, seen in ((accounts, role == KEEPER), (cases, role not in PLATFORM_ROLES)):
        bare = await behind_the_filter(walled.app, table, who)
        assert bare == await filtered(walled.app, table, who), table.name
        assert bool(bare) == seen, table.name


async def test_a_keeper_sees_its_own_also_after_a_wide_one_on_the_same_connection(walled: Plumbed) -> None:
    one = Database(walled.app.url, service=SCHEMA, pool_size=1)
    assert len(await behind_the_filter(one, accounts, SYSTEM)) == 2
    assert len(await behind_the_filter(one, accounts, scope(KEEPER))) == 2
    elsewhere = replace(scope(KEEPER).grants[0], area_from="990000000000")
    assert await behind_the_filter(one, accounts, scope(KEEPER, grants=(elsewhere,))) == set()
    assert await behind_the_filter(one, accounts, scope("duty_officer")) == set()
    assert await behind_the_filter(one, cases, scope(KEEPER)) == set()
    await one.close()


async def test_taking_part_opens_the_citys_tables_and_none_of_the_platforms(walled: Plumbed) -> None:
    party, account, case = new_id(), thing(), thing()
    async with walled.app.unit_of_work(SYSTEM) as tx:
        for table, row in ((accounts, account), (cases, case)):
            await record(tx, table, replace(row, version=0), TOLD)
            await add_parts(tx, row.id, [(party, "named")])
    landlord = Scope(subject="landlord", parties=frozenset({party}))
    assert await behind_the_filter(walled.app, cases, landlord) == {case.id}
    assert await behind_the_filter(walled.app, accounts, landlord) == set()
    async with walled.app.unit_of_work(landlord) as tx:
        assert (await find(tx, cases, Thing, case.id)).id == case.id
        with pytest.raises(NotFound):
            await find(tx, accounts, Thing, account.id)
