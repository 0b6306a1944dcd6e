"""Fixtures for the plumbing's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.anchors import AnchorFile
from tests.cluster import Cluster
from tests.common.plumbed import SCHEMA, Plumbed, plumbed_database


@pytest.fixture
async def plumbed(cluster: Cluster) -> AsyncIterator[Plumbed]:
    """A fresh database with the plumbing's tables in one schema."""
    async with plumbed_database(cluster) as database:
        yield database


@pytest.fixture
def anchors(tmp_path: Path) -> AnchorFile:
    """An anchor file that does not exist yet."""
    return AnchorFile.of(tmp_path, SCHEMA)
