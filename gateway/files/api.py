"""The doors to files: send one, look at one, and fetch its bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from starlette.responses import StreamingResponse

from gateway.file_kinds import LARGEST_BYTES, TAKEN, declared_type
from gateway.file_refusals import (
    REFUSALS,
    CaptureNotKept,
    FileGone,
    FileLinkOver,
    FileQuotaSpent,
    FileStoreFull,
    OneFileWanted,
    RangeNotThere,
)
from gateway.files import actions, actions_receive, actions_seen, rules, store
from gateway.files.actions import Asked, Seen, Stored
from gateway.files.forms import CaptureOut, FileLinkOut, FileOut, VariantName
from gateway.files.rules import File, Upload, Variant
from gateway.filestore import FileDamaged, Files
from gateway.multipart import OneFile
from gateway.services import HandedOn, Services
from gateway.settings import Settings
from libs.common.bodies import BodyTooLarge
from libs.common.doors import Door, Read, Write, public_door
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked as AskedPage
from libs.common.pagination import listed
from libs.common.problems import IdTaken, Problem, RoleMissing, Unavailable
from libs.common.strict_routes import router

routes = router("files")

ByLink = Annotated[Door, Depends(public_door("files: a sealed link", "read"))]
WantedId = Annotated[UUID | None, Query(alias="id", description="chosen by you (UUIDv7): retries are harmless")]
Capture = Annotated[
    bool, Query(description="keep what the camera wrote of time and place, sealed; for posts that gather evidence")
]
_KEPT: dict[str, Any] = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in TAKEN}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **_KEPT,
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "the bytes, as the type that was found in them", "content": _KEPT},
    206: {"description": "the part that Range asked for", "content": _KEPT},
}


@routes.post(
    "/v1/files",
    status_code=201,
    response_model=FileOut,
    summary="上传文件 Send a photo, a paper or a recording",
    max_body_size=LARGEST_BYTES + 65_536,
    openapi_extra=_BODY,
    responses=refuses(IdTaken, BodyTooLarge, CaptureNotKept, FileQuotaSpent, FileStoreFull, OneFileWanted, *REFUSALS),
)
async def send_file(
    request: Request, door: Write, files: Files, settings: Settings, id: WantedId = None, capture: Capture = False,  # noqa: A002
) -> Response:  # fmt: skip
    """Send one file: its bytes as the body with their Content-Type, or a form with one `file` in it. What it is, is
    found in its bytes. A photo is written anew from its pixels: place, time, device and whatever else was in it are
    gone; documents are kept as they are. Refer to it by its id, before or after it has arrived. [DEF] photos up to
    20 MB, papers and sound 50 MB, videos 200 MB; what nothing refers to within 48 hours is removed."""
    chunks: AsyncIterator[bytes] = request.stream()
    given = request.headers.get("content-type", "")
    if given.lower().startswith("multipart/form-data"):
        form = OneFile(given, chunks)
        await form.begin()
        chunks, given = form.chunks(), form.media_type
    asked = Asked(file_id=id, media_type=declared_type(given), capture=capture)
    await files.require_room()
    async with door.read() as tx:
        upload = await actions.begin_upload(tx, asked)
    stored = await _received(door, files, upload, chunks, settings)
    # What came is what an Idempotency-Key stands for: the body itself was never held as a whole.
    vars(request)["_body"] = stored.received_sha256.encode()
    return await door.perform(
        lambda tx: actions.keep_file(tx, upload, stored), FileOut.of, created=True, show_again=actions.show_again
    )


async def _received(
    door: Door, files: Files, upload: Upload, chunks: AsyncIterator[bytes], settings: Settings
) -> Stored:
    try:
        return await actions_receive.receive(files, upload, chunks, settings.seals)
    except Problem:
        async with door.read() as tx:
            await actions.end_upload(tx, upload.id)
        raise


@routes.get("/v1/files", response_model=PageOut[FileOut], summary="我上传的文件 List the files that you have sent")
async def list_files(asked: AskedPage, door: Read) -> Response:
    """Your own files, in the order of their ids: what a phone that was offline asks to see what has arrived."""
    return await door.look(lambda tx: store.list_files(tx, asked), listed(FileOut.in_list))


@routes.get("/v1/files/{id}", response_model=FileOut, summary="文件详情 Look at what is known of a file")
async def show_file(id: UUID, door: Read, services: Services, handed_on: HandedOn) -> Response:  # noqa: A002
    """What it is, whether it has arrived, and what refers to it. For who sent it, and for whoever may see something
    that refers to it: the service that owns the order or the report is asked with your own token. [DEF]"""
    async with door.read() as tx:
        seen, scope = await actions.find_seen(tx, id), tx.scope
    return door.answer(FileOut.of(await actions_seen.let_see(services, seen, handed_on), scope))


@routes.get(
    "/v1/files/{id}/link",
    response_model=FileLinkOut,
    summary="获取下载链接 Get a link that fetches a file",
    responses=refuses(FileGone),
)
async def link_file(
    id: UUID, door: Read, services: Services, handed_on: HandedOn, settings: Settings,  # noqa: A002
    variant: VariantName = "original",
) -> Response:  # fmt: skip
    """A link that fetches this file, in this form, for five minutes ([DEF]) and needs no token: for an `img` tag or a
    download. Asking for it is written on the timeline. `large` (1280 px) and `thumb` (320 px) are forms of photos."""
    async with door.read() as tx:
        seen = await actions.find_seen(tx, id)
    seen = await actions_seen.let_see(services, seen, handed_on)
    file, form = _there(seen, variant)
    async with door.read() as tx:
        await actions.note_read(tx, file, variant=form.name, why="own" if seen.is_own else "refers to it")
    key, until = actions_seen.seal_link(settings.seals, file.id, form.name)
    shown = FileLinkOut(
        url=f"/v1/file-contents/{file.id}?key={key}", expires_at=until, variant=variant,
        media_type=form.media_type, bytes=form.bytes, sha256=form.sha256,
    )  # fmt: skip
    return door.answer(shown)


@routes.get(
    "/v1/files/{id}/capture",
    response_model=CaptureOut,
    summary="查看拍摄信息 Open what the camera wrote of time and place",
    responses=refuses(RoleMissing),
)
async def open_capture(
    id: UUID,  # noqa: A002
    door: Read,
    services: Services,
    handed_on: HandedOn,
    settings: Settings,
) -> Response:
    """For inspectors, leaders and auditors who may see the file, where its sender kept it ([DEF]); every opening is
    written on the timeline. A reporter's photo has none: a reporter must not be found by a photo."""
    async with door.read() as tx:
        seen = await actions.find_seen(tx, id)
    seen = await actions_seen.let_see(services, seen, handed_on)
    async with door.read() as tx:
        opened = await actions.open_capture(tx, seen, settings.seals)
    return door.answer(CaptureOut.model_validate(opened))


@routes.get(
    "/v1/file-contents/{id}",
    response_class=Response,
    summary="下载文件 Fetch the bytes of a file by a link",
    responses={**refuses(FileLinkOver, FileGone, RangeNotThere), **_BYTES},
)
async def fetch_file(
    id: UUID,  # noqa: A002
    door: ByLink,
    files: Files,
    settings: Settings,
    key: Annotated[str, Query(max_length=1000, description="as the link has it")],
    range_: Annotated[str | None, Header(alias="Range", description="bytes=first-last")] = None,
) -> Response:
    """The bytes behind a link, whole or in part; each block is checked against its hash before it is sent."""
    name = actions_seen.open_link(settings.seals, id, key)
    if name is None:
        raise FileLinkOver
    async with door.read() as tx:
        seen = await actions.find_seen(tx, id)
    file, form = _there(seen, name)
    asked = rules.part_of(range_, form.bytes)
    start, end = asked or (0, form.bytes)
    if start == end:
        raise RangeNotThere(form.bytes)
    key_ = rules.kept_key(file.upload_id, form.name)
    blocks = files.blocks(key_, form.bytes, bytes.fromhex(form.sums), start, end)
    return StreamingResponse(
        await _begun(blocks),
        200 if asked is None else 206,
        headers=_headers(file, form, start, end, asked is not None),
    )


def _there(seen: Seen, name: str) -> tuple[File, Variant]:
    """The file and the form that is wanted; FileGone (409) where its bytes are not here."""
    form = None if seen.file is None else seen.file.variant(name)
    if seen.file is None or form is None:
        raise FileGone
    return seen.file, form


async def _begun(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same blocks, the first of them read already: what is damaged from its start is a problem and no answer."""
    try:
        first = await anext(blocks)
    except FileDamaged:
        raise Unavailable(part="the bytes of the file", retry_after_seconds=60) from None

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for block in blocks:
            yield block

    return rest()


def _headers(file: File, form: Variant, start: int, end: int, partial: bool) -> dict[str, str]:
    """Nothing that a browser could run, keep, or take for something else."""
    ending = form.media_type.rpartition("/")[2].rpartition(".")[2]
    shown = "attachment" if file.kind == "document" else "inline"
    told = {
        "Content-Type": form.media_type, "Content-Length": str(end - start), "Accept-Ranges": "bytes",
        "Content-Disposition": f'{shown}; filename="{file.id}.{ending}"', "ETag": f'"{form.sha256}"',
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'", "Referrer-Policy": "no-referrer",
    }  # fmt: skip
    return told | ({"Content-Range": f"bytes {start}-{end - 1}/{form.bytes}"} if partial else {})
