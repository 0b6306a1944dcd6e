"""What loop B looks back on: two earlier fires of the quarter, and a check whose order nobody followed."""

from typing import Any
from uuid import uuid4

from infra.city.keys import CityKeys
from infra.tour.stage import Stage, civil

DUTY, GRID, POLICE = "county-duty-331002000000", "grid-331002004219", "police-331002004000"
VILLAGE, CATEGORY, FIRE = "331002004219", "ebike_charging", "12G01"
Json = Any


async def earlier_fire(stage: Stage, keys: CityKeys, moment: str, key: str) -> None:
    """A small fire, entered by the duty officer and ended within the hour."""
    thing = await stage.get("auditor", f"/v1/risk-objects/{keys.risk_object(key)}")
    stage.step("B0", moment, "county duty officer", f"an earlier fire of the same class: {thing['name']}")
    await stage.at(moment)
    told = {
        "kind": FIRE, "area_code": thing["area_code"], "place": thing["place"], "risk_object_id": thing["id"],
        "casualties": {"minor": 1},
    }  # fmt: skip
    incident = await stage.post(DUTY, "/v1/incidents", told)
    path = f"/v1/incidents/{incident['id']}"
    await stage.do(DUTY, path, "production-related", {"answer": "no"})
    await stage.do(DUTY, path, "control", {})
    closed = await stage.do(DUTY, path, "close", {"words": "明火扑灭,一人轻伤"})
    stage.seen(f"incident {closed['number']}, {closed['level']['label']['zh']}, {closed['state']}")


async def workshop_check(stage: Stage, keys: CityKeys) -> Json:
    """A grid member's check of the workshop: found, ordered, served."""
    stage.step("B0", "2026-11-04 10:00", "grid member", "checks the workshop: charging on its ground floor")
    await stage.at("2026-11-04 10:00")
    found = {
        "description": "作坊一层停放电动自行车并充电", "is_major": False, "fix_at_once": False,
        "risk_object_id": str(keys.risk_object("tour-workshop")), "before_evidence": [str(uuid4())],
        "five_items": {
            "responsible": "作坊经营者", "measures": "清出一层充电车辆,设独立充电棚", "funds_fen": 800_000,
            "limit_days": 15, "contingency": "夜间断电",
        },
    }  # fmt: skip
    report = await stage.post(GRID, "/v1/reports", {
        "source": "grid_member", "category": CATEGORY, "words": "作坊一层充电", "area_code": VILLAGE,
        "place": {"type": "Point", "coordinates": [121.418, 28.604]}, "sectors": ["fire"], "findings": [found],
    })  # fmt: skip
    hazard = await stage.first(
        GRID, f"/v1/hazards?report_id={report['id']}", lambda one: one["state"] == "rectifying"
    )
    order = f"/v1/orders/{hazard['order_id']}"
    delivered = await stage.get(POLICE, order)
    verb, body = ("serve", {"words": "签收"}) if "serve" in delivered["actions"] else ("sign-for", {})
    delivered = await stage.do(POLICE, order, verb, body)
    stage.seen(f"reported, verified and ordered in one step; {delivered['state']}, due {civil(delivered['due_at'])}")
    return delivered


async def nothing_was_done(stage: Stage, order: Json) -> None:
    """The order runs out, and two supervision notices follow."""
    stage.step("B0", "11-20 and 11-23", "time", "nothing is done about the workshop")
    for moment, times in (("2026-11-20 00:00", 1), ("2026-11-23 00:00", 2)):
        await stage.at(moment)
        await stage.until_told(order["correlation_id"], "order.escalated", times)
    stage.seen("overdue since 11-19 24:00; two supervision notices")
