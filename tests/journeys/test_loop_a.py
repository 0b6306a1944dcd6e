"""Loop A as the tour plays it: from an anonymous report to the look back a month later."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from libs.common.places import distance_m
from tests.journeys.running import RunningCity, city_time
from tests.journeys.small_city import VILLAGE
from tests.journeys.stories import HOUSE_POINT
from tests.journeys.tour_a import TourA, played

_READ = "responsibility_registry.order.read.v1"
"""A row of the timeline without a version of its own: who takes part has seen the order as it stood."""
_HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def tour(city: RunningCity) -> TourA:
    """The script, played once in each shape."""
    return await played(city)


def instant(text: str) -> datetime:
    """A time as the API tells it."""
    return datetime.fromisoformat(text)


async def test_a_resident_gets_a_code_and_an_answer_by_tomorrow(tour: TourA) -> None:
    assert set(tour.receipt) == {
        "tracking_code", "state", "status_words", "received_at", "due_first_answer_at",
    }  # fmt: skip
    assert tour.receipt["state"] == "received"
    waits = instant(tour.receipt["due_first_answer_at"]) - instant(tour.receipt["received_at"])
    assert waits == 24 * _HOUR
    assert tour.seen["duplicates"]["items"] == []


async def test_a_chinese_map_kits_point_is_put_where_the_house_is(tour: TourA) -> None:
    lon, lat = tour.case.report["place"]["coordinates"]
    assert distance_m((lon, lat), HOUSE_POINT) < 1


async def test_danger_to_life_is_to_be_verified_within_two_hours(tour: TourA) -> None:
    registered = tour.seen["registered"]
    assert instant(registered["verify_due_at"]) - instant(registered["registered_at"]) == 2 * _HOUR
    assert tour.seen["public while verified"]["state"] == "being_verified"


async def test_one_report_becomes_two_ordinary_hazards_without_a_colour(tour: TourA) -> None:
    assert (tour.part_a["severity"], tour.case.hazard["severity"]) == ("ordinary", "ordinary")
    assert (tour.part_a["handling"], tour.case.hazard["handling"]) == ("fix_at_once", "within_limit")
    assert tour.part_a["report_ids"] == tour.case.hazard["report_ids"] == [tour.case.report["id"]]
    assert "level" not in tour.part_a


@pytest.mark.parametrize(
    ("step", "product", "colour"), [("red", "1440", "red"), ("orange", "240", "orange"), ("yellow", "90", "yellow")]
)
async def test_the_house_is_graded_by_lec(tour: TourA, step: str, product: str, colour: str) -> None:
    made = tour.seen[step]
    assert (made["product"], made["level"]["colour"]) == (product, colour)
    assert (made["pack"], made["pack_version"], bool(made["pack_digest"])) == ("lec", made["pack_version"], True)


async def test_a_red_house_is_no_incident(tour: TourA) -> None:
    assert tour.seen["red house"]["level"]["colour"] == "red"
    assert await tour.city.rows("emergency_command", "SELECT 1 FROM outbox WHERE event_type LIKE '%.alarm.%'") == []


async def test_the_chain_names_everyone_with_a_clause_and_a_substitute_for_the_vacant(tour: TourA) -> None:
    chain = tour.seen["chain"]
    assert chain["gaps"] == []
    assert all(link["clause"] and link["source"] and link["duty_clause"] for link in chain["links"])
    roles = [link["link"] for link in chain["links"]]
    in_the_script = [
        "grid_post", "village_head", "linked_contact", "township_party_first", "township_government_first",
        "township_deputy", "police_station", "sector_supervisor", "county_executive_deputy", "county_party_first",
        "county_government_first", "city_leading_group",
    ]  # fmt: skip
    assert [role for role in dict.fromkeys(roles) if role in in_the_script] == in_the_script
    [vacant] = [link for link in chain["links"] if link["stands_in_for"]]
    assert vacant["link"] == "linked_contact"
    assert vacant["stands_in_for"]["id"] == str(tour.city.post("village_linked_contact", VILLAGE))


async def test_part_a_is_closed_on_the_spot_without_an_order(tour: TourA) -> None:
    assert (tour.part_a["state"], tour.part_a["order_id"]) == ("closed", None)
    waited = instant(tour.case.report["first_answered_at"]) - instant(tour.case.report["received_at"])
    assert abs(waited - timedelta(hours=1, minutes=50)) < timedelta(minutes=1)


async def test_the_notice_carries_five_items_and_ten_days(tour: TourA) -> None:
    order = tour.seen["served"]
    assert (order["kind"], order["state"], order["entity"]) == ("rectification_notice", "served", "房屋出租人")
    assert order["assignee_post_id"] == str(tour.city.post("police_station", "331002004000"))
    five = ("responsible", "measures", "funds_fen", "due_at", "contingency")
    assert all(order["five_items"][name] for name in five)
    assert instant(order["due_at"]) == city_time(2026, 10, 23, 0, 0)
    assert (order["deadline"]["amount"], order["deadline"]["unit"]) == (10, "day")


async def test_a_reminder_raises_no_version_and_lateness_does(tour: TourA) -> None:
    assert tour.seen["reminded"]["version"] == tour.seen["served"]["version"]
    assert not tour.seen["still in time"]["overdue"]
    assert tour.seen["overdue"]["overdue"]
    assert tour.seen["overdue"]["version"] == tour.seen["served"]["version"] + 1


async def test_supervision_notices_go_to_the_police_station_and_the_deputy_in_charge(tour: TourA) -> None:
    posts = {tour.city.post(kind, "331002004000") for kind in ("police_station", "township_deputy")}
    assert Counter(one["assignee_post_id"] for one in tour.seen["notices"]) == Counter(map(str, posts))


async def test_the_helper_is_refused_and_told_who_may_inspect(tour: TourA) -> None:
    assert str(tour.city.post("township_fire_office", "331002004000")) in tour.seen["refused"]["detail"]
    assert str(tour.city.post("police_station", "331002004000")) in tour.seen["refused"]["detail"]


async def test_it_is_closed_late_by_other_eyes(tour: TourA) -> None:
    order = tour.case.order
    assert (order["state"], tour.seen["closed"]["state"]) == ("closed", "closed")
    assert instant(order["closed_at"]) > instant(order["due_at"])
    hands = {tour.city.post("grid_post", VILLAGE)}
    assert set(order["inspections"][-1]["by_posts"]).isdisjoint(map(str, hands))


async def test_the_reporter_is_told_by_the_code_alone(tour: TourA) -> None:
    told = tour.seen["public at the end"]
    assert (told["state"], told["actions"]) == ("fixed", ["dispute"])
    assert told["replies"][0]["words_zh"] == "充电车辆已断电移出。"
    assert len(told["replies"]) == 2
    assert tour.case.report["id"] not in str(told)


async def test_the_look_back_archives_it_after_thirty_days(tour: TourA) -> None:
    waits = instant(tour.seen["closed"]["look_back_due_at"]) - instant(tour.seen["closed"]["closed_at"])
    assert waits == timedelta(days=30)
    assert tour.case.hazard["state"] == "archived"
    assert tour.case.hazard["looked_back"]["by_posts"] == [str(tour.city.post("night_patrol", "331002004000"))]


async def test_the_trace_tells_it_all_in_order(tour: TourA) -> None:
    trace = await tour.city.trace(tour.case.report["correlation_id"])
    assert (trace["complete"], trace["missing"]) == (True, [])
    rows = trace["items"]
    assert {row["service"] for row in rows} == {"public_reporting", "risk_grading", "responsibility_registry"}
    assert [instant(row["occurred_at"]) for row in rows] == sorted(instant(row["occurred_at"]) for row in rows)
    told = Counter(row["event_type"].split(".", 1)[1] for row in rows)
    for fact in (
        "report.received.v1", "report.accepted.v1", "hazard.fixed_at_once.v1", "order.issued.v1", "order.served.v1",
        "order.rectified.v1", "order.closed.v1", "hazard.closed.v1", "hazard.archived.v1", "order_reminder.told.v1",
        "hazard_reminder.look_back_due.v1",
    ):  # fmt: skip
        assert told[fact] >= 1, (fact, told)
    assert told["hazard.registered.v1"] == 2
    assert told["hazard.being_fixed.v1"] == told["hazard.verified.v1"] == told["order.escalated.v1"] == 1


async def test_the_trace_says_who_has_read_the_order_and_nothing_changed_by_that(tour: TourA) -> None:
    trace = await tour.city.trace(tour.case.report["correlation_id"])
    read = Counter(row["actor_subject"] for row in trace["items"] if row["event_type"] == _READ)
    assert {tour.posts.police.subject, tour.posts.landlord.subject} <= set(read)


async def test_every_version_of_everything_is_in_the_trace_once(tour: TourA) -> None:
    trace = await tour.city.trace(tour.case.report["correlation_id"])
    told = (row for row in trace["items"] if row["event_type"] != _READ and ".looked_into." not in row["event_type"])
    versions = Counter((row["aggregate_id"], row["aggregate_version"]) for row in told)
    assert set(versions.values()) == {1}
    newest = {one: max(v for a, v in versions if a == one) for one, _ in versions}
    assert all((one, v) in versions for one, last in newest.items() for v in range(1, last + 1))
