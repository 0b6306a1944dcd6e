"""Finding the row that an erasure is asked for, as its auditor sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.services import ServiceClient
from gateway.timeline import actions as timeline
from libs.common.anchors import AnchorFile
from libs.common.db import Tx

Row = Mapping[str, Any]


async def own_row(tx: Tx, timeline_id: UUID, anchors: AnchorFile) -> Row | None:
    """The row where it is the gateway's own and within the caller's scope."""
    return await timeline.own_row(tx, timeline_id, anchors)


async def find_row(services: ServiceClient, timeline_id: UUID, own: Row | None, headers: Mapping[str, str]) -> Row:
    """The row whose details are to go. Raises NotFound (404) outside the caller's scope, Unavailable (503)."""
    return await timeline.find_row(services, timeline_id, own, headers)
