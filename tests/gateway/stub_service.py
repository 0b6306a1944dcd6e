"""A stand-in for the four services: httpx asks it in memory, and it answers what a test put there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from gateway.routes import SERVICES
from gateway.services import ServiceClient
from tests.gateway.running import Running

Answer = httpx.Response | type[httpx.HTTPError]


class StubServices(httpx.AsyncBaseTransport):
    """Answers by (service, path); what was not put there is 404."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer] = {}
        self.asked: list[httpx.Request] = []

    def put(self, service: str, path: str, body: Any, status: int = 200) -> None:
        """What a service answers to a path."""
        self.answers[service, path] = httpx.Response(status, json=body)

    def lose(self, service: str, path: str, error: type[httpx.HTTPError] = httpx.ConnectError) -> None:
        """The service does not answer this path."""
        self.answers[service, path] = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = self.answers.get((request.url.host.replace("-", "_"), request.url.path))
        if found is None:
            return httpx.Response(404, json={"code": "not_found"})
        if isinstance(found, type):
            raise found("away", request=request)
        return found


@contextmanager
def stubbed(gateway: Running) -> Iterator[StubServices]:
    """The app asks the stub for as long as the block runs."""
    stub = StubServices()
    state = gateway.app.state
    real, portal = state.services, state.portal.services
    urls = {service: f"http://{service.replace('_', '-')}" for service in SERVICES}
    state.services = state.portal.services = ServiceClient(urls, timeout_seconds=1, transport=stub)
    try:
        yield stub
    finally:
        state.services, state.portal.services = real, portal
