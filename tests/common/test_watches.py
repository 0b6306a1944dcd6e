"""Watches: bounded batches until nothing moves, one replica at a time, and no failure in silence."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from libs.common import clocks
from libs.common.db import Tx
from libs.common.leases import Lease
from libs.common.scope import Scope
from libs.common.watches import WatchLoop, sweep, sweep_all, watch
from tests.cluster import eventually
from tests.common.plumbed import Plumbed

_TAKE = text(
    "UPDATE kettles SET boiled_at = :now WHERE id IN (SELECT id FROM kettles WHERE boiled_at IS NULL"
    " AND due_at <= :now ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT 3)"
)


async def boil(now: datetime, tx: Tx) -> int:
    moved: int = (await tx.execute(_TAKE, {"now": now})).rowcount
    return moved


async def fail(now: datetime, tx: Tx) -> int:
    raise ArithmeticError("no \0 water")


BOIL = watch("boil_due_kettles", boil, every_seconds=0.05)
FAIL = watch("fail_always", fail, every_seconds=0.05)


async def with_kettles(plumbed: Plumbed, *due_in_seconds: int) -> None:
    await plumbed.superuser.execute(
        "CREATE TABLE IF NOT EXISTS kettles (id serial, due_at timestamptz, boiled_at timestamptz);"
        "GRANT ALL ON kettles TO risk_grading_app"
    )
    for seconds in due_in_seconds:
        await plumbed.superuser.execute(
            "INSERT INTO kettles (due_at) VALUES ($1)", clocks.system_now() + timedelta(seconds=seconds)
        )


async def boiled(plumbed: Plumbed) -> int:
    found: int = await plumbed.superuser.fetchval("SELECT count(boiled_at) FROM kettles")
    return found


async def test_a_sweep_that_was_down_for_a_day_does_each_due_thing_once(plumbed: Plumbed):
    await with_kettles(plumbed, *range(-86_400, 0, 8640), 3600)
    assert await sweep(plumbed.app, BOIL) == 10
    assert await sweep(plumbed.app, BOIL) == 0
    assert await boiled(plumbed) == 10


async def test_side_by_side_sweeps_share_the_work_and_repeat_nothing(plumbed: Plumbed):
    await with_kettles(plumbed, *[-1] * 40)
    moved = await asyncio.gather(*(sweep(plumbed.app, BOIL) for _ in range(4)))
    assert sum(moved) == 40


async def test_a_moved_clock_makes_things_due(plumbed: Plumbed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clocks, "_demonstration", clocks._Demonstration())
    await with_kettles(plumbed, 3600)
    assert await sweep_all(plumbed.app, [BOIL]) == 0
    clocks.allow_demonstration()
    clocks.set_offset(7200)
    assert await sweep_all(plumbed.app, [BOIL]) == 1


async def test_watches_that_move_things_for_ever_are_found_out(plumbed: Plumbed, monkeypatch: pytest.MonkeyPatch):
    for module in ("watches", "sweeps"):
        monkeypatch.setattr(f"libs.common.{module}.MOST_BATCHES", 3)

    async def restless(now: datetime, tx: Tx) -> int:
        return 1

    with pytest.raises(RuntimeError, match="for ever"):
        await sweep_all(plumbed.app, [watch("restless", restless, every_seconds=1)])


async def test_the_loop_runs_each_watch_and_one_that_fails_stops_no_other(plumbed: Plumbed):
    await with_kettles(plumbed, -1, -1, -1, -1)
    stopping = asyncio.Event()
    running = asyncio.create_task(WatchLoop(plumbed.app, [FAIL, BOIL]).run(stopping))

    async def swept() -> bool:
        failures = await plumbed.superuser.fetchval("SELECT failures FROM watch_runs WHERE name = 'fail_always'")
        return await boiled(plumbed) == 4 and (failures or 0) >= 2

    await eventually(swept)
    await with_kettles(plumbed, -1)

    async def swept_again() -> bool:
        return await boiled(plumbed) == 5

    await eventually(swept_again)
    stopping.set()
    await running
    runs = {row["name"]: row for row in await plumbed.superuser.fetch("SELECT * FROM watch_runs")}
    assert runs["boil_due_kettles"]["moved"] == 5
    assert runs["boil_due_kettles"]["error"] is None
    assert runs["boil_due_kettles"]["last_finished_at"] >= runs["boil_due_kettles"]["last_started_at"]
    assert runs["fail_always"]["last_finished_at"] is None
    assert runs["fail_always"]["error"] == "ArithmeticError: no  water"
    assert await plumbed.superuser.fetchval("SELECT expires_at <= clock_timestamp() FROM leases")


async def test_a_moved_clock_wakes_watches_that_rest(plumbed: Plumbed):
    rare = watch("boil_rarely", boil, every_seconds=3600)
    loop, stopping = WatchLoop(plumbed.app, [rare]), asyncio.Event()
    running = asyncio.create_task(loop.run(stopping))

    async def ran_once() -> bool:
        return await plumbed.superuser.fetchval("SELECT count(*) FROM watch_runs") == 1

    await eventually(ran_once)
    await with_kettles(plumbed, -1)

    async def swept() -> bool:
        loop.wake()
        return await boiled(plumbed) == 1

    await eventually(swept)
    stopping.set()
    await running
    assert await plumbed.superuser.fetchval("SELECT moved FROM watch_runs") == 1


async def test_only_the_holder_of_the_lease_sweeps(plumbed: Plumbed):
    await with_kettles(plumbed, -1)
    first, second = WatchLoop(plumbed.app, [BOIL]), WatchLoop(plumbed.app, [BOIL])
    assert await first.run_once(BOIL) == 1
    await with_kettles(plumbed, -1)
    assert await second.run_once(BOIL) == 0
    await plumbed.superuser.execute("UPDATE leases SET expires_at = now() - interval '1 s'")
    second = WatchLoop(plumbed.app, [BOIL], lease=Lease(plumbed.app, "watches"))
    assert await second.run_once(BOIL) == 1
    await with_kettles(plumbed, -1)
    assert await first.run_once(BOIL) == 0
    assert await boiled(plumbed) == 2


async def test_a_watch_acts_under_its_own_named_system_scope(plumbed: Plumbed):
    seen: list[Scope] = []

    async def look(now: datetime, tx: Tx) -> int:
        seen.append(tx.caller)
        return 0

    await sweep(plumbed.app, watch("look_around", look, every_seconds=1))
    assert [(scope.subject, scope.system) for scope in seen] == [("system:watch:look_around", "watch:look_around")]


async def test_a_database_that_is_away_is_a_failure_and_not_the_end(plumbed: Plumbed):
    class Away:
        seconds = 15.0

        async def hold(self) -> int | None:
            raise OSError("away")

    loop = WatchLoop(plumbed.app, [BOIL], lease=Away())  # type: ignore[arg-type]
    assert await loop.run_once(BOIL) == 0


def test_names_are_unique_and_paces_positive():
    with pytest.raises(ValueError, match="one name"):
        WatchLoop(None, [BOIL, BOIL])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="more than 0"):
        watch("never", boil, every_seconds=0)
