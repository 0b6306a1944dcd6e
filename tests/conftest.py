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


_SHARED = ("city", "planted")
"""What takes long to make and is made once a session: its tests go to one worker, so that no other makes it again."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, a file stays together, and so do all tests of what is shared.

    First of all: what shares the tests out reads the marks in the same hook, and none that comes later.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    file = item.nodeid.partition("::")[0]
    asked = [name for name in _SHARED if name in getattr(item, "fixturenames", ())]
    chosen = item.callspec.params if hasattr(item, "callspec") else {}
    return f"{file.rpartition('/')[0]} {asked[0]} {chosen.get(asked[0], '')}" if asked else file


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
