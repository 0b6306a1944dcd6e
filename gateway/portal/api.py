"""The doors to the machine-readable documents."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request, Response

from gateway.portal.actions import Portal
from libs.common.doors import Door, public_door
from libs.common.openapi import shown_as
from libs.common.strict_routes import router

routes = router("documents")
Public = Annotated[Door, Depends(public_door("documents", "read"))]
_KEPT = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding"}


def portal_of(request: Request) -> Portal:
    """The portal of this app."""
    return cast(Portal, request.app.state.portal)


Documents = Annotated[Portal, Depends(portal_of)]
"""The merged documents in a route's signature."""


@routes.get(
    "/openapi.json", summary="接口文档 The whole API as OpenAPI 3.1", openapi_extra=shown_as({"openapi": "3.1.0"})
)
async def show_openapi(door: Public, documents: Documents) -> Response:
    """One document over all services: every path, every shape, every problem code. A service that is away at
    the moment is named under `x-missing`."""
    return door.answer(await documents.document(), headers=_KEPT)


@routes.get(
    "/asyncapi.json", summary="事件文档 The events as AsyncAPI 3", openapi_extra=shown_as({"asyncapi": "3.0.0"})
)
async def show_asyncapi(door: Public, documents: Documents) -> Response:
    """Every fact that the services tell on the bus, with its envelope, its shape and an example."""
    return door.answer(documents.event_document(), headers=_KEPT)
