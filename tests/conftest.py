"""Fixtures that every test may ask for: the session's servers, a database and a bus of one's own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from hypothesis import settings

from tests.cluster import Cluster, FreshDatabase
from tests.homes import keep_in_memory

# A test never fails on a clock: the machine may be busy.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
keep_in_memory()
# The default draws every local of every frame: seconds of the loop's time for each refused connection.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """PostgreSQL and NATS, started once in the session's main thread and always stopped."""
    servers = Cluster()
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
async def fresh_database(cluster: Cluster) -> AsyncIterator[FreshDatabase]:
    """A migrated, empty database for one test."""
    async with cluster.fresh_database() as database:
        yield database
