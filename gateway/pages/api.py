"""The doors to the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Response

from gateway.pages.rules import STYLE, Code, codes_in, operations_page, problems_page
from gateway.portal.api import Documents
from libs.common.doors import Door, public_door
from libs.common.problems import kinds
from libs.common.strict_routes import router

routes = router("documents")
Public = Annotated[Door, Depends(public_door("pages", "read"))]
_HEADERS = {
    "Cache-Control": "public, max-age=60",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
}


@routes.get("/", include_in_schema=False)
async def start(_: Public) -> Response:
    """The start page is the documentation."""
    return Response(status_code=303, headers={"Location": "/docs"})


@routes.get("/docs", include_in_schema=False)
async def show_operations(_: Public, documents: Documents) -> Response:
    """Every operation, for readers."""
    page = operations_page(await documents.document())
    return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")


@routes.get("/docs/problems", include_in_schema=False)
async def show_problems(_: Public, documents: Documents) -> Response:
    """Every problem code, in both languages where this process knows both."""
    found = codes_in(await documents.document())
    for kind in kinds().values():
        found[kind.code] = Code(
            code=kind.code,
            status=kind.status,
            title=f"{kind.title.zh} {kind.title.en}",
            advice=f"{kind.advice.zh} {kind.advice.en}",
        )
    page = problems_page(found.values())
    return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")


@routes.get("/docs/style.css", include_in_schema=False)
async def show_style(_: Public) -> Response:
    """How the pages look."""
    return Response(STYLE, headers=_HEADERS, media_type="text/css; charset=utf-8")
