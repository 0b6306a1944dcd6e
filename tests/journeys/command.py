"""The steps of loop B as those who run a bad day take them: alarms, teams, leaders, harm, the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.journeys.caller import Body, Caller, body_of
from tests.journeys.running import RunningCity
from tests.journeys.small_city import TOWNSHIP, WORKSHOP_VILLAGE

FIRE = "12G01"


@dataclass(frozen=True, slots=True)
class Command:
    """Those who act in loop B."""

    city: RunningCity
    detectors: Caller
    centre_119: Caller
    duty: Caller
    micro_station: Caller
    full_time_team: Caller

    @classmethod
    async def of(cls, city: RunningCity) -> Command:
        """Everybody with a token."""
        return cls(
            city=city,
            detectors=await city.caller("iot-fire-platform"),
            centre_119=await city.caller("system-119"),
            duty=await city.caller("county-duty-331002000000"),
            micro_station=await city.caller(f"micro-station-{WORKSHOP_VILLAGE}"),
            full_time_team=await city.caller(f"full-time-team-{TOWNSHIP}"),
        )

    async def detect(self, place: Body, device: str, **changed: Any) -> Body:
        """A detector signals smoke; the alarm as it stands after that."""
        said = {
            "kind": FIRE, "place": place, "device": device, "zone": "Z1", "source_id": f"{device}/{uuid4()}",
            "words": "感烟报警",
        }  # fmt: skip
        return await self.detectors.create("/v1/alarms", said | changed)

    async def call(self, place: Body, **changed: Any) -> Body:
        """119 passes a call on."""
        said = {"kind": FIRE, "place": place, "source_id": f"119-{uuid4()}", "words": "电话报警:起火"}
        return await self.centre_119.create("/v1/alarms", said | changed)

    async def again(self, said: Body) -> Body:
        """The same signal once more: it is known, and harmless."""
        return body_of(await self.detectors.ask("POST", "/v1/alarms", said), 200)

    async def incident_of(self, alarm: Body) -> Body:
        """The incident that an alarm is part of."""
        return await self.duty.get(f"/v1/incidents/{alarm['incident_id']}")

    async def close(self, incident: Body, **changed: Any) -> Body:
        """The duty officer ends it, as one that has nothing to do with production."""
        path = f"/v1/incidents/{incident['id']}"
        if incident["must_ask_production"]:
            await self.duty.act(f"{path}/production-related", {"answer": "no"})
        return await self.duty.act(f"{path}/close", {"words": "现场移交"} | changed)


def point(lon: float, lat: float) -> Body:
    """A WGS 84 point."""
    return {"type": "Point", "coordinates": [lon, lat]}
