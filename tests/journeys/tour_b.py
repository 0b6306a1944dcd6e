"""Loop B as the tour plays it: two fires and an ignored order, then the night in the workshop, then who answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.journeys.caller import Body, Caller
from tests.journeys.command import FIRE, Command
from tests.journeys.running import CityClock, RunningCity, city_time
from tests.journeys.small_city import COUNTY, TOWNSHIP, WORKSHOP_VILLAGE
from tests.journeys.stories import Posts, finding

LEADERS = {
    "fire_station": f"fire-station-{TOWNSHIP}",
    "township_deputy": f"township-deputy-{TOWNSHIP}",
    "county_fire_brigade": f"fire-brigade-{COUNTY}",
    "township_party_first": f"township-party-{TOWNSHIP}",
    "township_government_first": f"township-head-{TOWNSHIP}",
}


def night(hour: int, minute: int, second: int = 0) -> datetime:
    """An instant of Thursday 2026-12-03."""
    return city_time(2026, 12, 3, hour, minute, second)


@dataclass(slots=True)
class TourB:
    """What was entered and what each step showed."""

    city: RunningCity
    command: Command
    posts: Posts
    clock: CityClock
    workshop: Body = field(default_factory=dict)
    path: str = ""
    seen: dict[str, Any] = field(default_factory=dict)

    async def play(self) -> None:
        """Steps 1 to 8, 10 and 12, and what they look back on."""
        self.workshop = await self.thing("tour-workshop")
        await self.earlier_fire(city_time(2026, 10, 18, 15, 10), "tour-first-fire")
        await self.check_the_workshop()
        await self.earlier_fire(city_time(2026, 11, 9, 20, 40), "tour-second-fire")
        await self.let_the_order_run_out()
        await self.alarm()
        await self.teams()
        await self.harm()
        await self.reports()
        await self.end()
        await self.answer_for_it()

    async def thing(self, key: str) -> Body:
        """A risk object of the script."""
        return await (await self.city.caller("auditor")).get(f"/v1/risk-objects/{self.city.keys.risk_object(key)}")

    async def earlier_fire(self, at: datetime, key: str) -> None:
        """A small fire of the same class in the same township."""
        await self.clock.move(at)
        thing = await self.thing(key)
        told = {
            "kind": FIRE, "area_code": thing["area_code"], "place": thing["place"], "risk_object_id": thing["id"],
            "casualties": {"minor": 1},
        }  # fmt: skip
        opened = await self.command.duty.create("/v1/incidents", told)
        self.seen[key] = await self.command.close(opened)

    async def check_the_workshop(self) -> None:
        """11-04: charging on the ground floor, 15 days; served."""
        await self.clock.move(city_time(2026, 11, 4, 10, 0))
        grid = await self.city.caller(f"grid-{WORKSHOP_VILLAGE}")
        five = {
            "responsible": "作坊经营者", "measures": "清出一层充电车辆", "funds_fen": 800_000, "limit_days": 15,
            "contingency": "夜间断电",
        }  # fmt: skip
        found = finding(description="作坊一层充电", risk_object_id=self.workshop["id"], five_items=five)
        case = await self.posts.find_on_the_spot(
            by=grid, area_code=WORKSHOP_VILLAGE, place=self.workshop["place"], sectors=["fire"], findings=[found]
        )
        await self.posts.serve(case)
        self.seen["order"] = case.order

    async def let_the_order_run_out(self) -> None:
        """Due 11-19 24:00; supervision notices when due and three days later."""
        path = f"/v1/orders/{self.seen['order']['id']}"
        for day, steps in ((20, ["supervise"]), (23, ["supervise", "supervise_head"])):
            await self.clock.move(city_time(2026, 11, day, 0, 0))
            self.seen["late order"] = await self.posts.police.until(
                path,
                lambda order, steps=steps: [one["step"] for one in order["escalations"]] == steps,  # type: ignore[misc]
            )

    async def alarm(self) -> None:
        """Steps 1 and 2."""
        known = {
            "area_code": WORKSHOP_VILLAGE, "risk_object_id": self.workshop["id"],
            "linked_group": [f"B{number}" for number in range(1, 10)],
        }  # fmt: skip
        for name, device, at in (("first", "D1", night(2, 14)), ("second", "D2", night(2, 14, 40))):
            await self.clock.move(at)
            said = {**known, "occurred_at": at.isoformat()}
            self.seen[name] = await self.command.detect(self.workshop["place"], device, **said)
        self.path = f"/v1/incidents/{self.seen['second']['incident_id']}"
        self.seen["opened"] = await self.command.duty.get(self.path)
        await self.clock.move(night(2, 14, 55))
        place = {"area_code": WORKSHOP_VILLAGE}
        self.seen["119"] = await self.command.call(self.workshop["place"], **place)
        self.seen["two sources"] = await self.command.duty.get(self.path)

    async def teams(self) -> None:
        """Steps 3 and 4."""
        await self.clock.move(night(2, 17, 20))
        micro = ((night(2, 15, 25), "depart"), (night(2, 17, 20), "arrive"))
        self.seen["micro station"] = await self.go(self.command.micro_station, "micro_station", micro)
        await self.clock.move(night(2, 20, 10))
        full_time = ((night(2, 15, 35), "depart"), (night(2, 20, 10), "arrive"))
        self.seen["full-time team"] = await self.go(self.command.full_time_team, "full_time_team", full_time)

    async def go(self, team: Caller, kind: str, moves: tuple[tuple[datetime, str], ...]) -> Body:
        """A team tells its stages; the dispatch after the last."""
        incident = await self.command.duty.get(self.path)
        sent = next(one for one in incident["teams"] if one["team_kind"] == kind)
        for at, verb in moves:
            shown = await team.act(f"/v1/dispatches/{sent['dispatch_id']}/{verb}", {"at": at.isoformat()})
        return shown

    async def harm(self) -> None:
        """Steps 5 and 6."""
        await self.clock.move(night(2, 31))
        await self.command.duty.act(f"{self.path}/casualties", {"serious": 1, "missing": 1})
        await self.come({"fire_station": night(2, 44), "township_deputy": night(2, 44)})
        self.seen["one missing"] = await self.command.duty.get(self.path)
        await self.clock.move(night(2, 52))
        self.seen["one dead"] = await self.command.duty.act(f"{self.path}/casualties", {"dead": 1, "serious": 1})
        third = {"county_fire_brigade": night(3, 10), "township_party_first": night(3, 16)}
        await self.come(third | {"township_government_first": night(3, 16)})
        self.seen["leaders"] = await self.command.duty.get(self.path)

    async def come(self, arrivals: dict[str, datetime]) -> None:
        """Leaders acknowledge their call and check in at the scene by their own position."""
        for kind, at in arrivals.items():
            incident = await self.command.duty.until(
                self.path,
                lambda shown, kind=kind: any(one["post_kind"] == kind for one in shown["leaders"]),  # type: ignore[misc]
            )
            call = next(one for one in incident["leaders"] if one["post_kind"] == kind)
            path, leader = f"/v1/leader-calls/{call['call_id']}", await self.city.caller(LEADERS[kind])
            await leader.act(f"{path}/acknowledge", {})
            await self.clock.move(at)
            await leader.act(f"{path}/arrive", {"place": self.workshop["place"], "at": at.isoformat()})

    async def reports(self) -> None:
        """Step 7."""
        await self.clock.move(night(3, 50))
        asked = {"answer": "yes", "unit_learned_at": night(2, 25).isoformat()}
        await self.command.duty.act(f"{self.path}/production-related", asked)
        for key, told, at in (
            ("phone_report", "区委、区政府值班室", night(2, 35)),
            ("written_report", "区委、区政府值班室", night(3, 10)),
            ("unit_to_county", "区应急管理局", night(3, 5)),
            ("county_to_city", "市应急管理局", night(3, 50)),
        ):
            made = {"clock": key, "told": told, "at": at.isoformat()}
            await self.command.duty.act(f"{self.path}/situation-reports", made)
        self.seen["reports"] = await self.command.duty.get(self.path)

    async def end(self) -> None:
        """Step 8."""
        await self.clock.move(night(4, 10))
        await self.command.duty.act(f"{self.path}/control", {"at": night(3, 25).isoformat()})
        await self.command.duty.act(f"{self.path}/close", {"at": night(4, 10).isoformat(), "words": "明火扑灭"})
        self.seen["ended"] = await self.command.duty.get(self.path)
        self.seen["regraded"] = await (await self.city.caller("auditor")).until(
            f"/v1/risk-objects/{self.workshop['id']}", lambda thing: (thing["level"] or {}).get("colour") == "red"
        )

    async def answer_for_it(self) -> None:
        """Steps 10 and 12."""
        auditor, incident_id = await self.city.caller("auditor"), self.seen["ended"]["id"]
        [case] = await auditor.until_listed("/v1/accountability-cases", incident_id=incident_id)
        path = f"/v1/accountability-cases/{case['id']}"
        self.seen["case"] = await auditor.until(path, state="traced")
        self.seen["trace"] = await auditor.get(f"{path}/trace")
        self.seen["measures"] = await auditor.list(f"{path}/measures")
        listing = next(one for one in self.seen["measures"] if one["authority"] == "city_leading_group")
        await self.clock.move(city_time(2026, 12, 8, 15, 0))
        group = await self.city.caller("leading-group-331000000000")
        decision = {"decision": "accepted", "words": "经研究同意挂牌", "starts_on": "2026-12-08"}
        self.seen["listed"] = await group.act(f"{path}/measures/{listing['id']}/decide", decision)


async def played(city: RunningCity) -> TourB:
    """The whole script, played once."""
    tour = TourB(city, await Command.of(city), await Posts.of(city), await city.clock())
    await tour.play()
    return tour
