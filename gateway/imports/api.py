"""The doors of imports: a file in, its template out."""

from __future__ import annotations

import asyncio
import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path as PathParameter
from fastapi import Query, Request, Response
from starlette.datastructures import UploadFile

from gateway.imports import actions
from gateway.imports.forms import BODY, Asked, Format, ListPath
from gateway.imports.rules import UPLOAD_BYTES
from gateway.settings import Settings
from gateway.started import StartedOut, show_started, where
from gateway.table_files import WholeTable, answers_a_table
from gateway.whole_document import WholeDocument
from libs.common import bodies, strict_json
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.ids import new_id
from libs.common.languages import Said, spoken
from libs.common.openapi import refuses
from libs.common.problems import FieldError, Problem, Unprocessable
from libs.common.strict_routes import router

routes = router("imports", prefix="/v1/imports")
_PIECE = 1 << 20
_MAPPING = (
    Unprocessable, strict_json.InvalidJson, strict_json.DuplicateKey, strict_json.NumberOutOfRange,
    strict_json.ForbiddenCharacter, strict_json.TooDeep, bodies.UnsupportedMediaType,
)  # fmt: skip
_MULTIPART = "multipart/form-data"
ListAsked = Annotated[
    ListPath | None, Query(alias="list", description="the list, as /v1/duties; required unless a form says it")
]


@routes.get(
    "/templates/{noun}.{kind}",
    response_class=Response,
    summary="导入模板 The template of an import",
    responses=answers_a_table("xlsx", "csv"),
)
async def get_template(
    noun: Annotated[str, PathParameter(pattern=r"^[a-z-]{1,60}$")],
    kind: Literal["xlsx", "csv"],
    door: Read,
    document: WholeDocument,
    settings: Settings,
) -> Response:
    """Headings in your language, an example row that an import passes over, drop-downs, and a sheet that says what
    each column means. `noun` is the last word of the list's path, such as `duties`."""
    await door.known()
    path = await actions.template(await document(), settings.home, noun, kind, door.language.value)
    return WholeTable(path, kind, f"{noun}-template.{kind}")


@routes.post(
    "", status_code=202, response_model=StartedOut, summary="导入表格 Bring a spreadsheet in",
    responses=refuses(actions.NoSuchImport, actions.TooManyJobs, bodies.EmptyBody, *_MAPPING), openapi_extra=BODY,
    max_body_size=UPLOAD_BYTES + _PIECE,
)  # fmt: skip
async def start(
    request: Request,
    door: Write,
    settings: Settings,
    document: WholeDocument,
    list_: ListAsked = None,
    format_: Annotated[Format | None, Query(alias="format", description="told by the file where left out")] = None,
    dry_run: Annotated[bool | None, Query(description="check everything and write nothing")] = None,
    all_or_nothing: Annotated[bool | None, Query(description="write nothing where one row is wrong")] = None,
    mapping: Annotated[str | None, Query(max_length=8000, description="JSON: heading → field")] = None,
) -> Response:
    """A sheet (xlsx), comma-separated text or JSON lines into one of the lists that take imports: the file as the
    body with what is asked in the query, or all in a multipart form (`file`). Headings are known in Chinese, in
    English and as fields. Rows are upserts by their natural key: the same file again changes nothing. Follow the job
    at `/v1/jobs/{id}`; what is wrong with which cell is at `/v1/jobs/{id}/errors`. Hazards and alarms are no
    imports: each is registered by itself, by whoever found it."""
    await door.known()
    job_id, began = new_id(), False
    folder = actions.folder_of(settings.home, job_id)
    said = {
        "list": list_, "format": format_, "dry_run": dry_run, "all_or_nothing": all_or_nothing, "mapping": mapping,
    }  # fmt: skip
    try:
        asked = await _received(request, actions.upload_of(settings.home, job_id), said)
        actions.check(await document(), asked.list, asked.mapping)
        wanted = _wanted(door, asked, job_id)

        async def verb(tx: Tx) -> actions.Job:
            nonlocal began
            job = await actions.start_import(tx, wanted)
            began = True
            return job

        return await door.perform(verb, show_started, location=where, show_again=actions.show_again)
    finally:
        if not began:
            shutil.rmtree(folder, ignore_errors=True)


def _wanted(door: Write, asked: Asked, job_id: UUID) -> actions.Wanted:
    principal = door.principal
    return actions.Wanted(
        id=job_id, kind=actions.KIND, asked=asked.model_dump(), acting_post=door.acting_post,
        oauth_scopes=principal.oauth_scopes if principal else frozenset(), language=spoken().value,
    )  # fmt: skip


async def _received(request: Request, target: Path, said: dict[str, Any]) -> Asked:
    """The file in its place, and what is asked of it.

    Raises EmptyBody (400), BodyTooLarge (413), Unprocessable (422) where the form's file holds nothing.
    """
    if request.headers.get("content-type", "").lower().startswith(_MULTIPART):
        form = await bodies.read_form(request, {"max_files": 1, "max_fields": 20, "max_part_size": _PIECE})
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        asked = Asked.read({**{name: value for name, value in said.items() if value is not None}, **fields})
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise bodies.EmptyBody
        digest = await _kept(_pieces(file), target, _empty_file())
    else:
        asked = Asked.read(said, "query")
        digest = await _kept(request.stream(), target, bodies.EmptyBody())
    # A repeat under the same Idempotency-Key is told from another request by what the file holds and what is wanted.
    vars(request)["_body"] = digest + asked.model_dump_json().encode()
    return asked


def _empty_file() -> Problem:
    said = Said("文件是空的；请选择有内容的文件。", "The file is empty: choose one that holds rows.")
    return Unprocessable(errors=[FieldError("empty_file", said, pointer="#/file")])


async def _kept(pieces: Any, target: Path, where_empty: Problem) -> bytes:
    digest, size = sha256(), 0
    with target.open("wb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > UPLOAD_BYTES:
                raise bodies.BodyTooLarge(UPLOAD_BYTES)
            digest.update(piece)
            file.write(piece)
        file.flush()
        # A file that was acknowledged outlives the power, as every other upload does.
        await asyncio.to_thread(os.fsync, file.fileno())
    if size == 0:
        raise where_empty
    return digest.digest()


async def _pieces(file: UploadFile) -> Any:
    while piece := await file.read(_PIECE):
        yield piece
