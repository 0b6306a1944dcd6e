"""Loop A as the tour plays it, step by step through the front door; what was seen at each step is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.journeys.caller import Body
from tests.journeys.running import CityClock, RunningCity, city_time
from tests.journeys.small_city import VILLAGE
from tests.journeys.stories import WORDS, Case, Posts, photo, verification


@dataclass(slots=True)
class TourA:
    """The script's case (part b, within a limit), its part a, and what each step showed."""

    city: RunningCity
    posts: Posts
    clock: CityClock
    receipt: Body = field(default_factory=dict)
    part_a: Body = field(default_factory=dict)
    case: Case = field(default_factory=lambda: Case({}, {}, {}))
    seen: dict[str, Any] = field(default_factory=dict)

    async def play(self) -> None:
        """Steps 1 to 10 and 12 (11 asks for rewards, which later work brings; the reporter is told all the same)."""
        await self.report_and_accept()
        await self.verify_in_two_parts()
        await self.fix_part_a_at_once()
        await self.serve_and_be_late()
        await self.rectify_and_close()
        await self.tell_and_look_back()

    async def report_and_accept(self) -> None:
        """Steps 1 and 2."""
        await self.clock.move(city_time(2026, 10, 12, 19, 40))
        self.receipt = await self.posts.tell()
        report = await self.posts.newest_report(WORDS)
        self.seen["duplicates"] = await self.posts.call_taker.get(f"/v1/reports/{report['id']}/duplicates")
        await self.clock.move(city_time(2026, 10, 12, 20, 5))
        self.case.report = await self.posts.accept(report)
        self.part_a = await self.posts.hazard_of(self.case.report, state="registered")
        self.seen["registered"] = self.part_a
        await self.posts.call_taker.until(f"/v1/reports/{report['id']}", state="being_verified")
        self.seen["public while verified"] = await self.track()

    async def verify_in_two_parts(self) -> None:
        """Steps 3, 4 and 5."""
        await self.clock.move(city_time(2026, 10, 12, 20, 50))
        grid, path_a = self.posts.grid, f"/v1/hazards/{self.part_a['id']}"
        part = await grid.create(f"{path_a}/part", {"words": "住人楼层与停车处之间无硬隔离"})
        at_once = verification(handling="fix_at_once", proposal=None, risk_object_id=self.posts.house)
        self.part_a = await grid.act(f"{path_a}/verify", at_once)
        limited = verification(risk_object_id=self.posts.house)
        self.case.hazard = await grid.act(f"/v1/hazards/{part['id']}/verify", limited)
        self.seen["red"] = await self.assess({"L": 6, "E": 6, "C": 40}, "initial")
        self.seen["red house"] = await grid.get(f"/v1/risk-objects/{self.posts.house}")
        self.seen["chain"] = await grid.get("/v1/responsible", category="ebike_charging", area_code=VILLAGE)
        self.case.hazard = await self.posts.police.until(self.case.hazard_path, state="rectifying")
        self.case.order = await self.posts.police.get(f"/v1/orders/{self.case.hazard['order_id']}")
        self.seen["issued"] = self.case.order

    async def assess(self, inputs: dict[str, int], reason: str, caused_by: str | None = None) -> Body:
        """Grade the house by LEC."""
        asked = {"pack": "lec", "inputs": inputs, "reason": reason, "caused_by": caused_by}
        return await self.posts.police.create(f"/v1/risk-objects/{self.posts.house}/assessments", asked)

    async def fix_part_a_at_once(self) -> None:
        """Step 6."""
        await self.clock.move(city_time(2026, 10, 12, 21, 10))
        police_post = str(self.city.post("police_station", "331002004000"))
        fix = {"words": "断电,电瓶车移出", "after_evidence": [photo()], "with_posts": [police_post]}
        self.part_a = await self.posts.grid.act(f"/v1/hazards/{self.part_a['id']}/fix-at-once", fix)
        self.seen["orange"] = await self.assess({"L": 1, "E": 6, "C": 40}, "after_fix", self.part_a["id"])
        await self.clock.move(city_time(2026, 10, 12, 21, 30))
        path = f"/v1/reports/{self.case.report['id']}"
        await self.posts.call_taker.until(path, state="rectifying")
        self.case.report = await self.posts.call_taker.act(f"{path}/answer", {"words_zh": "充电车辆已断电移出。"})

    async def serve_and_be_late(self) -> None:
        """Steps 7 and 8."""
        await self.posts.serve(self.case)
        self.seen["served"] = self.case.order
        await self.clock.move(city_time(2026, 10, 19, 9, 0))
        reminders = "SELECT 1 FROM order_reminders WHERE order_id::text = $1"
        await self.city.until_rows("responsibility_registry", reminders, self.case.order["id"])
        self.seen["reminded"] = await self.posts.police.get(self.case.order_path)
        await self.clock.move(city_time(2026, 10, 22, 23, 59))
        self.seen["still in time"] = await self.posts.police.get(self.case.order_path)
        await self.clock.move(city_time(2026, 10, 23, 0, 0))
        self.seen["overdue"] = await self.posts.police.until(
            self.case.order_path, lambda order: [one["step"] for one in order["escalations"]] == ["supervise"]
        )
        notices = await self.posts.brigade.list("/v1/orders", kind="supervision_notice")
        self.seen["notices"] = [one for one in notices if one["about_order_id"] == self.case.order["id"]]

    async def rectify_and_close(self) -> None:
        """Steps 9 and 10; the grid member helped the landlord."""
        await self.clock.move(city_time(2026, 10, 25, 15, 0))
        helper = str(self.city.post("grid_post", VILLAGE))
        done = {"words": "已加装防火分隔和烟感", "evidence": [photo(), photo(), photo()], "helped_by": [helper]}
        self.case.order = await self.posts.landlord.act(f"{self.case.order_path}/rectify", done)
        await self.posts.police.until(self.case.hazard_path, state="pending_review")
        await self.clock.move(city_time(2026, 10, 26, 10, 0))
        looked = {"passed": True, "words": "现场复核", "evidence": [photo()]}
        inspect = f"{self.case.order_path}/inspect"
        self.seen["refused"] = await self.posts.grid.refused(inspect, looked, 409, "rectifier_may_not_inspect")
        together = {"together_with": [str(self.city.post("township_fire_office", "331002004000"))]}
        self.case.order = await self.posts.police.act(inspect, looked | together)
        self.case.hazard = await self.posts.police.until(self.case.hazard_path, state="closed")
        self.seen["closed"] = self.case.hazard
        self.seen["yellow"] = await self.assess({"L": 1, "E": 6, "C": 15}, "after_fix", self.case.hazard["id"])

    async def tell_and_look_back(self) -> None:
        """The reporter's side of step 11, and step 12."""
        await self.posts.until_told(self.case)
        self.seen["public at the end"] = await self.track()
        await self.clock.move(city_time(2026, 11, 25, 22, 30))
        reminders = "SELECT 1 FROM hazard_reminders WHERE hazard_id::text = $1 AND kind = 'look_back_due'"
        await self.city.until_rows("risk_grading", reminders, self.case.hazard["id"])
        looked = {"gone": True, "words": "夜查无充电", "evidence": [photo()]}
        self.case.hazard = await self.posts.patrol.act(f"{self.case.hazard_path}/look-back", looked)
        self.seen["public after its days"] = await self.posts.call_taker.until(
            f"/v1/reports/{self.case.report['id']}", state="closed"
        )

    async def track(self) -> Body:
        """What the public sees by the code."""
        return await self.city.nobody().get(f"/v1/tracking/{self.receipt['tracking_code']}")


async def played(city: RunningCity) -> TourA:
    """The whole script, played once."""
    tour = TourA(city, await Posts.of(city), await city.clock())
    await tour.play()
    return tour
