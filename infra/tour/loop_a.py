"""Loop A: e-bikes charging in a rental house, from a citizen's report to closure and the look back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.city.tour_shapes import LoopAScript
from infra.tour.photos import photos
from infra.tour.stage import Stage, civil, instant_of

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


async def report_to_notice(stage: Stage, script: LoopAScript) -> LoopA:
    """A1 to A7, one evening."""
    play = LoopA(house=f"/v1/risk-objects/{stage.keys.risk_object(script.house)}")
    await _report(stage, script, play)
    await _accept(stage, script, play.report)
    await _verify(stage, script, play)
    await _grade(stage, script, play, "A4", script.grades.found, "initial")
    await _chain(stage, script)
    await _fix_at_once(stage, script, play)
    await _serve(stage, script, play)
    await _answer(stage, script, play)
    play.correlation_id = str((await stage.get(stage.people.call_taker, play.report))["correlation_id"])
    return play


async def late_to_closure(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    """A8 to A11: overdue, rectified, inspected by another post, told."""
    await _late(stage, script, play.order)
    await _rectify(stage, script, play.order)
    await _close(stage, script, play)
    await _told(stage, play.tracking)


async def look_back(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    """A12: a month later."""
    await stage.play(script.look_back)
    shown = await photos(stage, stage.people.patrol, 1)
    looked = {"gone": True, "words": script.look_back.words, "evidence": shown}
    archived = await stage.do(stage.people.patrol, play.second, "look-back", looked)
    stage.seen(f"nothing is charging → {archived['state']}")


async def _report(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    said, call_taker = script.report, stage.people.call_taker
    await stage.play(said)
    told = {
        "category": script.category, "words": said.words, "area_code": script.village,
        "place": {"type": "Point", "coordinates": [said.lon, said.lat], "crs": said.crs},
        "photos": await photos(stage, stage.people.citizens, said.photos),
    }  # fmt: skip
    receipt = await stage.post(stage.people.citizens, "/v1/reports", told)
    stage.seen(
        f"tracking code {receipt['tracking_code']}, shown this once and stored as a hash",
        f"first answer within 24 h ([SEED] Pudong's profile): until {civil(receipt['due_first_answer_at'])}",
    )
    report = await stage.first(
        call_taker, "/v1/reports?state=received&limit=5", lambda one: one["words"] == told["words"]
    )
    play.report, play.tracking = f"/v1/reports/{report['id']}", receipt["tracking_code"]
    alike = await stage.get(call_taker, f"{play.report}/duplicates")
    stage.seen(f"duplicates within 50 m and 7 days [DEF]: {len(alike['items'])}")


async def _accept(stage: Stage, script: LoopAScript, report: str) -> None:
    await stage.play(script.accept)
    there = {"category": script.category, "area_code": script.village, "sectors": list(script.sectors)}
    await stage.do(stage.people.call_taker, report, "accept", there | {"life_at_risk": True})
    hazard = await _registered(stage, report)
    stage.seen(f"danger to life: verify within 2 h (Beijing practice [P]): until {civil(hazard['verify_due_at'])}")


async def _registered(stage: Stage, report: str) -> Json:
    report_id = report.rsplit("/", 1)[1]
    return await stage.first(
        stage.people.grid, f"/v1/hazards?report_id={report_id}", lambda one: one["state"] == "registered"
    )


async def _verify(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    found, grid = script.verify, stage.people.grid
    await stage.play(found)
    play.first = f"/v1/hazards/{(await _registered(stage, play.report))['id']}"
    part = await stage.do(grid, play.first, "part", {"words": found.second_danger})
    play.second = f"/v1/hazards/{part['id']}"
    shown = await photos(stage, grid, 1)
    seen = {"severity": "ordinary", "risk_object_id": play.house.rsplit("/", 1)[1], "evidence": shown}
    at_once = {"handling": "fix_at_once", "basis": found.at_once_basis}
    await stage.do(grid, play.first, "verify", seen | at_once)
    five = found.five_items.model_dump(exclude_none=True)
    limited = {"handling": "within_limit", "basis": found.within_limit_basis, "proposal": five}
    await stage.do(grid, play.second, "verify", seen | limited)
    stage.seen(
        "(a) fix at once; (b) fix within a limit; both ordinary, a hazard has no colour",
        "without the five fixed items (五落实) the verification of (b) is refused",
    )


async def _grade(
    stage: Stage, script: LoopAScript, play: LoopA, step: str, inputs: Mapping[str, int], reason: str,
    cause: str | None = None,
) -> None:  # fmt: skip
    shown = " · ".join(f"{name}{value}" for name, value in inputs.items())
    pack, police = script.grades.pack, stage.people.police
    stage.step(step, "", "system, for the post on site", f"the house by {pack.upper()}: {shown}")
    asked = {"pack": pack, "inputs": dict(inputs), "reason": reason, "caused_by": cause}
    made = await stage.post(police, f"{play.house}/assessments", asked)
    proof = await stage.post(police, f"/v1/assessments/{made['id']}/recompute")
    stage.seen(
        f"{made['product']} → {made['band']} → [b]{made['level']['colour']}[/b] {made['level']['label']['zh']}"
        f" (pack {made['pack']} {made['pack_version']}; recomputed bit for bit: {proof['reproduces']})"
    )


async def _links(stage: Stage, script: LoopAScript) -> list[Json]:
    asked = f"/v1/responsible?category={script.category}&area_code={script.village}"
    links: list[Json] = (await stage.get(stage.people.grid, asked))["links"]
    return links


async def _chain(stage: Stage, script: LoopAScript) -> None:
    stage.step("A5", "", "system", "who answers for this category, here, now")
    for link in await _links(stage, script):
        instead = f" — stands in for {link['stands_in_for']['name']['zh']} (vacant)" if link["stands_in_for"] else ""
        stage.seen(f"{link['link']:<26} {link['post']['name']['zh']}{instead}  [dim]{link['source']}[/dim]")


async def _fix_at_once(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    await stage.play(script.fix)
    before, after = [await photos(stage, stage.people.grid, 1) for _ in range(2)]
    fix = {"words": script.fix.words, "before_evidence": before, "after_evidence": after}
    closed = await stage.do(stage.people.grid, play.first, "fix-at-once", fix)
    stage.seen(f"(a) {closed['state']} on the spot")
    await _grade(stage, script, play, "A6", script.grades.fixed, "after_fix", closed["id"])


async def _serve(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    police, hazard_id = stage.people.police, play.second.rsplit("/", 1)[1]
    await stage.play(script.serve)
    issued = await stage.first(police, f"/v1/orders?hazard_id={hazard_id}", lambda one: one["state"] == "issued")
    play.order = f"/v1/orders/{issued['id']}"
    receipt = {"words": script.serve.words, "evidence": await photos(stage, police, 1)}
    served = await stage.do(police, play.order, "serve", receipt)
    stage.seen(
        f"{served['kind']} {served['state']}; {issued['deadline']['amount']} {issued['deadline']['unit']}s"
        f" {issued['deadline']['source']}: due {civil(served['due_at'])}"
    )
    await stage.until_is(stage.people.grid, play.second, state="rectifying")


async def _answer(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    await stage.play(script.answer)
    answered = await stage.do(stage.people.call_taker, play.report, "answer", {"words_zh": script.answer.words})
    seen = await stage.get("", f"/v1/tracking/{play.tracking}")
    waited = instant_of(script.answer.at) - instant_of(script.report.at)
    stage.seen(
        f"answered at {civil(answered['first_answered_at'])}: after {waited} of 24 h",
        f"public status: {seen['status_words']['zh']}",
    )


async def _late(stage: Stage, script: LoopAScript, order: str) -> None:
    late, police = script.late, stage.people.police
    await stage.play(late)
    await stage.until_told((await stage.get(police, order))["correlation_id"], "order_reminder.told")
    stage.seen("reminded, in the morning of the third day before the last one [DEF]")
    await stage.at(late.overdue_at)
    await stage.until_is(police, order, overdue=True)
    climbed = await _climbed(stage, order, "supervise")
    stage.seen(
        f"overdue since {civil(climbed['due_at'])}; supervision notice to the police station and the deputy",
        "the township's head would follow after 3 days [DEF]; no accountability case: nobody was harmed",
    )


async def _climbed(stage: Stage, order: str, step: str) -> Json:
    async def look() -> Json:
        found = await stage.get(stage.people.police, order)
        return found if any(one["step"] == step for one in found["escalations"]) else None

    return await stage.until(f"escalation {step}", look)


async def _rectify(stage: Stage, script: LoopAScript, order: str) -> None:
    follower = await stage.send_link(stage.people.police, order)
    await stage.play(script.rectify)
    await stage.follow_link(follower)
    helper = (await _links(stage, script))[0]["post"]["id"]
    shown = await photos(stage, follower, script.rectify.photos)
    done = {"words": script.rectify.words, "evidence": shown, "helped_by": [helper]}
    rectified = await stage.do(follower, order, "rectify", done)
    stage.seen(f"{rectified['state']}, to be checked by others; the grid member helped")


async def _close(stage: Stage, script: LoopAScript, play: LoopA) -> None:
    await stage.play(script.inspect)
    shown = await photos(stage, stage.people.fire_office, 1)
    looked = {"passed": True, "words": script.inspect.words, "evidence": shown}
    problem = await stage.refused(stage.people.grid, play.order, "inspect", looked, 409)
    stage.seen(f"refused: {problem['code']}: {problem['detail'][:110]}…")
    closed = await stage.do(stage.people.fire_office, play.order, "inspect", looked)
    stage.seen(
        f"order {closed['state']} at {civil(closed['closed_at'])}, not on time",
        f"rungs climbed: {', '.join(one['step'] for one in closed['escalations'])}",
    )
    hazard = await stage.until_is(stage.people.grid, play.second, state="closed")
    await _grade(stage, script, play, "A10", script.grades.rectified, "after_fix", hazard["id"])


async def _told(stage: Stage, tracking: str) -> None:
    stage.step("A11", "", "system", "the reporter is told, and may dispute")

    async def told() -> Json:
        found = await stage.get("", f"/v1/tracking/{tracking}")
        return found if found["state"] == "fixed" and len(found["replies"]) > 1 else None

    seen = await stage.until("the result told to the reporter", told)
    stage.seen(
        f"{seen['status_words']['zh']}; {len(seen['replies'])} replies",
        f"open to the reporter: {', '.join(seen['actions'])}",
    )
