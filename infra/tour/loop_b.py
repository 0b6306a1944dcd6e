"""Loop B: the third such fire of the quarter, in a workshop where people live and store goods."""

from typing import Any

from infra.city.keys import CityKeys
from infra.tour.stage import Stage, civil

IOT, CENTRE_119, DUTY, CITY_DUTY = (
    "iot-fire-platform",
    "system-119",
    "county-duty-331002000000",
    "city-duty-331000000000",
)
MICRO, FULL_TIME = "micro-station-331002004219", "full-time-team-331002004000"
LEADERS = {
    "fire_station": "fire-station-331002004000",
    "township_deputy": "township-deputy-331002004000",
    "county_fire_brigade": "fire-brigade-331002000000",
    "township_party_first": "township-party-331002004000",
    "township_government_first": "township-head-331002004000",
}
LEADING_GROUP = "leading-group-331000000000"
DAY, FIRE = "2026-12-03", "12G01"
Json = Any


async def play_loop_b(stage: Stage, keys: CityKeys) -> Json:
    """Play the script; returns the incident as it ended."""
    workshop = await stage.get("auditor", f"/v1/risk-objects/{keys.risk_object('tour-workshop')}")
    path = await _alarms(stage, workshop)
    await _turnout(stage, path)
    await _harm(stage, path, workshop)
    await _reports(stage, path)
    incident = await _end(stage, path)
    await _account(stage, incident)
    await _review(stage, incident)
    return incident


def _z(clock: str) -> str:
    return f"{DAY}T{clock}+08:00"


async def _alarms(stage: Stage, workshop: Json) -> str:
    stage.step("B1", "Thu 2026-12-03 02:14:00, 02:14:40", "detectors 1 and 2", "smoke in one zone")
    group = [f"B{number}" for number in range(1, 10)]
    alarm = {
        "kind": FIRE, "place": workshop["place"], "area_code": workshop["area_code"], "zone": "Z1",
        "risk_object_id": workshop["id"], "linked_group": group,
    }  # fmt: skip
    await stage.at(f"{DAY} 02:14:00")
    first = await stage.post(IOT, "/v1/alarms", alarm | {"device": "D1", "source_id": "D1/1", "words": "感烟报警"})
    again = await stage.post(IOT, "/v1/alarms", alarm | {"device": "D1", "source_id": "D1/1", "words": "感烟报警"})
    stage.seen(f"detector 1: {first['state']}; the same signal again is the same alarm: {again['id'] == first['id']}")
    await stage.at(f"{DAY} 02:14:40")
    second = await stage.post(IOT, "/v1/alarms", alarm | {"device": "D2", "source_id": "D2/1", "words": "感烟报警"})
    incident = await stage.get(DUTY, f"/v1/incidents/{second['incident_id']}")
    stage.seen(
        f"two in one zone within 60 s = confirmed [DEF] ({second['confirmed_by']}); sirens in {len(group)} buildings",
        f"incident {incident['number']} {incident['kind']}, clock zero {civil(incident['clock_zero_at'])}",
    )
    stage.step("B2", "02:14:55", "119", "reports the same fire")
    await stage.at(f"{DAY} 02:14:55")
    called = {
        "kind": FIRE, "place": workshop["place"], "area_code": workshop["area_code"], "source_id": "119-1203-0007",
        "words": "电话报警:作坊起火",
    }  # fmt: skip
    attached = await stage.post(CENTRE_119, "/v1/alarms", called)
    incident = await stage.get(DUTY, f"/v1/incidents/{incident['id']}")
    sources = sorted({one["source_system"] for one in incident["alarms"]})
    stage.seen(f"{attached['state']}: one incident, {len(incident['alarms'])} alarms of {len(sources)} sources")
    return f"/v1/incidents/{incident['id']}"


async def _turnout(stage: Stage, path: str) -> None:
    incident = await stage.get(DUTY, path)
    stage.step("B3", "02:15:25, 02:17:20", "village micro fire station", "starts, is on site")
    for team in incident["teams"]:
        stage.seen(f"{team['mode']}: {team['team_name']}, {team['distance_m']} m, {team['travel_seconds']} s")
    await stage.at(f"{DAY} 02:17:20")
    await _moves(stage, path, MICRO, "micro_station", (("depart", "02:15:25"), ("arrive", "02:17:20")))
    stage.step("B4", "02:20:10", "township full-time team", "joint action")
    await stage.at(f"{DAY} 02:20:10")
    await _moves(stage, path, FULL_TIME, "full_time_team", (("depart", "02:15:35"), ("arrive", "02:20:10")))


async def _moves(stage: Stage, path: str, who: str, kind: str, moves: tuple[tuple[str, str], ...]) -> None:
    incident = await stage.get(DUTY, path)
    team = next(one for one in incident["teams"] if one["team_kind"] == kind)
    dispatch = f"/v1/dispatches/{team['dispatch_id']}"
    for verb, clock in moves:
        after = await stage.do(who, dispatch, verb, {"at": _z(clock)})
    for line in after["stages"]:
        late = f", {line['late_seconds']} s late, kept for the review" if line["late_seconds"] else ""
        stage.seen(f"{line['label']['zh']}: [b]{line['light']}[/b]{late}  [dim]{line['source']}[/dim]")


async def _harm(stage: Stage, path: str, workshop: Json) -> None:
    stage.step("B5", "02:31", "scene", "one injured, one missing (counted in the casualty line)")
    await stage.at(f"{DAY} 02:31")
    await stage.do(DUTY, path, "casualties", {"serious": 1, "missing": 1})
    await _come(stage, path, workshop, {"fire_station": "02:44", "township_deputy": "02:44"})
    stage.step("B6", "02:52", "scene", "the missing person is dead")
    await stage.at(f"{DAY} 02:52")
    incident = await stage.do(DUTY, path, "casualties", {"dead": 1, "serious": 1})
    stage.seen(
        f"(1 dead, 1 injured) → {incident['level']['label']['zh']} (ordinal {incident['level']['ordinal']},"
        f" {incident['grade_policy']}); next row shown, not called: {incident['next_leaders']['label']['zh']}"
    )
    third = {"county_fire_brigade": "03:10", "township_party_first": "03:16", "township_government_first": "03:16"}
    await _come(stage, path, workshop, third)


async def _come(stage: Stage, path: str, workshop: Json, arrivals: dict[str, str]) -> None:
    for kind, clock in arrivals.items():

        def called(incident: Json, kind: str = kind) -> Json:
            return next((one for one in incident["leaders"] if one["post_kind"] == kind), None)

        async def look(kind: str = kind) -> Json:
            return called(await stage.get(DUTY, path), kind)

        leader = await stage.until(f"the call of {kind}", look)
        call = f"/v1/leader-calls/{leader['call_id']}"
        await stage.do(LEADERS[kind], call, "acknowledge")
        await stage.at(f"{DAY} {clock}")
        here = {"place": workshop["place"], "at": _z(clock + ":00")}
        arrived = await stage.do(LEADERS[kind], call, "arrive", here)
        came = f"{arrived['state']} {civil(arrived['arrived_at'])} by {arrived['arrived_by']}"
        stage.seen(f"{kind} called, acknowledged, {came}")


async def _reports(stage: Stage, path: str) -> None:
    stage.step(
        "B7",
        "02:25 – 03:50",
        "township, firm's head, county emergency bureau",
        "is it production-related? then who tells whom",
    )
    await stage.at(f"{DAY} 03:50")
    await stage.do(DUTY, path, "production-related", {"answer": "yes", "unit_learned_at": _z("02:25:00")})
    for clock, told, at in (
        ("phone_report", "区委、区政府值班室", "02:35:00"),
        ("written_report", "区委、区政府值班室", "03:10:00"),
        ("unit_to_county", "区应急管理局", "03:05:00"),
        ("county_to_city", "市应急管理局", "03:50:00"),
    ):
        await stage.do(DUTY, path, "situation-reports", {"clock": clock, "told": told, "at": _z(at)})
    incident = await stage.get(DUTY, path)
    for one in incident["report_clocks"]:
        done = (
            f"made {civil(one['done_at'])} to {one['told']}, {one['late_seconds']} s late"
            if one["done_at"]
            else one["state"]
        )
        stage.seen(f"{one['label']['zh']}: due {civil(one['due_at'])}; {done}  [dim]{one['source']}[/dim]")


async def _end(stage: Stage, path: str) -> Json:
    stage.step("B8", "03:25 out, 04:10 ended", "county duty officer", "ends")
    await stage.at(f"{DAY} 04:10")
    await stage.do(DUTY, path, "control", {"at": _z("03:25:00")})
    await stage.do(DUTY, path, "close", {"at": _z("04:10:00"), "words": "明火扑灭,现场移交"})
    incident = await stage.get(DUTY, path)
    for one in incident["report_clocks"]:
        if one["state"] == "owed":
            stage.seen(f"{one['label']['zh']}: until {civil(one['due_at'])}  [dim]{one['source']}[/dim]")
    return incident


async def _account(stage: Stage, incident: Json) -> None:
    stage.step("B10", "trace as of 02:14", "system", "who answered, what each knew, what was overdue, what exempts")
    case = await stage.first(
        "auditor",
        "/v1/accountability-cases",
        lambda one: one["incident_id"] == incident["id"] and one["state"] == "traced",
    )
    path = f"/v1/accountability-cases/{case['id']}"
    trace = await stage.get("auditor", f"{path}/trace")
    for link in (one for one in trace["document"]["links"] if one["knew"] or one["did"] or one["orders"]):
        exempts = ", ".join(one["zh"] for one in link["exempts"]) or "—"
        answerer = link["answerer"]
        stage.seen(
            f"{answerer['role']:<26} knew {len(link['knew'])}, did {len(link['did'])}; exempts: {exempts}",
            *(f"    order {_late(standing)}" for standing in link["orders"]),
        )
    stage.seen(f"kept as one document of {len(trace['document']['links'])} links, sha256 {trace['sha256'][:16]}…")
    stage.step(
        "B12",
        "12-03, decided 12-08",
        "system; the city's leading group",
        "proposals; people with the authority decide",
    )
    for measure in (await stage.get("auditor", f"{path}/measures"))["items"]:
        stage.seen(f"{measure['state']}: {measure['zh']} — {measure['why_zh']}")
        if measure["authority"] == "city_leading_group":
            await _decide(stage, f"{path}/measures/{measure['id']}")


def _late(standing: Json) -> str:
    pressed = f"{len(standing['pressed'])} supervision notices"
    return f"due {civil(standing['order']['due_at'])}, {standing['days_overdue']} days overdue, {pressed}"


async def _decide(stage: Stage, measure: str) -> None:
    await stage.at("2026-12-08 15:00")
    decision = {"decision": "accepted", "words": "经研究同意挂牌", "starts_on": "2026-12-08"}
    decided = await stage.do(LEADING_GROUP, measure, "decide", decision)
    stage.seen(
        f"{decided['state']} by the leading group: {civil(decided['starts_at'])} to {civil(decided['ends_at'])}"
    )


async def _review(stage: Stage, incident: Json) -> None:
    stage.step("B14", "12-09 10:00", "county emergency bureau", "the after-action review")
    await stage.at("2026-12-09 10:00")
    review = await stage.first(DUTY, "/v1/reviews", lambda one: one["incident_id"] == incident["id"])
    for finding in review["findings"]:
        stage.seen(f"{finding['label']['zh']} {finding['subject']}: {finding['late_seconds']} s late")
    lesson = {
        "words": "五分钟线:增设夜间值守点", "leads_to": "plan_revision",
        "answers": [one["key"] for one in review["findings"]],
    }  # fmt: skip
    body = {"lessons": [lesson], "conclusion": "处置总体及时,联合行动超时30秒"}
    done = await stage.do("county-emergency-331002000000", f"/v1/reviews/{review['id']}", "complete", body)
    stage.seen(f"review {done['state']}, {len(done['lessons'])} lesson")
