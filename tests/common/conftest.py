"""Fixtures for the plumbing's tests."""

from collections.abc import AsyncIterator

import pytest

from tests.cluster import Cluster
from tests.common.plumbed import Plumbed, plumbed_database


@pytest.fixture
async def plumbed(cluster: Cluster) -> AsyncIterator[Plumbed]:
    """A fresh database with the plumbing's tables in one schema."""
    async with plumbed_database(cluster) as database:
        yield database
