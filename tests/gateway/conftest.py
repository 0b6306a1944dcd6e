"""Fixtures: the gateway app on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.cluster import Cluster
from tests.gateway.running import Running, running_gateway


@pytest.fixture(scope="module")
async def gateway(cluster: Cluster) -> AsyncIterator[Running]:
    """One app for the tests of a module; they do not share clients."""
    async with cluster.fresh_database() as database, running_gateway(database, demonstration=True) as found:
        yield found
