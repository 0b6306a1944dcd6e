"""Fixtures: upstreams, and one Envoy over them for the whole run."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from gateway.envoy.plan import QUOTAS, Address, EnvoyPlan, InlineKeys, Limits, Quota
from gateway.routes import Limit
from infra.ports import free_port
from tests.gateway.envoy.door import running
from tests.gateway.envoy.keys import ISSUER, JWKS
from tests.gateway.envoy.upstream import Breaker, Recorder, Serving, Waiter

BODY_BYTES = 65_536
CLIENT_QUOTA = Quota(requests=40, window_seconds=60)
TRACKING_QUOTA = Quota(requests=20, window_seconds=60, overall=1_000)


@dataclass
class Upstreams:
    """What stands behind: an app that answers, a port that hangs up, a port that never answers."""

    app: Recorder
    app_port: int
    breaker: Breaker
    breaker_port: int
    waiter_port: int


@dataclass
class Door:
    """A running Envoy and its client."""

    plan: EnvoyPlan
    http: httpx.AsyncClient
    behind: Upstreams


def local(port: int) -> Address:
    return Address(host="127.0.0.1", port=port)


@pytest.fixture(scope="session")
async def behind() -> AsyncIterator[Upstreams]:
    app, breaker = Recorder(), Breaker()
    serving = Serving(app, free_port())
    task = asyncio.ensure_future(serving.serve())
    await asyncio.wait_for(serving.listening.wait(), 10)
    hang_up = await asyncio.start_server(breaker, "127.0.0.1", 0)
    never = await asyncio.start_server(Waiter(), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (hang_up, never)]
    yield Upstreams(app, serving.config.port, breaker, *ports)
    serving.should_exit = True
    await task
    hang_up.close()
    never.close()


@pytest.fixture(scope="session")
def plan_for(behind: Upstreams) -> Callable[[Path], EnvoyPlan]:
    """Registry and reporting answer, grading hangs up, command never answers."""

    def plan(folder: Path) -> EnvoyPlan:
        quotas = {**QUOTAS, Limit.CLIENT: CLIENT_QUOTA, Limit.TRACKING: TRACKING_QUOTA}
        return EnvoyPlan(
            listen=local(free_port()),
            admin=local(free_port()),
            gateway_app=local(behind.app_port),
            services={
                "responsibility_registry": local(behind.app_port),
                "public_reporting": local(behind.app_port),
                "risk_grading": local(behind.breaker_port),
                "emergency_command": local(behind.waiter_port),
            },
            issuer=ISSUER,
            keys=InlineKeys(jwks=JWKS),
            cors_origins=("https://map.city.test",),
            access_log=str(folder / "access.log"),
            limits=replace(Limits(), body_bytes=BODY_BYTES, request_seconds=0.5, quotas=quotas),
        )

    return plan


@pytest.fixture(scope="session")
async def door(
    behind: Upstreams, plan_for: Callable[[Path], EnvoyPlan], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    folder = tmp_path_factory.mktemp("envoy")
    plan = plan_for(folder)
    async with running(plan, folder) as http:
        yield Door(plan, http, behind)
