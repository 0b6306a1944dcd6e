"""Fixtures for the slices of risk grading on a real database."""

from collections.abc import AsyncIterator

import pytest

from tests.cluster import FreshDatabase
from tests.risk_grading.village import Village, opened


@pytest.fixture
async def village(fresh_database: FreshDatabase) -> AsyncIterator[Village]:
    """The service's own database, with nothing in it, and everybody who acts in a village."""
    async with opened(fresh_database) as village:
        yield village
