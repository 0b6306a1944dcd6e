"""The whole document is made once for all who ask at the same time, and not again while its parts are the same."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from gateway.portal.actions import Portal
from gateway.services import Answered, ServiceClient
from tests.cluster import eventually

PATHS = {"/v1/orders": {"get": {"operationId": "list_orders", "tags": ["orders"], "responses": {}}}}
OWN = {"paths": {"/v1/clients": {"get": {"operationId": "list_clients", "tags": ["clients"], "responses": {}}}}}


class Services:
    """One service that answers when it is let, and one that is away."""

    def __init__(self) -> None:
        self.asked = 0
        self.let = asyncio.Event()
        self.paths: dict[str, Any] = PATHS

    async def ask_all(self, path: str) -> dict[str, Answered]:
        del path
        self.asked += 1
        await self.let.wait()
        there = Answered(status=200, body={"paths": self.paths, "components": {}})
        return {"responsibility_registry": there, "risk_grading": Answered(missing="timeout")}


def portal(services: Services) -> Portal:
    return Portal(cast(ServiceClient, services), own=lambda: OWN | {"components": {}}, events=dict, server="")


async def test_many_who_ask_at_once_wait_for_one_reading() -> None:
    services = Services()
    asked = [asyncio.ensure_future(portal_.document()) for portal_ in [portal(services)] * 20]
    await eventually(lambda: services.asked == 1, what="the first reading")
    asked[0].cancel()
    services.let.set()
    found = await asyncio.gather(*asked[1:])
    assert services.asked == 1
    assert all("/v1/orders" in one["paths"] for one in found)


async def test_while_a_service_is_away_the_rest_is_asked_again_and_merged_once() -> None:
    services = Services()
    services.let.set()
    whole = portal(services)
    first, second = await whole.document(), await whole.document()
    assert services.asked == 2
    assert first["paths"] is second["paths"]
    services.paths = {}
    assert "/v1/orders" not in (await whole.document())["paths"]
