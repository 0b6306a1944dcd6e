"""What happens to an order while it runs: merged while overdue, raised, lowered, and given to nobody."""

from datetime import datetime

from libs.common.clocks import CITY_ZONE
from tests.journeys.running import RunningCity
from tests.journeys.small_city import COUNTY, GAP_VILLAGE
from tests.journeys.stories import Posts, finding

REGISTRY = "responsibility_registry"


def steps(order: dict[str, object]) -> list[str]:
    """The rungs of the ladder that an order has climbed."""
    return [one["step"] for one in order["escalations"]]  # type: ignore[attr-defined]


async def test_merged_while_overdue_the_survivor_keeps_the_earlier_deadline_and_climbs_nothing_twice(
    city: RunningCity,
) -> None:
    posts, clock = await Posts.of(city), await city.clock()
    late, young = await posts.verify_for_a_resident(limit_days=1), await posts.verify_for_a_resident(limit_days=10)
    await posts.serve(late)
    await clock.pass_by(late.order["due_at"])
    late.order = await posts.police.until(late.order_path, lambda order: steps(order) == ["supervise"])
    await posts.grid.act(f"{late.hazard_path}/merge", {"into": young.hazard["id"]})
    ended = await posts.police.until(late.order_path, state="merged_into")
    assert (ended["merged_into"], steps(ended)) == (young.order["id"], ["supervise"])
    await posts.look(young, due_at=late.order["due_at"])
    assert (young.order["due_at"], young.order["overdue"]) == (late.order["due_at"], True)
    assert steps(young.order) == ["supervise"]
    notices = await posts.brigade.list("/v1/orders", kind="supervision_notice")
    pressed = [one["about_order_id"] for one in notices]
    assert (pressed.count(late.order["id"]), pressed.count(young.order["id"])) == (2, 0)
    trace = await city.trace(young.report["correlation_id"])
    assert late.report["correlation_id"] in trace["traces"]
    await posts.close(young)
    await posts.until_told(late)


async def test_raised_to_major_the_earlier_of_two_clocks_is_due_and_lowering_moves_nothing(city: RunningCity) -> None:
    posts = await Posts.of(city)
    case = await posts.verify_for_a_resident(limit_days=10)
    ten_days = datetime.fromisoformat(case.order["due_at"])
    await posts.police.act(f"{case.hazard_path}/raise", {"basis": "重大火灾隐患判定 [P]"})
    await posts.look(case, lambda hazard: hazard["due_at"] != ten_days.isoformat().replace("+00:00", "Z"))
    five_days = datetime.fromisoformat(case.order["due_at"])
    assert (case.order["major"], (ten_days - five_days).days) == (True, 5)
    await posts.police.act(f"{case.hazard_path}/lower", {"basis": "复核后为一般隐患"})
    await posts.look(case, severity="ordinary")
    assert datetime.fromisoformat(case.order["due_at"]) == five_days
    asked = {"asked_by_post_id": str(city.post("police_station", "331002004000")), "reason": "材料未到"}
    more = await posts.brigade.act(f"{case.order_path}/extend", asked | {"due_at": ten_days.isoformat()})
    assert datetime.fromisoformat(more["due_at"]) == ten_days
    await posts.look(case, due_at=more["due_at"])


async def test_a_clock_that_is_shorter_already_is_not_lengthened_by_raising(city: RunningCity) -> None:
    posts = await Posts.of(city)
    case = await posts.verify_for_a_resident(limit_days=2)
    due_at = case.order["due_at"]
    await posts.police.act(f"{case.hazard_path}/raise", {"basis": "重大火灾隐患判定 [P]"})
    case.order = await posts.police.until(case.order_path, major=True)
    assert case.order["due_at"] == due_at


async def test_what_nobody_answers_for_is_a_visible_gap_and_given_when_a_duty_appears(city: RunningCity) -> None:
    clock = await city.clock()
    gas = {"role": "grid_member", "area_from": GAP_VILLAGE, "area_to": GAP_VILLAGE, "sectors": ["gas"]}
    keeper = await city.let_in("grid-gap", city.post("grid_post", GAP_VILLAGE), gas)
    canteen = str(city.keys.risk_object("gap-canteen"))
    chain = await keeper.get("/v1/responsible", category="gas", area_code=GAP_VILLAGE)
    assert {"grid_post", "sector_supervisor", "township_deputy"} <= {gap["link"] for gap in chain["gaps"]}
    told = {
        "source": "grid_member", "category": "gas", "words": "瓶装气与明火同室", "sectors": ["gas"],
        "area_code": GAP_VILLAGE, "place_words": "集体食堂", "findings": [finding(risk_object_id=canteen)],
    }  # fmt: skip
    report = await keeper.create("/v1/reports", told)
    [hazard] = await keeper.until_listed("/v1/hazards", report_id=report["id"])
    hazard = await keeper.until(f"/v1/hazards/{hazard['id']}", state="rectifying")
    path = f"/v1/orders/{hazard['order_id']}"
    waiting = await keeper.until(path, lambda order: steps(order) == ["take_over"])
    assert (waiting["state"], waiting["assignee_post_id"]) == ("unassigned", None)
    assert waiting["due_at"] is not None
    takers = "SELECT 1 FROM participants WHERE aggregate_id::text = $1 AND part = 'escalation:take_over'"
    [_] = await city.rows(REGISTRY, f"{takers} AND party_id = $2", waiting["id"], city.post(
        "county_executive_deputy", COUNTY
    ))  # fmt: skip
    await clock.forward(hours=2)
    bureau = city.post("county_housing_bureau", COUNTY)
    today = (await clock.now()).astimezone(CITY_ZONE).date()
    duty = {
        "post_id": str(bureau), "area_code": GAP_VILLAGE, "categories": ["gas"], "sectors": ["gas"],
        "link": "sector_supervisor", "valid_from": today.isoformat(), "clause": "移交完成 [DEF]",
    }  # fmt: skip
    await (await city.caller("administrator")).create("/v1/duties", duty)
    # A moved clock wakes the sweeps; they come by themselves within ten seconds.
    await clock.forward(minutes=1)
    given = await keeper.until(path, state="issued")
    assert given["assignee_post_id"] == str(bureau)
    assert given["unassigned_seconds"] >= 7_200
    assert given["due_at"] == waiting["due_at"]
    [_] = await city.rows(
        REGISTRY, "SELECT 1 FROM outbox WHERE aggregate_id::text = $1 AND event_type LIKE '%.order.assigned.v1'",
        waiting["id"],
    )  # fmt: skip


async def test_an_order_late_for_weeks_climbs_every_rung_once(city: RunningCity) -> None:
    posts, clock = await Posts.of(city), await city.clock()
    case = await posts.verify_for_a_resident(limit_days=1)
    await clock.pass_by(case.order["due_at"])
    await clock.forward(days=16)
    every = ["supervise", "supervise_head", "circular_notice", "regulatory_talk"]
    await posts.police.until(case.order_path, lambda order: steps(order) == every)
    trace = await city.trace(case.report["correlation_id"])
    climbed = [row for row in trace["items"] if row["event_type"].endswith("order.escalated.v1")]
    assert [row["details"]["is_proposal"] for row in climbed] == [False, False, True, True]
