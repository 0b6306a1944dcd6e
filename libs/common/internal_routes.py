"""Doors that the gateway app alone uses: Envoy routes nothing below /internal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from libs.common import timeline
from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.scope import Scope
from libs.common.strict_routes import router


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

    return internal


def _as_found(found: dict[str, Any], scope: Scope) -> dict[str, Any]:
    del scope
    return found
