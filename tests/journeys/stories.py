"""The steps of loop A as the posts of the small city take them; every journey tells its own story with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from libs.common.places import Crs, from_wgs84
from tests.cluster import eventually
from tests.journeys.caller import PATIENCE_SECONDS, Body, Caller
from tests.journeys.running import RunningCity
from tests.journeys.small_city import VILLAGE

HOUSE_POINT = (121.405, 28.615)
SECTORS = ["fire", "housing"]
WORDS = "楼梯口4辆电瓶车飞线充电,楼上十几人"
PROPOSAL = {
    "responsible": "房屋出租人", "measures": "实体防火分隔、独立式烟感", "funds_fen": 1_200_000, "limit_days": 10,
    "contingency": "断电并移车",
}  # fmt: skip


def photo() -> str:
    """The id of a photo that nobody else has."""
    return str(uuid4())


def in_gcj02(lon: float, lat: float) -> Body:
    """A WGS 84 point as a Chinese map kit tells it."""
    shifted = from_wgs84(lon, lat, Crs.GCJ02)
    return {"lon": shifted.lon, "lat": shifted.lat, "crs": Crs.GCJ02.value}


def finding(**changed: Any) -> Body:
    """What a post saw on the spot: within a limit, all five items proposed."""
    usual = {
        "description": "四层一梯无硬隔离", "is_major": False, "fix_at_once": False, "before_evidence": [photo()],
        "five_items": PROPOSAL,
    }  # fmt: skip
    return usual | changed


def verification(**changed: Any) -> Body:
    """What a post says of a hazard that it looked at."""
    usual = {
        "severity": "ordinary", "basis": "现场检查标准 [DEF]", "handling": "within_limit",
        "words": "四层一梯无硬隔离", "proposal": PROPOSAL, "evidence": [photo()],
    }  # fmt: skip
    return usual | changed


@dataclass(slots=True)
class Case:
    """One danger on its way: what was last seen of its report, its hazard and its order."""

    report: Body
    hazard: Body
    order: Body
    code: str = ""

    @property
    def hazard_path(self) -> str:
        """Where the hazard is."""
        return f"/v1/hazards/{self.hazard['id']}"

    @property
    def order_path(self) -> str:
        """Where the order is."""
        return f"/v1/orders/{self.order['id']}"


@dataclass(frozen=True, slots=True)
class Posts:
    """Those who act in loop A, and what each of them does."""

    city: RunningCity
    citizens: Caller
    call_taker: Caller
    grid: Caller
    police: Caller
    fire_office: Caller
    patrol: Caller
    brigade: Caller
    landlord: Caller

    @classmethod
    async def of(cls, city: RunningCity) -> Posts:
        """Everybody with a token."""
        return cls(
            city=city,
            citizens=await city.caller("citizens-app"),
            call_taker=await city.caller("call-taker-331002004000"),
            grid=await city.caller("grid-331002004208"),
            police=await city.caller("police-331002004000"),
            fire_office=await city.caller("fire-office-331002004000"),
            patrol=await city.caller("patrol-331002004000"),
            brigade=await city.caller("fire-brigade-331002000000"),
            landlord=await city.caller("landlord-tour-house"),
        )

    @property
    def house(self) -> str:
        """The tour's rental house."""
        return str(self.city.keys.risk_object("tour-house"))

    async def tell(self, **changed: Any) -> Body:
        """A resident tells of a danger through the citizens' app; the receipt."""
        said = {
            "category": "ebike_charging", "words": WORDS, "area_code": VILLAGE, "place": in_gcj02(*HOUSE_POINT),
            "photos": [photo(), photo()],
        }  # fmt: skip
        return await self.citizens.create("/v1/reports", said | changed)

    async def newest_report(self, words: str) -> Body:
        """The report of these words, once the call-taker's list shows it: rights take a moment to arrive."""
        found: list[Body] = []

        async def is_listed() -> bool:
            listed = await self.call_taker.list("/v1/reports", state="received")
            found[:] = [one for one in listed if one["words"] == words]
            return bool(found)

        await eventually(is_listed, seconds=PATIENCE_SECONDS, what=f"a report of {words}")
        return found[0]

    async def accept(self, report: Mapping[str, Any], **changed: Any) -> Body:
        """The call-taker takes a report on."""
        decided = {"category": "ebike_charging", "area_code": VILLAGE, "sectors": SECTORS, "life_at_risk": True}
        return await self.call_taker.act(f"/v1/reports/{report['id']}/accept", decided | changed)

    async def hazard_of(self, report: Mapping[str, Any], **shown: Any) -> Body:
        """The hazard that came of a report, once it shows what is asked."""
        [found] = await self.police.until_listed("/v1/hazards", report_id=report["id"])
        return await self.police.until(f"/v1/hazards/{found['id']}", **shown)

    async def find_on_the_spot(self, *, by: Caller | None = None, **changed: Any) -> Case:
        """A post tells what it saw itself: verified in the same step, and an order goes out by the chain."""
        said = {
            "source": "grid_member", "category": "ebike_charging", "words": f"{WORDS} {uuid4()}", "sectors": SECTORS,
            "area_code": VILLAGE, "place": {"lon": HOUSE_POINT[0], "lat": HOUSE_POINT[1]},
            "findings": [finding(risk_object_id=self.house)],
        }  # fmt: skip
        report = await (by or self.grid).create("/v1/reports", said | changed)
        hazard = await self.hazard_of(report, state="rectifying")
        order = await self.police.until(f"/v1/orders/{hazard['order_id']}")
        return Case(report, hazard, order)

    async def verify_for_a_resident(self, *, limit_days: int | None = 10, **changed: Any) -> Case:
        """A resident tells of a danger, the grid member finds it true: it is somebody's to rectify within a limit."""
        words = f"{WORDS} {uuid4()}"
        receipt = await self.tell(words=words, **changed)
        case = await self.verified(await self.newest_report(words), limit_days=limit_days)
        case.code = receipt["tracking_code"]
        return case

    async def verified(self, report: Mapping[str, Any], *, limit_days: int | None = 10) -> Case:
        """A report that came in, taken on and found true on the spot; an order goes out."""
        accepted = await self.accept(report)
        hazard = await self.hazard_of(accepted, state="registered")
        seen = verification(risk_object_id=self.house, proposal=PROPOSAL | {"limit_days": limit_days})
        await self.grid.act(f"/v1/hazards/{hazard['id']}/verify", seen)
        hazard = await self.police.until(f"/v1/hazards/{hazard['id']}", state="rectifying")
        return Case(accepted, hazard, await self.police.get(f"/v1/orders/{hazard['order_id']}"))

    async def dispute(self, case: Case, words: str = "晚上又在充电") -> Body:
        """The reporter says by the code that it is not fixed."""
        return await self.city.nobody().create(f"/v1/tracking/{case.code}/dispute", {"words": words}, status=200)

    async def look(self, case: Case, holds: Callable[[Body], bool] | None = None, **shown: Any) -> None:
        """See how hazard and order stand, once the hazard shows what is asked."""
        case.hazard = await self.police.until(case.hazard_path, holds, **shown)
        if case.hazard["order_id"] is not None:
            case.order = await self.police.get(f"/v1/orders/{case.hazard['order_id']}")

    async def serve(self, case: Case) -> None:
        """The police station serves the notice."""
        case.order = await self.police.act(f"{case.order_path}/serve", {"words": "当面送达", "evidence": [photo()]})

    async def rectify(self, case: Case) -> None:
        """The landlord says that it is done; the hazard follows."""
        done = {"words": "已加装防火分隔和烟感", "evidence": [photo(), photo(), photo()]}
        case.order = await self.landlord.act(f"{case.order_path}/rectify", done)
        case.hazard = await self.police.until(case.hazard_path, state="pending_review")

    async def inspect(self, case: Case, *, passed: bool = True) -> None:
        """The township's fire office looks; the hazard follows."""
        seen = {"passed": passed, "words": "现场复核", "evidence": [photo()]}
        case.order = await self.fire_office.act(f"{case.order_path}/inspect", seen)
        case.hazard = await self.police.until(case.hazard_path, state="closed" if passed else "rectifying")

    async def close(self, case: Case) -> None:
        """From an issued notice to the end: served, rectified, inspected; report and reply follow."""
        await self.serve(case)
        await self.rectify(case)
        await self.inspect(case)
        await self.until_told(case)

    async def until_told(self, case: Case) -> None:
        """Wait until the reporter has been told the end."""
        told = "SELECT 1 FROM replies WHERE report_id::text = $1 AND kind = 'result'"
        await self.city.until_rows("public_reporting", told, case.report["id"])
        case.report = await self.call_taker.get(f"/v1/reports/{case.report['id']}")
