"""Fixtures: the app over a bus and a database of its own, and the log behind it."""

from collections.abc import AsyncIterator

import pytest
from nats.js import JetStreamContext

from gateway.app import SERVICE
from infra.bus import Declaration
from tests.cluster import Cluster, FreshDatabase
from tests.gateway.feed.facts import Log, log_of
from tests.gateway.running import Running, running_gateway


@pytest.fixture(scope="module")
async def database(cluster: Cluster) -> AsyncIterator[FreshDatabase]:
    """A database of the module, and streams that hold nothing yet."""
    await cluster.fresh_bus(Declaration(consumers=SERVICE.consumers()))
    async with cluster.fresh_database() as found:
        yield found


@pytest.fixture(scope="module")
async def gateway(database: FreshDatabase) -> AsyncIterator[Running]:
    """The app, with all its loops."""
    async with running_gateway(database) as found:
        yield found


@pytest.fixture
async def log(database: FreshDatabase) -> AsyncIterator[Log]:
    """The module's log; what earlier tests wrote is passed over by beginning at its head."""
    async with log_of(database) as found:
        yield found


@pytest.fixture
async def bus(cluster: Cluster) -> AsyncIterator[JetStreamContext]:
    """The bus as its administrator sees it."""
    client = await cluster.connect_admin()
    yield client.jetstream()
    await client.close()
