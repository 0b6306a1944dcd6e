"""Loop B as the tour plays it: a night in a workshop, and who answers for it."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.journeys.caller import Body
from tests.journeys.running import RunningCity, city_time
from tests.journeys.small_city import TOWNSHIP
from tests.journeys.tour_b import TourB, night, played

_A_SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
async def tour(city: RunningCity) -> TourB:
    """The script, played once in each shape."""
    return await played(city)


def instant(text: str) -> datetime:
    """A time as the API tells it."""
    return datetime.fromisoformat(text)


def arrivals(incident: Body) -> dict[str, datetime | None]:
    """Each leader called, and when they came."""
    return {
        one["post_kind"]: instant(one["arrived_at"]) if one["arrived_at"] else None for one in incident["leaders"]
    }


async def test_two_detectors_of_a_zone_open_an_incident_at_once(tour: TourB) -> None:
    assert (tour.seen["first"]["state"], tour.seen["first"]["incident_id"]) == ("received", None)
    assert tour.seen["second"]["confirmed_by"] == "two_detectors_one_zone"
    assert tour.seen["second"]["linked_group"] == [f"B{number}" for number in range(1, 10)]
    assert tour.seen["opened"]["kind"] == "12G01"
    assert timedelta() <= instant(tour.seen["opened"]["clock_zero_at"]) - night(2, 14, 40) < _A_SECOND


async def test_119_joins_it_and_nothing_is_doubled(tour: TourB) -> None:
    both = tour.seen["two sources"]
    assert tour.seen["119"]["incident_id"] == both["id"]
    sources = Counter((one["source"], one["source_system"]) for one in both["alarms"])
    assert sources == {("detector", "iot-fire-platform"): 2, ("agency", "system-119"): 1}
    assert both["teams"] == tour.seen["opened"]["teams"]


async def test_the_nearest_are_sent_and_119_keeps_its_own_turnout(tour: TourB) -> None:
    sent = {one["team_kind"]: one["mode"] for one in tour.seen["opened"]["teams"]}
    assert sent == {
        "micro_station": "dispatched", "full_time_team": "dispatched", "fire_station": "requested",
        "hospital": "requested",
    }  # fmt: skip
    distances = [one["distance_m"] for one in tour.seen["opened"]["teams"] if one["capability"] == "fire"]
    assert distances == sorted(distances)


async def test_the_micro_station_is_in_time_and_joint_action_thirty_seconds_late(tour: TourB) -> None:
    micro = {one["stage"]: one for one in tour.seen["micro station"]["stages"]}
    assert [micro[stage]["light"] for stage in ("departed", "arrived")] == ["green", "green"]
    joint = {one["stage"]: one for one in tour.seen["full-time team"]["stages"]}["arrived"]
    assert (joint["light"], joint["late_seconds"]) == ("red", 30)


async def test_harm_calls_leaders_row_by_row(tour: TourB) -> None:
    before = arrivals(tour.seen["one missing"])
    assert before == {"fire_station": night(2, 44), "township_deputy": night(2, 44)}
    after = arrivals(tour.seen["leaders"])
    third = {
        "county_fire_brigade": night(3, 10), "township_party_first": night(3, 16),
        "township_government_first": night(3, 16),
    }  # fmt: skip
    assert after == before | third
    assert {one["arrived_by"] for one in tour.seen["leaders"]["leaders"]} == {"position"}
    assert tour.seen["leaders"]["next_leaders"]["at_least"] == 2


async def test_one_dead_is_an_ordinary_accident_and_the_missing_counted(tour: TourB) -> None:
    assert tour.seen["one missing"]["casualties"]["missing"] == 1
    dead = tour.seen["one dead"]
    assert (dead["casualties"]["dead"], dead["casualties"]["missing"]) == (1, 0)
    assert (dead["level"]["ordinal"], dead["level"]["scale"]) == (4, "incident")


async def test_production_is_asked_first_and_every_report_is_in_time(tour: TourB) -> None:
    assert tour.seen["opened"]["must_ask_production"]
    clocks = {one["key"]: one for one in tour.seen["reports"]["report_clocks"]}
    zero = instant(tour.seen["opened"]["clock_zero_at"])
    due = {key: instant(one["due_at"]) for key, one in clocks.items()}
    assert due["phone_report"] - zero == timedelta(minutes=30)
    assert due["written_report"] - zero == timedelta(hours=1)
    assert (due["unit_to_county"], due["county_to_city"]) == (night(3, 25), night(5, 5))
    made = [one for one in clocks.values() if one["state"] == "made"]
    assert {one["key"] for one in made} == {"phone_report", "written_report", "unit_to_county", "county_to_city"}
    assert all(one["late_seconds"] == 0 and one["told"] and one["source"] for one in made)


async def test_what_is_owed_after_the_end_has_its_clocks(tour: TourB) -> None:
    ended = tour.seen["ended"]
    assert (ended["state"], instant(ended["ended_at"])) == ("ended", night(4, 10))
    owed = {one["key"]: instant(one["due_at"]) for one in ended["report_clocks"] if one["state"] == "owed"}
    assert owed == {"supplement": city_time(2026, 12, 11, 0, 0), "investigation": city_time(2027, 2, 2, 0, 0)}
    assert tour.seen["regraded"]["level"]["scale"] == "risk_control"


async def test_the_trace_says_who_knew_and_what_was_overdue(tour: TourB) -> None:
    document = tour.seen["trace"]["document"]
    links = {one["answerer"]["role"]: one for one in document["links"]}
    [standing] = links["responsible_entity"]["orders"]
    assert standing["order"]["order_id"] == tour.seen["order"]["id"]
    assert (standing["days_overdue"], len(standing["pressed"])) == (13, 3)
    assert instant(standing["order"]["due_at"]) == city_time(2026, 11, 20, 0, 0)
    assert links["grid_post"]["did"]
    assert links["grid_post"]["exempts"]
    assert len(tour.seen["trace"]["sha256"]) == 64


async def test_three_fires_of_a_quarter_propose_a_listing_and_the_leading_group_decides(tour: TourB) -> None:
    triggers = {one["trigger"]: one for one in tour.seen["case"]["triggers"]}
    assert triggers["three_fires_one_quarter"]["met"]
    assert triggers["three_fires_one_quarter"]["subject"] == TOWNSHIP
    veto = triggers["county_police_veto"]
    assert (veto["met"], bool(veto["why_zh"])) == (False, True)
    proposed = next(one for one in tour.seen["measures"] if one["kind"] == "township_listed")
    assert (proposed["state"], proposed["in_force"]) == ("proposed", False)
    [ground] = proposed["grounds"]
    assert len(ground["facts"]) == ground["needed"] == 3
    listed = tour.seen["listed"]
    assert (listed["state"], listed["in_force"], listed["last_day"]) == ("accepted", True, "2027-12-07")
    assert {one["follows"] for one in listed["effects"]} == {"place", "holders"}


async def test_what_is_proposed_to_people_stays_a_proposal(tour: TourB) -> None:
    others = [one for one in tour.seen["measures"] if one["authority"] != "city_leading_group"]
    assert {one["kind"] for one in others} >= {"production_stopped", "firm_listed"}
    assert {(one["state"], one["in_force"]) for one in others} == {("proposed", False)}


async def test_one_trace_leads_from_the_tip_to_the_measures(tour: TourB) -> None:
    trace = await tour.city.trace(tour.seen["ended"]["correlation_id"])
    assert (trace["complete"], trace["missing"]) == (True, [])
    assert {row["service"] for row in trace["items"]} == {
        "public_reporting", "risk_grading", "responsibility_registry", "emergency_command",
    }  # fmt: skip
    told = Counter(row["event_type"].split(".", 1)[1] for row in trace["items"])
    once = (
        "report.received.v1", "hazard.registered.v1", "order.served.v1", "incident.opened.v1", "incident.closed.v1",
        "accountability_case.opened.v1", "accountability_case.traced.v1", "measure.decided.v1",
    )  # fmt: skip
    assert {fact: told[fact] for fact in once} == dict.fromkeys(once, 1)
    assert (told["alarm.received.v1"], told["leader_call.called.v1"]) == (3, 5)
    happened = [instant(row["occurred_at"]) for row in trace["items"]]
    assert happened == sorted(happened)
