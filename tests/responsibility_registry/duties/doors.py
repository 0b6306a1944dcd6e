"""The registry's doors through HTTP, with callers by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import orjson

from libs.common.db import Tx
from libs.common.scope import Grant, Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry.app import SERVICE
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.stage import COUNTY, Stage, administrator, stage


@dataclass(slots=True)
class Doors:
    """Requests in somebody's name."""

    town: Stage
    client: httpx.AsyncClient

    async def get(self, who: str, path: str, **asked: str) -> httpx.Response:
        """GET with these query parameters; `from_` is `from`."""
        query = {name.rstrip("_"): value for name, value in asked.items()}
        return await self.client.get(path, params=query, headers=_told(who))

    async def post(self, who: str, path: str, body: Any, **headers: str) -> httpx.Response:
        """POST of a JSON body."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, content=orjson.dumps(body), headers=_told(who) | more)


def _told(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(sub=who)}", "Content-Type": "application/json"}


def grid_member(area: tuple[str, str] = (COUNTY, "331002999999")) -> Scope:
    """Somebody who may only look, in one county."""
    grant = Grant(area_from=area[0], area_to=area[1], sectors=None, role="grid_member")
    return Scope(subject="grid", client_id="test", grants=(grant,))


@asynccontextmanager
async def doors(
    fresh: FreshDatabase, *, without: tuple[str, ...] = (), callers: Mapping[str, Scope] | None = None
) -> AsyncIterator[Doors]:
    """A township behind the registry's doors: `keeper` administers it, `grid` looks, `elsewhere` is not here."""
    async with stage(fresh, without=without) as town:
        known = {
            "keeper": administrator(), "grid": grid_member(),
            "elsewhere": grid_member(("331003000000", "331003999999")), **(callers or {}),
        }  # fmt: skip

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del tx, acting_post
            return known[who.subject]

        app = create_service_app(
            replace(runtime(town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Doors(town, client)
