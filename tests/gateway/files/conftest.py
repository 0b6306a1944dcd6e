"""The gateway app with callers who send files, and services that show what refers to them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.files import listen
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.contracts.event import Event, Heard
from libs.contracts.sample_values import orders
from libs.contracts.sample_values import public_reporting as reports
from tests.gateway.running import Running, county_grant
from tests.gateway.stub_service import StubServices, stubbed

E = TypeVar("E", bound=Event)


@dataclass
class Caller:
    """A client that sends files and asks for them."""

    gateway: Running
    headers: dict[str, str]

    async def send(self, content: bytes, media_type: str = "image/jpeg", **query: Any) -> httpx.Response:
        headers = {**self.headers, "Content-Type": media_type}
        return await self.gateway.http.post("/v1/files", content=content, headers=headers, params=query)

    async def sent(self, content: bytes, media_type: str = "image/jpeg", **query: Any) -> dict[str, Any]:
        answer = await self.send(content, media_type, **query)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.gateway.http.get(path, headers={**self.headers, **headers})

    async def link(self, file_id: str, variant: str = "original") -> str:
        answer = await self.get(f"/v1/files/{file_id}/link?variant={variant}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])


async def caller(gateway: Running, *roles: str, posts: tuple[UUID, ...] = ()) -> Caller:
    """A new client with these roles over one county, and these posts, as a tenure gives them."""
    grants = [county_grant(role=role) for role in roles or ("grid_member",)]
    made = await gateway.register(grants=grants)
    held = [{"post_id": str(post), "valid_from": "2000-01-01T00:00:00Z", "valid_to": None} for post in posts]
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        changed = "UPDATE access_grants SET posts = $1::text::jsonb WHERE subject = $2"
        assert await tx.say(changed, json.dumps(held), made["subject"]) == "UPDATE 1"
    return Caller(gateway, await gateway.bearer(made["client_id"], made["client_secret"]))


def telling(event: type[E], **files: Any) -> E:
    """One of the sample events, referring to other files."""
    found = next(one.event for one in (*reports.SAMPLES, *orders.SAMPLES) if isinstance(one.event, event))
    return found.model_copy(update=files)


async def refer(gateway: Running, event: Event, *, aggregate: UUID | None = None, **said: Any) -> UUID:
    """A service's event is heard, as the bus would bring it. Returns the aggregate's id."""
    aggregate = aggregate or new_id()
    values: dict[str, Any] = {
        "id": new_id(), "type": event.type, "aggregate_id": aggregate, "aggregate_version": 1,
        "correlation_id": uuid4(), "causation_id": None, "area_code": "331002004208", "sectors": ("fire",),
        "actor_post": None, "occurred_at": datetime.now(UTC), "recorded_at": datetime.now(UTC),
        "policy_version": "", "exercise": False, "sensitivity": "internal", "traceparent": None, "data": event,
    }  # fmt: skip
    handle = next(row.handle for row in listen.LISTENS if row.event is type(event))
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("hear:test")) as tx:
        await handle(Heard(**{**values, **said}), tx)
    return aggregate


@pytest.fixture(scope="module")
async def sender(gateway: Running) -> Caller:
    """A citizens' app: it holds no post."""
    return await caller(gateway)


@pytest.fixture(scope="module")
async def officer(gateway: Running) -> Caller:
    """An inspector with a post."""
    return await caller(gateway, "inspector", posts=(uuid4(),))


@pytest.fixture
def services(gateway: Running) -> Iterator[StubServices]:
    """The four services: whatever was not put there is 404."""
    with stubbed(gateway) as found:
        yield found
