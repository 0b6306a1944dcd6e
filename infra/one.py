"""All apps in one process, each on its own port: `python -m infra.one`, told by SHOUTU_APPS what each may know."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvloop

from infra.settings import app_module
from libs.common.logs import configure_logs
from libs.common.serve import ServiceServer, server_of
from libs.common.settings import ServiceSettings


class Sibling(ServiceServer):
    """A server beside others: signals are for all of them, so none may claim them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals alone."""
        yield


@contextmanager
def environment(told: Mapping[str, str]) -> Iterator[None]:
    """The environment that an app would have in a process of its own, while it is built."""
    os.environ.update(told)
    try:
        yield
    finally:
        for name in told:
            del os.environ[name]


def build(app: str, told: Mapping[str, str]) -> Sibling:
    """The server of one app, configured as in a process of its own."""
    with environment(told):
        return Sibling(server_of(app_module(app), ServiceSettings()).config)


async def serve_all(apps: Mapping[str, Mapping[str, str]]) -> None:
    """Serve every app until a signal asks to stop; one that ends takes the others with it."""
    servers = [build(app, told) for app, told in apps.items()]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    running = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    stop()
    await asyncio.gather(*running)


def main() -> None:
    """Serve what SHOUTU_APPS describes."""
    apps: dict[str, dict[str, str]] = json.loads(os.environ.pop("SHOUTU_APPS"))
    configure_logs(next(iter(apps.values()))["SHOUTU_LOG_LEVEL"], service="apps")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_all(apps))


if __name__ == "__main__":
    main()
