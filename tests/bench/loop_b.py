"""Loop B on the running platform: from an agency's alarm at the front door to the dispatch that its team can hear.

The alarm opens an incident, the teams are ranked and claimed, and the dispatch is told over the bus; the incident is
closed between two alarms, outside the measured time, so that the teams are free again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from nats.aio.msg import Msg

from infra.settings import Shape
from libs.common.bus import stream_of
from tests.bench.figures import Figure, Measured, Tell, percentile
from tests.bench.floor import Effort, Floor, floor_of
from tests.cluster import Cluster
from tests.journeys.caller import Body
from tests.journeys.command import Command, point
from tests.journeys.running import RunningCity, running_city
from tests.journeys.small_city import WORKSHOP_VILLAGE

_SERVICE = "emergency_command"
_DISPATCHED = "emergency_command.dispatch.dispatched.v1"
_PATIENCE_SECONDS = 30.0
_APART_DEGREES = 0.0001
_WARM = 5
ALARM_TO_DISPATCH = Effort(commits=1, publishes=1)
"""The least that it can take: one transaction that tells the dispatch, and its publication."""


@dataclass(slots=True)
class Delivered:
    """When the dispatches of each case were first heard."""

    at: dict[str, asyncio.Future[float]] = field(default_factory=dict)

    def of(self, correlation_id: str) -> asyncio.Future[float]:
        """The instant at which a dispatch of this case came off the bus."""
        return self.at.setdefault(correlation_id, asyncio.get_running_loop().create_future())

    async def hear(self, message: Msg) -> None:
        """One message."""
        heard, headers = perf_counter(), message.headers or {}
        if headers.get("ce-type") == _DISPATCHED:
            waiting = self.of(headers["ce-correlationid"])
            if not waiting.done():
                waiting.set_result(heard)


@dataclass(frozen=True, slots=True)
class Room:
    """The platform, who acts in it, and what is heard."""

    command: Command
    workshop: Body
    delivered: Delivered
    floor: Floor

    async def alarm(self, number: int) -> float:
        """One alarm at a place of its own until its dispatch is heard, in milliseconds; then it is ended."""
        lon, lat = self.workshop["place"]["coordinates"]
        begun = perf_counter()
        alarm = await self.command.call(point(lon + number * _APART_DEGREES, lat), area_code=WORKSHOP_VILLAGE)
        incident = await self.command.incident_of(alarm)
        heard = await asyncio.wait_for(self.delivered.of(incident["correlation_id"]), _PATIENCE_SECONDS)
        await self.command.close(incident)
        return (heard - begun) * 1000


@asynccontextmanager
async def _room() -> AsyncIterator[Room]:
    async with running_city(Shape.MANY) as city:
        admin = await city.platform.connect_admin()
        try:
            async with floor_of(city.platform.database_url, admin, at_once=2) as floor:
                delivered = Delivered()
                await admin.jetstream().subscribe(
                    f"{_SERVICE}.>", stream=stream_of(_SERVICE), ordered_consumer=True, cb=delivered.hear
                )
                yield Room(await Command.of(city), await _workshop(city), delivered, floor)
        finally:
            await admin.close()


async def _workshop(city: RunningCity) -> Body:
    auditor = await city.caller("auditor")
    return await auditor.get(f"/v1/risk-objects/{city.keys.risk_object('tour-workshop')}")


async def measure(_: Cluster, tell: Tell, *, alarms: int = 200) -> list[Measured]:
    """Row g."""
    ours: list[float] = []
    bare: list[float] = []
    async with _room() as room:
        for number in range(alarms + _WARM):
            if number % 50 == 0:
                tell(f"loop B: alarm {number + 1} of {alarms + _WARM}")
            ours.append(await room.alarm(number))
            bare.append(await room.floor.chain(ALARM_TO_DISPATCH) * 1000)
    ours, bare = ours[_WARM:], bare[_WARM:]
    return [
        Figure(
            row="g", what="loop B, alarm → ranked teams → dispatch delivered, p99", value=percentile(ours, 99),
            unit="ms", bar=250, at_least=False, facts={"alarms": len(ours), "floor_p99_ms": percentile(bare, 99)},
            beside=f"p50 {median(ours):.1f} ms; {ALARM_TO_DISPATCH}: p99 {percentile(bare, 99):.1f} ms",
        )
    ]  # fmt: skip
