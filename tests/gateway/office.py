"""The gateway and the registry in the test's own loop: what an office uses to bring sheets in and take them out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr

from infra.embedded.nats import password_name as bus_password
from infra.ports import free_port
from libs.common.settings import ServiceSettings
from services.responsibility_registry.app import create_app
from tests.cluster import FreshDatabase, eventually
from tests.gateway.running import ADMINISTRATOR, InLoop, Running, running_gateway

REGISTRY = "responsibility_registry"
DONE = ("done", "failed", "cancelled")


@dataclass
class Office:
    """The gateway with the registry behind it, and the administrator's way in."""

    gateway: Running
    registry: str
    database: FreshDatabase

    async def ask(self, method: str, path: str, *, by: dict[str, str] | None = None, **sent: Any) -> httpx.Response:
        """One request of the administrator, or of another caller."""
        headers = (by or await self.gateway.bearer()) | sent.pop("headers", {})
        return await self.gateway.http.request(method, path, headers=headers, **sent)

    async def listed(self, path: str) -> list[dict[str, Any]]:
        """What the registry lists."""
        answer = await self.ask("GET", f"{self.registry}{path}", params={"limit": 500})
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def started(self, answer: httpx.Response) -> dict[str, Any]:
        """The job that an answer began, once it has ended."""
        assert answer.status_code == 202, answer.text
        return await self.ended(answer.headers["location"])

    async def ended(self, job: str) -> dict[str, Any]:
        """A job, once it has ended."""
        found: dict[str, Any] = {}

        async def has_ended() -> bool:
            found.update((await self.ask("GET", job)).json())
            return found["state"] in DONE

        await eventually(has_ended, seconds=60, what=job, every_seconds=0.1)
        return found

    async def brought(self, content: bytes, **asked: Any) -> dict[str, Any]:
        """The job of a file that was brought in, once it has ended."""
        kind = {"Content-Type": asked.pop("content_type", "text/csv")}
        return await self.started(await self.ask("POST", "/v1/imports", content=content, params=asked, headers=kind))

    async def faults(self, job: dict[str, Any]) -> list[tuple[int, str | None, str]]:
        """Row, cell and code of what was wrong."""
        answer = await self.ask("GET", f"/v1/jobs/{job['id']}/errors", params={"limit": 500})
        return [(one["row"], one["cell"], one["code"]) for one in answer.json()["items"]]

    async def let_in(self, subject: str, grants: str) -> None:
        """The registry knows a caller, as the gateway's events would have told it."""
        connection = await asyncpg.connect(self.database.superuser_url)
        await connection.execute(
            "INSERT INTO responsibility_registry.access_grants (id, subject, kind, version, posts, parties, grants,"
            " ended) VALUES (gen_random_uuid(), $1, 'program', 1, '[]', '[]', $2, false)", subject, grants,
        )  # fmt: skip
        await connection.close()


@asynccontextmanager
async def running_office(database: FreshDatabase) -> AsyncIterator[Office]:
    """Both apps with their loops, until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with running_gateway(database, service_urls={REGISTRY: url}) as gateway:
        cluster = database.cluster
        settings = ServiceSettings(
            service=REGISTRY, database_url=SecretStr(database.url(f"{REGISTRY}_app")),
            sealer_database_url=SecretStr(database.url(f"{REGISTRY}_sealer")), nats_url=cluster.nats.url,
            nats_user=REGISTRY, nats_password=SecretStr(cluster.secrets.of(bus_password(REGISTRY))),
            issuer=gateway.url, jwks_url=f"{gateway.url}/.well-known/jwks.json", home=cluster.home, access_log=False,
        )  # fmt: skip
        server = InLoop(create_app(settings), port)
        task = asyncio.ensure_future(server.serve())
        await asyncio.wait_for(server.listening.wait(), 20)
        office = Office(gateway, url, database)
        everywhere = (
            '[{"area_from": "000000000000", "area_to": "999999999999", "sectors": null, "role": "administrator"}]'
        )
        await office.let_in(ADMINISTRATOR, everywhere)
        yield office
        server.should_exit = True
        await task
