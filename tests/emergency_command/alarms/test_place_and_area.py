"""Where an alarm belongs: its place decides, what was told otherwise stays visible, and no agency reaches over."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, Unprocessable
from libs.common.scope import Grant, Scope
from libs.contracts import emergency_command as told
from libs.contracts.values import Point
from services.emergency_command.alarms import actions, listen, store
from services.emergency_command.alarms.actions import AlreadyRaised
from services.emergency_command.alarms.rules import AlarmSource
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents.actions_open import Opening
from services.emergency_command.incidents.rules_area import (
    AreaDoubt,
    PlaceOutsideYourArea,
    SettledArea,
    settle_area,
)
from tests.emergency_command.alarms.test_listen import report, warning
from tests.emergency_command.night import (
    BRIGADE,
    COMMANDER,
    COUNTY,
    VILLAGE,
    WORKSHOP,
    Night,
    call,
    city,
    elsewhere,
    heard,
)

NEIGHBOUR = "331003000000"
UNHEARD_OF = "331002999999"
POST, NO_POST = new_id(), new_id()


def _in_neighbour() -> tuple[float, float]:
    """A place inside the neighbouring county."""
    spot = next(team for team in city().teams if team.area_code.startswith(NEIGHBOUR[:6]))
    return spot.lon, spot.lat


@pytest.mark.parametrize(
    ("said", "found", "settled"),
    [
        (None, COUNTY, SettledArea(area_code=COUNTY)),
        (VILLAGE, COUNTY, SettledArea(area_code=VILLAGE)),
        ("331000000000", COUNTY, SettledArea(area_code=COUNTY)),
        (VILLAGE, VILLAGE, SettledArea(area_code=VILLAGE)),
        (VILLAGE, NEIGHBOUR, SettledArea(area_code=NEIGHBOUR, told=VILLAGE, doubt=AreaDoubt.OTHER_AREA)),
        (VILLAGE, None, SettledArea(area_code=VILLAGE, doubt=AreaDoubt.NO_KNOWN_AREA)),
        (None, None, None),
    ],
)
def test_the_place_decides_and_of_two_that_agree_the_finer(
    said: str | None, found: str | None, settled: SettledArea | None
) -> None:
    assert settle_area(said, found, placed=True) == settled


async def test_a_mismatched_alarm_is_kept_where_its_place_is_and_says_so(night: Night) -> None:
    lon, lat = _in_neighbour()
    alarm = await night.raised(BRIGADE, call(lon=lon, lat=lat))
    assert (alarm.area_code, alarm.area_told, alarm.area_doubt) == (NEIGHBOUR, VILLAGE, AreaDoubt.OTHER_AREA)
    assert (await night.view(alarm.incident_id)).incident.area_code == NEIGHBOUR
    facts = (await night.last(told.AlarmReceived)).alarm
    assert (facts.area_told, facts.area_doubt) == (VILLAGE, "other_area")
    why = f"told {VILLAGE}; its place lies in {NEIGHBOUR}"
    assert await night.superuser.fetchval("SELECT count(*) FROM timeline_details WHERE why = $1", why) == 1


async def test_an_alarm_whose_place_lies_nowhere_known_is_kept_where_it_was_told(night: Night) -> None:
    alarm = await night.raised(BRIGADE, call(lon=100.0, lat=10.0))
    assert (alarm.area_code, alarm.area_told, alarm.area_doubt) == (VILLAGE, None, AreaDoubt.NO_KNOWN_AREA)


async def test_an_unknown_area_is_refused_with_its_place_in_the_body(night: Night) -> None:
    with pytest.raises(Unprocessable) as refused:
        await night.raised(BRIGADE, call(area_code=UNHEARD_OF))
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("#/area_code", "unknown_area")]


async def test_no_agency_places_an_alarm_in_another_area_by_a_mismatched_place(night: Night) -> None:
    lon, lat = _in_neighbour()
    own = Grant(area_from=COUNTY, area_to="331002999999", sectors=None, role="agency")
    agency = Scope(subject="own", client_id="own", grants=(own,))
    with pytest.raises(PlaceOutsideYourArea) as refused:
        await night.raised(agency, call(lon=lon, lat=lat))
    assert refused.value.errors[0][:2] == ("/place", "other_area")
    with pytest.raises(RoleMissing):
        await night.raised(elsewhere("agency"), call())
    assert await night.count("alarms") == 0


def _answering(role: str, *posts: UUID, says: UUID | None = None) -> Scope:
    """Who answers calls in one county, with these posts and perhaps one of them named."""
    own = Grant(area_from=COUNTY, area_to="331002999999", sectors=("fire",), role=role)
    return Scope(subject=role, client_id="desk", grants=(own,), posts=frozenset(posts), post_id=says)


@pytest.mark.parametrize("role", ["call_taker", "duty_officer"])
async def test_who_answers_calls_passes_one_on_from_across_the_border_and_goes_on_seeing_it(
    night: Night, role: str
) -> None:
    lon, lat = _in_neighbour()
    taker = _answering(role, POST, says=POST)
    alarm = await night.raised(taker, call(lon=lon, lat=lat, area_code=None))
    assert (alarm.area_code, alarm.source, alarm.incident_id is None) == (NEIGHBOUR, AlarmSource.AGENCY, False)
    seen = await night.act(taker, lambda tx: store.find_alarm(tx, alarm.id))
    assert seen.id == alarm.id
    with pytest.raises(NotFound):
        await night.act(_answering(role, NO_POST, says=NO_POST), lambda tx: store.find_alarm(tx, alarm.id))
    with pytest.raises(RoleMissing):
        await night.act(taker, lambda tx: actions.split_off(tx, alarm.id, None, "passed on, not judged"))


async def test_a_call_passed_on_twice_is_one_alarm_also_where_no_post_was_named(night: Night) -> None:
    lon, lat = _in_neighbour()
    taker, there = _answering("call_taker", POST, NO_POST), call(lon=lon, lat=lat)
    alarm = await night.raised(taker, there)
    for _ in range(2):
        with pytest.raises(AlreadyRaised) as repeated:
            await night.raised(taker, there)
        assert repeated.value.alarm.id == alarm.id
    assert (await night.act(taker, lambda tx: actions.shown_again(tx, alarm))).id == alarm.id
    assert (await night.count("alarms"), await night.count("participants", "part = 'passed_on'")) == (1, 2)
    with pytest.raises(NotFound):
        await night.act(_answering("call_taker"), lambda tx: actions.shown_again(tx, alarm))


async def test_who_takes_a_call_in_the_own_area_takes_no_part_in_it(night: Night) -> None:
    await night.raised(_answering("call_taker", POST, says=POST), call())
    assert await night.count("participants", "part = 'passed_on'") == 0


async def test_a_fact_that_is_heard_is_never_refused_and_goes_where_its_place_is(night: Night) -> None:
    lon, lat = _in_neighbour()
    await night.hear(heard(report(place=Point(lon=lon, lat=lat))), listen.on_report_accepted)
    await night.hear(heard(warning(area_told=UNHEARD_OF), area_code=COUNTY), listen.on_warning_raised)
    rows = await night.superuser.fetch("SELECT area_code, area_told FROM alarms ORDER BY area_code")
    assert [tuple(row) for row in rows] == [(COUNTY, UNHEARD_OF), (NEIGHBOUR, VILLAGE)]


async def test_whoever_may_raise_none_is_told_of_no_kind_and_no_area(night: Night) -> None:
    for asked in (call(kind="12G77"), call(area_code=UNHEARD_OF)):
        with pytest.raises(RoleMissing) as refused:
            await night.raised(elsewhere("leader"), asked)
        assert "agency" in refused.value.extra["roles_allowed"]


async def test_a_person_who_opens_an_incident_looks_again_where_area_and_place_disagree(night: Night) -> None:
    lon, lat = _in_neighbour()

    async def opened(opening: dict[str, object]) -> list[tuple[str | None, str]]:
        usual = {
            "area_code": VILLAGE, "exercise": False, "correlation_id": COMMANDER.post_id, "kind": "12G01",
            "lon": WORKSHOP[0], "lat": WORKSHOP[1], "place_words": "",
        } | opening  # fmt: skip
        with pytest.raises(Unprocessable) as refused:
            await night.act(
                COMMANDER,
                lambda tx: incidents.open_by_hand(
                    tx, Opening(**usual, occurred_at=tx.now, clock_zero_at=tx.now)  # type: ignore[arg-type]
                ),
            )  # fmt: skip
        return [(one.pointer, one.code) for one in refused.value.errors]

    assert await opened({"lon": lon, "lat": lat}) == [("#/area_code", "other_area")]
    assert await opened({"area_code": "331002004999"}) == [("#/area_code", "unknown_area")]


def _one_of(client: str, subject: str, county: str) -> Scope:
    grant = Grant(area_from=county, area_to=county[:6] + "999999", sectors=None, role="agency")
    return Scope(subject=subject, client_id=client, grants=(grant,))


async def test_a_repeated_source_id_shows_nobody_an_alarm_of_another_area(night: Night) -> None:
    first = await night.raised(_one_of("platform", "a", COUNTY), call(words="机密"))
    lon, lat = _in_neighbour()
    there = call(area_code=NEIGHBOUR, lon=lon, lat=lat, words="另一处")
    other = await night.raised(_one_of("platform", "b", NEIGHBOUR), there)
    assert (other.id != first.id, other.words, other.source_system) == (True, "另一处", "platform/b")
    assert await night.count("alarms") == 2


async def test_a_colleague_of_the_same_client_and_area_repeats_and_a_second_client_brings_more_evidence(
    night: Night,
) -> None:
    first = await night.raised(_one_of("platform", "a", COUNTY), call())
    with pytest.raises(AlreadyRaised) as repeated:
        await night.raised(_one_of("platform", "c", COUNTY), call())
    assert repeated.value.alarm.id == first.id
    second = await night.raised(_one_of("platform-2", "a", COUNTY), replace(call(), words="备用线路"))
    assert (second.id != first.id, second.incident_id) == (True, first.incident_id)
    assert await night.count("incidents") == 1
