"""Fixtures for the slices of emergency command on a real database."""

from collections.abc import AsyncIterator

import pytest

from tests.cluster import FreshDatabase
from tests.emergency_command.night import Night, opened


@pytest.fixture
async def night(fresh_database: FreshDatabase) -> AsyncIterator[Night]:
    """The service's own database with the city's posts and teams, and nothing burning."""
    async with opened(fresh_database) as night:
        yield night


@pytest.fixture
async def empty_night(fresh_database: FreshDatabase) -> AsyncIterator[Night]:
    """The same without any team."""
    async with opened(fresh_database, teams=False) as night:
        yield night
