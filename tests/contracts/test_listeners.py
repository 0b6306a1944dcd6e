"""Every listener, every sample: heard twice and in any order, the rows at the end are the same."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from infra import documents
from libs.common.db import Tx
from libs.common.scope import Scope
from libs.common.service import Service
from libs.contracts.event import is_stated
from libs.contracts.sample_values.everything import TOLD
from tests.cluster import Cluster, FreshDatabase
from tests.contracts.feeding import Course, Fed, StillDatabase, courses, feed
from tests.contracts.rows import Rows, read_rows, told
from tests.contracts.standing import STANDING

_SEEDS = (1, 2)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SERVICES = documents.services()


class Table:
    """One service at a table of its own: a fresh database, and all that its consumers would fetch."""

    def __init__(self, service: Service, database: FreshDatabase, doors: StillDatabase) -> None:
        self.service, self.database = service, database
        self.menu = courses(service, doors)

    async def rows(self) -> Rows:
        """What the service knows now."""
        known = {found: found for sample in TOLD for found in _UUID.findall(str(sample.cloud_event()))}
        given = {str(course.delivery.event_id): course.delivery.event_type for course in self.menu}
        return await read_rows(self.database.superuser_url, self.service.name, known | given)


async def _nothing(tx: Tx) -> None:
    """What most services need: they make everything of what they hear."""


@asynccontextmanager
async def _table(cluster: Cluster, service: Service) -> AsyncIterator[Table]:
    async with cluster.fresh_database() as database:
        doors = StillDatabase(database.url(f"{service.name}_app"), service=service.name, pool_size=2)
        try:
            async with doors.unit_of_work(Scope.of_system("standing")) as tx:
                await STANDING.get(service.name, _nothing)(tx)
            yield Table(service, database, doors)
        finally:
            await doors.close()


def _shuffled(menu: Sequence[Course], seed: int) -> list[Course]:
    """Everything twice and in any order; what is stated again still comes after what it sums up."""
    facts = [course for course in menu if not is_stated(course.delivery.event_type)] * 2
    stated = [course for course in menu if is_stated(course.delivery.event_type)] * 2
    order = random.Random(seed)
    order.shuffle(facts)
    order.shuffle(stated)
    return facts + stated


async def _once(cluster: Cluster, service: Service) -> tuple[Fed, Rows]:
    async with _table(cluster, service) as table:
        return await feed(table.menu), await table.rows()


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
async def test_listeners_handle_every_sample(cluster: Cluster, service: Service) -> None:
    fed, rows = await _once(cluster, service)
    assert fed.failures == {}
    assert fed.handled > 0
    assert rows.tables.get("parked_events", []) == []
    assert rows.tables.get("dead_letters", []) == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
async def test_what_is_heard_twice_has_its_effect_once(cluster: Cluster, service: Service) -> None:
    async with _table(cluster, service) as table:
        await feed(table.menu)
        before, said = await table.rows(), await told(table.database.superuser_url, service.name)
        await feed(table.menu)
        after = await table.rows()
        assert after.labelled() == before.labelled()
        assert await told(table.database.superuser_url, service.name) == said


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
async def test_any_order_ends_in_the_same_rows(cluster: Cluster, service: Service, seed: int) -> None:
    _, straight = await _once(cluster, service)
    async with _table(cluster, service) as table:
        await feed(_shuffled(table.menu, seed))
        mixed = await table.rows()
    for name, rows in straight.labelled().items():
        found = mixed.labelled()[name]
        assert found == rows, f"{name}: lacks {list(rows - found)[:3]}, has instead {list(found - rows)[:3]}"
