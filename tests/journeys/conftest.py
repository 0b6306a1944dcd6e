"""One platform a shape for all journeys, the small city in it; it ends with them."""

from collections.abc import AsyncIterator

import pytest

from infra.settings import Shape
from tests.journeys.running import RunningCity, running_city


@pytest.fixture(scope="package", params=[Shape.MANY, Shape.ONE], ids=["in-many", "in-one"])
async def city(request: pytest.FixtureRequest) -> AsyncIterator[RunningCity]:
    """The running city, in both shapes: first a process an app, then all apps in one."""
    async with running_city(request.param) as running:
        yield running
