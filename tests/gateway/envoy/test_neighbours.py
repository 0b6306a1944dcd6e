"""Whoever guesses secrets from a whole network locks nobody out who asks from another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx

from gateway.envoy.plan import EnvoyPlan, Quota
from gateway.routes import Limit
from tests.gateway.envoy.door import running

TOKENS = Quota(requests=4, window_seconds=600, neighbours=10)


async def ask(plan: EnvoyPlan, source: str, times: int) -> list[int]:
    """The statuses that requests for a token from one address are answered with."""
    transport = httpx.AsyncHTTPTransport(local_address=source)
    url = f"http://{plan.listen.host}:{plan.listen.port}/oauth/token"
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        asked = [client.post(url, data={"grant_type": "client_credentials"}) for _ in range(times)]
        return [answer.status_code for answer in await asyncio.gather(*asked)]


async def test_an_address_has_its_share_and_a_network_has_its_own(
    plan_for: Callable[[Path], EnvoyPlan], tmp_path: Path
) -> None:
    plan = plan_for(tmp_path)
    plan = replace(plan, limits=replace(plan.limits, quotas={**plan.limits.quotas, Limit.TOKEN: TOKENS}))
    async with running(plan, tmp_path):
        guesses = await ask(plan, "127.9.9.1", 6)
        assert guesses.count(429) == 2, "an address has its share"
        spread = [await ask(plan, f"127.9.9.{host}", 4) for host in (2, 3, 4)]
        let_in = sum(status != 429 for statuses in (guesses, *spread) for status in statuses)
        assert let_in == TOKENS.neighbours, "its neighbours share what is left of the network's"
        assert 429 not in await ask(plan, "127.9.10.1", 4), "another network has lost nothing"
