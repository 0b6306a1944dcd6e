"""What loop B looks back on: two earlier fires of the quarter, and a check whose order nobody followed."""

from typing import Any

from infra.city.tour_shapes import BeforeBScript, Check, EarlierFire, Ignored
from infra.tour.photos import photos
from infra.tour.stage import Stage, civil, instant_of

Json = Any


async def earlier_fire(stage: Stage, script: BeforeBScript, fire: EarlierFire) -> None:
    """A small fire, entered by the duty officer and ended within the hour."""
    duty = stage.people.county_duty
    thing = await stage.thing(fire.risk_object)
    await stage.play(fire, f": {thing['name']}")
    told = {
        "kind": script.kind, "area_code": thing["area_code"], "place": thing["place"], "risk_object_id": thing["id"],
        "casualties": {"minor": 1},
    }  # fmt: skip
    incident = await stage.post(duty, "/v1/incidents", told)
    path = f"/v1/incidents/{incident['id']}"
    await stage.do(duty, path, "production-related", {"answer": "no"})
    await stage.do(duty, path, "control", {})
    closed = await stage.do(duty, path, "close", {"words": fire.words})
    stage.seen(f"incident {closed['number']}, {closed['level']['label']['zh']}, {closed['state']}")


async def workshop_check(stage: Stage, check: Check) -> Json:
    """A grid member's check of the workshop: found, ordered, served."""
    grid, police = stage.people.workshop_grid, stage.people.police
    thing = await stage.thing(check.risk_object)
    await stage.play(check)
    found = {
        "description": check.description, "is_major": False, "fix_at_once": False, "risk_object_id": thing["id"],
        "before_evidence": await photos(stage, grid, 1), "five_items": check.five_items.model_dump(),
    }  # fmt: skip
    report = await stage.post(grid, "/v1/reports", {
        "source": "grid_member", "category": check.category, "words": check.words, "area_code": thing["area_code"],
        "place": thing["place"], "sectors": list(check.sectors), "findings": [found],
    })  # fmt: skip
    hazard = await stage.first(
        grid, f"/v1/hazards?report_id={report['id']}", lambda one: one["state"] == "rectifying"
    )
    order = f"/v1/orders/{hazard['order_id']}"
    delivered = await stage.get(police, order)
    verb, body = ("serve", {"words": check.signed_for}) if "serve" in delivered["actions"] else ("sign-for", {})
    delivered = await stage.do(police, order, verb, body)
    stage.seen(f"reported, verified and ordered in one step; {delivered['state']}, due {civil(delivered['due_at'])}")
    return delivered


async def nothing_was_done(stage: Stage, ignored: Ignored, order: Json) -> None:
    """The order runs out, and two supervision notices follow."""
    await stage.play(ignored)
    await stage.until_told(order["correlation_id"], "order.escalated")
    stage.seen(f"overdue since {civil(order['due_at'])}; a supervision notice")
    await stage.at(ignored.again_at)
    await stage.until_told(order["correlation_id"], "order.escalated", times=2)
    stage.seen(f"{civil(instant_of(ignored.again_at).isoformat())}: still nothing; the second")
