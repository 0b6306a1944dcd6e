"""The five apps in this process, over one database, behind doors that undo what was done through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx
import structlog
from pydantic import SecretStr

from gateway.services import ServiceClient
from gateway.settings import GatewaySettings
from infra.settings import APPS, GATEWAY, SERVICES, app_module
from libs.common.access import ScopesOfCallers
from libs.common.db import Cause, Database, FindScope, Tx
from libs.common.scope import Scope
from libs.common.settings import ServiceSettings
from libs.common.tokens import Principal, TokenVerifier
from libs.common.web import ServiceApp
from tests.authorization.callers import BY_SUBJECT
from tests.cluster import FreshDatabase
from tests.common.counter_service import ISSUER, Keys, token
from tests.contracts.feeding import THEN

EVERY_CALL = "shoutu openid"
"""What a token has to say to be let in everywhere."""
_URLS = {app: f"http://{app.replace('_', '-')}" for app in SERVICES}
_SEAL = "a-seal-of-private-keys-with-256-random-bits"


class _Within(httpx.AsyncBaseTransport):
    """The gateway's way to the services, inside this process."""

    def __init__(self, apps: Mapping[str, ServiceApp]) -> None:
        self._apps = {app: httpx.ASGITransport(served, raise_app_exceptions=False) for app, served in apps.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._apps[request.headers["host"].replace("-", "_")].handle_async_request(request)


_STAYING: ContextVar[Iterator[int] | None] = ContextVar("staying", default=None)
"""How many transactions of the request in hand are still to stay."""


class _UndoneError(Exception):
    """Rolls a transaction back that went well."""


class UndoneDatabase(Database):
    """The same doors, and nothing stays: what a request did is rolled back when it has been answered."""

    kept = False

    def _stays(self) -> bool:
        left = _STAYING.get()
        return self.kept or (left is not None and next(left, None) is not None)

    @asynccontextmanager
    async def unit_of_work(
        self, scope: Scope | FindScope, cause: Cause | None = None, *, durable: bool = True
    ) -> AsyncIterator[Tx]:
        try:
            async with super().unit_of_work(scope, cause, durable=durable) as tx:
                tx.now = THEN
                yield tx
                if not self._stays():
                    raise _UndoneError
        except _UndoneError:
            return


@dataclass(slots=True)
class House:
    """Every app, and one client each."""

    apps: Mapping[str, ServiceApp]
    databases: Mapping[str, UndoneDatabase]
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, service: str, method: str, path: str, subject: str, *, stays: int = 0, **sent: Any
    ) -> httpx.Response:
        """One request in somebody's name, nobody's where `subject` is empty. Its first `stays` transactions are not
        undone: what comes after them reads what they wrote."""
        _STAYING.set(iter(range(stays)))
        headers = dict(sent.pop("headers", {}))
        if subject:
            headers["Authorization"] = f"Bearer {self.token(subject)}"
        return await self.clients[service].request(method, path, headers=headers, **sent)

    def fields_of(self, service: str, method: str, path: str) -> Iterator[str]:
        """The fields that the body of an operation has."""
        document = self.apps[service].openapi()
        body = document["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {})
        named = body.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
        yield from document["components"]["schemas"].get(named.rpartition("/")[2], {}).get("properties", {})

    def token(self, subject: str) -> str:
        """A good token of a subject, made once."""
        if subject not in self.tokens:
            self.tokens[subject] = token(sub=subject, client_id=subject, exp=4_000_000_000, scope=EVERY_CALL)
        return self.tokens[subject]

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Let what is done stay, to plant something."""
        for database in self.databases.values():
            database.kept = True
        try:
            yield
        finally:
            for database in self.databases.values():
                database.kept = False


@asynccontextmanager
async def house(fresh: FreshDatabase, scopes: Mapping[str, Scope] = BY_SUBJECT) -> AsyncIterator[House]:
    """Serve the five apps; a caller sees what `scopes` says of its subject, another what its copy says."""

    # Without its locals: they hold the whole document, and writing them out took minutes a fault.
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(),
        ]
    )
    looked_up = ScopesOfCallers()

    async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        return scopes.get(who.subject) or await looked_up.find(tx, who, acting_post)

    databases = {app: UndoneDatabase(fresh.url(f"{app}_app"), service=app, pool_size=4) for app in APPS}
    apps = {app: _served(fresh, app) for app in APPS}
    for name, app in apps.items():
        tokens = TokenVerifier(issuer=ISSUER, audience="shoutu", keys=Keys())
        app.runtime = replace(app.runtime, database=databases[name], scope_of=scope_of, tokens=tokens)
    own = apps[GATEWAY].state
    await own.services.close()
    own.services = ServiceClient(_URLS, timeout_seconds=30, transport=_Within(apps))
    own.portal.services = own.services
    made = House(apps, databases)
    for name, app in apps.items():
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        made.clients[name] = httpx.AsyncClient(transport=transport, base_url=ISSUER)
    try:
        yield made
    finally:
        for client in made.clients.values():
            await client.aclose()
        await apps[GATEWAY].state.services.close()
        for database in databases.values():
            await database.close()


def _served(fresh: FreshDatabase, app: str) -> ServiceApp:
    cluster = fresh.cluster
    told: dict[str, Any] = {
        "service": app, "database_url": SecretStr(fresh.url(f"{app}_app")), "nats_url": cluster.nats.url,
        "issuer": ISSUER, "jwks_url": f"{ISSUER}/keys", "home": cluster.home, "access_log": False,
        "trace_sample": 0.0,
    }  # fmt: skip
    settings = (
        GatewaySettings(**told, key_seal=SecretStr(_SEAL), argon2_rounds=1, argon2_memory_kib=8_192)
        if app == GATEWAY
        else ServiceSettings(**told)
    )
    served: ServiceApp = import_module(app_module(app)).create_app(settings)
    return served
