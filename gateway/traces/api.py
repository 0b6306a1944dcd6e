"""The door to traces."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.services import HandedOn, Services
from gateway.traces import actions
from libs.common.doors import Read
from libs.common.strict_routes import router

routes = router("traces")


class TraceRow(BaseModel):
    """Who did what, when, where and why; `details` are what the event told."""

    model_config = ConfigDict(extra="allow")

    id: UUID
    occurred_at: datetime = Field(description="the city's time")
    recorded_at: datetime = Field(description="the real time")
    service: str
    event_type: str
    aggregate_id: UUID
    aggregate_version: int
    actor_subject: str
    actor_post: UUID | None = None
    area_code: str
    sectors: list[str]
    exercise: bool
    correlation_id: UUID
    causation_id: UUID | None = None
    details: dict[str, Any] | None = None
    why: str | None = None


class TraceLink(BaseModel):
    """Two traces that were joined: a merge, a reopening, an alarm that joined an incident."""

    model_config = ConfigDict(extra="allow")

    from_correlation: UUID
    to_correlation: UUID
    reason: str
    linked_at: datetime


class TraceCorrection(BaseModel):
    """What somebody said about a row later: what is wrong in it, and what is true."""

    model_config = ConfigDict(extra="allow")

    id: UUID
    timeline_id: UUID
    wrong: str
    right: str
    ground: str
    by_subject: str
    by_post: UUID | None
    corrected_at: datetime


class MissingPart(BaseModel):
    """A service that could not be asked."""

    service: str
    reason: str = Field(description="timeout, unreachable, or the code of its problem")


class TraceOut(BaseModel):
    """One trace over all services, as far as the caller may see."""

    correlation_id: UUID
    traces: list[UUID] = Field(description="this trace and those that links lead to")
    items: list[TraceRow]
    links: list[TraceLink]
    corrections: list[TraceCorrection] = Field(
        description="what was said later about rows of this trace, oldest first"
    )
    missing: list[MissingPart] = Field(description="parts that are not in this answer")
    complete: bool = Field(description="whether nothing is missing and nothing was cut off")


@routes.get(
    "/v1/traces/{correlation_id}",
    response_model=TraceOut,
    summary="全程追溯 Everything that came of one report, reading or alarm",
)
async def show_trace(correlation_id: UUID, door: Read, services: Services, handed_on: HandedOn) -> Response:
    """The timeline of one case over all services, from the first signal to the last consequence, in the order
    in which things happened; traces that were joined to it are followed. Each service shows only what the
    caller may see there; one that does not answer is named, and the rest is shown. To read a trace is a row of the
    gateway's timeline ([DEF] once a minute): it shows everybody who had a hand in a case."""
    async with door.read() as tx:
        # Looked up here as well: a post that the caller does not hold is its own mistake, and no service's absence.
        await actions.note_read(tx, correlation_id)
    found = await actions.compose_trace(services, correlation_id, handed_on)
    async with door.read() as tx:
        found["corrections"] = await actions.corrections_of(tx, found["items"])
    return door.answer(found, of=actions.Case(correlation_id=correlation_id))
