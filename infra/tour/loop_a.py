"""Loop A: e-bikes charging in a rental house, from a citizen's report to closure and the look back."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from infra.city.keys import CityKeys
from infra.tour.stage import Stage, civil

CITIZENS, CALL_TAKER, GRID = "citizens-app", "call-taker-331002004000", "grid-331002004208"
POLICE, FIRE_OFFICE, LANDLORD = "police-331002004000", "fire-office-331002004000", "landlord-tour-house"
PATROL, COUNTY = "patrol-331002004000", "county-duty-331002000000"
VILLAGE, CATEGORY = "331002004208", "ebike_charging"
Json = Any


@dataclass(slots=True)
class LoopA:
    """What the script goes on with: paths of the house, both hazards and the order, and the tracking code."""

    house: str
    report: str = ""
    tracking: str = ""
    first: str = ""
    second: str = ""
    order: str = ""
    correlation_id: str = ""


async def report_to_notice(stage: Stage, keys: CityKeys) -> LoopA:
    """A1 to A7, the evening of 12 October."""
    play = LoopA(house=f"/v1/risk-objects/{keys.risk_object('tour-house')}")
    play.report, play.tracking = await _report(stage)
    await _accept(stage, play.report)
    play.first, play.second = await _verify(stage, play.report, play.house)
    await _chain(stage)
    await _fix_at_once(stage, play.first, play.house, play.report, play.tracking)
    play.order = await _serve(stage, play.second)
    play.correlation_id = str((await stage.get(CALL_TAKER, f"/v1/reports/{play.report}"))["correlation_id"])
    return play


async def late_to_closure(stage: Stage, play: LoopA) -> None:
    """A8 to A11: overdue, rectified, inspected by another post, told."""
    await _late(stage, play.order)
    await _rectify(stage, play.order)
    await _close(stage, play.order, play.second, play.house)
    await _told(stage, play.tracking)


async def look_back(stage: Stage, play: LoopA) -> None:
    """A12: a month later."""
    await _look_back(stage, play.second)


async def _report(stage: Stage) -> tuple[str, str]:
    stage.step(
        "A1",
        "Mon 2026-10-12 19:40",
        "resident, anonymous, by the citizens' app",
        "楼梯口4辆电瓶车飞线充电,楼上十几人",
    )
    await stage.at("2026-10-12 19:40")
    told = {
        "category": CATEGORY,
        "words": "楼梯口4辆电瓶车飞线充电,楼上十几人",
        "area_code": VILLAGE,
        "place": {"type": "Point", "coordinates": [121.40963, 28.61229], "crs": "GCJ02"},
        "photos": [str(uuid4()), str(uuid4())],
    }
    receipt = await stage.post(CITIZENS, "/v1/reports", told)
    stage.seen(
        f"tracking code {receipt['tracking_code']}, shown this once and stored as a hash",
        f"first answer within 24 h ([SEED] Pudong's profile): until {civil(receipt['due_first_answer_at'])}",
    )
    report = await stage.first(
        CALL_TAKER, "/v1/reports?state=received&limit=5", lambda one: one["words"] == told["words"]
    )
    alike = await stage.get(CALL_TAKER, f"/v1/reports/{report['id']}/duplicates")
    stage.seen(f"duplicates within 50 m and 7 days [DEF]: {len(alike['items'])}")
    return report["id"], receipt["tracking_code"]


async def _accept(stage: Stage, report: str) -> None:
    stage.step("A2", "20:05", "township call-taker (综合信息指挥室)", "accepts, passes to the grid")
    await stage.at("2026-10-12 20:05")
    triage = {"category": CATEGORY, "area_code": VILLAGE, "sectors": ["fire"], "life_at_risk": True}
    await stage.do(CALL_TAKER, f"/v1/reports/{report}", "accept", triage)
    hazard = await stage.first(GRID, f"/v1/hazards?report_id={report}", lambda one: one["state"] == "registered")
    stage.seen(f"danger to life: verify within 2 h (Beijing practice [P]): until {civil(hazard['verify_due_at'])}")


async def _verify(stage: Stage, report: str, house: str) -> tuple[str, str]:
    stage.step(
        "A3",
        "20:50",
        "grid member of the village",
        "4 floors, 12 tenants, one stair, no hard separation: two dangers",
    )
    await stage.at("2026-10-12 20:50")
    hazard = (await stage.get(GRID, f"/v1/hazards?report_id={report}"))["items"][0]
    first = f"/v1/hazards/{hazard['id']}"
    part = await stage.do(GRID, first, "part", {"words": "住人楼层与停车处之间无硬隔离"})
    second = f"/v1/hazards/{part['id']}"
    object_id = house.rsplit("/", 1)[1]
    seen = {"severity": "ordinary", "risk_object_id": object_id, "evidence": [str(uuid4())]}
    await stage.do(
        GRID,
        first,
        "verify",
        seen | {"handling": "fix_at_once", "basis": "small harm, removed at once ([P] order 16)"},
    )
    five = {
        "responsible": "房屋出租人", "measures": "硬隔离、独立式感烟报警", "funds_fen": 1_200_000,
        "contingency": "整改期间停止楼内充电,夜间巡查",
    }  # fmt: skip
    limited = {"handling": "within_limit", "basis": "cannot be removed at once ([P] order 16)", "proposal": five}
    await stage.do(GRID, second, "verify", seen | limited)
    stage.seen(
        "(a) fix at once; (b) fix within a limit; both ordinary, a hazard has no colour",
        "without the five fixed items (五落实) the verification of (b) is refused",
    )
    await _grade(stage, house, "A4", {"L": 6, "E": 6, "C": 40}, "initial", None)
    return first, second


async def _grade(stage: Stage, house: str, step: str, inputs: dict[str, int], reason: str, cause: str | None) -> None:
    stage.step(
        step,
        "",
        "system, for the post on site",
        f"the house by LEC: {' · '.join(f'{k}{v}' for k, v in inputs.items())}",
    )
    asked = {"pack": "lec", "inputs": inputs, "reason": reason, "caused_by": cause}
    made = await stage.post(POLICE, f"{house}/assessments", asked)
    proof = await stage.post(POLICE, f"/v1/assessments/{made['id']}/recompute")
    stage.seen(
        f"{made['product']} → {made['band']} → [b]{made['level']['colour']}[/b] {made['level']['label']['zh']}"
        f" (pack {made['pack']} {made['pack_version']}; recomputed bit for bit: {proof['reproduces']})"
    )


async def _chain(stage: Stage) -> None:
    stage.step("A5", "20:50", "system", "who answers for this category, here, now")
    chain = await stage.get(GRID, f"/v1/responsible?category={CATEGORY}&area_code={VILLAGE}")
    for link in chain["links"]:
        instead = f" — stands in for {link['stands_in_for']['name']['zh']} (vacant)" if link["stands_in_for"] else ""
        stage.seen(f"{link['link']:<26} {link['post']['name']['zh']}{instead}  [dim]{link['source']}[/dim]")


async def _fix_at_once(stage: Stage, first: str, house: str, report: str, tracking: str) -> None:
    stage.step(
        "A6", "21:10", "grid member with the police station", "power cut, bikes moved, photos from before and after"
    )
    await stage.at("2026-10-12 21:10")
    fix = {"words": "断电、搬离", "before_evidence": [str(uuid4())], "after_evidence": [str(uuid4())]}
    closed = await stage.do(GRID, first, "fix-at-once", fix)
    stage.seen(f"(a) {closed['state']} on the spot")
    await _grade(stage, house, "A6", {"L": 1, "E": 6, "C": 40}, "after_fix", closed["id"])
    await stage.at("2026-10-12 21:30")
    answered = await stage.do(
        CALL_TAKER, f"/v1/reports/{report}", "answer", {"words_zh": "充电车辆已断电搬离,隔离整改限期完成。"}
    )
    seen = await stage.get("", f"/v1/tracking/{tracking}")
    stage.seen(
        f"answered at {civil(answered['first_answered_at'])}: 1 h 50 min of 24 h",
        f"public status: {seen['status_words']['zh']}",
    )


async def _serve(stage: Stage, second: str) -> str:
    stage.step("A7", "21:20", "police station", "rectification notice served on the landlord with the five items")
    await stage.at("2026-10-12 21:20")
    hazard_id = second.rsplit("/", 1)[1]
    issued = await stage.first(POLICE, f"/v1/orders?hazard_id={hazard_id}", lambda one: one["state"] == "issued")
    order = f"/v1/orders/{issued['id']}"
    served = await stage.do(POLICE, order, "serve", {"words": "房屋出租人签收", "evidence": [str(uuid4())]})
    stage.seen(
        f"{served['kind']} {served['state']}; {issued['deadline']['amount']} {issued['deadline']['unit']}s"
        f" {issued['deadline']['source']}: due {civil(served['due_at'])}"
    )
    await stage.until_is(GRID, second, state="rectifying")
    return order


async def _late(stage: Stage, order: str) -> None:
    stage.step("A8", "10-19 and Fri 10-23 00:00", "time", "nothing is done: reminded, then overdue")
    await stage.at("2026-10-19 09:00")
    correlation = (await stage.get(POLICE, order))["correlation_id"]
    await stage.until_told(correlation, "order_reminder.told")
    stage.seen("10-19 09:00 reminded, in the morning of the third day before the last one [DEF]")
    await stage.at("2026-10-23 00:00")
    late = await stage.until_is(POLICE, order, overdue=True)
    late = await _climbed(stage, order, "supervise")
    stage.seen(
        f"overdue since {civil(late['due_at'])}; supervision notice to the police station and the deputy in charge",
        "the township's head would follow after 3 days [DEF]; no accountability case: nobody was harmed",
    )
    await stage.at("2026-10-25 10:00")


async def _climbed(stage: Stage, order: str, step: str) -> Json:
    async def look() -> Json:
        found = await stage.get(POLICE, order)
        return found if any(one["step"] == step for one in found["escalations"]) else None

    return await stage.until(f"escalation {step}", look)


async def _rectify(stage: Stage, order: str) -> None:
    stage.step("A9", "Sun 10-25", "landlord by a link of its own", "three photos at the place")
    grid_post = (await stage.get(GRID, f"/v1/responsible?category={CATEGORY}&area_code={VILLAGE}"))["links"][0][
        "post"
    ]["id"]
    done = {"words": "隔墙完成,感烟报警安装", "evidence": [str(uuid4()) for _ in range(3)], "helped_by": [grid_post]}
    rectified = await stage.do(LANDLORD, order, "rectify", done)
    stage.seen(f"{rectified['state']}, to be checked by others; the grid member helped")


async def _close(stage: Stage, order: str, second: str, house: str) -> None:
    stage.step(
        "A10",
        "Mon 10-26",
        "the grid member who helped; then the police station with the fire office",
        "tries to close; inspects",
    )
    await stage.at("2026-10-26 10:00")
    looked = {"passed": True, "words": "现场查看", "evidence": [str(uuid4())]}
    problem = await stage.refused(GRID, order, "inspect", looked, 409)
    stage.seen(f"refused: {problem['code']}: {problem['detail'][:110]}…")
    closed = await stage.do(FIRE_OFFICE, order, "inspect", looked)
    stage.seen(
        f"order {closed['state']} at {civil(closed['closed_at'])}, not on time",
        f"rungs climbed: {', '.join(one['step'] for one in closed['escalations'])}",
    )
    hazard = await stage.until_is(GRID, second, state="closed")
    await _grade(stage, house, "A10", {"L": 1, "E": 6, "C": 15}, "after_fix", hazard["id"])


async def _told(stage: Stage, tracking: str) -> None:
    stage.step("A11", "same day", "system", "the reporter is told, and may dispute")

    async def fixed() -> Json:
        found = await stage.get("", f"/v1/tracking/{tracking}")
        return found if found["state"] == "fixed" else None

    seen = await stage.until("the public status", fixed)
    stage.seen(
        f"{seen['status_words']['zh']}; {len(seen['replies'])} replies",
        f"open to the reporter: {', '.join(seen['actions'])}",
    )
    stage.seen("the reward of the script comes with the identity vault: not played yet")


async def _look_back(stage: Stage, second: str) -> None:
    stage.step("A12", "Wed 11-25 22:30", "night patrol", "looks back after 30 days [DEF]")
    await stage.at("2026-11-25 22:30")
    looked = {"gone": True, "words": "无车辆在楼道充电", "evidence": [str(uuid4())]}
    archived = await stage.do(PATROL, second, "look-back", looked)
    stage.seen(f"nothing is charging → {archived['state']}")
