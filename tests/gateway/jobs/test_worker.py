"""Jobs: a killed one goes on from its last committed batch, nobody waits behind a hundred, and an end is an end."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.jobs import actions, rules
from gateway.jobs.actions import Wanted
from gateway.jobs.actions_refused import TooManyJobs
from gateway.jobs.actions_work import JobLost, JobStopped, Run, StoodBack, Workshop, take
from gateway.jobs.rules import Job, JobState
from gateway.jobs.watch import Worker
from gateway.services import ServiceClient
from gateway.tokens.rules import TokenLife
from libs.common.crypto import Seals
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.common.scope import Scope
from tests.cluster import FreshDatabase

LIFE = TokenLife(issuer="http://issuer", audience="shoutu", seconds=600)


def caller(name: str) -> Scope:
    return Scope(subject=name, client_id=name)


@asynccontextmanager
async def workshop(fresh: FreshDatabase, home: Path) -> AsyncIterator[Workshop]:
    async def document() -> dict[str, Any]:
        return {}

    database = Database(fresh.url("gateway_app"), service="gateway", pool_size=4)
    services = ServiceClient({}, timeout_seconds=1)
    seals = Seals(current_id="1", current="s" * 32)
    yield Workshop(
        database=database, services=services, seals=seals, life=LIFE, home=home, document=document
    )  # fmt: skip
    await services.close()
    await database.close()


async def start(shop: Workshop, name: str = "one") -> Job:
    wanted = Wanted(
        kind="export", asked={"list": "/v1/areas"}, oauth_scopes=frozenset({"shoutu"}), acting_post=None,
        language="zh",
    )  # fmt: skip
    async with shop.database.unit_of_work(caller(name)) as tx:
        return await actions.start_job(tx, wanted)


async def seen(shop: Workshop, job: Job) -> Job:
    async with shop.database.unit_of_work(caller(job.owner)) as tx:
        return await actions.find_job(tx, job.id)


async def let_the_lease_run_out(shop: Workshop) -> None:
    async with shop.database.unit_of_work(Scope.of_system("test")) as tx:
        await tx.execute(text("UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second'"
                              " WHERE state = 'running'"))  # fmt: skip


async def held(shop: Workshop) -> Run:
    run = await take(shop)
    assert run is not None
    return run


async def test_a_killed_job_goes_on_from_its_last_batch_and_its_first_worker_writes_no_more(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        job = await start(shop)
        first = await held(shop)
        await first.keep(cursor={"at": 500}, done=500, total=1000, faults=[
            {"row": 3, "cell": "A3", "field": "code", "code": "missing", "detail": "必填"}])  # fmt: skip
        assert await take(shop) is None, "two workers had one job"
        await let_the_lease_run_out(shop)
        second = await held(shop)
        assert (second.job.cursor, second.job.done, second.job.faults) == ({"at": 500}, 500, 1)
        for write in (first.keep(cursor={"at": 900}, done=900, total=1000), first.finish({}), first.hold_on()):
            with pytest.raises(JobLost):
                await write
        await second.keep(cursor={"at": 1000}, done=1000, total=1000)
        await second.finish({"rows": 1000})
        ended = await seen(shop, job)
        assert (ended.state, ended.done, ended.faults, ended.version) == (JobState.DONE, 1000, 1, 3)


async def test_the_client_with_the_fewest_running_jobs_comes_first(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        for _ in range(3):
            await start(shop, "many")
        await start(shop, "few")
        assert [(await held(shop)).job.owner for _ in range(3)] == ["many", "few", "many"]


async def test_a_job_that_had_its_turn_stands_back_behind_another_client(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "TURN", timedelta())
    async with workshop(fresh_database, tmp_path) as shop:
        await start(shop, "long")
        run = await held(shop)
        await run.keep(cursor={"at": 1}, done=1, total=9)
        await start(shop, "other")
        with pytest.raises(StoodBack):
            await run.keep(cursor={"at": 2}, done=2, total=9)
        assert (await held(shop)).job.owner == "other"
        again = await held(shop)
        assert (again.job.owner, again.job.cursor) == ("long", {"at": 2})


async def test_a_cancelled_job_is_lost_to_its_worker_and_keeps_its_count(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        job = await start(shop)
        run = await held(shop)
        await run.keep(cursor={"at": 1}, done=7, total=9)
        async with shop.database.unit_of_work(caller(job.owner)) as tx:
            cancelled = await actions.cancel_job(tx, job.id, None)
        assert (cancelled.state, cancelled.done) == (JobState.CANCELLED, 7)
        with pytest.raises(JobLost):
            await run.keep(cursor={"at": 2}, done=8, total=9)


async def test_a_worker_leaves_each_job_ended_whatever_its_work_raises(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async def refuse(run: Run) -> Mapping[str, Any]:
        raise JobStopped("client_ended", "停用", "该客户端已停用")

    async def break_down(run: Run) -> Mapping[str, Any]:
        raise KeyError("a fault of our own")

    async with workshop(fresh_database, tmp_path) as shop:
        for work, code in ((refuse, "client_ended"), (break_down, "internal_error")):
            job = await start(shop)
            assert await Worker(shop, {"export": work}).run_once()
            ended = await seen(shop, job)
            assert (ended.state, (ended.problem or {})["code"]) == (JobState.FAILED, code)
        assert not await Worker(shop, {}).run_once()


async def test_work_that_meets_a_database_away_is_done_later(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async def away(run: Run) -> Mapping[str, Any]:
        raise ConnectionError

    async with workshop(fresh_database, tmp_path) as shop:
        job = await start(shop)
        await Worker(shop, {"export": away}).run_once()
        assert (await seen(shop, job)).state is JobState.RUNNING
        await let_the_lease_run_out(shop)
        assert (await held(shop)).job.id == job.id


async def test_an_ended_caller_gets_no_token_and_its_job_stops(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        await start(shop, "gone")
        async with shop.database.unit_of_work(Scope.of_system("test")) as tx:
            await tx.execute(text(
                "INSERT INTO access_grants (id, subject, kind, version, posts, parties, grants, ended)"
                " VALUES (gen_random_uuid(), 'gone', 'program', 2, '[]', '[]', '[]', true)"))  # fmt: skip
        run = await held(shop)
        with pytest.raises(JobStopped) as stopped:
            await run.token()
        assert stopped.value.problem["code"] == "client_ended"


async def test_a_client_has_so_many_open_jobs_and_no_more(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        for _ in range(rules.MOST_OPEN):
            await start(shop)
        with pytest.raises(TooManyJobs):
            await start(shop)
        await start(shop, "another")


async def test_another_subject_sees_no_job_and_the_citys_administrator_sees_all(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        job = await start(shop)
        with pytest.raises(NotFound):
            await seen(shop, replace(job, owner="another"))
        async with shop.database.unit_of_work(caller("another")) as tx:
            unscoped = await tx.all(text("SELECT id FROM jobs"))
        assert unscoped == [], "the second wall let another's job through"


async def test_files_go_after_a_week_and_jobs_after_a_month(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        job = await start(shop)
        run = await held(shop)
        (run.folder / "result.csv").write_text("x")
        await run.finish({"file": "result.csv"})
        for days, files, jobs in ((6, 0, 0), (8, 1, 0), (31, 0, 1)):
            async with shop.database.unit_of_work(Scope.of_system("test")) as tx:
                asked = text("UPDATE jobs SET ended_at = clock_timestamp() - make_interval(days => :days)")
                await tx.execute(asked, {"days": days})
                assert await actions.remove_files(tx, tmp_path) == files
                assert await actions.remove_jobs(tx) == jobs
        assert not actions.folder_of(tmp_path, job.id).exists()


async def test_what_a_crash_left_of_an_upload_goes_after_a_day(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with workshop(fresh_database, tmp_path) as shop:
        job, stray, fresh = (await start(shop)).id, new_id(), new_id()
        for one in (job, stray, fresh):
            folder = actions.folder_of(tmp_path, one)
            folder.mkdir(parents=True, exist_ok=True)
            if one != fresh:
                os.utime(folder, (time.time() - 90_000,) * 2)
        (tmp_path / "jobs" / "templates").mkdir()
        async with shop.database.unit_of_work(Scope.of_system("test")) as tx:
            assert await actions.remove_strays(tx, tmp_path) == 1
        assert {one.name for one in (tmp_path / "jobs").iterdir()} == {str(job), str(fresh), "templates"}
