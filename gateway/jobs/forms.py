"""How jobs are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from gateway.jobs.actions import Link
from gateway.jobs.rules import FILE_KEPT, KEPT, Job, JobFault, JobState, open_moves, percent
from libs.common.forms import Shown
from libs.common.scope import Scope

JobKind = Literal["export", "import"]


class JobOut(Shown):
    """One piece of long work, how far it is and what came of it."""

    id: UUID
    version: int
    kind: JobKind
    state: JobState
    asked: dict[str, Any] = Field(description="what it was started with")
    done: int = Field(description="rows handled so far")
    total: int | None = Field(description="of how many; null while nobody knows")
    percent: int | None
    faults: int = Field(description="row errors so far; their words are at `/v1/jobs/{id}/errors`")
    result: dict[str, Any] | None = Field(description="what came of it, with counts")
    problem: dict[str, Any] | None = Field(description="why it failed")
    owner: str = Field(description="who started it")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None = Field(description="until when an ended job is told of")
    file_until: datetime | None = Field(description="until when its file can be downloaded")
    actions: list[str]


class JobFaultOut(Shown):
    """What is wrong with one row of a file."""

    row: int = Field(description="the row's number in the file, as office programs show it")
    cell: str | None = Field(description="such as C7; null where it is about the whole row")
    field: str | None
    code: str
    detail: str


class LinkOut(Shown):
    """A link to a result that needs no token."""

    url: str | None = Field(description="shown this once; null in the answer to a repeat")
    expires_at: datetime


def show_job(job: Job, scope: Scope) -> JobOut:
    """A job, and what may be done with it now."""
    del scope
    ended = job.ended_at
    return JobOut(
        id=job.id, version=job.version, kind=job.kind, state=job.state, asked=dict(job.asked),
        done=job.done, total=job.total, percent=percent(job), faults=job.faults,
        result=None if job.result is None else dict(job.result),
        problem=None if job.problem is None else dict(job.problem), owner=job.owner, created_at=job.created_at,
        started_at=job.started_at, ended_at=ended, expires_at=None if ended is None else ended + KEPT,
        file_until=ended + FILE_KEPT if ended and job.file_gone_at is None and "file" in (job.result or {}) else None,
        actions=list(open_moves(job)),
    )  # fmt: skip


def show_fault(fault: JobFault, scope: Scope) -> JobFaultOut:
    """One row error."""
    del scope
    return JobFaultOut.model_validate(fault)


def show_link(link: Link, scope: Scope) -> LinkOut:
    """The link, this once."""
    del scope
    return LinkOut(url=None if link.code is None else f"/v1/downloads/{link.code}", expires_at=link.until)
