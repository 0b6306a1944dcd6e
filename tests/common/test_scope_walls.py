"""Row-level security as the app role meets it: with the application's own filter removed, the wall still stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, Table, text
from sqlalchemy.exc import DBAPIError

from infra import database
from libs.common.aggregates import (
    AGGREGATE_DDL,
    add_parts,
    aggregate_columns,
    aggregate_indexes,
    find,
    lock,
    record,
    selected,
)
from libs.common.db import Database, Tx
from libs.common.ddl.policies import child_policy, scope_policy
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.common.scope import Grant, Scope
from libs.common.statements import bound
from libs.contracts.plumbing import DOUBTED
from tests.cluster import Cluster
from tests.common.plumbed import SCHEMA, Plumbed, Thing, inspector, thing

SYSTEM = Scope.of_system("test")
TOLD = DOUBTED[SCHEMA](producer="gateway", noun="client")
HERE, THERE = "331002004000", "331003004000"
things = Table("things", MetaData(), *aggregate_columns())
EVERY = text("SELECT id FROM things")
_CHILD = "CREATE TABLE {s}.parts (id uuid PRIMARY KEY, thing_id uuid NOT NULL REFERENCES {s}.things (id))"


@pytest.fixture
async def walled(cluster: Cluster, plumbed: Plumbed) -> Plumbed:
    """A table of aggregates and one of their children, made as a migration makes them."""
    role = f"{SCHEMA}_owner"
    url = database.at(cluster.postgres.url, database=plumbed.name, user=role, password=cluster.password_of(role))
    owner = await asyncpg.connect(url)
    for statement in (
        f"CREATE TABLE {SCHEMA}.things ({AGGREGATE_DDL})",
        *aggregate_indexes(SCHEMA, "things"),
        *scope_policy(SCHEMA, "things"),
        _CHILD.format(s=SCHEMA),
        f"CREATE INDEX ON {SCHEMA}.parts (thing_id)",
        *child_policy(SCHEMA, "parts", parent="things", key="thing_id"),
    ):
        await owner.execute(statement)
    await owner.close()
    return plumbed


async def keep(walled: Plumbed, *made: Thing) -> None:
    """Record things under a system scope."""
    async with walled.app.unit_of_work(SYSTEM) as tx:
        for one in made:
            await record(tx, things, replace(one, version=0), TOLD)


def grant(area_from: str, area_to: str, *sectors: str, role: str = "inspector") -> Grant:
    """One grant; no sectors means every sector."""
    return Grant(area_from=area_from, area_to=area_to, sectors=sectors or None, role=role)


def holder(*grants: Grant, posts: Iterable[UUID] = ()) -> Scope:
    """Somebody with these grants and posts."""
    return Scope(subject="zhang", client_id="portal", grants=grants, posts=frozenset(posts))


async def behind_the_filter(door: Database, scope: Scope) -> set[UUID]:
    """What a statement finds that forgot to ask for the scope."""
    async with door.unit_of_work(scope) as tx:
        return {row["id"] for row in await tx.all(EVERY)}


async def test_a_connection_without_a_scope_sees_nothing(walled: Plumbed) -> None:
    await keep(walled, thing())
    bare = await asyncpg.connect(walled.app.url)
    for table in ("things", "timeline", "outbox", "inbox", "leases", "seals"):
        assert await bare.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await bare.execute("INSERT INTO leases (name, holder, expires_at) VALUES ('x', gen_random_uuid(), now())")
    await bare.close()


async def test_a_narrow_caller_sees_its_own_also_after_a_wide_one_on_the_same_connection(walled: Plumbed) -> None:
    mine, other = thing(area_code=HERE), thing(area_code=THERE)
    await keep(walled, mine, other)
    one = Database(walled.app.url, service=SCHEMA, pool_size=1)
    assert await behind_the_filter(one, SYSTEM) == {mine.id, other.id}
    assert await behind_the_filter(one, inspector()) == {mine.id}
    with pytest.raises(LookupError):
        await _fall_while_looking_wider(one)
    assert await behind_the_filter(one, inspector()) == {mine.id}
    assert await behind_the_filter(one, holder()) == set()
    await one.close()


async def _fall_while_looking_wider(door: Database) -> None:
    async with door.unit_of_work(inspector()) as tx, tx.system("wider"):
        raise LookupError


async def test_grants_are_united_and_never_multiplied(walled: Plumbed) -> None:
    fire_here, gas_there = thing(area_code=HERE, sectors=("fire",)), thing(area_code=THERE, sectors=("gas",))
    gas_here, fire_there = thing(area_code=HERE, sectors=("gas",)), thing(area_code=THERE, sectors=("fire",))
    await keep(walled, fire_here, gas_there, gas_here, fire_there)
    both = holder(grant(HERE, HERE, "fire"), grant(THERE, THERE, "gas"))
    assert await behind_the_filter(walled.app, both) == {fire_here.id, gas_there.id}


async def test_what_is_not_triaged_yet_is_seen_by_who_triages_there(walled: Plumbed) -> None:
    new, elsewhere = thing(area_code=HERE, sectors=()), thing(area_code=THERE, sectors=())
    await keep(walled, new, elsewhere)
    triage = holder(grant(HERE, HERE, "fire", role="call_taker"))
    assert await behind_the_filter(walled.app, triage) == {new.id}
    assert await behind_the_filter(walled.app, holder(grant(HERE, HERE, "fire"))) == set()


async def test_a_grant_over_every_sector_sees_what_was_triaged_and_nothing_before(walled: Plumbed) -> None:
    new = thing(area_code=HERE, sectors=())
    await keep(walled, new)
    leader, triage = holder(grant(HERE, HERE, role="leader")), holder(grant(HERE, HERE, role="duty_officer"))
    assert await behind_the_filter(walled.app, leader) == set()
    assert await behind_the_filter(walled.app, triage) == {new.id}
    assert (await told_of(walled, leader, new.id), await told_of(walled, triage, new.id)) == (0, 1)
    async with walled.app.unit_of_work(SYSTEM) as tx:
        await record(tx, things, replace(new, version=1, sectors=("gas",)), TOLD)
    assert await behind_the_filter(walled.app, leader) == {new.id}
    assert await told_of(walled, leader, new.id) == 2
    assert await told_of(walled, holder(grant(THERE, THERE, role="leader")), new.id) == 0


async def told_of(walled: Plumbed, scope: Scope, aggregate: UUID) -> int:
    """How many rows of its timeline somebody sees."""
    async with walled.app.unit_of_work(scope) as tx:
        counted = text("SELECT count(*) FROM timeline WHERE aggregate_id = :id")
        return int(await tx.scalar(counted, {"id": aggregate}))


async def test_who_takes_part_sees_locks_and_changes_until_the_part_ends(walled: Plumbed) -> None:
    joint, post = thing(area_code=THERE), new_id()
    await keep(walled, joint)
    neighbour = holder(grant(HERE, HERE, "fire"), posts=[post])
    async with walled.app.unit_of_work(SYSTEM) as tx:
        await add_parts(tx, joint.id, [(post, "joint")])
        await add_parts(tx, joint.id, [(post, "joint")])
    assert await behind_the_filter(walled.app, neighbour) == {joint.id}
    async with walled.app.unit_of_work(neighbour) as tx:
        locked = await lock(tx, things, Thing, joint.id, 1)
        await record(tx, things, locked, TOLD)
    await walled.superuser.execute("UPDATE participants SET until = now()")
    assert await behind_the_filter(walled.app, neighbour) == set()
    async with walled.app.unit_of_work(neighbour) as tx:
        with pytest.raises(NotFound):
            await lock(tx, things, Thing, joint.id)


async def test_a_row_may_be_handed_over_to_whom_its_giver_cannot_see(walled: Plumbed) -> None:
    """PostgreSQL asks that a changed row be visible: triage hands rows out of its own sight all day."""
    new = thing(area_code=HERE, sectors=())
    await keep(walled, new)
    triage = holder(grant(HERE, HERE, "fire", role="call_taker"))
    async with walled.app.unit_of_work(triage) as tx:
        mine = await lock(tx, things, Thing, new.id, 1)
        after = await record(tx, things, replace(mine, area_code=THERE, sectors=("gas",)), TOLD)
        await record(tx, things, after, TOLD)
    assert await behind_the_filter(walled.app, triage) == set()
    assert await behind_the_filter(walled.app, holder(grant(THERE, THERE, "gas"))) == {new.id}


async def test_who_adds_a_row_elsewhere_has_it_returned_and_sees_it_no_more_afterwards(walled: Plumbed) -> None:
    values = "gen_random_uuid(), 1, '331003004000', '{gas}', false, gen_random_uuid(), now(), now()"
    columns = "id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at"
    async with walled.app.unit_of_work(inspector()) as tx:
        assert await tx.scalar(text(f"INSERT INTO things ({columns}) VALUES ({values}) RETURNING id"))
    assert await behind_the_filter(walled.app, inspector()) == set()


async def test_nobody_changes_what_they_cannot_see(walled: Plumbed) -> None:
    other = thing(area_code=THERE)
    await keep(walled, other)
    async with walled.app.unit_of_work(inspector()) as tx:
        done = await tx.execute(text("UPDATE things SET exercise = true"))
    assert done.rowcount == 0
    for wish in (
        "DELETE FROM things",
        "TRUNCATE things",
        "DELETE FROM timeline",
        "UPDATE timeline SET service = 'x'",
    ):
        async with walled.app.unit_of_work(SYSTEM) as tx:
            with pytest.raises(DBAPIError):
                await _apart(tx, wish)


async def _apart(tx: Tx, wish: str) -> None:
    async with tx.apart():
        await tx.execute(text(wish))


async def test_children_are_seen_where_their_parent_is(walled: Plumbed) -> None:
    mine, other = thing(area_code=HERE), thing(area_code=THERE)
    await keep(walled, mine, other)
    async with walled.app.unit_of_work(SYSTEM) as tx:
        for one in (mine, other):
            await tx.execute(text("INSERT INTO parts VALUES (:id, :thing)"), {"id": new_id(), "thing": one.id})
    async with walled.app.unit_of_work(inspector()) as tx:
        assert [row["thing_id"] for row in await tx.all(text("SELECT thing_id FROM parts"))] == [mine.id]
        done = await tx.execute(text("UPDATE parts SET id = gen_random_uuid()"))
        assert done.rowcount == 1


async def test_one_service_cannot_read_anothers_tables(cluster: Cluster) -> None:
    async with cluster.fresh_database() as fresh:
        intruder = await asyncpg.connect(fresh.url("public_reporting_app"))
        await intruder.execute("SELECT set_config('shoutu.system', 'intruder', false)")
        for statement in ("SELECT * FROM {}", "INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}"):
            for table in ("responsibility_registry.orders", "gateway.clients", "responsibility_registry.outbox"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await intruder.execute(statement.format(table))
        await intruder.close()


_AREAS = ("331002000000", "331002004000", "331002999999", "331003000000", "331003004208")
_SECTORS = ("fire", "gas", "water")
_grants = st.builds(
    lambda ends, sectors, role: grant(*sorted(ends), *sectors, role=role),
    st.tuples(st.sampled_from(_AREAS), st.sampled_from(_AREAS)),
    st.lists(st.sampled_from(_SECTORS), max_size=2, unique=True),
    st.sampled_from(["inspector", "leader", "call_taker", "duty_officer"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grants=st.lists(_grants, max_size=3))
async def test_filter_wall_and_words_agree_about_every_row(walled: Plumbed, grants: list[Grant]) -> None:
    """The application's filter, row-level security and `Grant.sees` are three writings of one rule."""
    async with walled.app.unit_of_work(SYSTEM) as tx:
        rows = {row["id"]: row for row in await tx.all(text("SELECT * FROM things"))}
    if not rows:
        kinds = ((), ("fire",), ("gas",), ("fire", "gas"))
        await keep(walled, *(thing(area_code=area, sectors=kind) for area in _AREAS for kind in kinds))
        async with walled.app.unit_of_work(SYSTEM) as tx:
            rows = {row["id"]: row for row in await tx.all(text("SELECT * FROM things"))}
    caller = holder(*grants)
    reached = {key for key, row in rows.items() if any(one.sees(row["area_code"], row["sectors"]) for one in grants)}
    async with walled.app.unit_of_work(SYSTEM) as tx:
        filtered = {row["id"] for row in await tx.all(selected(things, caller))}
    assert await behind_the_filter(walled.app, caller) == filtered == reached


_MANY = """INSERT INTO things (id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at)
  SELECT gen_random_uuid(), 1, '331' || lpad((i * 7919 % 1000)::text, 3, '0') || lpad((i * 31 % 1000)::text, 3, '0')
    || '000', ARRAY[(ARRAY['fire', 'gas', 'water'])[1 + i % 3]], false, gen_random_uuid(), now(), now()
  FROM generate_series(1, 100000) AS i"""


async def test_a_list_by_area_and_by_parts_reads_an_index_and_not_the_table(walled: Plumbed) -> None:
    await walled.superuser.execute(_MANY)
    post = new_id()
    await walled.superuser.execute(
        "INSERT INTO participants (aggregate_id, party_id, part) SELECT id, $1, 'x' FROM things LIMIT 20", post
    )
    await walled.superuser.execute("ANALYZE things, participants")
    caller = holder(grant("331002000000", "331002999999", "fire"), posts=[post])
    async with walled.app.unit_of_work(caller) as tx:
        page = selected(things, tx.scope).order_by(things.c.id).limit(50)
        asked, values = bound(page)
        plan = [row[0] for row in await tx.connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {asked}", *values)]
        found = await tx.all(page)
    told = "\n".join(plan)
    assert "BitmapOr" in told, told
    assert "Seq Scan on things" not in told, told
    assert len(found) >= 20


async def test_find_tells_absent_and_invisible_alike(walled: Plumbed) -> None:
    other = thing(area_code=THERE)
    await keep(walled, other)
    for asked in (other.id, new_id()):
        async with walled.app.unit_of_work(inspector()) as tx:
            with pytest.raises(NotFound):
                await find(tx, things, Thing, asked)
