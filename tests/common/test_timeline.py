"""The timeline: rows are only added, seen within the scope, and traces follow their links."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.db import Cause, Database
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.common.scope import Scope
from libs.common.telling import tell
from libs.common.timeline import (
    Entry,
    append_all,
    history,
    link_traces,
    order_erasure,
    read_access,
    trace,
)
from libs.contracts.plumbing import DOUBTED
from tests.common.plumbed import SCHEMA, Plumbed, Thing, inspector, thing

HERE = inspector()
NEXT_DOOR = inspector("331003000000", "331003999999", subject="li")


async def write(database: Database, about: Thing, what: str = "kettle.boiled", why: str = "tea") -> None:
    async with database.unit_of_work(HERE) as tx:
        entry = Entry(event_type=f"risk_grading.{what}.v1", about=about, details={"litres": 1.0}, why=why)
        await append_all(tx, [entry])


async def test_a_row_says_who_when_where_what_and_why(plumbed: Plumbed):
    kettle, cause = thing(sectors=("fire", "power")), new_id()
    event = DOUBTED[SCHEMA](producer="gateway", noun="茶壶")
    async with plumbed.app.unit_of_work(HERE, Cause(causation_id=cause)) as tx:
        await tell(tx, event, kettle, why="下午茶")
        occurred_at = tx.now
    async with plumbed.app.unit_of_work(HERE) as tx:
        [row] = await history(tx, kettle.id)
    event_id = await plumbed.superuser.fetchval("SELECT id FROM outbox WHERE aggregate_id = $1", kettle.id)
    assert (row.id, row.event_type) == (event_id, event.type)
    assert (row.id, row.causation_id, row.correlation_id) == (event_id, cause, kettle.correlation_id)
    assert (row.actor_subject, row.client_id, row.actor_post) == ("zhang", "portal", None)
    assert (row.sectors, row.area_code, row.aggregate_version) == (("fire", "power"), "331002000000", 1)
    assert (row.details, row.why) == ({"producer": "gateway", "noun": "茶壶"}, "下午茶")
    assert row.occurred_at == occurred_at
    assert abs((row.recorded_at - datetime.now(UTC)).total_seconds()) < 60


async def test_another_area_sees_nothing_unless_it_takes_part(plumbed: Plumbed):
    kettle, post = thing(), new_id()
    await write(plumbed.app, kettle)
    partner = inspector("331003000000", "331003999999", subject="wang", posts=frozenset({post}))
    for scope in (NEXT_DOOR, partner):
        async with plumbed.app.unit_of_work(scope) as tx:
            assert await trace(tx, kettle.correlation_id) == []
    await plumbed.superuser.execute("INSERT INTO participants VALUES ($1, $2, 'ally')", kettle.id, post)
    async with plumbed.app.unit_of_work(partner) as tx:
        [row] = await trace(tx, kettle.correlation_id)
        assert row.details == {"litres": 1.0}
    async with plumbed.app.unit_of_work(NEXT_DOOR) as tx:
        assert await trace(tx, kettle.correlation_id) == []
        seen = text("SELECT (SELECT count(*) FROM timeline) + (SELECT count(*) FROM timeline_details)")
        assert await tx.scalar(seen) == 0


async def test_a_trace_is_the_closure_over_links_in_order(plumbed: Plumbed):
    first, second, third, far = thing(), thing(), thing(), thing()
    for about in (third, first, second, far):
        await write(plumbed.app, about)
    async with plumbed.app.unit_of_work(HERE) as tx:
        await link_traces(tx, first.correlation_id, second.correlation_id, "merged")
        await link_traces(tx, third.correlation_id, second.correlation_id, "reopened")
        await link_traces(tx, second.correlation_id, first.correlation_id, "back again")
        await link_traces(tx, first.correlation_id, first.correlation_id, "to itself")
        await link_traces(tx, first.correlation_id, second.correlation_id, "a repeat")
    for begin in (first, second, third):
        async with plumbed.app.unit_of_work(HERE) as tx:
            rows = await trace(tx, begin.correlation_id)
        assert [row.aggregate_id for row in rows] == [third.id, first.id, second.id]
    async with plumbed.app.unit_of_work(NEXT_DOOR) as tx:
        assert await trace(tx, first.correlation_id) == []


async def test_pages_of_a_trace_go_on_where_the_last_one_ended(plumbed: Plumbed):
    kettle = thing()
    async with plumbed.app.unit_of_work(HERE) as tx:
        entries = [Entry(event_type="risk_grading.kettle.boiled.v1", about=kettle, details={"n": n})
                   for n in range(7)]  # fmt: skip
        await append_all(tx, entries)
        await append_all(tx, [])
    async with plumbed.app.unit_of_work(HERE) as tx:
        whole = await trace(tx, kettle.correlation_id)
        pages = [await trace(tx, kettle.correlation_id, limit=3)]
        while len(pages[-1]) == 3:
            pages.append(await trace(tx, kettle.correlation_id, limit=3, after=pages[-1][-1]))
        assert [row for page in pages for row in page] == whole
        assert await history(tx, kettle.id, limit=3, after=pages[0][-1]) == pages[1]
    assert sorted(row.details["n"] for row in whole) == list(range(7))


async def test_reading_something_sensitive_leaves_a_row(plumbed: Plumbed):
    secret = thing()
    async with plumbed.app.unit_of_work(HERE) as tx:
        await read_access(tx, secret, noun="identity", why="reward", details={"fields": ["phone"]})
    async with plumbed.app.unit_of_work(HERE) as tx:
        [row] = await history(tx, secret.id)
    assert (row.event_type, row.why) == ("risk_grading.identity.read.v1", "reward")


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE timeline SET actor_subject = 'someone else'",
        "DELETE FROM timeline",
        "TRUNCATE timeline",
        "UPDATE timeline_details SET why = 'another reason'",
        "DELETE FROM timeline_details",
        "INSERT INTO seals SELECT * FROM seals",
        "UPDATE seals SET root = root",
        "DELETE FROM seal_leaves",
        "UPDATE cluster_epochs SET reason = 'none'",
        "INSERT INTO timeline SELECT * FROM timeline",
        "INSERT INTO timeline (id, recorded_at) VALUES (uuidv7(), now() - interval '1 year')",
        "INSERT INTO timeline (id, changed_in) VALUES (uuidv7(), '3')",
        "INSERT INTO timeline (id, cluster_epoch) VALUES (uuidv7(), 0)",
        "ALTER TABLE timeline DISABLE ROW LEVEL SECURITY",
        "LOCK TABLE timeline IN SHARE MODE",
    ],
)
async def test_the_app_role_cannot_touch_what_is_written(plumbed: Plumbed, tampering: str):
    await write(plumbed.app, thing())
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with plumbed.app.unit_of_work(Scope.of_system("attack")) as tx:
            await tx.execute(text(tampering))


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE timeline SET actor_subject = 'someone else'",
        "DELETE FROM timeline",
        "INSERT INTO timeline SELECT * FROM timeline",
        "DELETE FROM timeline_details",
        "UPDATE seals SET root = root",
        "DELETE FROM seals",
        "DELETE FROM seal_leaves",
        "UPDATE cluster_epochs SET system_identifier = 1",
    ],
)
async def test_the_sealer_role_cannot_rewrite_either(plumbed: Plumbed, tampering: str):
    with pytest.raises(DBAPIError, match="permission denied"):
        async with plumbed.sealer.unit_of_work(Scope.of_system("attack")) as tx:
            await tx.execute(text(tampering))


async def test_without_any_scope_nothing_is_seen_and_nothing_written(plumbed: Plumbed):
    await write(plumbed.app, thing())
    connection = await asyncpg.connect(plumbed.app.url)
    try:
        for table in ("timeline", "timeline_details", "trace_links", "seals", "seal_leaves", "cluster_epochs"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await connection.close()


async def test_details_are_erased_by_an_order_within_the_scope_only(plumbed: Plumbed):
    kettle = thing()
    await write(plumbed.app, kettle)
    async with plumbed.app.unit_of_work(HERE) as tx:
        [row] = await history(tx, kettle.id)
    with pytest.raises(NotFound):
        async with plumbed.app.unit_of_work(NEXT_DOOR) as tx:
            await order_erasure(tx, row.id, ground="PIPL Art 47")
    async with plumbed.app.unit_of_work(HERE) as tx:
        await order_erasure(tx, row.id, ground="PIPL Art 47")
    async with plumbed.app.unit_of_work(HERE) as tx:
        [order] = await history(tx, row.id)
        assert order.details == {"ground": "PIPL Art 47"}
        with pytest.raises(ValueError, match="stays"):
            await order_erasure(tx, order.id, ground="PIPL Art 47")


async def test_hostile_details_are_kept_as_they_came(plumbed: Plumbed):
    kettle = thing()
    details = {"nul": "a\x00b", "big": 2**63 - 1, "small": 1e-300, "float": 1e16, "text": '"\\\u2028😀'}
    async with plumbed.app.unit_of_work(HERE) as tx:
        await append_all(tx, [Entry(event_type="risk_grading.kettle.boiled.v1", about=kettle, details=details)])
    async with plumbed.app.unit_of_work(HERE) as tx:
        [row] = await history(tx, kettle.id)
    assert row.details == details


async def test_writers_side_by_side_do_not_wait_for_each_other(plumbed: Plumbed):
    kettle = thing()
    async with plumbed.app.unit_of_work(HERE) as open_tx:
        await append_all(open_tx, [Entry(event_type="risk_grading.kettle.boiled.v1", about=kettle, details={})])
        await asyncio.wait_for(write(plumbed.app, kettle), timeout=5)
        assert await plumbed.superuser.fetchval("SELECT count(*) FROM timeline") == 1, "the open one is not seen yet"
