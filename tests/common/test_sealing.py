"""Sealing: behind the writers, in one process at a time, and never with a row left out."""

import asyncio
import re

import pytest
from sqlalchemy import TextClause, text

from libs.common import seals, timeline
from libs.common.anchors import AnchorFile
from libs.common.db import Database
from libs.common.merkle import SealHead
from libs.common.scope import Scope
from libs.common.sealer import Sealer
from libs.common.timeline import Entry, append_all
from libs.common.verify import verify
from tests.cluster import eventually
from tests.common.plumbed import Plumbed, thing
from tests.common.sealing import HERE, write


async def test_what_is_written_is_sealed_anchored_and_verified(plumbed: Plumbed, anchors: AnchorFile):
    told: list[SealHead] = []

    async def announce(head: SealHead) -> None:
        told.append(head)

    sealer = Sealer(plumbed.sealer, anchors, announce=announce, batch_limit=4)
    assert await sealer.seal_once() == 0
    await write(plumbed, 10)
    assert [await sealer.seal_once() for _ in range(4)] == [4, 4, 2, 0]
    result = await verify(plumbed.sealer, anchors)
    assert result.ok
    assert (result.batches, result.rows, result.anchored_batches, result.unsealed) == (3, 10, 3, 0)
    assert [head.batch for head in told] == [1, 2, 3]
    assert [line["kind"] for line in anchors.lines()] == ["epoch", "seal", "seal", "seal"]


async def test_rows_wait_for_every_older_transaction_and_none_is_left_out(plumbed: Plumbed, anchors: AnchorFile):
    sealer = Sealer(plumbed.sealer, anchors)
    await sealer.seal_all()
    async with plumbed.app.unit_of_work(HERE) as slow:
        await append_all(slow, [Entry(event_type="risk_grading.kettle.boiled.v1", about=thing(), details={})])
        await write(plumbed, 3)
        assert await sealer.seal_all() == 0
        assert (await verify(plumbed.sealer, anchors)).unsealed == 3
    assert await sealer.seal_all() == 4
    assert (await verify(plumbed.sealer, anchors)).ok


async def test_two_sealers_never_seal_beside_each_other(plumbed: Plumbed, anchors: AnchorFile):
    first, second = Sealer(plumbed.sealer, anchors), Sealer(plumbed.sealer, anchors)
    await write(plumbed, 5)
    assert await first.seal_once() == 5
    await write(plumbed, 5)
    assert await second.seal_once() == 0
    await plumbed.superuser.execute("UPDATE leases SET expires_at = now() - interval '1 s' WHERE name = 'sealer'")
    assert await second.seal_once() == 5
    await write(plumbed, 2)
    assert await first.seal_once() == 0
    assert await second.seal_once() == 2
    assert (await verify(plumbed.sealer, anchors)).anchored_batches == 3


async def test_the_loop_seals_by_itself_and_leaves_nothing_settled_behind(plumbed: Plumbed, anchors: AnchorFile):
    stopping = asyncio.Event()
    running = asyncio.create_task(Sealer(plumbed.sealer, anchors).run(stopping))
    await write(plumbed, 3)

    async def is_sealed() -> bool:
        return await plumbed.superuser.fetchval("SELECT count(*) FROM seal_leaves") == 3

    await eventually(is_sealed)
    await write(plumbed, 2)
    stopping.set()
    await running
    assert (await verify(plumbed.sealer, anchors)).rows == 5


async def test_a_head_that_a_crash_left_unanchored_is_anchored_by_the_next(plumbed: Plumbed, anchors: AnchorFile):
    class Crash(Exception):
        pass

    async def crash(_: SealHead) -> None:
        raise Crash

    await write(plumbed, 2)
    with pytest.raises(Crash):
        await Sealer(plumbed.sealer, anchors, announce=crash).seal_once()
    assert anchors.newest() == (0, 1)
    await plumbed.superuser.execute("DELETE FROM leases")
    told: list[int] = []

    async def announce(head: SealHead) -> None:
        told.append(head.batch)

    await write(plumbed, 1)
    assert await Sealer(plumbed.sealer, anchors, announce=announce).seal_all() == 1
    assert told == [1, 2]
    assert (await verify(plumbed.sealer, anchors)).anchored_batches == 2


async def plan_of(database: Database, scope: Scope, statement: TextClause, **asked: object) -> str:
    async with database.unit_of_work(scope) as tx:
        # Where row-level security hides a condition from the index, a sequential scan is all that is left.
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        rows = await tx.all(text(f"EXPLAIN {statement.text}"), asked)
    return "\n".join(row["QUERY PLAN"] for row in rows)


async def test_indexes_serve_under_row_level_security(plumbed: Plumbed):
    kettle = thing()
    traced = await plan_of(
        plumbed.app, HERE, timeline._TRACE, correlation_id=kettle.correlation_id, limit=50, most=500
    )
    told = await plan_of(plumbed.app, HERE, timeline._HISTORY, aggregate_id=kettle.id, limit=50)
    place = seals.beyond(1, None) | {"limit": 5000}
    taken = await plan_of(plumbed.sealer, Scope.of_system("sealer"), seals._TAKE, **place)
    assert re.search(r"Index Cond: \(correlation_id = ANY", traced)
    assert re.search(r"Index Cond: \(aggregate_id = ", told)
    assert "(changed_in < pg_snapshot_xmin(pg_current_snapshot()))" in taken.split("Filter")[0]
    assert not any("Seq Scan on timeline" in plan for plan in (traced, told, taken))
