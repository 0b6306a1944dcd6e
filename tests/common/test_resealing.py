"""Sealing again: what an old seal or suite closed is closed anew, in batches, and what does not open is named."""

from __future__ import annotations

from sqlalchemy import text

from libs.common.crypto import Seals, Suite
from libs.common.ddl.policies import system_policy
from libs.common.resealing import BATCH, SealedColumn, kept, reseal, reseal_watch
from libs.common.scope import Scope
from libs.common.watches import sweep
from tests.common.plumbed import SCHEMA, Plumbed

SYSTEM = Scope.of_system("test")
COLUMN = SealedColumn(table="jars", key="name", column="sealed", purpose="jam", about="name")
OLD = Seals(current_id="1", current="an old seal")
NEW = Seals(current_id="2", current="a new seal", retired={"1": "an old seal"}, suite=Suite.SM4_SM3)


async def fill(plumbed: Plumbed, seals: Seals, count: int, prefix: str = "jar") -> None:
    await plumbed.superuser.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.jars (name text PRIMARY KEY, sealed bytea)")
    if await plumbed.superuser.fetchval("SELECT count(*) FROM pg_policies WHERE tablename = 'jars'") == 0:
        for statement in system_policy(SCHEMA, "jars"):
            await plumbed.superuser.execute(statement)
    names = [f"{prefix}{number:04d}" for number in range(count)]
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        for name in names:
            add = text("INSERT INTO jars (name, sealed) VALUES (:name, :sealed)")
            await tx.execute(add, {"name": name, "sealed": seals.close("jam", name, name.encode())})
        await tx.execute(text("INSERT INTO jars (name) VALUES (:name)"), {"name": f"{prefix} empty"})


async def opened(plumbed: Plumbed, seals: Seals) -> int:
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT name, sealed FROM jars WHERE sealed IS NOT NULL ORDER BY name LIMIT 1000"))
    for row in rows:
        assert seals.open("jam", row["name"], row["sealed"]) == row["name"].encode()
    return len(rows)


async def test_everything_stale_is_sealed_anew_and_opens_without_the_old_seal(plumbed: Plumbed) -> None:
    count = BATCH + 5
    await fill(plumbed, OLD, count)
    await fill(plumbed, NEW, 3, prefix="pot")
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        found = [(one.suite, one.key_id, one.rows) for one in await kept(tx, [COLUMN])]
    assert found == [("aes-sha2", "1", count), ("sm4-sm3", "2", 3)]
    assert await sweep(plumbed.app, reseal_watch(NEW, [COLUMN])) == count
    alone = Seals(current_id="2", current="a new seal", suite=Suite.SM4_SM3)
    assert await opened(plumbed, alone) == count + 3
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        assert [(one.suite, one.key_id, one.rows) for one in await kept(tx, [COLUMN])] == [
            ("sm4-sm3", "2", count + 3)
        ]


async def test_a_run_that_was_broken_off_goes_on_and_fresh_values_are_left_alone(plumbed: Plumbed) -> None:
    await fill(plumbed, OLD, BATCH + 5)
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        first = await reseal(tx, NEW, COLUMN)
    assert (first.moved, first.last) == (BATCH, f"jar{BATCH - 1:04d}")
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        rest = await reseal(tx, NEW, COLUMN)
        assert (rest.moved, rest.broken, rest.last) == (5, (), None)
        assert (await reseal(tx, NEW, COLUMN)).moved == 0


async def test_what_does_not_open_is_named_and_stops_nobody(plumbed: Plumbed) -> None:
    await fill(plumbed, Seals(current_id="0", current="a lost seal"), BATCH + 1, prefix="a")
    await fill(plumbed, OLD, 2, prefix="b")
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        first = await reseal(tx, NEW, COLUMN)
        second = await reseal(tx, NEW, COLUMN, first.last)
    assert (first.moved, len(first.broken), second.moved, second.broken) == (0, BATCH, 2, (f"a{BATCH:04d}",))
    watched = reseal_watch(NEW, [COLUMN])
    await fill(plumbed, OLD, 2, prefix="c")
    assert await sweep(plumbed.app, watched) == BATCH + 3
    assert (
        await plumbed.superuser.fetchval("SELECT count(*) FROM jars WHERE name LIKE 'c%' AND sealed IS NOT NULL") == 2
    )


async def test_what_another_process_holds_is_left_to_it(plumbed: Plumbed) -> None:
    await fill(plumbed, OLD, 3)
    async with plumbed.app.unit_of_work(SYSTEM) as holder:
        await holder.one_or_none(text("SELECT name FROM jars WHERE name = 'jar0001' FOR UPDATE"))
        async with plumbed.app.unit_of_work(SYSTEM) as tx:
            assert (await reseal(tx, NEW, COLUMN)).moved == 2
