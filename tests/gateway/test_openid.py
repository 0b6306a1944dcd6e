"""A provider is asked no more often than it can answer, and nothing that it says of itself is more than refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.egress import CallFailed, Egress, Fetched
from gateway.openid import ProviderUnusable, Published

ISSUER = "https://provider.example"
GOOD = {
    "issuer": ISSUER,
    "jwks_uri": f"{ISSUER}/keys",
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A provider's row."""

    id: UUID = field(default_factory=uuid4)
    version: int = 1
    issuer: str = ISSUER
    jwks_uri: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answering(Egress):
    """A way out at whose end somebody says this, or nobody is there."""

    said: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        seconds: float = 5.0,
        most_bytes: int = 1 << 20,
    ) -> Fetched:
        """What stands at the address."""
        del method, headers, content, seconds, most_bytes
        self.asked.append(url)
        await asyncio.get_running_loop().run_in_executor(None, str)
        if url not in self.said:
            raise CallFailed("nobody_there")
        return Fetched(status=200, headers=httpx.Headers(), body=self.said[url])


def answering(document: Mapping[str, Any] | None = None, keys: bytes = b"") -> Answering:
    """A way out to a provider that says this of itself."""
    said = {} if document is None else {f"{ISSUER}/.well-known/openid-configuration": json.dumps(document).encode()}
    return Answering(said=said | ({f"{ISSUER}/keys": keys} if keys else {}))


async def test_a_provider_that_is_away_is_asked_once_in_a_while_however_many_want_to_go_there() -> None:
    moment, way, row = [0.0], answering(), Row()
    published = Published(way, clock=lambda: moment[0])

    async def want() -> str:
        with pytest.raises(ProviderUnusable) as told:
            await published.configuration(row)
        return str(told.value)

    assert set(await asyncio.gather(*(want() for _ in range(20)))) == {await want()}
    assert len(way.asked) == 1
    moment[0] += 15
    way.said.update(answering(GOOD).said)
    assert (await published.configuration(row)).token_endpoint == GOOD["token_endpoint"]


async def test_of_many_who_go_to_a_provider_at_once_one_asks() -> None:
    way, row = answering(GOOD), Row()
    published = Published(way)
    found = await asyncio.gather(*(published.configuration(row) for _ in range(20)))
    assert (len(set(found)), len(way.asked)) == (1, 1)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//host/x", "https://u:p@host/"])
async def test_nobody_is_led_to_what_is_no_address(name: str, address: str) -> None:
    with pytest.raises(ProviderUnusable, match="no http"):
        await Published(answering({**GOOD, name: address})).configuration(Row())


async def test_keys_that_are_nested_beyond_reading_are_none() -> None:
    published = Published(answering(GOOD, keys=b"[" * 500_000))
    with pytest.raises(ProviderUnusable, match="keys cannot be read"):
        await published.find_key(Row(), "kid", "RS256")
