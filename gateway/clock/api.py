"""The door to a demonstration's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Response
from pydantic import AwareDatetime, ConfigDict, Field

from gateway.clock import actions
from gateway.clock.rules import CityClock, ClockSaidTwice, ClockTooFar, offset_in
from gateway.services import Services
from gateway.settings import Settings
from libs.common import clocks
from libs.common.clocks import DemonstrationOff
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.forms import Form, Shown
from libs.common.openapi import refuses
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("clock")


class ClockIn(Form):
    """Either the offset or the instant that the city's clock shall show now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"at": "2026-10-12T11:40:00Z"}]})

    offset_seconds: float | None = Field(
        default=None, allow_inf_nan=False, description="seconds ahead of the real time; negative: behind"
    )
    at: AwareDatetime | None = Field(default=None, description="the instant that it is to be now")


class ClockOut(Shown):
    """What time it is in the city."""

    now: datetime
    offset_seconds: float = Field(description="how far the city's time is ahead of the real one")
    demonstration: bool = Field(description="whether the clock may be moved here")


class ClockEverywhere(ClockOut):
    """The same, and what time each service believes it is."""

    services: dict[str, float | None] = Field(
        description="offset of each service in seconds; null where it did not answer"
    )
    in_step: bool = Field(description="whether every service has taken the offset over")


@routes.get("/v1/clock", response_model=ClockEverywhere, summary="城市时间 What time it is in the city")
async def show_clock(door: Read, settings: Settings, services: Services) -> Response:
    """The city's time, by which deadlines run. It is the real time except in a demonstration, where this also
    tells whether every service has already followed the last move."""
    async with door.read() as tx:
        wanted = await actions.wanted_offset(tx)
    asked = await services.ask_all("/health/ready")
    offsets = {service: offset_in(answer.body) for service, answer in asked.items()}
    shown = ClockEverywhere(
        now=clocks.system_now() + timedelta(seconds=wanted),
        offset_seconds=wanted,
        demonstration=settings.demonstration,
        services=offsets,
        # Against what was set, and not against our own process: it too may not have followed yet.
        in_step=all(offset == wanted for offset in (clocks.offset_seconds(), *offsets.values())),
    )
    return door.answer(shown)


@routes.post(
    "/v1/clock",
    response_model=ClockOut,
    summary="调整演示时间 Move a demonstration's clock",
    responses=refuses(DemonstrationOff, ClockSaidTwice, ClockTooFar),
)
async def set_clock(body: ClockIn, door: Write, settings: Settings) -> Response:
    """Set the city's time, so that a script of days plays in minutes. Administrators only, and only where the
    platform was started in demonstration mode; every process follows within about a second."""

    async def verb(tx: Tx) -> CityClock:
        return await actions.set_clock(
            tx, demonstration=settings.demonstration, offset_seconds=body.offset_seconds, at=body.at
        )

    def show(clock: CityClock, _: Scope) -> ClockOut:
        now = clocks.system_now() + timedelta(seconds=clock.offset_seconds)
        return ClockOut(now=now, offset_seconds=clock.offset_seconds, demonstration=settings.demonstration)

    return await door.perform(verb, show)
