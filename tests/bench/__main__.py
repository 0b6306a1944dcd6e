"""Measure the rows asked for, print figure and bar side by side, keep them as JSON. Never fails on a clock."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from tests.bench import front_door, loop_a, loop_b, memory, nearest, relaying, stack_cost, who
from tests.bench.figures import Measured, Ran, keep, machine, show
from tests.cluster import Cluster

_ROWS = {
    "a": "a stack", "b": "b gateway", "c": "c loop A (with d, its throughput)", "e": "e relay", "f": "f nearest team",
    "g": "g loop B", "h": "h who", "i": "i memory",
}  # fmt: skip
_SHORT_SECONDS, _LONG_SECONDS = 60, 600
Row = Callable[..., Awaitable[Sequence[Measured]]]


def main() -> None:
    """`make bench`, or `python -m tests.bench a b --long`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*_ROWS, []], help=", ".join(_ROWS.values()))
    parser.add_argument("--long", action="store_true", help="ten minutes of throughput in place of one")
    asked = parser.parse_args()
    before = os.getloadavg()
    figures = asyncio.run(_measure(asked.rows or list(_ROWS), long=asked.long))
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    ran = Ran(command=command, machine=machine(), load_before=before, load_after=os.getloadavg(), figures=figures)
    show(ran)
    _tell(f"kept in {keep(ran)}")


async def _measure(rows: Sequence[str], *, long: bool) -> list[Measured]:
    cluster = Cluster()
    seconds = _LONG_SECONDS if long else _SHORT_SECONDS
    measures: dict[str, Row] = {
        "a": stack_cost.measure,
        "b": front_door.measure,
        "c": partial(loop_a.measure, seconds=seconds),
        "e": relaying.measure,
        "f": nearest.measure,
        "g": loop_b.measure,
        "h": who.measure,
        "i": memory.measure,
    }
    figures: list[Measured] = []
    cluster.start()
    try:
        for row in rows:
            figures += await measures[row](cluster, _tell)
    finally:
        cluster.stop()
    return figures


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 — a command speaks to a person


if __name__ == "__main__":
    main()
