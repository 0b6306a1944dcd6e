"""The one verb of traces: ask everybody, follow the links, put the parts together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.services import Answered, ServiceClient
from gateway.timeline import actions as timeline
from gateway.traces.rules import MOST_ROUNDS, Part, Row, links, merge, missing, not_yet_asked
from libs.common.db import Tx
from libs.common.problems import NotFound, Unavailable

ROWS_A_SERVICE = 500
"""A service shows so many rows at most; an answer that is full may have been cut off."""


async def compose_trace(services: ServiceClient, correlation_id: UUID, headers: Mapping[str, str]) -> dict[str, Any]:
    """Every row of a trace and of the traces linked to it that the caller may see, over all services.

    A service that is away is named under `missing`, and the rest is shown. Raises NotFound where nobody who
    answered knows anything, Unavailable (503) where nobody answered.
    """
    asked: list[UUID] = []
    parts: list[Part] = []
    frontier: tuple[UUID, ...] = (correlation_id,)
    for _ in range(MOST_ROUNDS):
        asked += frontier
        for found in await asyncio.gather(*(_ask(services, one, headers) for one in frontier)):
            parts += found
        frontier = not_yet_asked(asked, parts)
        if not frontier:
            break
    lost = missing(parts)
    if len(lost) == len(services.names):
        raise Unavailable(part="every service")
    items: list[Row] = merge(parts)
    if not items and not lost:
        raise NotFound("trace", correlation_id)
    return {
        "correlation_id": correlation_id,
        "traces": asked,
        "items": items,
        "links": links(parts),
        "missing": lost,
        "complete": not lost and not frontier and not any(part.more for part in parts),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What a trace is of, for the answer's Correlation-Id."""

    correlation_id: UUID


async def note_read(tx: Tx, correlation_id: UUID) -> None:
    """Write that the caller reads a trace."""
    await timeline.note_trace_read(tx, correlation_id)


async def corrections_of(tx: Tx, items: Sequence[Row]) -> list[dict[str, Any]]:
    """What was said later about these rows, as far as the caller may see it."""
    beside = await timeline.corrections_beside(tx, items)
    return [_shown(one) for item in items for one in beside.get(str(item["id"]), ())]


def _shown(correction: Any) -> dict[str, Any]:
    said = ("id", "timeline_id", "wrong", "right", "ground", "by_subject", "by_post", "corrected_at")
    return {name: getattr(correction, name) for name in said}


async def _ask(services: ServiceClient, trace: UUID, headers: Mapping[str, str]) -> list[Part]:
    answers = await services.ask_all(f"/internal/traces/{trace}", headers)
    return [_part(service, answer) for service, answer in answers.items()]


def _part(service: str, answer: Answered) -> Part:
    if answer.missing is not None:
        return Part(service=service, missing=answer.missing)
    if answer.status == 404:
        return Part(service=service)
    if answer.status != 200 or not isinstance(answer.body, dict):
        code = answer.body.get("code") if isinstance(answer.body, dict) else None
        return Part(service=service, missing=str(code or f"status_{answer.status}"))
    items = tuple(answer.body.get("items", ()))
    return Part(
        service=service,
        items=items,
        links=tuple(answer.body.get("links", ())),
        more=len(items) >= ROWS_A_SERVICE,
    )
