"""A receiver of one's own, a courier whose rounds the test makes, and facts for the feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from standardwebhooks import Webhook as Verifier

from gateway.courier import Courier
from gateway.egress import Egress
from gateway.subjects import actions as subjects
from gateway.subjects.rules import Kind
from gateway.webhooks import actions
from gateway.webhooks.actions import Wanted
from gateway.webhooks.actions_post import messenger
from gateway.webhooks.rules import Webhook
from gateway.webhooks.rules_delivery import Answer
from infra.ports import free_port
from libs.common.crypto import Seals
from libs.common.db import Database, Tx
from libs.common.ids import new_id
from libs.common.problems import AlreadyExists
from libs.common.scope import Scope
from libs.common.tokens import Principal, TokenOfEndedClient
from tests.cluster import FreshDatabase
from tests.gateway.feed.facts import Log, caller
from tests.gateway.running import InLoop

CITY = "331000000000"
SEALS = Seals(current_id="1", current="a-seal-of-webhook-secrets-with-256-random-bits")


@dataclass
class Receiver:
    """Somebody else's door: keeps what came, and answers what the test wants."""

    url: str
    status: Callable[[int], int] = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.came.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        if self.held is not None:
            await self.held.wait()
        told = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status(len(self.came)), "headers": told})
        await send({"type": "http.response.body", "body": b""})

    def verified(self, secret: str) -> list[Any]:
        """Everything that came, as the published library for receivers reads it."""
        return [Verifier(secret).verify(body, headers) for headers, body in self.came]

    @property
    def ids(self) -> list[str]:
        """The `webhook-id` of everything that came."""
        return [headers["webhook-id"] for headers, _ in self.came]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A door on a free port, until the block ends."""
    port = free_port()
    found = Receiver(f"http://127.0.0.1:{port}/in")
    server = InLoop(found, port)
    task = asyncio.ensure_future(server.serve())
    await asyncio.wait_for(server.listening.wait(), 20)
    try:
        yield found
    finally:
        if found.held is not None:
            found.held.set()
        server.should_exit = True
        await task


@dataclass
class PostOffice:
    """Webhooks over a database, with owners whose sight the test decides."""

    database: Database
    place: FreshDatabase
    log: Log
    egress: Egress = field(default_factory=lambda: Egress(networks=(ip_network("127.0.0.0/8"),)))
    sights: dict[str, Scope] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    async def scope_of(self, tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        """What libs.common.access does, from the test's own list."""
        del acting_post
        if who.subject in self.ended:
            raise TokenOfEndedClient
        await tx.adopt(self.sights[who.subject])
        return self.sights[who.subject]

    def courier(self, post: Callable[[Any], Any] | None = None) -> Courier[Any, Any, Answer]:
        """A courier of its own, as a second process would have."""
        errand = messenger(self.scope_of, SEALS, self.egress)
        if post is not None:
            errand = type(errand)(
                fan_out=errand.fan_out, claim=errand.claim, pack=errand.pack, post=post, note=errand.note
            )
        return Courier(self.database, errand)

    async def deliver(self, courier: Courier[Any, Any, Answer] | None = None) -> None:
        """Rounds until nothing more goes out."""
        by = courier or self.courier()
        while await by.carry() or by.has_more:
            await by.home()

    def owner(self, *sectors: str, area: str = "331002004000") -> Scope:
        """Somebody new who sees a county, and some sectors or all of them."""
        name = f"agency-{new_id()}"
        seen = caller(area, *sectors)
        self.sights[name] = Scope(subject=name, client_id=name, grants=seen.grants)
        return self.sights[name]

    async def let_in(self, owner: Scope) -> None:
        """The owner is a subject, once."""
        async with self.database.unit_of_work(Scope.of_system("test")) as tx:
            if await subjects.reach_of(tx, owner.subject) == (frozenset(), ()):
                with suppress(AlreadyExists):
                    await subjects.open_subject(tx, subject=owner.subject, kind=Kind.CLIENT, area_code=CITY)

    async def register(self, owner: Scope, url: str, **wanted: Any) -> tuple[Webhook, str]:
        """A webhook and its secret."""
        await self.let_in(owner)
        asked = Wanted(url=url, **{"types": ("*",), **wanted})
        async with self.database.unit_of_work(owner) as tx:
            made = await actions.register_webhook(tx, new_id(), asked, SEALS, plain=True)
        assert made.secret is not None
        return made.webhook, made.secret

    async def rows(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """What the tables hold, and changes that no verb makes: as the superuser."""
        connection = await asyncpg.connect(self.place.superuser_url, server_settings={"search_path": "gateway"})
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def hurry(self, webhook: Webhook) -> None:
        """Let what waits for a later try be due now, and leases and rests be over."""
        await self.rows(
            "UPDATE webhook_deliveries SET next_at = now() - interval '1 s', claimed_until = NULL"
            " WHERE webhook = $1 AND state = 'pending'", webhook.id,
        )  # fmt: skip
        await self.rows("UPDATE webhook_lanes SET paused_until = NULL WHERE webhook = $1", webhook.id)

    async def deliveries(self, webhook: Webhook) -> list[tuple[str, int, int | None, str | None]]:
        """(state, attempts, last status, last error) of each message, in order."""
        found = await self.rows(
            "SELECT state, attempts, last_status, last_error FROM webhook_deliveries WHERE webhook = $1 ORDER BY id",
            webhook.id,
        )
        return [tuple(row) for row in found]  # type: ignore[misc]

    async def state(self, webhook: Webhook) -> tuple[str, str | None]:
        """(state, why disabled)."""
        [row] = await self.rows("SELECT state, disabled_because FROM webhooks WHERE id = $1", webhook.id)
        return row["state"], row["disabled_because"]


def said(body: bytes) -> Any:
    """A body as JSON."""
    return orjson.loads(body)
