"""All SQL about jobs. Callers see their own; the worker takes, keeps and ends them under a system scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, select, text, update

from gateway.jobs.model import job_faults, jobs
from gateway.jobs.rules import ENDED, MOST_FAULTS, Job, JobFault, JobState
from libs.common.aggregates import load, selected
from libs.common.db import Tx
from libs.common.pagination import Key, Page, Paging, page
from libs.common.problems import NotFound

ORDER: Sequence[Key] = ((jobs.c.id, "desc"),)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway jobs ' || :client_id, 0))")
_TAKE = text(
    """UPDATE jobs SET state = 'running', fence = fence + 1, lease_until = clock_timestamp() + :lease,
        version = version + CASE state WHEN 'queued' THEN 1 ELSE 0 END,
        started_at = coalesce(started_at, clock_timestamp())
      WHERE id = (SELECT j.id FROM jobs j
        WHERE j.ended_at IS NULL AND (j.state = 'queued' OR j.lease_until < clock_timestamp())
        ORDER BY (SELECT count(*) FROM jobs r WHERE r.ended_at IS NULL AND r.client_id = j.client_id
            AND r.state = 'running' AND r.lease_until >= clock_timestamp()), j.queued_at, j.id
        LIMIT 1 FOR UPDATE OF j SKIP LOCKED)
      RETURNING *"""
)
"""The client with the fewest running jobs comes first, then who waits longest: nobody's hundred keep one waiting."""


async def wait_for_turn(tx: Tx, client_id: str) -> None:
    """Count and add without another of the same client in between."""
    await tx.execute(_ONE_AT_A_TIME, {"client_id": client_id})


async def count_open(tx: Tx, client_id: str) -> int:
    """How many jobs of a client wait or run."""
    still = select(func.count()).where(jobs.c.client_id == client_id, jobs.c.ended_at.is_(None))
    return int(await tx.scalar(still))


async def add_job(tx: Tx, values: Mapping[str, Any]) -> None:
    """Put a job into the queue."""
    await tx.execute(jobs.insert().values(**values))


async def find_job(tx: Tx, job_id: UUID) -> Job:
    """A job that the caller started, or any under a system scope; NotFound otherwise."""
    return _of(await tx.one_or_none(_seen(tx).where(jobs.c.id == job_id)), job_id)


async def lock_job(tx: Tx, job_id: UUID) -> Job:
    """The same, locked."""
    return _of(await tx.one_or_none(_seen(tx).where(jobs.c.id == job_id).with_for_update()), job_id)


async def find_by_link(tx: Tx, link_hash: bytes, at: datetime) -> Job | None:
    """The job to whose result a link leads that still holds; under a system scope."""
    held = select(jobs).where(jobs.c.link_hash == link_hash, jobs.c.link_until > at)
    row = await tx.one_or_none(held)
    return None if row is None else load(Job, row)


async def list_jobs(tx: Tx, asked: Paging, kind: str | None, state: JobState | None) -> Page[Job]:
    """The caller's own jobs, or all under a system scope, the newest first."""
    chosen = _seen(tx)
    for column, value in ((jobs.c.kind, kind), (jobs.c.state, state)):
        chosen = chosen if value is None else chosen.where(column == value)
    mark = ["jobs", kind, state]
    return await page(tx, chosen, keys=ORDER, asked=asked, load=lambda row: load(Job, row), fingerprint=mark)


async def list_faults(tx: Tx, job_id: UUID, asked: Paging) -> Page[JobFault]:
    """What is wrong with the rows of a job that the caller may see."""
    chosen = select(job_faults).where(job_faults.c.job_id == job_id)
    keys: Sequence[Key] = ((job_faults.c.number, "asc"),)
    return await page(
        tx, chosen, keys=keys, asked=asked, load=lambda row: load(JobFault, row), fingerprint=["faults", str(job_id)]
    )


async def take_job(tx: Tx, lease: Any) -> Job | None:
    """The next job, held by who asks until the lease runs out; None where nobody waits."""
    row = await tx.one_or_none(_TAKE, {"lease": lease})
    return None if row is None else load(Job, row)


async def others_wait(tx: Tx, client_id: str) -> bool:
    """Whether another client's job stands in the queue."""
    waiting = select(jobs.c.id).where(jobs.c.state == JobState.QUEUED, jobs.c.client_id != client_id).limit(1)
    return await tx.scalar(waiting) is not None


async def write(tx: Tx, job: Job, values: Mapping[str, Any]) -> bool:
    """Write what a worker found, if it still holds the job; False where it was cancelled or given to another."""
    held = and_(jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.state == JobState.RUNNING)
    done = await tx.execute(update(jobs).where(held).values(**values))
    return done.rowcount == 1


async def change(tx: Tx, job: Job, values: Mapping[str, Any]) -> None:
    """Write the next version of a locked job."""
    await tx.execute(update(jobs).where(jobs.c.id == job.id).values(**values, version=job.version + 1))


async def add_faults(tx: Tx, job: Job, known: int, faults: Sequence[Mapping[str, Any]]) -> None:
    """Keep row errors after the `known` ones, as many as are kept of one job."""
    rows = [
        {"job_id": job.id, "number": known + number, **one}
        for number, one in enumerate(faults)
        if known + number < MOST_FAULTS
    ]
    if rows:
        await tx.execute(job_faults.insert(), rows)


async def write_link(tx: Tx, job: Job, link_hash: bytes, until: datetime) -> None:
    """Keep the hash of the one link to a job's result."""
    await tx.execute(update(jobs).where(jobs.c.id == job.id).values(link_hash=link_hash, link_until=until))


async def link_until(tx: Tx, job: Job) -> datetime | None:
    """Until when the link to a job's result holds."""
    until: datetime | None = await tx.scalar(select(jobs.c.link_until).where(jobs.c.id == job.id))
    return until


async def ended_before(tx: Tx, before: datetime, *, with_file: bool, most: int) -> list[UUID]:
    """Jobs that ended before an instant, locked; those with a file where it is the file that is to go."""
    over = select(jobs.c.id).where(jobs.c.ended_at < before, jobs.c.state.in_(ENDED))
    if with_file:
        over = over.where(jobs.c.file_gone_at.is_(None))
    chosen = over.order_by(jobs.c.ended_at).limit(most).with_for_update(skip_locked=True)
    return [row["id"] for row in await tx.all(chosen)]


async def those_known(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are jobs, whoever sees them."""
    return {row["id"] for row in await tx.all(select(jobs.c.id).where(jobs.c.id.in_(ids)))}


async def note_files_gone(tx: Tx, ids: Sequence[UUID], at: datetime) -> None:
    """The files of these jobs are no more."""
    gone = {"file_gone_at": at, "link_hash": None, "link_until": None}
    await tx.execute(update(jobs).where(jobs.c.id.in_(ids)).values(**gone))


async def remove_jobs(tx: Tx, ids: Sequence[UUID]) -> None:
    """These jobs were told of long enough."""
    await tx.execute(delete(jobs).where(jobs.c.id.in_(ids)))


def _seen(tx: Tx) -> Select[Any]:
    """The first wall: a caller's own."""
    return selected(jobs, tx.scope)


def _of(row: Any, job_id: UUID) -> Job:
    if row is None:
        raise NotFound("jobs", job_id)
    return load(Job, row)
