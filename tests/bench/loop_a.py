"""Loop A on the running platform, through its front door: how soon an order follows, and how many chains close.

A grid member reports what it saw (accepted and verified in one step), the hazard is registered, an order issued by
the chain of posts; it is served, rectified, inspected and closed, and the reporter is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from nats.aio.client import Client
from nats.aio.msg import Msg

from infra.settings import Shape
from libs.common.bus import stream_of
from tests.bench.figures import Figure, Measured, Tell, percentile
from tests.bench.floor import Effort, Floor, floor_of
from tests.cluster import Cluster
from tests.journeys.caller import Body, Caller, body_of
from tests.journeys.running import RunningCity, running_city
from tests.journeys.small_city import VILLAGE
from tests.journeys.stories import HOUSE_POINT, SECTORS, WORDS, Posts, finding, photo

_IN_THE_LOOP = ("public_reporting", "risk_grading", "responsibility_registry")
_ISSUED, _CLOSED = "responsibility_registry.order.issued.v1", "responsibility_registry.order.closed.v1"
_TOLD = "public_reporting.report.result_told.v1"
_AT_ONCE = 32
_PATIENCE_SECONDS = 60.0
_ACCEPTED_TO_ISSUED = """
  SELECT extract(epoch FROM issued.recorded_at - accepted.recorded_at) * 1000 AS ms
  FROM public_reporting.outbox accepted JOIN responsibility_registry.outbox issued
    ON issued.headers->>'ce-correlationid' = accepted.headers->>'ce-correlationid'
  WHERE accepted.event_type = 'public_reporting.report.accepted.v1'
    AND issued.event_type = 'responsibility_registry.order.issued.v1' AND accepted.recorded_at >= $1"""


@dataclass(slots=True)
class Followed:
    """What the three services tell, as the bus delivers it: whoever waits for a fact of a case is woken by it."""

    seen: dict[tuple[str, str], asyncio.Future[str]] = field(default_factory=dict)

    def fact(self, event_type: str, correlation_id: str) -> asyncio.Future[str]:
        """The aggregate's id, once the fact of this case was told."""
        key = (event_type, correlation_id)
        return self.seen.setdefault(key, asyncio.get_running_loop().create_future())

    async def hear(self, message: Msg) -> None:
        """One message."""
        headers = message.headers or {}
        if headers.get("ce-type") in (_ISSUED, _CLOSED, _TOLD):
            waiting = self.fact(headers["ce-type"], headers["ce-correlationid"])
            if not waiting.done():
                waiting.set_result(headers["ce-subject"])

    def forget(self, correlation_id: str) -> None:
        """The case is at its end."""
        for event_type in (_ISSUED, _CLOSED, _TOLD):
            self.seen.pop((event_type, correlation_id), None)


@dataclass(frozen=True, slots=True)
class Street:
    """The platform, those who act, and what is told."""

    city: RunningCity
    posts: Posts
    followed: Followed
    floor: Floor

    async def report(self) -> Body:
        """A danger seen on the spot."""
        said = {
            "source": "grid_member", "category": "ebike_charging", "words": f"{WORDS} {uuid4()}", "sectors": SECTORS,
            "area_code": VILLAGE, "place": {"lon": HOUSE_POINT[0], "lat": HOUSE_POINT[1]},
            "findings": [finding(risk_object_id=self.posts.house)],
        }  # fmt: skip
        return await self.posts.grid.create("/v1/reports", said)

    async def issued(self) -> str:
        """From a report to its order; the correlation id."""
        case = (await self.report())["correlation_id"]
        await self._wait(_ISSUED, case)
        return str(case)

    async def closed(self) -> str:
        """The whole chain, until the reporter is told; the correlation id."""
        case = str((await self.report())["correlation_id"])
        order = f"/v1/orders/{await self._wait(_ISSUED, case)}"
        await _act(self.posts.police, f"{order}/serve", 1, {"words": "当面送达", "evidence": [photo()]})
        done = {"words": "已加装防火分隔和烟感", "evidence": [photo(), photo(), photo()]}
        await _act(self.posts.landlord, f"{order}/rectify", 2, done)
        looked = {"passed": True, "words": "现场复核", "evidence": [photo()]}
        await _act(self.posts.fire_office, f"{order}/inspect", 3, looked)
        await self._wait(_TOLD, case)
        self.followed.forget(case)
        return case

    async def _wait(self, event_type: str, case: str) -> str:
        return await asyncio.wait_for(self.followed.fact(event_type, case), _PATIENCE_SECONDS)

    async def effort(self, case: str) -> Effort:
        """What one chain left: transactions that told or heard something, and events."""
        told = " UNION ALL ".join(
            f"SELECT id, xmin::text AS by, '{one}' AS service FROM {one}.outbox"
            " WHERE headers->>'ce-correlationid' = $1"
            for one in _IN_THE_LOOP
        )
        heard = " UNION ALL ".join(
            f"SELECT i.xmin::text AS by, '{one}' AS service FROM {one}.inbox i JOIN told ON told.id = i.event_id"
            for one in (*_IN_THE_LOOP, "emergency_command")
        )
        asked = (
            f"WITH told AS ({told}) SELECT (SELECT count(*) FROM told) AS publishes,"
            f" (SELECT count(DISTINCT (by, service)) FROM (SELECT by, service FROM told UNION ALL {heard}) wrote)"
            " AS commits"
        )
        [row] = await self.city.rows("public", asked, case)
        return Effort(commits=row["commits"], publishes=row["publishes"])


async def _act(by: Caller, path: str, version: int, body: Body) -> None:
    answer = await by.ask("POST", path, body, key=str(uuid4()), tag=f'"{version}"')
    body_of(answer, 200)


@asynccontextmanager
async def street() -> AsyncIterator[Street]:
    """The platform as `make run` starts it (a process an app), with a small city in it."""
    async with running_city(Shape.MANY) as city:
        admin: Client = await city.platform.connect_admin()
        try:
            async with floor_of(city.platform.database_url, admin, at_once=_AT_ONCE) as floor:
                followed = Followed()
                context = admin.jetstream()
                for service in _IN_THE_LOOP:
                    await context.subscribe(
                        f"{service}.>", stream=stream_of(service), ordered_consumer=True, cb=followed.hear
                    )
                yield Street(city, await Posts.of(city), followed, floor)
        finally:
            await admin.close()


ORDER_ISSUED = Effort(commits=3, publishes=4)
"""On the way from accepted to issued: three verbs, and the four events (two of the report, two of the hazard) that
stand between them; what is told beside the way is not counted."""


async def measure(_: Cluster, tell: Tell, *, chains: int = 200, seconds: float = 60) -> list[Measured]:
    """Rows c and d."""
    async with street() as found:
        tell("loop A: warming up")
        await asyncio.gather(*(found.closed() for _ in range(4)))
        effort = await found.effort(await found.closed())
        latency = await _latency(found, tell, chains)
        throughput = await _throughput(found, tell, effort, seconds)
    return [*latency, *throughput]


async def _latency(found: Street, tell: Tell, chains: int) -> list[Measured]:
    """One chain after the other, between as many of the floor's."""
    [since] = await found.city.rows("public", "SELECT clock_timestamp() AS now")
    bare: list[float] = []
    for number in range(chains):
        if number % 50 == 0:
            tell(f"loop A: chain {number + 1} of {chains}")
        await found.issued()
        bare.append(await found.floor.chain(ORDER_ISSUED) * 1000)
    rows = await found.city.rows("public", _ACCEPTED_TO_ISSUED, since["now"])
    ours = [float(row["ms"]) for row in rows]
    return [
        Figure(
            row="c", what=f"loop A, accepted → order issued, p{percent}", unit="of floor", bar=bar, at_least=False,
            value=percentile(ours, percent) / percentile(bare, percent),
            beside=f"{percentile(ours, percent):.1f} ms beside {percentile(bare, percent):.1f} ms of {ORDER_ISSUED}",
            facts={"chains": len(ours)},
        )
        for percent, bar in ((50, 3), (99, 6))
    ]  # fmt: skip


async def _throughput(found: Street, tell: Tell, effort: Effort, seconds: float) -> list[Measured]:
    """Many chains in flight, between two stretches of the floor."""
    floor_seconds = max(5.0, seconds / 10)
    tell("loop A: the floor's rate")
    floor = [await found.floor.rate(effort, at_once=_AT_ONCE, seconds=floor_seconds)]
    tell(f"loop A: {_AT_ONCE} chains in flight for {seconds:.0f} s")
    ended = await _keep_closing(found.closed, seconds)
    tell("loop A: the floor's rate again")
    floor.append(await found.floor.rate(effort, at_once=_AT_ONCE, seconds=floor_seconds))
    rate, bare = len(ended) / seconds, median(floor)
    first, last = _rate(ended, 0, seconds / 3), _rate(ended, seconds * 2 / 3, seconds)
    return [
        Figure(
            row="d", what="loop A, whole chain to closed and told", value=rate / bare, unit="of floor", bar=0.4,
            beside=f"{rate:.1f} chains/s beside {bare:.1f}/s of {effort} each; {_AT_ONCE} in flight",
            facts={"chains": len(ended), "floor": floor, "seconds": seconds},
        ),
        Figure(
            row="d", what="loop A, last third beside first third", value=last / first, unit="of first", bar=0.95,
            beside=f"{last:.1f}/s beside {first:.1f}/s over {seconds:.0f} s (10 minutes with --long)",
        ),
    ]  # fmt: skip


async def _keep_closing(close: Callable[[], Awaitable[Any]], seconds: float) -> Sequence[float]:
    """When each chain ended, in seconds from the start."""
    begun, ended = perf_counter(), list[float]()

    async def work() -> None:
        while perf_counter() - begun < seconds:
            await close()
            ended.append(perf_counter() - begun)

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return [one for one in ended if one <= seconds]


def _rate(ended: Sequence[float], begin: float, end: float) -> float:
    return sum(begin <= one < end for one in ended) / (end - begin)
