"""Serve one app: `python -m libs.common.serve services.<service>.app`, configured by SHOUTU_ variables."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from socket import socket

import uvicorn

from libs.common.internal_routes import internal_router
from libs.common.logs import configure_logs
from libs.common.runtime import Runtime
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.web import ServiceApp, create_service_app

_DRAIN_SECONDS = 20


def build_app(service: Service, settings: ServiceSettings, *, citizens: Iterable[str] = ()) -> ServiceApp:
    """The app of a service with everything that runs behind it; it starts and stops with the app's lifespan."""
    runtime = Runtime(service, settings)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = create_service_app(
        runtime.http(),
        (*service.routers, internal_router()),
        title=service.title,
        citizens=citizens,
        lifespan=running,
    )
    app.state.runtime = runtime
    return app


class ServiceServer(uvicorn.Server):
    """A web server that tells its app when intake ends: it waits for answers that go on, and must not wait long."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End intake, tell the app, finish what is in flight."""
        if isinstance(self.config.app, ServiceApp):
            self.config.app.ending.set()
        await super().shutdown(sockets)


def server_of(module: str, settings: ServiceSettings) -> ServiceServer:
    """The web server of one app; a stop ends intake first, then finishes what is in flight."""
    app: ServiceApp = import_module(module).create_app(settings)
    return ServiceServer(
        uvicorn.Config(
            app,
            host=settings.listen_host,
            port=settings.listen_port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
            lifespan="on",
        )
    )


def main() -> None:
    """Serve until a signal asks to stop."""
    settings = ServiceSettings()
    configure_logs(settings.log_level, service=settings.service)
    server = server_of(sys.argv[1], settings)
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(server.serve())


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


if __name__ == "__main__":
    main()
