"""The doors of jobs: how far they are, what is wrong with which row, cancel, and the result."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Response

from gateway.jobs import actions
from gateway.jobs.actions_refused import JobAlreadyEnded, NoResultYet
from gateway.jobs.forms import JobFaultOut, JobKind, JobOut, LinkOut, show_fault, show_job, show_link
from gateway.jobs.rules import Job, JobState
from gateway.settings import Settings
from gateway.table_files import TABLE_TYPES, WholeTable, answers_a_table
from libs.common.db import Tx
from libs.common.doors import Change, Door, Read, Write, public_door
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.strict_routes import router

routes = router("jobs", prefix="/v1/jobs")
download_routes = router("downloads", prefix="/v1/downloads")
Holder = Annotated[Door, Depends(public_door("result behind a link", "read"))]
_KEPT_TO_ITSELF = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@routes.get("", response_model=PageOut[JobOut], summary="任务列表 List your jobs")
async def list_jobs(door: Read, asked: Asked, kind: JobKind | None = None, state: JobState | None = None) -> Response:
    """Your exports and imports, the newest first; everybody's for the city's administrator. Kept 30 days ([DEF])."""
    return await door.look(lambda tx: actions.list_jobs(tx, asked, kind, state), listed(show_job))


@routes.get("/{job_id}", response_model=JobOut, summary="任务进度 One job and how far it is")
async def get_job(job_id: UUID, door: Read) -> Response:
    """State, progress and result of a job that you started. Its version rises with its state, not with its
    progress."""
    return await door.look(lambda tx: actions.find_job(tx, job_id), show_job)


@routes.get("/{job_id}/errors", response_model=PageOut[JobFaultOut], summary="逐行错误 What is wrong with which row")
async def list_errors(job_id: UUID, door: Read, asked: Asked) -> Response:
    """Row, cell and words for each row that was refused, in your language; the first 10,000 of a job ([DEF])."""
    return await door.look(lambda tx: actions.list_faults(tx, job_id, asked), listed(show_fault))


@routes.post(
    "/{job_id}/cancel", response_model=JobOut, summary="取消任务 Cancel a job", responses=refuses(JobAlreadyEnded)
)
async def cancel(job_id: UUID, door: Change) -> Response:
    """Nothing more is done; rows that were written stay, and are counted in `done`."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.cancel_job(tx, job_id, expected), show_job, show_again=actions.find_job
    )


@routes.post(
    "/{job_id}/link", response_model=LinkOut, summary="下载链接 A link to the result", responses=refuses(NoResultYet)
)
async def link(job_id: UUID, door: Write) -> Response:
    """A link that a browser can follow without a token, for five minutes ([DEF]); an earlier one ends."""

    async def again(tx: Tx, found: UUID) -> actions.Link:
        return await actions.link_of(tx, found)

    return await door.perform(lambda tx: actions.make_link(tx, job_id), show_link, show_again=again)


@routes.get(
    "/{job_id}/result", response_class=Response, summary="下载结果 The file of a job",
    responses={**refuses(NoResultYet), **answers_a_table(*TABLE_TYPES)},
)  # fmt: skip
async def get_result(job_id: UUID, door: Read, settings: Settings) -> Response:
    """The file that a job of yours made, for seven days ([DEF]). The timeline notes who took it."""
    async with door.read() as tx:
        job = await actions.result_of(tx, job_id)
    return _file(job, settings)


@download_routes.get(
    "/{code}", response_class=Response, summary="凭链接下载 The file behind a link",
    responses={**refuses(NoResultYet), **answers_a_table(*TABLE_TYPES)},
)  # fmt: skip
async def follow(
    code: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")], door: Holder, settings: Settings
) -> Response:
    """The file behind a link of `/v1/jobs/{id}/link`; 404 once its five minutes are over."""
    async with door.read() as tx:
        job = await actions.result_behind(tx, code)
    return _file(job, settings)


def _file(job: Job, settings: Settings) -> Response:
    told = job.result or {}
    path = actions.folder_of(settings.home, job.id) / told["file"]
    if not path.is_file():
        # Its time ran out this very moment, or the folder was lost: that is told, and is no fault of the request.
        raise NoResultYet(job)
    kind = str(told["file"]).rpartition(".")[2]
    return WholeTable(path, kind, told.get("file_name"), _KEPT_TO_ITSELF)
