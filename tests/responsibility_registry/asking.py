"""The registry's doors behind HTTP, asked by one caller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import httpx

from libs.common.db import Database, Tx
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry.app import SERVICE
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token


@asynccontextmanager
async def asking(fresh: FreshDatabase, caller: Scope) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose every request comes from this caller."""
    database = Database(fresh.url("responsibility_registry_app"), service="responsibility_registry", pool_size=3)

    async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        del who, acting_post
        await tx.adopt(caller)
        return caller

    app = create_service_app(
        replace(runtime(database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
        SERVICE.routers,
        title=SERVICE.title,
    )
    told = {"Authorization": f"Bearer {token(sub=caller.subject)}"}
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test", headers=told
        ) as client:
            yield client
    finally:
        await database.close()
