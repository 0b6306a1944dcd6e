"""What each app of an idle platform keeps in memory, a process an app, with the small city in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

import psutil

from infra.platform import Platform
from infra.settings import APPS, Shape
from tests.bench.figures import Figure, Measured, Tell
from tests.cluster import Cluster
from tests.journeys.running import running_city

_BAR_MB, _BAR_WITH_POLARS_MB = 120, 180
_LOOKS = 5
Kept = tuple[float, float]
"""Megabytes that are resident, and those of them that no other process shares."""


async def measure(cluster: Cluster, tell: Tell, *, idle_seconds: float = 30) -> list[Measured]:
    """Row i: the resident memory of each app, the median of a few looks while nothing is asked of it."""
    del cluster  # the platform has servers of its own
    async with running_city(Shape.MANY) as city:
        tell(f"memory: idle for {idle_seconds:.0f} s")
        looks: dict[str, list[Kept]] = {app: [] for app in APPS}
        for _ in range(_LOOKS):
            await _nothing_for(idle_seconds / _LOOKS)
            for app in APPS:
                looks[app].append(_kept(_process(city.platform, app)))
        polars = {app: _uses_polars(_process(city.platform, app).pid) for app in APPS}
    return [_figure(app, looks[app], with_polars=polars[app]) for app in APPS]


async def _nothing_for(seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


def _process(platform: Platform, app: str) -> psutil.Process:
    pid = platform.parts[app].child.pid
    if pid is None:
        raise RuntimeError(f"{app} does not run")
    return psutil.Process(pid)


def _kept(process: psutil.Process) -> Kept:
    told = process.memory_full_info()
    return told.rss / 1e6, told.uss / 1e6


def _uses_polars(pid: int) -> bool:
    return "polars" in Path(f"/proc/{pid}/maps").read_text("utf-8")


def _figure(app: str, looks: Sequence[Kept], *, with_polars: bool) -> Figure:
    resident, own = median(one for one, _ in looks), median(one for _, one in looks)
    return Figure(
        row="i", what=f"memory idle: {app}{', with polars' if with_polars else ''}", value=resident, unit="MB",
        bar=_BAR_WITH_POLARS_MB if with_polars else _BAR_MB, at_least=False,
        beside=f"resident; {own:.0f} MB are its own alone, the rest it may share",
        facts={"unique_mb": own, "polars": with_polars},
    )  # fmt: skip
