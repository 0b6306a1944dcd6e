"""One post office for the tests of a module; each has owners and webhooks of its own."""

from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from tests.cluster import Cluster
from tests.gateway.feed.facts import Log
from tests.gateway.webhooks.stage import PostOffice, Receiver, receiver


@pytest.fixture(scope="module")
async def office(cluster: Cluster) -> AsyncIterator[PostOffice]:
    """Over a migrated database, by the app's own role."""
    async with cluster.fresh_database() as place:
        pool = Database(place.url("gateway_app"), service="gateway", pool_size=8)
        try:
            yield PostOffice(pool, place, Log(pool))
        finally:
            await pool.close()


@pytest.fixture(autouse=True)
async def quiet(office: PostOffice) -> AsyncIterator[None]:
    """What earlier tests left going is stopped, so that nobody waits for it."""
    yield
    await office.rows("UPDATE webhook_lanes SET going = false")


@pytest.fixture
async def door() -> AsyncIterator[Receiver]:
    """A receiver that takes everything."""
    async with receiver() as found:
        yield found
