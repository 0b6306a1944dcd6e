"""No alarm is lost and none counts twice: repeats, likeness, an incident that closes meanwhile, what is no alarm."""

import asyncio
from itertools import count
from uuid import uuid4

from tests.journeys.caller import Body
from tests.journeys.command import FIRE, Command, point
from tests.journeys.running import RunningCity
from tests.journeys.small_city import GAP_VILLAGE
from tests.journeys.stories import Posts, in_gcj02, photo

_places = count()


def somewhere() -> Body:
    """A place inside the county, more than a kilometre from every other one of these tests."""
    row, column = divmod(next(_places) % 30, 5)
    return point(121.40 + 0.013 * column, 28.60 + 0.013 * row)


async def alarms_of(command: Command, incident_id: str) -> list[Body]:
    """Every alarm that is part of an incident."""
    return list(await command.duty.list("/v1/alarms", incident_id=incident_id))


async def test_one_detector_waits_and_a_second_in_its_zone_confirms(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    first = await command.detect(here, "D1")
    assert (first["state"], first["incident_id"]) == ("received", None)
    second = await command.detect(here, "D2")
    assert (second["state"], second["confirmed_by"]) == ("attached", "two_detectors_one_zone")
    incident = await command.incident_of(second)
    assert {one["alarm_id"] for one in incident["alarms"]} == {first["id"], second["id"]}
    assert (incident["state"], incident["kind"]) == ("open", FIRE)
    await command.close(incident)


async def test_a_repeat_of_a_signal_is_the_same_alarm(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    said = {"kind": FIRE, "place": here, "device": "D1", "zone": "Z9", "source_id": f"D1/{uuid4()}", "words": "感烟"}
    first = await command.detectors.create("/v1/alarms", said)
    repeats = await asyncio.gather(*(command.again(said) for _ in range(8)))
    assert {one["id"] for one in repeats} == {first["id"]}
    assert {one["version"] for one in repeats} == {first["version"]}
    assert repeats[0]["incident_id"] is None


async def test_a_like_alarm_attaches_as_evidence_and_sends_nobody_twice(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    opened = await command.incident_of(await command.call(here))
    lon, lat = here["coordinates"]
    like = await command.call(point(lon + 0.0005, lat), words="又一个电话")
    assert (like["state"], like["incident_id"]) == ("attached", opened["id"])
    incident = await command.incident_of(like)
    assert len(incident["alarms"]) == 2
    assert [team["team_id"] for team in incident["teams"]] == [team["team_id"] for team in opened["teams"]]
    far = await command.call(point(lon, lat + 0.01), words="一公里外")
    assert far["incident_id"] != opened["id"]
    for one in (incident, await command.incident_of(far)):
        await command.close(one)


async def test_sixteen_calls_of_one_fire_at_once_are_one_incident(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    calls = await asyncio.gather(*(command.call(here, words=f"第{number}个电话") for number in range(16)))
    [incident_id] = {one["incident_id"] for one in calls}
    assert len(await alarms_of(command, incident_id)) == 16
    incident = await command.incident_of(calls[0])
    teams = [team["team_id"] for team in incident["teams"]]
    assert len(teams) == len(set(teams))
    await command.close(incident)


async def test_an_alarm_that_comes_while_its_incident_closes_opens_a_new_linked_one(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    old = await command.incident_of(await command.call(here))
    path = f"/v1/incidents/{old['id']}"
    await command.duty.act(f"{path}/production-related", {"answer": "no"})
    await command.duty.act(f"{path}/close", {"words": "明火扑灭"})
    after = await command.call(here, words="又冒烟了")
    new = await command.incident_of(after)
    assert new["id"] != old["id"]
    assert old["id"] in new["linked"]
    assert new["state"] == "open"
    trace = await city.trace(new["correlation_id"])
    assert old["correlation_id"] in trace["traces"]
    await command.close(new)


async def test_alarm_and_closing_at_the_same_instant_lose_nothing(city: RunningCity) -> None:
    command = await Command.of(city)
    for _ in range(3):
        here = somewhere()
        old = await command.incident_of(await command.call(here))
        path = f"/v1/incidents/{old['id']}"
        ready = await command.duty.act(f"{path}/production-related", {"answer": "no"})
        tag = f'"{ready["version"]}"'
        closing, alarm = await asyncio.gather(
            command.duty.ask("POST", f"{path}/close", {"words": "结束"}, tag=tag),
            command.call(here, words="就在此刻"),
        )
        assert alarm["state"] == "attached"
        holder = await command.incident_of(alarm)
        if holder["id"] == old["id"]:
            # The alarm was first: the closing saw an older incident and has to look again.
            assert closing.status_code == 412, closing.text
            await command.close(holder)
        else:
            assert closing.status_code == 200
            assert old["id"] in holder["linked"]
            await command.close(holder)


async def test_a_person_splits_an_alarm_off_and_likeness_does_not_take_it_back(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    first = await command.incident_of(await command.call(here))
    like = await command.call(here, words="其实是隔壁")
    assert like["incident_id"] == first["id"]
    split = await command.duty.act(f"/v1/alarms/{like['id']}/split-off", {"reason": "两起火情"})
    assert split["split_from"] == [first["id"]]
    other = await command.incident_of(split)
    assert other["id"] != first["id"]
    left = await command.duty.get(f"/v1/incidents/{first['id']}")
    assert [bool(one["left_at"]) for one in left["alarms"] if one["alarm_id"] == like["id"]] == [True]
    again = await command.call(here, words="第三个电话")
    assert again["incident_id"] in (first["id"], other["id"])
    for incident in (left, other):
        await command.close(await command.duty.get(f"/v1/incidents/{incident['id']}"))


async def test_a_red_warning_is_an_alarm_and_an_orange_one_is_not(city: RunningCity) -> None:
    command, here = await Command.of(city), somewhere()
    said = {
        "source": "fire_iot", "kind": FIRE, "headline": "电气火灾预警", "place": here, "area_code": GAP_VILLAGE,
        "sectors": ["fire"],
    }  # fmt: skip
    orange = await command.detectors.create("/v1/warnings", said | {"source_id": str(uuid4()), "level": 2})
    red_id = str(uuid4())
    red = await command.detectors.create("/v1/warnings", said | {"source_id": red_id, "level": 1})
    again = await command.detectors.ask("POST", "/v1/warnings", said | {"source_id": red_id, "level": 1})
    assert again.json()["id"] == red["id"]
    heard = "SELECT source_id FROM alarms WHERE source = 'red_warning' AND source_id = ANY ($1)"
    [row] = await city.until_rows("emergency_command", heard, [orange["id"], red["id"]])
    assert row["source_id"] == red["id"]
    [alarm] = await command.duty.until_listed("/v1/alarms", source="red_warning", state="attached")
    assert alarm["correlation_id"] == red["correlation_id"]
    await command.close(await command.incident_of(alarm))


async def test_an_urgent_report_is_an_alarm_in_the_same_trace(city: RunningCity) -> None:
    command, posts, here = await Command.of(city), await Posts.of(city), somewhere()
    words = f"楼道着火了 {uuid4()}"
    await posts.tell(words=words, place=in_gcj02(*here["coordinates"]))
    report = await posts.accept(await posts.newest_report(words), urgent=True)
    heard = "SELECT id FROM alarms WHERE source = 'urgent_report' AND source_id = $1"
    [row] = await city.until_rows("emergency_command", heard, report["id"])
    alarm = await command.duty.until(f"/v1/alarms/{row['id']}", state="attached")
    assert alarm["correlation_id"] == report["correlation_id"]
    trace = await city.trace(report["correlation_id"])
    assert {"public_reporting", "emergency_command"} <= {item["service"] for item in trace["items"]}
    await command.close(await command.incident_of(alarm))


async def test_a_red_house_alone_never_is_an_alarm(city: RunningCity) -> None:
    command, posts = await Command.of(city), await Posts.of(city)
    before = {one["id"] for one in await command.duty.list("/v1/alarms")}
    graded = {"pack": "lec", "inputs": {"L": 10, "E": 10, "C": 100}, "reason": "new_evidence", "evidence": [photo()]}
    made = await posts.police.create(f"/v1/risk-objects/{posts.house}/assessments", graded)
    assert made["level"]["colour"] == "red"
    # A warning raised after it is heard after it: by then the grading would have been heard as well.
    here = somewhere()
    told = {
        "source": "fire_iot", "source_id": str(uuid4()), "kind": FIRE, "headline": "随后的红色预警", "place": here,
        "area_code": GAP_VILLAGE, "sectors": ["fire"], "level": 1,
    }  # fmt: skip
    red = await command.detectors.create("/v1/warnings", told)
    await city.until_rows("emergency_command", "SELECT 1 FROM alarms WHERE source_id = $1", red["id"])
    new = [one for one in await command.duty.list("/v1/alarms") if one["id"] not in before]
    assert [one["source_id"] for one in new] == [red["id"]]
    await command.close(await command.incident_of(new[0]))
