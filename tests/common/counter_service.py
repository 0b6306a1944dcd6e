"""A service of no noun, with one aggregate and every kind of door, for the tests of the web plumbing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import time
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
from fastapi import Depends, Query
from joserfc import jwk, jwt
from joserfc.jwk import Key
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.common.db import Cause, Tx
from libs.common.doors import Change, Door, Read, Write, public_door
from libs.common.forms import Form
from libs.common.http_runtime import Check, HttpRuntime, UnitsOfWork
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.problems import NotFound, StaleVersion
from libs.common.scope import Grant, Scope
from libs.common.settings import ServiceSettings
from libs.common.strict_routes import LenientRoute, router
from libs.common.telemetry import Telemetry
from libs.common.tokens import Principal, TokenVerifier
from libs.common.web import ServiceApp, create_service_app

PublicWrite = Annotated[Door, Depends(public_door("counting_public"))]
PublicRead = Annotated[Door, Depends(public_door("open", "read"))]
ISSUER = "http://issuer.test"
KEY = jwk.ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"})
HERE = Grant(area_from="331002000000", area_to="331002999999", sectors=None, role="inspector")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """The aggregate."""

    id: UUID
    version: int
    name: str
    count: int = 0
    correlation_id: UUID


class AlreadyFull(Exception):
    """A rule's own refusal, as a rules.py writes it."""

    status = 409
    code = "counter_already_full"
    state = "full"
    open_moves = ("reset",)


class OwnError(BaseModel):
    """How some standard says it."""

    error: str


class CounterIn(Form):
    """What a new counter needs."""

    id: UUID | None = None
    name: str = Field(max_length=20)
    tags: list[str] = Field(default=[], max_length=3)
    place: Place | None = None


class Place(BaseModel):
    """Something nested."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["point", "area"]
    lon: float = Field(ge=-180, le=180)


class CounterOut(BaseModel):
    """How a counter is shown."""

    id: UUID
    version: int
    name: str
    count: int
    seen_by: str

    @classmethod
    def of(cls, counter: Counter, scope: Scope) -> CounterOut:
        return cls(
            id=counter.id, version=counter.version, name=counter.name, count=counter.count, seen_by=scope.subject
        )


@dataclass
class FakeTx:
    """A transaction that only remembers its scope."""

    scope: Scope
    cause: Cause
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    service: str = "counters"

    @property
    def caller(self) -> Scope:
        return self.scope


class FakeDatabase:
    """Counters in memory; `raises` is what the next commit raises."""

    def __init__(self) -> None:
        self.counters: dict[UUID, Counter] = {}
        self.opened: list[FakeTx] = []
        self.raises: BaseException | None = None

    @asynccontextmanager
    async def unit_of_work(self, scope: Any, cause: Cause | None = None) -> AsyncIterator[Any]:
        before = dict(self.counters)
        tx = FakeTx(Scope(subject=""), cause or Cause())
        self.opened.append(tx)
        try:
            tx.scope = scope if isinstance(scope, Scope) else await scope(tx)
            yield tx
            if self.raises is not None:
                raise self.raises
        except BaseException:
            self.counters = before
            raise

    async def find(self, tx: Tx, id: UUID) -> Counter:  # noqa: A002
        if id not in self.counters:
            raise NotFound("counter", id)
        return self.counters[id]

    async def add(self, body: CounterIn) -> Counter:
        made = Counter(id=body.id or new_id(), version=1, name=body.name, correlation_id=new_id())
        self.counters[made.id] = made
        return made

    async def raise_by(self, tx: Tx, id: UUID, by: int, expected: int | None) -> Counter:  # noqa: A002
        found = await self.find(tx, id)
        if expected is not None and expected != found.version:
            raise StaleVersion(expected=expected, current=found.version)
        if found.count + by > 10:
            raise AlreadyFull("the counter is full: reset it first")
        after = replace(found, version=found.version + 1, count=found.count + by)
        self.counters[id] = after
        return after


async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
    """Everybody is an inspector here."""
    return Scope(subject=who.subject, client_id=who.client_id, grants=(HERE,), post_id=acting_post)


class Keys:
    """The issuer's one key."""

    async def find(self, kid: str, algorithm: str) -> Key | None:
        return KEY if kid == "k1" and algorithm == "ES256" else None


def token(*, key: Key = KEY, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """An access token; any claim or header field can be changed, None takes a claim out."""
    now = int(time())
    said: dict[str, Any] = {
        "iss": ISSUER, "aud": "shoutu", "sub": "zhang", "client_id": "portal", "jti": str(new_id()),
        "iat": now, "exp": now + 300, "scope": "shoutu",
    } | claims  # fmt: skip
    head = {"alg": "ES256", "kid": "k1", "typ": "at+jwt"} | dict(header or {})
    return jwt.encode(head, {k: v for k, v in said.items() if v is not None}, key, algorithms=[head["alg"]])


def settings(**fields: Any) -> ServiceSettings:
    """Settings for a test; nothing is read from the environment that matters."""
    return ServiceSettings(**({"service": "counters", "database_url": "postgresql://nowhere"} | fields))


def runtime(database: UnitsOfWork, *, checks: Mapping[str, Check] | None = None, **fields: Any) -> HttpRuntime:
    """A runtime around a database, real or fake."""
    chosen = settings(**({"access_log": False} | fields))
    return HttpRuntime(
        settings=chosen,
        database=database,
        scope_of=scope_of,
        tokens=TokenVerifier(issuer=ISSUER, audience="shoutu", keys=Keys()),
        telemetry=Telemetry("counters", sample=chosen.trace_sample),
        checks=checks or {},
    )


def counters_router(database: FakeDatabase) -> Any:
    """The api.py of the counters."""
    counters = router("counters")

    @counters.post("/v1/counters", status_code=201, response_model=CounterOut)
    async def add_counter(body: CounterIn, door: Write) -> Response:
        return await door.perform(lambda tx: database.add(body), CounterOut.of, show_again=database.find)

    @counters.post("/v1/shelves/{shelf}/counters", status_code=201, response_model=CounterOut)
    async def add_to_shelf(shelf: str, body: CounterIn, door: Write) -> Response:
        return await door.perform(lambda tx: database.add(body), CounterOut.of)

    @counters.get("/v1/counters/{counter_id}", response_model=CounterOut)
    async def show_counter(counter_id: UUID, door: Read) -> Response:
        return await door.look(lambda tx: database.find(tx, counter_id), CounterOut.of)

    @counters.post("/v1/counters/{counter_id}/raise", response_model=CounterOut, responses=refuses(AlreadyFull))
    async def raise_counter(counter_id: UUID, door: Change, by: Annotated[int, Query(ge=1)] = 1) -> Response:
        return await door.perform(
            lambda tx: database.raise_by(tx, counter_id, by, door.expected_version),
            CounterOut.of,
            show_again=database.find,
        )

    @counters.get("/v1/counters", response_model=dict)
    async def list_counters(
        door: Read, name: str | None = None, tag: Annotated[list[str] | None, Query()] = None,
        since: AwareDatetime | None = None,
    ) -> Response:  # fmt: skip
        return door.answer({"name": name, "tag": tag})

    @counters.post("/v1/public-counts", status_code=201)
    async def count_in_public(body: CounterIn, door: PublicWrite) -> Response:
        return await door.perform(lambda tx: database.add(body), CounterOut.of)

    @counters.post("/v1/uploads", max_body_size=4096)
    async def upload(request: Request, door: Write) -> Response:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
        return door.answer({"size": size})

    @counters.post("/v1/own-errors", responses={400: {"model": OwnError, "description": "a standard's own"}})
    async def own_errors(door: PublicWrite) -> Response:
        return door.answer({"error": "invalid_request"}, status=400)

    @counters.get("/v1/broken")
    async def broken(door: Read) -> Response:
        raise KeyError("secret words of a citizen")

    return counters


def lenient_router() -> Any:
    """A router of a standard that ignores what it does not know."""
    lenient = router("lenient", route_class=LenientRoute)

    @lenient.get("/open/things")
    async def things(door: PublicRead) -> Response:
        return door.answer([])

    return lenient


def counters_app(database: FakeDatabase, **fields: Any) -> ServiceApp:
    """The whole app over a fake database."""
    return create_service_app(
        runtime(database, **fields), [counters_router(database), lenient_router()], title="Counters"
    )


def client_of(app: ServiceApp, bearer: str | None = "", **headers: str) -> httpx.AsyncClient:
    """A client of the app; with a valid token unless `bearer` is None."""
    given = dict(headers)
    if bearer is not None:
        given["Authorization"] = f"Bearer {bearer or token()}"
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", headers=given)


Show = Callable[[Counter, Scope], CounterOut]
CounterIn.model_rebuild()
