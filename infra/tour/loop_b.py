"""Loop B: the third such fire of the quarter, in a workshop where people live and store goods."""

from typing import Any

from infra.city.tour_shapes import LoopBScript
from infra.tour import after_b, night_b
from infra.tour.night_b import Night
from infra.tour.stage import Stage, civil, instant_of

Json = Any


async def play_loop_b(stage: Stage, script: LoopBScript) -> Json:
    """Play the script; returns the incident as it ended."""
    workshop = await stage.thing(script.risk_object)
    night = Night(stage=stage, script=script, workshop=workshop, path=await _alarms(stage, script, workshop))
    incident = await night_b.play_night(night)
    await after_b.account(stage, script, incident)
    await after_b.review(stage, script, incident)
    await after_b.exercise(stage, script, workshop)
    return incident


async def _alarms(stage: Stage, script: LoopBScript, workshop: Json) -> str:
    there = {"kind": script.kind, "place": workshop["place"], "area_code": workshop["area_code"]}
    second = await _detected(stage, script, there | {"risk_object_id": workshop["id"]})
    path = f"/v1/incidents/{second['incident_id']}"
    await _called(stage, script, there, path)
    return path


async def _detected(stage: Stage, script: LoopBScript, there: Json) -> Json:
    zone = there | {"zone": script.zone, "linked_group": list(script.linked_group)}
    first, second = script.detections
    for one in (first, second):
        # A detector says when it saw smoke: a busy platform does not make two of one minute strangers.
        seen_at = instant_of(one.at).isoformat()
        said = zone | {"device": one.device, "source_id": one.source_id, "words": one.words, "occurred_at": seen_at}
        await stage.play(one)
        alarm = await stage.post(stage.people.detectors, "/v1/alarms", said)
        if one is first:
            again = (await stage.post(stage.people.detectors, "/v1/alarms", said))["id"] == alarm["id"]
            stage.seen(f"{one.who}: {alarm['state']}; the same signal again is the same alarm: {again}")
    incident = await stage.get(stage.people.county_duty, f"/v1/incidents/{alarm['incident_id']}")
    stage.seen(
        f"two in one zone within 60 s = confirmed [DEF] ({alarm['confirmed_by']});"
        f" told with the linked group of {len(script.linked_group)} buildings",
        f"incident {incident['number']} {incident['kind']}, clock zero {civil(incident['clock_zero_at'])}",
    )
    return alarm


async def _called(stage: Stage, script: LoopBScript, there: Json, path: str) -> None:
    await stage.play(script.call)
    said = there | {"source_id": script.call.source_id, "words": script.call.words}
    attached = await stage.post(stage.people.centre_119, "/v1/alarms", said)
    incident = await stage.get(stage.people.county_duty, path)
    sources = sorted({one["source_system"] for one in incident["alarms"]})
    stage.seen(f"{attached['state']}: one incident, {len(incident['alarms'])} alarms of {len(sources)} sources")
    for team in incident["teams"]:
        stage.seen(f"{team['mode']}: {team['team_name']}, {team['distance_m']} m, {team['travel_seconds']} s")
