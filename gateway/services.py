"""Asking the services for a part of an answer that only the gateway composes. Services never ask each other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

import httpx
import orjson
import structlog
from fastapi import Depends
from starlette.requests import Request

from gateway.routes import GATEWAY, service_of
from libs.common.telemetry import inject, passage

log = structlog.get_logger("services")

_HANDED_ON = ("authorization", "accept-language", "acting-post")
_LARGEST_BYTES = 8 << 20
_BATCH_SECONDS = 60.0
"""So long a batch of five hundred rows may take on a busy machine; its own transaction is bounded at the service."""
_INSIDE = "http://gateway"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a service said; `missing` says why it said nothing that can be used."""

    status: int = 0
    body: Any = None
    missing: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What a door answered to whoever was spoken for; status 0 where nobody did."""

    status: int
    body: Any = None


class ServiceClient:
    """The four services by name, over kept connections. `own` is this app, for the doors that are its own."""

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        timeout_seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
        own: Any = None,
    ) -> None:
        self._urls = dict(urls)
        self._client = httpx.AsyncClient(timeout=timeout_seconds, transport=transport, trust_env=False)
        inside = httpx.ASGITransport(app=own, raise_app_exceptions=False) if own is not None else transport
        self._own = httpx.AsyncClient(base_url=_INSIDE, transport=inside, trust_env=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every service that can be asked."""
        return tuple(self._urls)

    async def ask_all(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Answered]:
        """The same question to every service at once; one that is away holds nobody up longer than the limit."""
        found = await asyncio.gather(*(self.ask(name, path, headers) for name in self._urls))
        return dict(zip(self._urls, found, strict=True))

    async def ask(
        self,
        service: str,
        path: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """One service's JSON answer, whatever its status; never raises for a service that is away."""
        told = dict(headers or {})
        inject(told)
        if (current := passage.get()) is not None and current.request_id:
            told["X-Request-Id"] = current.request_id
        try:
            answer = await self._client.get(f"{self._urls[service]}{path}", headers=told)
            if len(answer.content) > _LARGEST_BYTES:
                return Answered(status=answer.status_code, missing="answer_too_large")
            return Answered(status=answer.status_code, body=answer.json())
        except httpx.TimeoutException:
            reason = "timeout"
        except (httpx.HTTPError, ValueError):
            reason = "unreachable"
        log.warning("service_not_asked", asked=service, reason=reason)
        return Answered(missing=reason)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str],
    ) -> Sent:
        """What the door behind a path answers, with all the time that a batch takes; never raises for one away."""
        service = service_of(path)
        if service is None:
            return Sent(status=404, body={"code": "no_such_path"})
        told = dict(headers)
        inject(told)
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            told["Content-Type"] = "application/json"
        client, url = (self._own, path) if service == GATEWAY else (self._client, f"{self._urls.get(service)}{path}")
        try:
            answer = await client.request(
                method, url, params=params, content=content, headers=told, timeout=_BATCH_SECONDS
            )
            return Sent(status=answer.status_code, body=orjson.loads(answer.content) if answer.content else None)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("service_not_asked", asked=service, reason=type(error).__name__)
            return Sent(status=0)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()
        await self._own.aclose()


def handed_on(request: Request) -> dict[str, str]:
    """The caller's own credentials and language: a service shows through us what it would show the caller."""
    return {name: request.headers[name] for name in _HANDED_ON if name in request.headers}


def services_of(request: Request) -> ServiceClient:
    """The services that this app was started with."""
    return cast(ServiceClient, request.app.state.services)


Services = Annotated[ServiceClient, Depends(services_of)]
"""The services in a route's signature."""
HandedOn = Annotated[dict[str, str], Depends(handed_on)]
"""What of the caller's headers a composed read hands on, in a route's signature."""
