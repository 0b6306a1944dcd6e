"""The doors to the pages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response

from gateway.pages import actions
from gateway.pages.rules import STYLE
from gateway.pages.rules_security import security_txt
from gateway.settings import Settings
from libs.common.clocks import system_now
from libs.common.doors import Door, public_door
from libs.common.strict_routes import router

routes = router("documents")
Public = Annotated[Door, Depends(public_door("pages", "read"))]


def _shelf(request: Request) -> Any:
    return request.app.state.portal


Shelf = Annotated[Any, Depends(_shelf)]
"""Where the documents are; only the verbs know more of it."""
_HEADERS = {
    "Cache-Control": "public, max-age=60",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


@routes.get("/", include_in_schema=False)
async def start(_: Public) -> Response:
    """The start page is the documentation."""
    return Response(status_code=303, headers={"Location": "/docs"})


@routes.get("/docs", include_in_schema=False)
async def show_operations(_: Public, portal: Shelf, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Every operation, for readers; with `q`, those that speak of it."""
    page = await actions.write_operations(portal, q)
    return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")


@routes.get("/docs/problems", include_in_schema=False)
async def show_problems(_: Public, portal: Shelf) -> Response:
    """Every problem code."""
    page = await actions.write_problems(portal)
    return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")


@routes.get("/docs/guides", include_in_schema=False)
async def show_guides(_: Public) -> Response:
    """The guides, for who builds on the platform."""
    return Response(actions.write_guides(), headers=_HEADERS, media_type="text/html; charset=utf-8")


@routes.get("/docs/guides/{name}", include_in_schema=False)
async def show_guide(name: Annotated[str, Path(max_length=60)], _: Public) -> Response:
    """One guide."""
    return Response(actions.write_guide(name), headers=_HEADERS, media_type="text/html; charset=utf-8")


@routes.get("/.well-known/security.txt", include_in_schema=False)
async def show_security_contact(_: Public, settings: Settings) -> Response:
    """Whom to tell of a weakness (RFC 9116)."""
    text = security_txt(settings.security_contacts, issuer=settings.issuer, now=system_now())
    return Response(text, headers=_HEADERS, media_type="text/plain; charset=utf-8")


@routes.get("/docs/style.css", include_in_schema=False)
async def show_style(_: Public) -> Response:
    """How the pages look."""
    return Response(STYLE, headers=_HEADERS, media_type="text/css; charset=utf-8")
