"""The doors to resumable uploads by tus 1.0.0: core, creation, termination and expiration."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Request, Response
from starlette.requests import ClientDisconnect

from gateway.file_kinds import declared_type, most_bytes
from gateway.file_refusals import (
    REFUSALS,
    CaptureNotKept,
    FileQuotaSpent,
    FileStoreFull,
    UploadHeader,
    UploadInPieces,
    UploadOffsetWrong,
    UploadTooLong,
    UploadVersion,
)
from gateway.files import actions, actions_receive
from gateway.files.actions import Asked
from gateway.files.forms import UploadOut
from gateway.files.rules import Upload
from gateway.filestore import Files, FileStore
from gateway.settings import GatewaySettings, Settings
from libs.common.bodies import BodyTooLarge, UnsupportedMediaType
from libs.common.db import Tx
from libs.common.doors import Door, Read, Write
from libs.common.openapi import refuses
from libs.common.problems import IdTaken, Problem
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("uploads")

VERSION = "1.0.0"
PART = "application/offset+octet-stream"
MOST_PART_BYTES = 1 << 28
Spoken = Annotated[str | None, Header(alias="Tus-Resumable", description=VERSION)]
Length = Annotated[str | None, Header(alias="Upload-Length", description="bytes of the whole file")]
Metadata = Annotated[
    str | None, Header(alias="Upload-Metadata", description="`filetype`, `id` and `capture` are read, in base64")
]
Offset = Annotated[str | None, Header(alias="Upload-Offset", description="where this part begins")]
_PART_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {PART: {"schema": {"type": "string", "format": "binary"}}}}
}


@routes.post(
    "/v1/uploads",
    status_code=201,
    response_model=UploadOut,
    summary="开始分段上传 Begin to send a file over a line that breaks",
    responses=refuses(
        IdTaken, BodyTooLarge, CaptureNotKept, FileQuotaSpent, FileStoreFull, UploadHeader, UploadVersion
    ),
)
async def begin_upload(
    door: Write, files: Files, spoken: Spoken = None, length: Length = None, metadata: Metadata = None
) -> Response:
    """tus 1.0.0: say how long the file is, then send its parts to Location; what has arrived stays for a day ([DEF]),
    however often the line breaks. File names are not read: they name people."""
    _require_version(spoken)
    told = _metadata(metadata)
    media_type = declared_type(told.get("filetype", ""))
    size = _number("Upload-Length", length)
    if size == 0:
        raise UploadHeader(header="Upload-Length")
    if size > most_bytes(media_type):
        raise BodyTooLarge(most_bytes(media_type))
    asked = Asked(
        file_id=_id(told.get("id")), media_type=media_type, length=size, capture=told.get("capture") == "true"
    )

    await files.require_room()

    async def begin(tx: Tx) -> Upload:
        return await actions.begin_upload(tx, asked)

    answer = await door.perform(begin, _begun, created=True, show_again=actions.find_upload)
    return _spoken(answer)


@routes.get(
    "/v1/uploads/{id}",
    response_model=UploadOut,
    summary="查询上传进度 Ask how much of an upload has arrived",
    responses=refuses(UploadVersion, *REFUSALS),
)
async def show_upload(
    id: UUID,  # noqa: A002
    door: Read,
    files: Files,
    settings: Settings,
    spoken: Spoken = None,
) -> Response:
    """tus 1.0.0 asks by HEAD: Upload-Offset says where to go on. An upload whose last part came and whose answer was
    lost is brought to its end here, so that asking is enough."""
    _require_version(spoken)
    async with door.read() as tx:
        upload = await actions.find_upload(tx, id)
    offset = await actions_receive.received(files, upload)
    if offset == upload.length:
        await _finish(door, files, settings, upload)
    answer = door.answer(_shown(upload, offset))
    return _spoken(answer, upload, offset)


@routes.patch(
    "/v1/uploads/{id}",
    status_code=204,
    response_class=Response,
    summary="续传 Send the next part of an upload",
    max_body_size=MOST_PART_BYTES,
    openapi_extra=_PART_BODY,
    responses=refuses(
        UnsupportedMediaType, UploadHeader, UploadVersion, UploadOffsetWrong, UploadTooLong, UploadInPieces, IdTaken,
        FileStoreFull, *REFUSALS,
    ),
)  # fmt: skip
async def send_part(
    id: UUID, request: Request, door: Write, files: Files, settings: Settings, spoken: Spoken = None,  # noqa: A002
    offset: Offset = None,
) -> Response:  # fmt: skip
    """tus 1.0.0: the bytes from Upload-Offset on. With the last of them the file is examined and kept, under the id
    that the upload named; where it is refused, this answers why, and the upload is over."""
    _require_version(spoken)
    if request.headers.get("content-type") != PART:
        raise UnsupportedMediaType("PATCH", (PART,))
    async with door.read() as tx:
        upload = await actions.find_upload(tx, id)
    stream = _Stream(request)
    reached = await actions_receive.take_parts(files, upload, _number("Upload-Offset", offset), stream.chunks())
    if stream.broken is not None:
        raise stream.broken
    if reached == upload.length:
        await _finish(door, files, settings, upload)
    return _spoken(door.answer(None, status=204), upload, reached)


@routes.delete(
    "/v1/uploads/{id}",
    status_code=204,
    response_class=Response,
    summary="放弃上传 Give an upload up",
    responses=refuses(UploadVersion),
)
async def end_upload(id: UUID, door: Write, spoken: Spoken = None) -> Response:  # noqa: A002
    """tus 1.0.0: what has arrived of it is removed. A file that is kept is not an upload any more and stays."""
    _require_version(spoken)
    async with door.read() as tx:
        await actions.find_upload(tx, id)
        await actions.end_upload(tx, id)
    return _spoken(door.answer(None, status=204))


class _Stream:
    """A body that may break off: what came is stored all the same, and the break is told after that."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.broken: ClientDisconnect | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._request.stream():
                yield chunk
        except ClientDisconnect as broken:
            self.broken = broken


async def _finish(door: Door, files: FileStore, settings: GatewaySettings, upload: Upload) -> None:
    """Every byte is here: examine and keep it. A refusal ends the upload, since no further part could mend it."""
    try:
        stored = await actions_receive.assemble(files, upload, settings.seals)
        async with door.read() as tx:
            await actions.keep_file(tx, upload, stored)
    except Problem as refusal:
        if refusal.status < 500:
            async with door.read() as tx:
                await actions.end_upload(tx, upload.id)
        raise


def _begun(upload: Upload, _: Scope) -> UploadOut:
    return _shown(upload, 0)


def _shown(upload: Upload, offset: int) -> UploadOut:
    return UploadOut(
        id=upload.id, file_id=upload.file_id, length=upload.length or 0, offset=offset, expires_at=upload.expires_at
    )


def _spoken(answer: Response, upload: Upload | None = None, offset: int = 0) -> Response:
    answer.headers["Tus-Resumable"] = VERSION
    if upload is not None:
        answer.headers["Upload-Offset"] = str(offset)
        answer.headers["Upload-Length"] = str(upload.length)
        answer.headers["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    return answer


def _require_version(spoken: str | None) -> None:
    if spoken != VERSION:
        raise UploadVersion(headers={"Tus-Version": VERSION}, versions=[VERSION])


def _number(header: str, given: str | None) -> int:
    if given is None or not given.isascii() or not given.isdecimal() or len(given) > 15:
        raise UploadHeader(header=header)
    return int(given)


def _metadata(given: str | None) -> dict[str, str]:
    """`key base64,key base64,key`: what is not known is left alone, since clients send names of their own."""
    found: dict[str, str] = {}
    for pair in (given or "").split(",") if given else ():
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = b64decode(value.strip(), validate=True).decode()
        except (NotBase64, ValueError):
            raise UploadHeader(header="Upload-Metadata") from None
    return found


def _id(given: str | None) -> UUID | None:
    try:
        return None if given is None else UUID(given)
    except ValueError:
        raise UploadHeader(header="Upload-Metadata") from None
