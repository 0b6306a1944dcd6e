"""A real platform over a throw-away home with the small city in it, and everyone who acts there."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson

from infra.city.keys import CityKeys
from infra.city.load import load_city
from infra.city.shapes import City
from infra.clients import register_clients, token_of, until_known
from infra.environment import (
    ADMINISTRATORS,
    REGISTRY_ADMINISTRATOR,
    SECURITY_ADMINISTRATOR,
    SYSTEM_ADMINISTRATOR,
    client_password,
)
from infra.platform import Platform
from infra.rights import EVER_SINCE, begin_tenures, give_rights
from infra.settings import SERVICES, PlatformSettings, Shape
from libs.common.clocks import CITY_ZONE
from tests.cluster import eventually
from tests.homes import new_home
from tests.journeys.caller import LOOK_SECONDS, PATIENCE_SECONDS, Body, Caller, body_of
from tests.journeys.small_city import CITY, small_city


def city_time(*when: int) -> datetime:
    """An instant in the city's civil time: year, month, day, hour, minute."""
    return datetime(*when, tzinfo=CITY_ZONE)  # type: ignore[arg-type,misc]


@dataclass(slots=True)
class CityClock:
    """The platform's simulated clock, moved by its administrator."""

    administrator: Caller

    async def move(self, at: datetime) -> None:
        """Let it be `at` in the city, and wait until every service goes by that."""
        set_to = body_of(await self.administrator.ask("POST", "/v1/clock", {"at": at.isoformat()}), 200)
        await self.administrator.until("/v1/clock", in_step=True, offset_seconds=set_to["offset_seconds"])

    async def now(self) -> datetime:
        """The city's time."""
        return datetime.fromisoformat((await self.administrator.get("/v1/clock"))["now"])

    async def forward(self, **length: float) -> None:
        """Let so much time pass in the city (`days`, `hours`, `minutes`)."""
        await self.move(await self.now() + timedelta(**length))

    async def pass_by(self, instant: str) -> None:
        """Let it be a second after an instant that the platform has told, unless it is later already."""
        after = datetime.fromisoformat(instant) + timedelta(seconds=1)
        if await self.now() < after:
            await self.move(after)


@dataclass(slots=True, repr=False)
class RunningCity:
    """The platform, its city, and a client for everyone who acts in it."""

    platform: Platform
    city: City
    http: httpx.AsyncClient
    keys: CityKeys = field(default_factory=lambda: CityKeys(CITY))
    told: list[str] = field(default_factory=list)
    _callers: dict[str, Caller] = field(default_factory=dict)

    async def caller(self, subject: str) -> Caller:
        """Who acts as this subject (`police-331002004000`); its token is asked for once."""
        if subject not in self._callers:
            token = await token_of(self.http, self.platform.secrets, subject)
            self._callers[subject] = Caller(self.http, subject, token)
        return self._callers[subject]

    async def clock(self) -> CityClock:
        """The city's clock."""
        return CityClock(await self.caller(SYSTEM_ADMINISTRATOR))

    def nobody(self, token: str | None = None) -> Caller:
        """A caller without a token, or with one of its own making."""
        return Caller(self.http, "nobody", token)

    def post(self, kind: str, area_code: str) -> UUID:
        """The id of a post."""
        return self.keys.post(kind, area_code)

    @asynccontextmanager
    async def looking(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """The superuser's connection to one service's tables: for looking and breaking, not for testing walls."""
        connection = await asyncpg.connect(self.platform.database_url, server_settings={"search_path": service})
        try:
            yield connection
        finally:
            await connection.close()

    async def rows(self, service: str, statement: str, *values: Any) -> Sequence[asyncpg.Record]:
        """What a service's tables hold."""
        async with self.looking(service) as connection:
            return list(await connection.fetch(statement, *values))

    async def until_rows(
        self, service: str, statement: str, *values: Any, count: int = 1
    ) -> Sequence[asyncpg.Record]:
        """Look until a service's tables hold so many such rows at least."""
        found: list[asyncpg.Record] = []
        async with self.looking(service) as connection:

            async def are_there() -> bool:
                found[:] = await connection.fetch(statement, *values)
                return len(found) >= count

            await eventually(
                are_there,
                seconds=PATIENCE_SECONDS,
                what=f"{service}: {statement} {values}",
                every_seconds=LOOK_SECONDS,
            )
        return found

    @asynccontextmanager
    async def holding(self, service: str, statement: str, *values: Any) -> AsyncIterator[None]:
        """Hold the rows that a `SELECT … FOR UPDATE` names, so that nobody decides about them meanwhile."""
        async with self.looking(service) as connection, connection.transaction():
            assert await connection.fetch(statement, *values)
            yield

    async def let_in(self, subject: str, post: UUID | None, *grants: Mapping[str, Any]) -> Caller:
        """Register one more client with these grants, and a tenure of the post; known to every service, act as it."""
        client_id = f"{subject}-{uuid4().hex[:6]}"
        body = {"client_id": client_id, "name": subject, "subject": client_id, "area_code": CITY}
        system = await self.caller(SYSTEM_ADMINISTRATOR)
        made = await system.create("/v1/clients", body)
        self.platform.secrets.keep(client_password(client_id), made["client_secret"])
        for grant in grants:
            await self.give(client_id, "give-grant", grant)
        await self._until_known(client_id, grants=len(grants))
        if post is not None:
            await self.put_into(client_id, post)
        self._callers[subject] = await self.caller(client_id)
        self._callers[subject].client = made["id"]
        return self._callers[subject]

    async def give(self, subject: str, verb: str, body: Mapping[str, Any]) -> Body:
        """What the security administrator gives somebody; it held ever since, wherever the city's clock stands."""
        security = await self.caller(SECURITY_ADMINISTRATOR)
        (known,) = await security.list("/v1/subjects", subject=subject)
        return await security.act(
            f"/v1/subjects/{known['id']}/{verb}", {"valid_from": EVER_SINCE, "reason": "试用", **body}
        )

    async def put_into(self, subject: str, post: UUID) -> Body:
        """A tenure of a post, and every service knows it."""
        security = await self.caller(SECURITY_ADMINISTRATOR)
        body = {"post_id": str(post), "subject": subject, "valid_from": EVER_SINCE, "document": "试用"}
        begun = await security.create("/v1/tenures", body)
        holding = "SELECT 1 FROM access_grants WHERE subject = $1 AND posts @> $2::jsonb"
        for service in SERVICES:
            await self.until_rows(service, holding, subject, orjson.dumps([{"post_id": str(post)}]).decode())
        return begun

    async def _until_known(self, subject: str, *, grants: int) -> None:
        for service in SERVICES:
            known = "SELECT 1 FROM access_grants WHERE subject = $1 AND jsonb_array_length(grants) >= $2"
            await self.until_rows(service, known, subject, grants)

    async def trace(self, correlation_id: str, seen_by: str = "auditor") -> Body:
        """The trace of one case as the gateway composes it."""
        return await (await self.caller(seen_by)).get(f"/v1/traces/{correlation_id}")


@asynccontextmanager
async def running_platform(shape: Shape, **changed: Any) -> AsyncIterator[tuple[Platform, list[str]]]:
    """A demonstration platform on free ports, watched like one that `shoutu up` runs. Main thread only."""
    home = new_home()
    told: list[str] = []
    settings = PlatformSettings.on_free_ports(home, shape=shape, demonstration=True, **changed)
    platform = Platform(settings, told.append)
    await platform.start()
    stopping = asyncio.Event()
    watching = asyncio.create_task(platform.watch(stopping))
    try:
        yield platform, told
    finally:
        stopping.set()
        with suppress(asyncio.CancelledError):
            await watching
        await platform.stop()
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def running_city(shape: Shape, *, city: City | None = None, **changed: Any) -> AsyncIterator[RunningCity]:
    """The same with a city, the small one by default, loaded through the front door, its clients known everywhere."""
    city = city or small_city()
    async with (
        running_platform(shape, **changed) as (platform, told),
        httpx.AsyncClient(base_url=platform.settings.gateway_url, timeout=30, trust_env=False) as http,
    ):
        await register_clients(http, platform.secrets, city)
        await give_rights(http, platform.secrets, city)
        token = await token_of(http, platform.secrets, REGISTRY_ADMINISTRATOR)
        await until_known(http, token)
        await load_city(platform.settings.gateway_url, token, city, lambda _: None)
        await begin_tenures(http, platform.secrets, city)
        ready = RunningCity(platform, city, http, told=told)
        await _until_everybody_is_known(ready)
        yield ready


async def _until_everybody_is_known(ready: RunningCity) -> None:
    """Copies of subjects and areas follow by events: wait for the last of them in every service."""
    subjects = [subject for row in ready.city.clients for subject in row.subjects]
    holding = sum(subject.post_id is not None for subject in subjects)
    for service in SERVICES:
        await ready.until_rows(service, "SELECT 1 FROM access_grants", count=len(subjects) + len(ADMINISTRATORS) + 1)
        await ready.until_rows(service, "SELECT 1 FROM access_grants WHERE posts <> '[]'", count=holding)
    for service in ("risk_grading", "public_reporting"):
        await ready.until_rows(service, "SELECT 1 FROM area_copies", count=len(ready.city.areas))
