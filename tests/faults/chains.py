"""Chains of loop A: told with what was found, ordered, signed for or served, rectified, inspected, closed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from tests.faults.rounds import Round
from tests.faults.sending import NotAcknowledged, Sender
from tests.journeys.running import RunningCity
from tests.journeys.small_city import TOWNSHIP, VILLAGE

GRID, POLICE, LANDLORD = f"grid-{VILLAGE}", f"police-{TOWNSHIP}", "landlord-tour-house"
FIRE_OFFICE = f"fire-office-{TOWNSHIP}"
_NAMES = UUID("2f0d9b34-7d44-5d0c-8f0a-4d6b52b4b6f1")
_LOOK_SECONDS = 0.15
Hazard = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """One report: every tenth is about the house and leads to a served notice, every fifth has a second finding
    that is fixed on the spot."""

    number: int
    seed: int

    @property
    def on_a_house(self) -> bool:
        """Whether its order is served on an entity."""
        return self.number % 10 == 0

    @property
    def findings(self) -> int:
        """How many dangers it tells of."""
        return 2 if self.number % 5 == 1 else 1

    def named(self, what: str) -> str:
        """An id of this chain's own, the same whenever the round is played again."""
        return str(uuid5(_NAMES, f"{self.seed}.{self.number}.{what}"))

    def report(self, house: str) -> dict[str, Any]:
        """What the grid member tells."""
        lot = random.Random(f"{self.seed}.{self.number}")
        five = {"responsible": "房屋出租人", "measures": "分隔", "funds_fen": 0, "contingency": "断电"}
        limited = {
            "description": f"第{self.number}处无硬隔离", "is_major": False, "fix_at_once": False,
            "before_evidence": [self.named("before")], "five_items": five,
            "risk_object_id": house if self.on_a_house else None,
        }  # fmt: skip
        at_once = {
            "description": f"第{self.number}处飞线", "is_major": False, "fix_at_once": True,
            "before_evidence": [self.named("wire before")], "after_evidence": [self.named("wire after")],
        }  # fmt: skip
        return {
            "id": self.named("report"), "source": "grid_member", "category": "ebike_charging",
            "words": f"故障演练第{self.number}条", "area_code": VILLAGE, "sectors": ["fire"],
            "place": {"lon": round(lot.uniform(121.36, 121.46), 6), "lat": round(lot.uniform(28.57, 28.67), 6)},
            "findings": [limited, at_once][: self.findings],
        }  # fmt: skip


@dataclass(slots=True)
class Followed:
    """Every hazard as the feed of changes told it last: chains wait here instead of asking one by one."""

    sender: Sender
    by_report: dict[str, dict[str, Hazard]] = field(default_factory=dict)
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def follow(self, stopping: asyncio.Event) -> None:
        """Read the feed until told to stop."""
        after: str | None = None
        while not stopping.is_set():
            known = {} if after is None else {"after": after}
            found = await self.sender.read(POLICE, "/v1/hazards/changes", limit=500, **known)
            if found is not None:
                after = found["next"]
                await self._take(found["items"])
            if found is None or not found["more"]:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _LOOK_SECONDS)

    async def _take(self, hazards: Sequence[Hazard]) -> None:
        async with self._moved:
            for hazard in hazards:
                for report in hazard["report_ids"]:
                    self.by_report.setdefault(report, {})[hazard["id"]] = hazard
            self._moved.notify_all()

    async def until(self, report: str, holds: Callable[[Sequence[Hazard]], bool], seconds: float) -> Sequence[Hazard]:
        """The hazards of a report once they are as wanted. Raises NotAcknowledged after the time."""
        async with self._moved:
            try:
                await asyncio.wait_for(
                    self._moved.wait_for(lambda: holds([*self.by_report.get(report, {}).values()])), seconds
                )
            except TimeoutError:
                stand = [(one["id"], one["state"], one["version"]) for one in self.by_report.get(report, {}).values()]
                raise NotAcknowledged(f"report {report} stands still: {stand}") from None
            return [*self.by_report[report].values()]


@dataclass(slots=True)
class Chains:
    """All chains of a round, so many at once."""

    city: RunningCity
    sender: Sender
    followed: Followed
    played: Round
    begun: list[Chain] = field(default_factory=list)
    done: int = 0
    seconds: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Play every chain to its end; the first failure ends the round."""
        waiting = iter([Chain(number=number, seed=self.played.seed) for number in range(self.played.chains)])

        async def worker() -> None:
            for chain in waiting:
                await self.play(chain)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.played.at_once):
                group.create_task(worker())

    async def play(self, chain: Chain) -> None:
        """From the report to the closed hazard."""
        self.begun.append(chain)
        begun, patience = time.monotonic(), self.played.chain_seconds
        house = str(self.city.keys.risk_object("tour-house"))
        report = await self._write(GRID, "/v1/reports", chain.report(house), chain.named("report key"))
        hazards = await self.followed.until(report["id"], lambda seen: _ordered(seen, chain.findings), patience)
        limited = next(one for one in hazards if one["handling"] == "within_limit")
        order, photo = f"/v1/orders/{limited['order_id']}", [chain.named("photo")]
        if chain.on_a_house:
            await self._write(POLICE, f"{order}/serve", {"words": "送达"}, chain.named("serve"), 1)
        else:
            await self._write(POLICE, f"{order}/sign-for", None, chain.named("sign for"), 1)
        who = LANDLORD if chain.on_a_house else POLICE
        done = {"words": "已整改", "evidence": photo}
        await self._write(who, f"{order}/rectify", done, chain.named("rectify"), 2)
        await self.followed.until(report["id"], lambda seen: _all_in(seen, "pending_review", "closed"), patience)
        looked = {"passed": True, "words": "复核", "evidence": photo}
        await self._write(FIRE_OFFICE, f"{order}/inspect", looked, chain.named("inspect"), 3)
        await self.followed.until(report["id"], lambda seen: _all_in(seen, "closed"), patience)
        self.done += 1
        self.seconds.append(time.monotonic() - begun)

    async def _write(self, who: str, path: str, body: Any, key: str, version: int | None = None) -> dict[str, Any]:
        return await self.sender.write(who, path, body, key=key, seconds=self.played.chain_seconds, version=version)


def _ordered(hazards: Sequence[Hazard], findings: int) -> bool:
    limited = [one for one in hazards if one["handling"] == "within_limit"]
    return len(hazards) >= findings and bool(limited) and all(one["order_id"] for one in limited)


def _all_in(hazards: Sequence[Hazard], *states: str) -> bool:
    return bool(hazards) and all(one["state"] in states for one in hazards)
