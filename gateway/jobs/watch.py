"""The door for time: the worker takes jobs in turn, and what was kept long enough goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from gateway.jobs.actions import remove_files, remove_jobs, remove_strays
from gateway.jobs.actions_work import JobLost, JobStopped, Run, StoodBack, Workshop, take
from gateway.jobs.rules import LEASE
from libs.common.db import Tx
from libs.common.db_errors import is_transient
from libs.common.metrics import counter
from libs.common.sweeps import attempt
from libs.common.watches import Watch, watch

log = structlog.get_logger("jobs")

SIDE_BY_SIDE: Final = 2
"""[DEF] So many jobs a process works on at once: each keeps a service busy, and people come first."""
IDLE_SECONDS: Final = 0.5
SWEEP_SECONDS: Final = 600
STRAYS_SECONDS: Final = 3600
Work = Callable[[Run], Awaitable[Mapping[str, Any]]]
"""The work of one kind of job: returns its result, and may be begun again at any time from the job's cursor."""

_ended = counter("jobs_ended", "jobs that a worker left, by how", ("kind", "outcome"))


def watches(home: Path) -> tuple[Watch, ...]:
    """The sweeps over ended jobs; they go by real time."""

    async def remove_files_of_jobs(_: datetime, tx: Tx) -> int:
        return await remove_files(tx, home)

    async def remove_old_jobs(_: datetime, tx: Tx) -> int:
        return await remove_jobs(tx)

    async def remove_stray_folders(_: datetime, tx: Tx) -> int:
        return await remove_strays(tx, home)

    return (
        watch("remove_files_of_jobs", remove_files_of_jobs, every_seconds=SWEEP_SECONDS),
        watch("remove_old_jobs", remove_old_jobs, every_seconds=SWEEP_SECONDS),
        watch("remove_stray_folders", remove_stray_folders, every_seconds=STRAYS_SECONDS),
    )


class Worker:
    """Takes jobs and does them, a few at a time, until told to stop: then it lets go, and another goes on."""

    def __init__(self, shop: Workshop, kinds: Mapping[str, Work]) -> None:
        self.shop, self.kinds = shop, dict(kinds)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until told to stop."""
        await asyncio.gather(*(self._keep(stopping) for _ in range(SIDE_BY_SIDE)))

    async def run_once(self) -> bool:
        """Take one job and leave it done, failed, or for later; False where nobody waits."""
        run = await take(self.shop)
        if run is None:
            return False
        outcome = await self._do(run)
        _ended.labels("gateway", run.job.kind, outcome).inc()
        return True

    async def _keep(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            turn = asyncio.ensure_future(attempt("job_not_taken", "jobs", self._step()))
            stopped = asyncio.ensure_future(stopping.wait())
            await asyncio.wait({turn, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not turn.done():
                turn.cancel()
                await asyncio.wait({turn})
                return
            if turn.result()[0] == 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)

    async def _step(self) -> int:
        return int(await self.run_once())

    async def _do(self, run: Run) -> str:
        """How the work ended. A fault of our own fails the job; the database away leaves it for later."""
        outcomes: list[str] = []

        async def step() -> int:
            outcomes.append(await self._outcome(run))
            return 1

        _, error = await attempt("job_broke", run.job.kind, step())
        if error is None:
            return outcomes[0]
        if is_transient(error):
            return "later"
        await attempt("job_not_failed", run.job.kind, _failed(run, _own_fault(run)))
        return "failed"

    async def _outcome(self, run: Run) -> str:
        """What is expected to happen to work: that it ends, is refused, is lost, or stands back."""
        try:
            await self._finish(run)
        except (JobLost, StoodBack):
            return "left"
        except JobStopped as stopped:
            log.info("job_stopped", kind=run.job.kind, job=str(run.job.id), code=stopped.problem["code"])
            await _failed(run, stopped.problem)
            return "failed"
        return "done"

    async def _finish(self, run: Run) -> None:
        beating = asyncio.ensure_future(_beat(run))
        work = asyncio.ensure_future(self._work(run))
        try:
            await asyncio.wait({beating, work}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise beating.exception() or JobLost()
            await run.finish(work.result())
        finally:
            for task in (beating, work):
                task.cancel()
            await asyncio.gather(beating, work, return_exceptions=True)

    async def _work(self, run: Run) -> Mapping[str, Any]:
        return await self.kinds[run.job.kind](run)


async def _beat(run: Run) -> None:
    """Keep the lease while a file is read or written, which takes longer than a lease."""
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        await run.hold_on()


async def _failed(run: Run, problem: Mapping[str, Any]) -> int:
    """End a job that cannot be done, unless somebody else has it by now."""
    with suppress(JobLost):
        await run.fail(problem)
    return 1


def _own_fault(run: Run) -> dict[str, Any]:
    title, detail = run.in_words(
        ("系统内部错误", "Internal error"),
        ("不是您的问题；请把任务编号告诉运维人员。", "This is not your fault; give the job's id to the operators."),
    )
    return {"code": "internal_error", "title": title, "detail": detail}
