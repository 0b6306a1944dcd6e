"""One row that cannot be handled: the others are, it is written down, and tried again after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, select

from libs.common import sweeps
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.metrics import exposition
from libs.common.sweeps import Sweeper
from libs.common.watchdog import Watchdog
from libs.common.watches import WatchLoop, sweep, watch
from tests.common.plumbed import SCHEMA, Plumbed

kettles = Table(
    "kettles",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("due_at", DateTime(timezone=True)),
    Column("boiled_at", DateTime(timezone=True)),
)
cups = Table("cups", MetaData(), Column("id", Integer, primary_key=True))


class KettleBroken(Exception):
    """What a verb raises about one row."""


class Kitchen:
    """Kettles to be boiled, some of them broken; and which batches were picked."""

    def __init__(self, *broken: int) -> None:
        self.broken = set(broken)
        self.batches: list[list[int]] = []

    async def boil(self, now: datetime, tx: Tx) -> int:
        """Boil up to three due kettles; each takes a cup, locked, on the way."""
        due = select(kettles.c.id).where(kettles.c.boiled_at.is_(None), kettles.c.due_at <= now)
        picked = due.order_by(kettles.c.due_at).limit(3).with_for_update(skip_locked=True)
        batch = [row["id"] for row in await tx.all(picked)]
        self.batches.append(batch)
        for one in batch:
            assert len(await tx.all(select(cups.c.id).with_for_update(skip_locked=True))) == 2
            await tx.execute(kettles.update().where(kettles.c.id == one).values(boiled_at=now))
            if one in self.broken:
                raise KettleBroken(f"kettle {one}")
        return len(batch)


async def with_kettles(plumbed: Plumbed, count: int) -> None:
    """Kettles 1 to `count`, due in the order of their numbers."""
    await plumbed.superuser.execute(
        "CREATE TABLE kettles (id integer PRIMARY KEY, due_at timestamptz, boiled_at timestamptz);"
        "CREATE TABLE cups (id integer PRIMARY KEY); INSERT INTO cups VALUES (1), (2);"
        "GRANT ALL ON kettles, cups TO risk_grading_app"
    )
    first = system_now() - timedelta(hours=1)
    rows = [(number, first + timedelta(seconds=number)) for number in range(1, count + 1)]
    await plumbed.superuser.executemany("INSERT INTO kettles (id, due_at) VALUES ($1, $2)", rows)


async def unboiled(plumbed: Plumbed) -> list[int]:
    """The kettles that were not boiled."""
    found = await plumbed.superuser.fetch("SELECT id FROM kettles WHERE boiled_at IS NULL ORDER BY id")
    return [row["id"] for row in found]


async def let_time_pass(plumbed: Plumbed) -> None:
    """As if every row that is set aside had waited long enough."""
    await plumbed.superuser.execute("UPDATE watch_setbacks SET retry_at = now() - interval '1 s'")


async def test_one_row_that_fails_stops_neither_its_batch_nor_the_later_ones(plumbed: Plumbed) -> None:
    await with_kettles(plumbed, 10)
    kitchen = Kitchen(2, 7)
    with pytest.raises(KettleBroken, match="kettle 2"):
        await sweep(plumbed.app, watch("boil_kettles", kitchen.boil, every_seconds=1))
    assert await unboiled(plumbed) == [2, 7]
    rows = await plumbed.superuser.fetch("SELECT * FROM watch_setbacks ORDER BY subject")
    assert [(row["name"], row["subject"], row["failures"]) for row in rows] == [
        ("boil_kettles", "2", 1),
        ("boil_kettles", "7", 1),
    ]
    assert rows[0]["error"] == "KettleBroken: kettle 2"
    assert rows[0]["retry_at"] > system_now()


async def test_a_row_that_is_set_aside_is_left_alone_until_its_time(plumbed: Plumbed) -> None:
    await with_kettles(plumbed, 1)
    kitchen = Kitchen(1)
    sweeper = Sweeper(plumbed.app, "boil_kettles", kitchen.boil)
    assert [await sweeper.run(), len(sweeper.failed)] == [0, 1]
    assert [await sweeper.run(), len(sweeper.failed)] == [0, 0]
    assert kitchen.batches[-1] == []
    await let_time_pass(plumbed)
    sweeper.forget()
    assert [await sweeper.run(), len(sweeper.failed)] == [0, 1]
    noted = await plumbed.superuser.fetchrow("SELECT failures, retry_at - last_failed_at AS wait FROM watch_setbacks")
    assert (noted["failures"], noted["wait"]) == (2, timedelta(seconds=60))


async def test_a_row_that_was_mended_is_handled_and_forgotten(plumbed: Plumbed) -> None:
    await with_kettles(plumbed, 2)
    kitchen = Kitchen(1)
    sweeper = Sweeper(plumbed.app, "boil_kettles", kitchen.boil)
    assert await sweeper.run() == 1
    kitchen.broken.clear()
    await let_time_pass(plumbed)
    sweeper.forget()
    assert await sweeper.run() == 1
    assert await unboiled(plumbed) == []
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM watch_setbacks") == 0


async def test_a_row_that_is_not_due_any_longer_is_forgotten(plumbed: Plumbed) -> None:
    await with_kettles(plumbed, 1)
    sweeper = Sweeper(plumbed.app, "boil_kettles", Kitchen(1).boil)
    await sweeper.run()
    await plumbed.superuser.execute("UPDATE kettles SET boiled_at = now()")
    await let_time_pass(plumbed)
    sweeper.forget()
    assert [await sweeper.run(), len(sweeper.failed)] == [0, 0]
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM watch_setbacks") == 0


async def test_a_row_that_was_not_reached_stays_set_aside(plumbed: Plumbed) -> None:
    """Three rows before it are looked at, and none is moved: nobody has tried it again."""
    await with_kettles(plumbed, 4)
    kitchen = Kitchen(4)

    async def look(now: datetime, tx: Tx) -> int:
        due = select(kettles.c.id).where(kettles.c.due_at <= now).order_by(kettles.c.due_at)
        kitchen.batches.append([row["id"] for row in await tx.all(due.limit(3).with_for_update(skip_locked=True))])
        return 0

    with pytest.raises(KettleBroken):
        await sweep(plumbed.app, watch("boil_kettles", kitchen.boil, every_seconds=1))
    await let_time_pass(plumbed)
    assert await sweep(plumbed.app, watch("boil_kettles", look, every_seconds=1)) == 0
    assert kitchen.batches[-1] == [1, 2, 3]
    assert await plumbed.superuser.fetchval("SELECT subject FROM watch_setbacks") == "4"


async def test_where_almost_every_row_fails_the_watch_is_what_failed(
    plumbed: Plumbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "MOST_SET_ASIDE", 4)
    await with_kettles(plumbed, 9)
    sweeper = Sweeper(plumbed.app, "boil_kettles", Kitchen(*range(1, 10)).boil)
    with pytest.raises(KettleBroken):
        await sweeper.run()
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM watch_setbacks") == 4


async def test_what_passes_by_itself_sets_no_row_aside(plumbed: Plumbed) -> None:
    await with_kettles(plumbed, 2)

    async def away(now: datetime, tx: Tx) -> int:
        await Kitchen().boil(now, tx)
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await sweep(plumbed.app, watch("boil_kettles", away, every_seconds=1))
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM watch_setbacks") == 0


async def test_a_row_that_is_set_aside_is_seen_by_metric_run_and_watchdog(plumbed: Plumbed) -> None:
    await with_kettles(plumbed, 3)
    boil = watch("boil_seen_kettles", Kitchen(3).boil, every_seconds=1)
    assert await WatchLoop(plumbed.app, [boil]).run_once(boil) == 2
    run = await plumbed.superuser.fetchrow("SELECT * FROM watch_runs")
    assert run["error"] == "a row is set aside: KettleBroken: kettle 3"
    assert run["last_finished_at"] is not None
    shown = f'watch_rows_set_aside{{service="{SCHEMA}",watch="boil_seen_kettles"}} 1.0'
    assert shown in exposition(SCHEMA).decode()
    watchdog = Watchdog(plumbed.app, watches=[boil])
    assert [await watchdog.look(), await watchdog.look()] == [0, 1]
    found = await plumbed.superuser.fetchrow("SELECT check_name, subject FROM watchdog_findings")
    assert tuple(found) == ("set_aside", "boil_seen_kettles:3")
