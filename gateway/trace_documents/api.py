"""The doors to documents of traces, and to the keys that prove them."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from gateway.services import HandedOn, Services
from gateway.settings import Settings
from gateway.trace_documents import actions
from gateway.trace_documents.actions import MEDIA_TYPES, DocumentMaker, Kind
from gateway.trace_documents.rules import file_name
from libs.common.doors import Door, Read, public_door
from libs.common.openapi import refuses
from libs.common.problems import NotFound, Unavailable
from libs.common.strict_routes import router

routes = router("liability-traces")
Public = Annotated[Door, Depends(public_door("key set", "read"))]
KEPT_SECONDS = 300


def _maker_of(request: Request) -> DocumentMaker:
    return cast(DocumentMaker, request.app.state.documents)


Maker = Annotated[DocumentMaker, Depends(_maker_of)]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the file",
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in MEDIA_TYPES.values()},
        "headers": {
            "Document-Signature": {
                "description": "a JWS over the file's SHA-256, of all but the archive",
                "schema": {"type": "string"},
            }
        },
    }
}


class DocumentKeys(BaseModel):
    """A JSON Web Key Set (RFC 7517) that only grows."""

    keys: list[dict[str, Any]] = Field(
        description="public keys with `signs_from` and `retired_at`; match a signature's `kid`"
    )


@routes.get(
    "/v1/trace-documents/{trace_id}", response_class=Response, summary="责任倒查文件 A trace as a signed file",
    responses={**refuses(NotFound, actions.TraceAltered, Unavailable), **_FILES},
)  # fmt: skip
async def get_document(
    trace_id: UUID, door: Read, maker: Maker, services: Services, settings: Settings, handed_on: HandedOn,
    format: Annotated[Kind, Query(description="zip holds all of them, their signatures and the keys")] = "pdf",  # noqa: A002
) -> Response:  # fmt: skip
    """A trace of liability, on demand or of a case, on paper (PDF), as sheets, as its canonical JSON, or all of them.

    The same trace gives the same bytes. `Document-Signature` is a JWS (RFC 7515) over the file's SHA-256 and the
    trace's; it is checked without us, with a key of `/.well-known/document-keys.json`. The registry shows it to whom
    it shows the trace, and notes who looked.
    """
    async with door.read():
        # Looked up here first: a post that the caller does not hold is a mistake, and no absence of the registry.
        pass
    trace = await actions.find_trace(services, trace_id, handed_on)
    made = await actions.document(maker, trace, format)
    async with door.read() as tx:
        files = {
            kind: await actions.sign(tx, settings.seals, trace, kind, content, issuer=settings.issuer)
            for kind, content in made.items()
        }
        content = actions.archive(files, await actions.document_keys(tx)) if format == "zip" else made[format]
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(trace, format)}"',
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if format in files:
        headers["Document-Signature"] = files[format].signature
    return Response(content, media_type=MEDIA_TYPES[format], headers=headers)


@routes.get(
    "/.well-known/document-keys.json", response_model=DocumentKeys,
    summary="文件签名公钥 The keys that documents were ever signed with",
)  # fmt: skip
async def show_keys(door: Public) -> Response:
    """Every key that a document was ever signed with, from when until when. Whoever has to prove a document years
    later keeps this set beside it."""
    async with door.read() as tx:
        found = await actions.document_keys(tx)
    return door.answer(found, headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}", "Vary": "Accept"})
