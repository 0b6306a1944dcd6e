"""The whole gateway app on a real database, served in the test's own loop."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from pydantic import SecretStr

from gateway.app import create_app
from gateway.settings import GatewaySettings
from gateway.signing.actions import sign
from gateway.subjects.actions import open_subject
from gateway.subjects.rules import Kind
from gateway.tokens.rules import Granted, TokenLife, claims
from infra.embedded.nats import password_name as bus_password
from infra.ports import free_port
from libs.common.clocks import system_now
from libs.common.scope import Scope
from libs.common.serve import ServiceServer
from tests.cluster import FreshDatabase

SECRET = "an-administrators-secret-of-256-random-bits"
SEAL = "a-seal-of-private-keys-with-256-random-bits"
SECURITY_SECRET, AUDIT_SECRET = f"{SECRET}-for-security", f"{SECRET}-for-audit"
ADMINISTRATOR = "bootstrap-system-administrator"
SECURITY, AUDIT = "bootstrap-security-administrator", "bootstrap-audit-administrator"
EVERYWHERE = {"area_from": "000000000000", "area_to": "999999999999", "sectors": None}


@dataclass
class Running:
    """The app's address, its settings, and a client for each caller."""

    url: str
    settings: GatewaySettings
    http: httpx.AsyncClient
    app: Any
    tokens: dict[str, str] = field(default_factory=dict)

    async def token(self, client_id: str = ADMINISTRATOR, secret: str = SECRET) -> str:
        """A token of a client."""
        answer = await self.ask_token(client_id, secret)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def ask_token(self, client_id: str, secret: str, **form: str) -> httpx.Response:
        """The token endpoint's answer."""
        sent = {"grant_type": "client_credentials", **form}
        return await self.http.post("/oauth/token", data=sent, auth=(client_id, secret))

    async def bearer(self, client_id: str = ADMINISTRATOR, secret: str = SECRET) -> dict[str, str]:
        """The header of a caller, one token each."""
        if client_id not in self.tokens:
            self.tokens[client_id] = await self.token(client_id, secret)
        return {"Authorization": f"Bearer {self.tokens[client_id]}"}

    async def security(self) -> dict[str, str]:
        """The header of who gives rights."""
        return await self.bearer(SECURITY, SECURITY_SECRET)

    async def register(self, grants: Sequence[Mapping[str, Any]] = (), **fields: Any) -> dict[str, Any]:
        """A new client by the system administrator, with grants by the security administrator."""
        answer = await self.try_register(**fields)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        for grant in grants:
            given = await self.give(made["subject"], grant)
            assert given.status_code == 200, given.text
        return made

    async def subject(self, name: str) -> dict[str, Any]:
        """What stands of a subject."""
        answer = await self.http.get("/v1/subjects", params={"subject": name}, headers=await self.security())
        (found,) = answer.json()["items"]
        return dict(found)

    async def give(
        self, name: str, grant: Mapping[str, Any], by: dict[str, str] | None = None, path: str = "give-grant"
    ) -> httpx.Response:
        """The answer to a grant; it holds from the beginning where it says nothing else."""
        known = await self.subject(name)
        body = {"valid_from": "2000-01-01T00:00:00Z", "reason": "试用", **grant}
        headers = {**(by or await self.security()), "If-Match": f'"{known["version"]}"'}
        return await self.http.post(f"/v1/subjects/{known['id']}/{path}", json=body, headers=headers)

    async def person(self, *grants: Mapping[str, Any], area_code: str = "331002000000") -> dict[str, str]:
        """The header of a person's token, who holds these grants: an office of the platform is a person's."""
        name = f"person-{uuid4()}"
        settings = self.settings
        life = TokenLife(issuer=settings.issuer, audience=settings.audience, seconds=600)
        async with self.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
            await open_subject(tx, subject=name, kind=Kind.PERSON, area_code=area_code)
            at = system_now()
            said = claims(life, Granted(subject=name, client_id="app", scope="shoutu"), token_id=uuid4(), at=at)
            token = await sign(tx, settings.seals, said, at)
        for grant in grants:
            given = await self.give(name, grant)
            assert given.status_code == 200, given.text
        return {"Authorization": f"Bearer {token}", "X-Subject": name}

    async def lead(self, client: dict[str, Any], *redirects: str, by: dict[str, str] | None = None) -> httpx.Response:
        """The answer to saying where people who sign in by a client are led back to."""
        headers = {**(by or await self.bearer()), "If-Match": "*"}
        path = f"/v1/clients/{client['id']}/redirect-uris"
        return await self.http.put(path, json={"redirect_uris": list(redirects)}, headers=headers)

    async def try_register(self, by: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        """The answer to a registration."""
        name = f"app-{uuid4().hex[:8]}"
        body = {"client_id": name, "name": "测试端", "subject": name, "area_code": "331002000000", **fields}
        return await self.http.post("/v1/clients", json=body, headers=by or await self.bearer())


def county_grant(**fields: Any) -> dict[str, Any]:
    """A grant over one county."""
    area = {"area_from": "331002000000", "area_to": "331002999999"}
    return {"role": "inspector", **area, "sectors": ["fire"], **fields}


class InLoop(ServiceServer):
    """A server that says when it listens and leaves signals alone."""

    def __init__(self, app: Any, port: int) -> None:
        super().__init__(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
        self.listening = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def running_gateway(database: FreshDatabase, **changes: Any) -> AsyncIterator[Running]:
    """The app with its loops, until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    cluster = database.cluster
    values: dict[str, Any] = {
        "service": "gateway",
        "database_url": SecretStr(database.url("gateway_app")),
        "sealer_database_url": SecretStr(database.url("gateway_sealer")),
        "nats_url": cluster.nats.url,
        "nats_user": "gateway",
        "nats_password": SecretStr(cluster.secrets.of(bus_password("gateway"))),
        "issuer": url,
        "jwks_url": f"{url}/.well-known/jwks.json",
        "home": cluster.home,
        "access_log": False,
        "key_seal": SecretStr(SEAL),
        "system_administrator_secret": SecretStr(SECRET),
        "security_administrator_secret": SecretStr(SECURITY_SECRET),
        "audit_administrator_secret": SecretStr(AUDIT_SECRET),
        "argon2_rounds": 1,
        "argon2_memory_kib": 8_192,
    }
    settings = GatewaySettings(**{**values, **changes})
    app = create_app(settings)
    server = InLoop(app, port)
    task = asyncio.ensure_future(server.serve())
    await asyncio.wait_for(server.listening.wait(), 20)
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
            yield Running(url, settings, http, app)
    finally:
        server.should_exit = True
        await task


def basic(client_id: str, secret: str) -> str:
    """A Basic header without any encoding, as careless clients send it."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
