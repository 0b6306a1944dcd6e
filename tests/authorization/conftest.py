"""One house for all sweeps, everything planted in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.authorization.house import House, house
from tests.authorization.operations import Ids
from tests.authorization.planting import plant
from tests.cluster import Cluster, FreshDatabase


@dataclass(frozen=True, slots=True)
class Planted:
    """The house, what is planted in it, and the database below."""

    house: House
    ids: Ids
    database: FreshDatabase


@pytest.fixture(scope="package")
async def planted(cluster: Cluster) -> AsyncIterator[Planted]:
    """Everything that paths speak of; whatever is done to it is undone."""
    async with cluster.fresh_database() as database, house(database) as made:
        yield Planted(made, await plant(made, database), database)
