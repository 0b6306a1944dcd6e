"""One service's web app: its routers behind strict doors, one outer layer, problems for everything refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.common.faults import answer_fault
from libs.common.health import health_routes
from libs.common.http_runtime import HttpRuntime
from libs.common.openapi import describe, entrance_of
from libs.common.route_table import RouteTable
from libs.common.signals import Signals
from libs.common.strict_routes import StrictRoute

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class RouteWithoutDoor(TypeError):
    """A route that would let everybody in: name a door in its signature, made by `strict_routes.router`."""


class ServiceApp(FastAPI):
    """FastAPI with our own way from the socket to the route: a route table, problems, and one outer layer."""

    def __init__(self, runtime: HttpRuntime, citizens: Iterable[str], **options: Any) -> None:
        self.runtime = runtime
        self.body_limit_bytes = runtime.settings.body_limit_bytes
        self.ending = asyncio.Event()
        """Set when the server takes no more requests: an answer that goes on has to end by itself."""
        self._citizens = tuple(citizens)
        self._signals: Signals | None = None
        super().__init__(docs_url=None, redoc_url=None, redirect_slashes=False, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Past FastAPI's own telemetry, which asks the environment about itself at every request: ours is Signals."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        scope["app"] = self
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Signals → faults as problems → what FastAPI closes after a request → the route table."""
        settings = self.runtime.settings
        routed = AsyncExitStackMiddleware(RouteTable(self.router.routes, self.router))
        faults = ExceptionMiddleware(routed, handlers={HTTPException: answer_fault, Exception: answer_fault})
        self._signals = Signals(
            faults,
            self.runtime.telemetry,
            timings=settings.demonstration,
            access_log=settings.access_log,
            citizens=self._citizens,
        )
        return self._signals

    def openapi(self) -> dict[str, Any]:
        """The API document, complete with problems, headers and security."""
        if not self.openapi_schema:
            self.openapi_schema = describe(super().openapi(), self.router.routes)
        return self.openapi_schema

    def flush_logs(self) -> None:
        """Write the access log lines that are still gathered."""
        if self._signals is not None:
            self._signals.flush()


def create_service_app(
    runtime: HttpRuntime,
    routers: Iterable[APIRouter],
    *,
    title: str,
    version: str = "1",
    description: str = "",
    citizens: Iterable[str] = (),
    lifespan: Lifespan | None = None,
) -> ServiceApp:
    """The app of one service. `citizens` are path prefixes whose log lines name no client and no subject.

    Raises RouteWithoutDoor for a route that names no door.
    """

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        if lifespan is None:
            yield
        else:
            async with lifespan():
                yield
        app.flush_logs()  # type: ignore[attr-defined]

    app = ServiceApp(runtime, citizens, title=title, version=version, description=description, lifespan=living)
    own = [route for router in routers for route in router.routes]
    for route in own:
        if not isinstance(route, StrictRoute) or entrance_of(route) is None:
            raise RouteWithoutDoor(getattr(route, "path", repr(route)))
    # FastAPI serves its own document; a service that answers under that path itself comes first.
    app.router.routes[:] = [*own, *health_routes(runtime.settings.service, runtime.checks), *app.router.routes]
    return app
