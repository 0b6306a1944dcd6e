"""What the stack of one service costs: its routes beside the same typed FastAPI routes, bare."""

from __future__ import annotations

from contextlib import AsyncExitStack
from statistics import median

from tests.bench.figures import Figure, Measured, Tell, ratio
from tests.bench.load import generator, press
from tests.bench.stack_apps import APPS, NOTHING, READ
from tests.bench.stage import Set, served, stage_set
from tests.cluster import Cluster

_CONNECTIONS = 16
Rates = dict[tuple[str, str], list[float]]
"""Requests a second of each round, by app and route."""
_BARS = {NOTHING: 0.6, READ: 0.9}
_WHAT = {NOTHING: "a route that does nothing", READ: "an indexed read and a commit"}


async def measure(cluster: Cluster, tell: Tell, *, rounds: int = 7, seconds: float = 2) -> list[Measured]:
    """Row a: interleaved rounds of every app on both routes."""
    async with AsyncExitStack() as stack:
        on = await stack.enter_async_context(stage_set(cluster))
        ports = {kind: await stack.enter_async_context(served(kind, on)) for kind in APPS}
        rates: Rates = {(kind, route): [] for kind in APPS for route in _BARS}
        for port in ports.values():
            for route in _BARS:
                await press(port, _path(route, on), headers=on.headers, connections=_CONNECTIONS, seconds=1)
        for number in range(rounds):
            tell(f"stack cost: round {number + 1} of {rounds}")
            for route in _BARS:
                for kind in list(ports) if number % 2 else list(reversed(ports)):
                    answered = await press(
                        ports[kind], _path(route, on), headers=on.headers, connections=_CONNECTIONS, seconds=seconds
                    )
                    rates[kind, route].append(answered.rate)
    return _figures(rates)


def _path(route: str, on: Set) -> str:
    return f"{route}/{on.row}"


def _figures(rates: Rates) -> list[Measured]:
    told: list[Measured] = []
    for route, bar in _BARS.items():
        middle = {kind: round(median(rates[kind, route])) for kind in APPS}
        facts = {"requests_per_second": middle, "rounds": len(rates["ours", route]), "generator": generator()}
        beside = f"{middle['ours']:,}/s beside {middle['bare']:,}/s of FastAPI and SQLAlchemy, bare"
        told.append(
            Figure(
                row="a", what=f"stack cost: {_WHAT[route]}", value=ratio(rates["ours", route], rates["bare", route]),
                unit="of bare", bar=bar, beside=beside, facts=facts,
            )
        )  # fmt: skip
    told.append(
        Figure(
            row="a", what="the same read, for orientation", unit="of bare",
            value=ratio(rates["ours", READ], rates["by_hand", READ]),
            beside=f"{round(median(rates['by_hand', READ])):,}/s of FastAPI and asyncpg by hand",
        )
    )  # fmt: skip
    return told
