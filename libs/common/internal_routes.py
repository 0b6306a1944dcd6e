"""Doors that the gateway app alone uses: Envoy routes nothing below /internal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from libs.common import timeline, timeline_search
from libs.common.anchors import AnchorFile
from libs.common.daily_heads import newest_days
from libs.common.db import Tx
from libs.common.doors import Door, Read, public_door
from libs.common.pagination import LIMIT_MOST
from libs.common.proofs import row_with_proof
from libs.common.scope import Scope
from libs.common.strict_routes import router
from libs.common.timeline_questions import AskedSought
from libs.common.timeline_search import Place

MOST_DAYS = 400
"""So many daily heads are told at once: a year, and a month over."""
Inside = Annotated[Door, Depends(public_door("seal heads", "read"))]


def anchors_of(request: Request) -> AnchorFile:
    """The anchor file of the service that is asked."""
    settings = request.app.runtime.settings
    return AnchorFile.of(settings.home, settings.service)


Anchors = Annotated[AnchorFile, Depends(anchors_of)]
"""The service's anchors in a route's signature."""


def internal_router() -> APIRouter:
    """The part of every service that the gateway composes its own reads from."""
    internal = router("internal", prefix="/internal")

    @internal.get("/traces/{correlation_id}", summary="本服务的时间线 Rows of a trace")
    async def trace(correlation_id: UUID, door: Read) -> Response:
        """This service's rows of a trace and of what is linked to it, within the caller's scope."""

        async def find(tx: Tx) -> dict[str, Any]:
            rows = await timeline.trace(tx, correlation_id)
            links = await timeline.links(tx, correlation_id)
            return {"items": [asdict(row) for row in rows], "links": [asdict(link) for link in links]}

        return await door.look(find, _as_found)

    _add_timeline(internal)
    _add_seal_heads(internal)
    return internal


def _add_timeline(internal: APIRouter) -> None:
    @internal.get("/timeline", summary="本服务时间线检索 Search this service's timeline")
    async def search(
        sought: AskedSought,
        door: Read,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MOST + 1)] = LIMIT_MOST,
        before_at: datetime | None = None,
        before_id: UUID | None = None,
    ) -> Response:
        """This service's rows within the caller's auditing scope, newest first."""
        before = None if before_at is None or before_id is None else Place(recorded_at=before_at, id=before_id)

        async def find(tx: Tx) -> dict[str, Any]:
            rows = await timeline_search.search(tx, sought, limit=limit, before=before)
            return {"items": [asdict(row) for row in rows]}

        return await door.look(find, _as_found)

    @internal.get("/timeline/{timeline_id}", summary="时间线一行及其证明 One row and its proof")
    async def row(timeline_id: UUID, door: Read, anchors: Anchors) -> Response:
        """One row within the caller's scope, with everything that proves it; 404 otherwise."""
        return await door.look(lambda tx: row_with_proof(tx, timeline_id, anchors), _as_found)


def _add_seal_heads(internal: APIRouter) -> None:
    @internal.get("/seal-heads", summary="本服务封存日头 This service's daily heads")
    async def seal_heads(door: Inside, limit: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 31) -> Response:
        """The newest daily heads: dates and hashes, nothing about anybody."""

        async def find(tx: Tx) -> dict[str, Any]:
            return {"items": [day.line() for day in await newest_days(tx, limit)]}

        return await door.look(find, _as_found)


def _as_found(found: dict[str, Any], scope: Scope) -> dict[str, Any]:
    del scope
    return found
