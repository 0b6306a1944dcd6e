"""How long work that a request started is answered: 202, and where to look how far it is."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from libs.common.forms import Shown
from libs.common.scope import Scope


class StartedJob(Protocol):
    """What is said of a job that was just started."""

    @property
    def id(self) -> UUID:
        """The job's id."""

    @property
    def kind(self) -> str:
        """What kind of work it is."""

    @property
    def state(self) -> str:
        """How far it is."""


class StartedOut(Shown):
    """A job that was just started."""

    id: UUID
    kind: str
    state: str
    job: str


def where(job: StartedJob) -> str:
    """Where to look how far a job is."""
    return f"/v1/jobs/{job.id}"


def show_started(job: StartedJob, scope: Scope) -> StartedOut:
    """The job, and where to look."""
    del scope
    return StartedOut(id=job.id, kind=job.kind, state=str(job.state), job=where(job))
