"""What follows the night of loop B: the trace and the measures, the review, and the same scene as an exercise."""

from typing import Any

from infra.city.tour_shapes import Decision, LoopBScript
from infra.tour.stage import Stage, civil

Json = Any


async def account(stage: Stage, script: LoopBScript, incident: Json) -> None:
    """B10 to B12: who answers, and what is proposed and decided."""
    auditor = stage.people.auditor
    stage.step("B10", "", "system", "who answered, what each knew, what was overdue, what exempts")
    case = await stage.first(
        auditor, "/v1/accountability-cases",
        lambda one: one["incident_id"] == incident["id"] and one["state"] == "traced",
    )  # fmt: skip
    path = f"/v1/accountability-cases/{case['id']}"
    await _tell_trace(stage, f"{path}/trace")
    stage.step("B11", "", "system", "proposals; people with the authority decide")
    measures = (await stage.get(auditor, f"{path}/measures"))["items"]
    for one in measures:
        stage.seen(f"{one['state']}: {one['zh']} — {one['why_zh']}")
    for decision in script.decisions:
        [measure] = [one for one in measures if one["kind"] == decision.measure]
        await _decide(stage, decision, f"{path}/measures/{measure['id']}")


async def _tell_trace(stage: Stage, path: str) -> None:
    trace = await stage.get(stage.people.auditor, path)
    for link in (one for one in trace["document"]["links"] if one["knew"] or one["did"] or one["orders"]):
        exempts = ", ".join(one["zh"] for one in link["exempts"]) or "—"
        stage.seen(
            f"{link['answerer']['role']:<26} knew {len(link['knew'])}, did {len(link['did'])}; exempts: {exempts}",
            *(f"    order {_standing(one)}" for one in link["orders"]),
        )
    stage.seen(f"kept as one document of {len(trace['document']['links'])} links, sha256 {trace['sha256'][:16]}…")


def _standing(one: Json) -> str:
    pressed = f"{len(one['pressed'])} supervision notices"
    return f"due {civil(one['order']['due_at'])}, {one['days_overdue']} days overdue, {pressed}"


async def _decide(stage: Stage, decision: Decision, measure: str) -> None:
    await stage.play(decision)
    said = {"decision": "accepted", "words": decision.words, "starts_on": decision.starts_on.isoformat()}
    decided = await stage.do(getattr(stage.people, decision.by), measure, "decide", said)
    stage.seen(
        f"{decided['state']}: {decided['zh']}, {decision.starts_on} to {decided['last_day']};"
        f" objections until {civil(decided['objection_until'])}"
    )


async def review(stage: Stage, script: LoopBScript, incident: Json) -> None:
    """B14: what the night teaches."""
    told = script.review
    await stage.play(told)
    found = await stage.first(
        stage.people.county_duty, "/v1/reviews", lambda one: one["incident_id"] == incident["id"]
    )
    for one in found["findings"]:
        stage.seen(f"{one['label']['zh']} {one['subject']}: {one['late_seconds']} s late")
    answers = [one["key"] for one in found["findings"]]
    lesson = {"words": told.lesson, "leads_to": told.leads_to, "answers": answers}
    body = {"lessons": [lesson], "conclusion": told.conclusion}
    done = await stage.do(stage.people.county_emergency, f"/v1/reviews/{found['id']}", "complete", body)
    stage.seen(f"review {done['state']}, {len(done['lessons'])} lesson → {told.leads_to}")


async def exercise(stage: Stage, script: LoopBScript, workshop: Json) -> None:
    """B14: the same scene once more, as a drill: teams are sent, and stay free for a real fire."""
    duty = stage.people.county_duty
    await stage.play(script.exercise)
    told = {
        "kind": script.kind, "area_code": workshop["area_code"], "place": workshop["place"],
        "risk_object_id": workshop["id"], "exercise": True,
    }  # fmt: skip
    incident = await stage.post(duty, "/v1/incidents", told)
    path = f"/v1/incidents/{incident['id']}"
    for team in (await stage.get(duty, path))["teams"]:
        stage.seen(f"exercise, {team['mode']}: {team['team_name']}, {team['travel_seconds']} s")
    if incident["must_ask_production"]:
        await stage.do(duty, path, "production-related", {"answer": "no"})
    await stage.do(duty, path, "control", {})
    closed = await stage.do(duty, path, "close", {"words": script.exercise.words})
    stage.seen(f"exercise {closed['number']} {closed['state']}; it opens no accountability case")
