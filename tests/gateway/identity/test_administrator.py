"""The first administrator comes from the settings, at every start and whatever happened before."""

import asyncio
from contextlib import AbstractAsyncContextManager

from pydantic import SecretStr

from gateway.app import prepare, until_prepared
from libs.common.db import Cause, FindScope, Tx
from libs.common.http_runtime import UnitsOfWork
from libs.common.scope import Scope
from tests.cluster import FreshDatabase
from tests.gateway.running import ADMINISTRATOR, SECRET, running_gateway

NEW_SECRET = "another-secret-of-an-administrator-with-256-bits"


async def test_a_second_start_keeps_the_administrator_and_a_new_secret_replaces_the_old(
    fresh_database: FreshDatabase,
) -> None:
    async with running_gateway(fresh_database) as first:
        assert (await first.ask_token(ADMINISTRATOR, SECRET)).status_code == 200
        listed = await first.http.get("/v1/clients", headers=await first.bearer())
        before = listed.json()["items"]
    secret = SecretStr(NEW_SECRET)
    async with running_gateway(fresh_database, administrator_client_secret=secret) as second:
        assert (await second.ask_token(ADMINISTRATOR, SECRET)).status_code == 401
        headers = await second.bearer(ADMINISTRATOR, NEW_SECRET)
        listed = await second.http.get("/v1/clients", headers=headers)
        assert [item["id"] for item in listed.json()["items"]] == [item["id"] for item in before]


async def test_processes_that_start_at_once_make_one_administrator_and_one_key(
    fresh_database: FreshDatabase,
) -> None:
    async with running_gateway(fresh_database) as gateway:
        database = gateway.app.state.runtime.database
        starts = (prepare(database, gateway.settings) for _ in range(6))
        assert all(await asyncio.gather(*starts))
        listed = await gateway.http.get("/v1/clients", headers=await gateway.bearer())
        assert len(listed.json()["items"]) == 1
        keys = await gateway.http.get("/.well-known/jwks.json")
        assert len(keys.json()["keys"]) == 1


class AwayAtFirst:
    """A database that takes its time to come."""

    def __init__(self, database: UnitsOfWork, refusals: int) -> None:
        self.database, self.refusals = database, refusals

    def unit_of_work(self, scope: Scope | FindScope, cause: Cause | None = None) -> AbstractAsyncContextManager[Tx]:
        """Refuse so many times, then be there."""
        if self.refusals > 0:
            self.refusals -= 1
            raise ConnectionRefusedError
        return self.database.unit_of_work(scope, cause)


async def test_a_start_before_the_database_is_made_good_as_soon_as_it_is_there(
    fresh_database: FreshDatabase,
) -> None:
    async with running_gateway(fresh_database) as gateway:
        database = AwayAtFirst(gateway.app.state.runtime.database, refusals=2)
        assert not await prepare(database, gateway.settings)
        await until_prepared(database, gateway.settings, pause_seconds=0)
        assert database.refusals == 0
