"""One attacked city for all attacks; it ends with them."""

from collections.abc import AsyncIterator

import pytest

from infra.settings import Shape
from tests.hostile.stage import attacked_city
from tests.journeys.running import RunningCity


@pytest.fixture(scope="package")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningCity]:
    """The city in one process an app less to start: what is attacked are the doors."""
    async with attacked_city(Shape.ONE) as attacked:
        yield attacked
