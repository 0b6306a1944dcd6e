"""Liveness and readiness: `live` says that the process answers, `ready` that it can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from nats.errors import Error as BusError
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.common import answers, metrics
from libs.common.http_runtime import Check, Checked

_CHECK_SECONDS: Final = 3.0


def health_routes(service: str, checks: Mapping[str, Check]) -> list[Route]:
    """`/health/live`, `/health/ready` and `/metrics`; the gateway does not route them to the outside."""

    async def live(_: Request) -> Response:
        return answers.respond({"status": "live", "service": service}, 200, {})

    async def ready(_: Request) -> Response:
        found = await asyncio.gather(*(_run(check) for check in checks.values()))
        well = all(checked.ok for checked in found)
        body: dict[str, Any] = {
            "status": "ready" if well else "not_ready",
            "service": service,
            "checks": {name: {"ok": one.ok, **one.facts} for name, one in zip(checks, found, strict=True)},
        }
        return answers.respond(body, 200 if well else 503, {} if well else {"Retry-After": "2"})

    async def scrape(_: Request) -> Response:
        return Response(metrics.exposition(service), media_type=metrics.CONTENT_TYPE)

    return [
        Route("/health/live", live, methods=["GET"], include_in_schema=False),
        Route("/health/ready", ready, methods=["GET"], include_in_schema=False),
        Route("/metrics", scrape, methods=["GET"], include_in_schema=False),
    ]


async def _run(check: Check) -> Checked:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except (TimeoutError, OSError, SQLAlchemyError, BusError) as error:
        return Checked(ok=False, facts={"error": type(error).__name__})
