"""The night of loop B, entered as it happens: teams, harm, leaders and situation reports, each at its time."""

from dataclasses import dataclass
from typing import Any

from infra.city.tour_shapes import (
    Act,
    Asked,
    Closed,
    Controlled,
    Harm,
    LeadersCome,
    ReportMade,
    TeamMoves,
)
from infra.city.tour_shapes import LoopBScript as Script
from infra.tour.stage import Stage, civil, instant_of

Json = Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """Where the night is played: the incident's path, and the workshop where it burns."""

    stage: Stage
    script: Script
    workshop: Json
    path: str

    async def incident(self) -> Json:
        """The incident as the duty officer sees it."""
        return await self.stage.get(self.stage.people.county_duty, self.path)

    async def enter(self, verb: str, body: Json) -> Json:
        """The duty officer enters something about it."""
        return await self.stage.do(self.stage.people.county_duty, self.path, verb, body)


async def play_night(night: Night) -> Json:
    """Every act of the script in its order; returns the incident as it ended."""
    for act in night.script.night:
        await night.stage.play(act)
        await _enter(night, act)
    incident = await night.incident()
    for one in incident["report_clocks"]:
        if one["state"] == "owed":
            night.stage.seen(f"{one['label']['zh']}: until {civil(one['due_at'])}  [dim]{one['source']}[/dim]")
    return incident


async def _enter(night: Night, act: Act) -> None:
    match act:
        case TeamMoves():
            await _move(night, act)
        case Asked():
            learned = instant_of(act.unit_learned_at).isoformat() if act.unit_learned_at else None
            await night.enter("production-related", {"answer": act.answer, "unit_learned_at": learned})
        case Harm():
            await _harm(night, act)
        case ReportMade():
            await _report(night, act)
        case LeadersCome():
            await _come(night, act)
        case Controlled():
            await night.enter("control", {"at": _instant(act)})
        case Closed():
            await night.enter("close", {"at": _instant(act), "words": act.words})


def _instant(act: Act) -> str:
    return instant_of(act.at).isoformat()


async def _move(night: Night, act: TeamMoves) -> None:
    incident = await night.incident()
    team = next(one for one in incident["teams"] if one["team_kind"] == act.team)
    path = f"/v1/dispatches/{team['dispatch_id']}"
    after = await night.stage.do(night.script.teams[act.team], path, act.stage, {"at": _instant(act)})
    for line in (one for one in after["stages"] if one["done_at"] is not None):
        late = f", {line['late_seconds']} s late, kept for the review" if line["late_seconds"] else ""
        night.stage.seen(f"{line['label']['zh']}: [b]{line['light']}[/b]{late}  [dim]{line['source']}[/dim]")


async def _harm(night: Night, act: Harm) -> None:
    incident = await night.enter("casualties", dict(act.casualties))
    level, following = incident["level"], incident["next_leaders"]
    if level is not None:
        above = f"; next row shown, not called: {following['label']['zh']}" if following else ""
        night.stage.seen(f"{level['label']['zh']} (ordinal {level['ordinal']}, {incident['grade_policy']}){above}")
    for kind in act.called:
        await night.stage.do(night.script.leaders[kind], await _call_of(night, kind), "acknowledge")
        night.stage.seen(f"{kind} called, acknowledged")


async def _come(night: Night, act: LeadersCome) -> None:
    for kind in act.leaders:
        here = {"place": night.workshop["place"], "at": _instant(act)}
        arrived = await night.stage.do(night.script.leaders[kind], await _call_of(night, kind), "arrive", here)
        night.stage.seen(f"{kind} {arrived['state']} {civil(arrived['arrived_at'])} by {arrived['arrived_by']}")


async def _call_of(night: Night, kind: str) -> str:
    async def look() -> Json:
        leaders = (await night.incident())["leaders"]
        return next((one for one in leaders if one["post_kind"] == kind), None)

    return f"/v1/leader-calls/{(await night.stage.until(f'the call of {kind}', look))['call_id']}"


async def _report(night: Night, act: ReportMade) -> None:
    made = {"clock": act.clock, "told": act.told, "at": _instant(act)}
    incident = await night.enter("situation-reports", made)
    one = next(one for one in incident["report_clocks"] if one["key"] == act.clock)
    night.stage.seen(
        f"{one['label']['zh']}: due {civil(one['due_at'])}; made {civil(one['done_at'])} to {one['told']},"
        f" {one['late_seconds']} s late  [dim]{one['source']}[/dim]"
    )
