"""The verbs on jobs: start, cancel, link to a result, and let go of what was kept long enough."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from gateway.jobs import rules, store
from gateway.jobs.actions_refused import JobAlreadyEnded, NoResultYet, TooManyJobs
from gateway.jobs.rules import AboutJob, Job, JobFault, JobState
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.pagination import Page, Paging
from libs.common.problems import NotFound, StaleVersion
from libs.common.timeline import Entry, append_all, read_access

ADMINISTRATORS: Final = ("administrator", "system_administrator")
"""Who sees everybody's jobs, where their grant reaches the whole of a city."""
_SYSTEM: Final = "jobs"
_LINK_BYTES: Final = 32
_SWEPT: Final = 100
_STRAYS: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Long work as a door asks for it."""

    kind: str
    asked: Mapping[str, Any]
    oauth_scopes: frozenset[str]
    acting_post: UUID | None
    language: str
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A way to a result that needs no token; `code` is shown this once and kept as a hash only."""

    id: UUID
    code: str | None
    until: datetime


def folder_of(home: Path, job_id: UUID) -> Path:
    """Where the files of a job are: what was brought, what was read, and the result."""
    return home / "jobs" / str(job_id)


async def start_job(tx: Tx, wanted: Wanted) -> Job:
    """Put work into the queue; it is done as the caller, whose rights are looked up again at every step.

    Raises TooManyJobs (429).
    """
    await store.wait_for_turn(tx, tx.caller.client_id)
    async with tx.system(_SYSTEM):
        if await store.count_open(tx, tx.caller.client_id) >= rules.MOST_OPEN:
            raise TooManyJobs
    at, job_id = system_now(), wanted.id or new_id()
    values = {
        "id": job_id, "version": 1, "kind": wanted.kind, "state": JobState.QUEUED, "owner": tx.caller.subject,
        "client_id": tx.caller.client_id, "acting_post": wanted.acting_post,
        "oauth_scopes": sorted(wanted.oauth_scopes), "language": wanted.language, "correlation_id": new_id(),
        "asked": dict(wanted.asked), "cursor": {}, "done": 0, "faults": 0, "created_at": at, "queued_at": at,
        "fence": 0,
    }  # fmt: skip
    await store.add_job(tx, values)
    job = await store.find_job(tx, job_id)
    await tell(tx, job, "started", wanted.asked)
    return job


async def tell(tx: Tx, job: Job, fact: str, details: Mapping[str, Any]) -> None:
    """Write what became of a job into the timeline."""
    about = AboutJob(id=job.id, version=job.version, correlation_id=job.correlation_id)
    await append_all(tx, [Entry(event_type=f"gateway.{job.kind}.{fact}.v1", about=about, details=dict(details))])


async def find_job(tx: Tx, job_id: UUID) -> Job:
    """A job of the caller's, or anybody's for the city's administrator; NotFound (404) otherwise."""
    if not _sees_all(tx):
        return await store.find_job(tx, job_id)
    async with tx.system(_SYSTEM):
        return await store.find_job(tx, job_id)


async def list_jobs(tx: Tx, asked: Paging, kind: str | None, state: JobState | None) -> Page[Job]:
    """The caller's jobs, or everybody's for the city's administrator, the newest first."""
    if not _sees_all(tx):
        return await store.list_jobs(tx, asked, kind, state)
    async with tx.system(_SYSTEM):
        return await store.list_jobs(tx, asked, kind, state)


async def list_faults(tx: Tx, job_id: UUID, asked: Paging) -> Page[JobFault]:
    """What is wrong with which row; NotFound (404) for another's job."""
    await find_job(tx, job_id)
    async with tx.system(_SYSTEM):
        return await store.list_faults(tx, job_id, asked)


async def cancel_job(tx: Tx, job_id: UUID, expected: int | None) -> Job:
    """Nothing more is done; what was done stays, and is counted. Raises JobAlreadyEnded (409)."""
    await find_job(tx, job_id)
    async with tx.system(_SYSTEM):
        job = await store.lock_job(tx, job_id)
        _require_version(job, expected)
        if job.state in rules.ENDED:
            raise JobAlreadyEnded(job)
        ended = {"state": JobState.CANCELLED, "ended_at": system_now(), "lease_until": None}
        await store.change(tx, job, ended)
        await tell(tx, job, "cancelled", {"done": job.done})
        return await store.find_job(tx, job_id)


async def make_link(tx: Tx, job_id: UUID) -> Link:
    """A link to the result that holds five minutes ([DEF]), for a browser; an earlier one ends. For who started it.

    Raises NoResultYet (409).
    """
    job = await store.lock_job(tx, job_id)
    if not rules.has_file(job):
        raise NoResultYet(job)
    code, until = secrets.token_urlsafe(_LINK_BYTES), system_now() + rules.LINK_HOLDS
    async with tx.system(_SYSTEM):
        await store.write_link(tx, job, sha256(code.encode()).digest(), until)
    return Link(id=job.id, code=code, until=until)


async def link_of(tx: Tx, job_id: UUID) -> Link:
    """The link for the answer to a repeat: its code was shown once and is not known any more."""
    job = await store.find_job(tx, job_id)
    async with tx.system(_SYSTEM):
        until = await store.link_until(tx, job)
    return Link(id=job.id, code=None, until=until or system_now())


async def result_of(tx: Tx, job_id: UUID) -> Job:
    """The job whose result its own starter takes; the timeline notes it. Raises NotFound (404), NoResultYet (409)."""
    return await _taken(tx, await store.find_job(tx, job_id))


async def result_behind(tx: Tx, code: str) -> Job:
    """The job to whose result a link leads; NotFound (404) for one that no longer holds."""
    async with tx.system(_SYSTEM):
        job = await store.find_by_link(tx, sha256(code.encode()).digest(), system_now())
        if job is None:
            raise NotFound("downloads", "link")
        return await _taken(tx, job)


async def _taken(tx: Tx, job: Job) -> Job:
    if not rules.has_file(job):
        raise NoResultYet(job)
    about = AboutJob(id=job.id, version=job.version, correlation_id=job.correlation_id)
    await read_access(tx, about, noun=job.kind, why="", details={"list": job.asked.get("list")})
    return job


async def remove_files(tx: Tx, home: Path) -> int:
    """The files of jobs that ended long ago go; returns how many jobs had some."""
    over = await store.ended_before(tx, system_now() - rules.FILE_KEPT, with_file=True, most=_SWEPT)
    for job_id in over:
        await asyncio.to_thread(shutil.rmtree, folder_of(home, job_id), ignore_errors=True)
    await store.note_files_gone(tx, over, system_now())
    return len(over)


async def remove_jobs(tx: Tx) -> int:
    """Jobs that were told of long enough go; returns how many."""
    over = await store.ended_before(tx, system_now() - rules.KEPT, with_file=False, most=_SWEPT)
    await store.remove_jobs(tx, over)
    return len(over)


async def remove_strays(tx: Tx, home: Path) -> int:
    """Folders go whose file arrived and whose job was never written, since a crash came between; returns how many."""
    old = await asyncio.to_thread(_folders_before, home / "jobs", system_now() - rules.STRAY_AFTER)
    strays = old - await store.those_known(tx, old)
    for job_id in strays:
        await asyncio.to_thread(shutil.rmtree, folder_of(home, job_id), ignore_errors=True)
    return len(strays)


def _folders_before(room: Path, before: datetime) -> set[UUID]:
    """The jobs whose folders were written to last before an instant; so many as a sweep takes at most."""
    found: set[UUID] = set()
    for folder in room.glob("*-*-*-*-*"):
        with suppress(ValueError, FileNotFoundError):
            if folder.stat().st_mtime < before.timestamp():
                found.add(UUID(folder.name))
        if len(found) == _STRAYS:
            break
    return found


def _sees_all(tx: Tx) -> bool:
    return any(
        grant.role in ADMINISTRATORS
        and grant.sectors is None
        and rules.reaches_a_city(grant.area_from, grant.area_to)
        for grant in tx.caller.grants
    )


def _require_version(job: Job, expected: int | None) -> None:
    if expected is not None and job.version != expected:
        raise StaleVersion(expected=expected, current=job.version)
