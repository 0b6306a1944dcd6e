"""The unit of work: it commits all or says so, and what passes by itself is never taken for a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common import outbox
from libs.common.db import Database, StatementHadFailed, Tx
from libs.common.db_errors import is_transient
from libs.common.scope import Scope
from libs.contracts.plumbing import DOUBTED
from tests.cluster import eventually
from tests.common.plumbed import SCHEMA, Plumbed, inspector, thing

SYSTEM = Scope.of_system("test")
_TELL = DOUBTED[SCHEMA](producer="gateway", noun="client")
_SETTINGS = text(
    "SELECT current_setting('shoutu.system', true) AS system, current_setting('shoutu.subject', true) AS subject"
)


async def told(plumbed: Plumbed) -> int:
    """How many events are kept."""
    return int(await plumbed.superuser.fetchval("SELECT count(*) FROM outbox"))


async def cut_off(plumbed: Plumbed) -> None:
    """End every connection of the app role, as a server that is killed does."""
    ours = f"FROM pg_stat_activity WHERE usename = '{SCHEMA}_app' AND datname = current_database()"
    await plumbed.superuser.execute(f"SELECT pg_terminate_backend(pid) {ours}")

    async def gone() -> bool:
        return bool(await plumbed.superuser.fetchval(f"SELECT count(*) = 0 {ours}"))

    await eventually(gone, what="the end of every connection")


async def fail(tx: Tx) -> None:
    """A statement that the server refuses."""
    await tx.scalar(text("SELECT 1 / 0"))


async def tell(tx: Tx) -> None:
    """A statement that leaves a trace."""
    await outbox.add(tx, _TELL, thing())


async def inside_a_part(tx: Tx, *steps: Callable[[Tx], Awaitable[None]]) -> None:
    """Steps that fail alone."""
    async with tx.apart():
        for step in steps:
            await step(tx)


async def in_one_unit(plumbed: Plumbed, *steps: Callable[[Tx], Awaitable[None]], scope: Scope = SYSTEM) -> None:
    """Steps of one unit of work."""
    async with plumbed.app.unit_of_work(scope) as tx:
        for step in steps:
            await step(tx)


async def fall(_: Tx) -> None:
    """A fault of our own."""
    raise LookupError


async def test_a_failed_statement_that_was_passed_over_ends_the_unit_of_work_loudly(plumbed: Plumbed) -> None:
    """PostgreSQL answers COMMIT by a silent rollback then: an acknowledged act would be lost."""

    async def pass_over(tx: Tx) -> None:
        with pytest.raises(DBAPIError):
            await fail(tx)

    with pytest.raises(StatementHadFailed):
        await in_one_unit(plumbed, tell, pass_over)
    assert await told(plumbed) == 0


async def test_what_fails_inside_a_part_leaves_the_rest_standing(plumbed: Plumbed) -> None:
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        await tell(tx)
        with pytest.raises(DBAPIError):
            await inside_a_part(tx, tell, fail)
    assert await told(plumbed) == 1


async def test_a_part_inside_a_part_fails_alone_and_falls_with_the_outer_one(plumbed: Plumbed) -> None:
    async def inner(tx: Tx) -> None:
        with pytest.raises(DBAPIError):
            await inside_a_part(tx, fail)

    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        with pytest.raises(LookupError):
            await inside_a_part(tx, tell, inner, tell, fall)
        await tell(tx)
    assert await told(plumbed) == 1


async def test_an_error_is_told_as_it_was_also_where_the_connection_went_with_it(plumbed: Plumbed) -> None:
    with pytest.raises(LookupError):
        await in_one_unit(plumbed, tell, lambda _: cut_off(plumbed), fall)
    await in_one_unit(plumbed, tell)
    assert await told(plumbed) == 1


@pytest.mark.parametrize("inside", ["plainly", "in a wider scope", "in a part", "before the commit"])
async def test_a_lost_connection_passes_by_itself_wherever_it_is_noticed(plumbed: Plumbed, inside: str) -> None:
    async def work(tx: Tx) -> None:
        await cut_off(plumbed)
        if inside != "before the commit":
            await tx.scalar(text("SELECT 1"))

    async def wider(tx: Tx) -> None:
        async with tx.system("wider"):
            await work(tx)

    ways = {"in a wider scope": wider, "in a part": lambda tx: inside_a_part(tx, work)}
    with pytest.raises(Exception) as lost:
        await in_one_unit(plumbed, ways.get(inside, work))
    assert is_transient(lost.value), repr(lost.value)


@pytest.mark.parametrize("step", [fail, fall])
async def test_a_wider_scope_ends_with_its_block_whatever_failed_in_it(
    plumbed: Plumbed, step: Callable[[Tx], Awaitable[None]]
) -> None:
    async def wider(tx: Tx) -> None:
        async with tx.system("wider"):
            await inside_a_part(tx, step)

    async with plumbed.app.unit_of_work(inspector()) as tx:
        for way in (wider, lambda tx: inside_a_part(tx, wider)):
            with pytest.raises((DBAPIError, LookupError)):
                await way(tx)
            assert tx.scope == tx.caller
            assert dict(await tx.one_or_none(_SETTINGS) or {}) == {"system": "", "subject": "zhang"}


async def test_a_wider_scope_inside_a_wider_scope_gives_back_the_outer_one(plumbed: Plumbed) -> None:
    async with plumbed.app.unit_of_work(inspector()) as tx:
        async with tx.system("outer"):
            async with tx.system("inner"):
                # What is seen is the same: PostgreSQL is asked once.
                assert (tx.scope.system, await tx.scalar(_SETTINGS)) == ("inner", "outer")
            assert (tx.scope.system, await tx.scalar(_SETTINGS)) == ("outer", "outer")
        assert (tx.scope.system, await tx.scalar(_SETTINGS)) == (None, "")


async def test_a_cancelled_unit_of_work_keeps_nothing_and_gives_its_connection_back(plumbed: Plumbed) -> None:
    narrow = Database(plumbed.app.url, service=SCHEMA, pool_size=1)
    began = asyncio.Event()

    async def work() -> None:
        async with narrow.unit_of_work(SYSTEM) as tx:
            await outbox.add(tx, _TELL, thing())
            began.set()
            await tx.scalar(text("SELECT pg_sleep(30)"))

    task = asyncio.create_task(work())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with narrow.unit_of_work(SYSTEM) as tx:
        assert await tx.scalar(text("SELECT 1")) == 1
    await narrow.close()
    assert await told(plumbed) == 0


async def test_a_changed_table_under_a_kept_plan_passes_by_itself(plumbed: Plumbed) -> None:
    narrow = Database(plumbed.app.url, service=SCHEMA, pool_size=1)
    look = text("SELECT * FROM leases")
    async with narrow.unit_of_work(SYSTEM) as tx:
        await tx.all(look)
    await plumbed.superuser.execute("ALTER TABLE leases ADD COLUMN more text")
    async with narrow.unit_of_work(SYSTEM) as tx:
        with pytest.raises(DBAPIError) as changed:
            await inside_a_part(tx, lambda tx: tx.all(look))
    assert is_transient(changed.value)
    async with narrow.unit_of_work(SYSTEM) as tx:
        assert await tx.all(look) == []
    await narrow.close()


async def test_only_what_says_so_does_not_wait_for_the_disk(plumbed: Plumbed) -> None:
    narrow = Database(plumbed.app.url, service=SCHEMA, pool_size=1)
    waits = text("SELECT current_setting('synchronous_commit')")
    for scope in (SYSTEM, inspector()):
        async with narrow.unit_of_work(scope, durable=False) as tx:
            assert await tx.scalar(waits) == "off"
        async with narrow.unit_of_work(scope) as tx:
            assert await tx.scalar(waits) == "on"
    await narrow.close()
