"""What a job is, when it may be cancelled, how long it is kept, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

KEPT: Final = timedelta(days=30)
"""[DEF] So long an ended job is told of."""
FILE_KEPT: Final = timedelta(days=7)
"""[DEF] So long its files are kept."""
STRAY_AFTER: Final = timedelta(days=1)
"""[DEF] A folder that nothing was written to for so long and whose job nobody knows is no upload on its way."""
LINK_HOLDS: Final = timedelta(minutes=5)
"""[DEF] So long a link to a result can be followed without a token."""
LEASE: Final = timedelta(seconds=30)
"""[DEF] So long a worker that is not heard of keeps its job; then another goes on from the last committed batch."""
TURN: Final = timedelta(seconds=20)
"""[DEF] After so long a job stands back behind other clients' jobs that wait."""
MOST_OPEN: Final = 20
"""[DEF] So many jobs of one client may wait or run."""
MOST_FAULTS: Final = 10_000
"""[DEF] So many row errors are kept of one job; how many there are in all is counted."""
WHOLE_CITY: Final = "000000000000"


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One piece of long work. `asked` is what it was started with, `cursor` where it goes on; `fence` rises with
    every worker that takes it, so a worker that was given up writes nothing more."""

    id: UUID
    version: int
    kind: str
    state: JobState
    owner: str
    client_id: str
    acting_post: UUID | None
    oauth_scopes: tuple[str, ...]
    language: str
    correlation_id: UUID
    asked: Mapping[str, Any]
    cursor: Mapping[str, Any]
    done: int
    total: int | None
    faults: int
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    fence: int
    lease_until: datetime | None
    file_gone_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFault:
    """What is wrong with one row: its number in the file, the cell, and the words for it."""

    job_id: UUID
    number: int
    row: int
    cell: str | None
    field: str | None
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutJob:
    """A job as the timeline knows it: of no area and no sector."""

    id: UUID
    version: int
    correlation_id: UUID
    area_code: str = WHOLE_CITY
    sectors: tuple[str, ...] = ()
    exercise: bool = False


def open_moves(job: Job) -> tuple[str, ...]:
    """What may be done with it now."""
    if job.state not in ENDED:
        return ("cancel",)
    return ("link",) if has_file(job) else ()


def has_file(job: Job) -> bool:
    """Whether its result can be downloaded."""
    return job.state is JobState.DONE and job.file_gone_at is None and "file" in (job.result or {})


def reaches_a_city(area_from: str, area_to: str) -> bool:
    """Whether a range of area codes holds the whole of a city (its first four digits)."""
    city = area_from[:4]
    return area_from <= city + "00000000" and area_to >= city + "99999999"


def percent(job: Job) -> int | None:
    """How far it is, of a hundred; None where nobody knows the whole."""
    if job.state is JobState.DONE:
        return 100
    return None if not job.total else min(99, job.done * 100 // job.total)
