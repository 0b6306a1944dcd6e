"""The whole attack (`make hostile`): every subject, round after round, until it is enough or time is up."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from infra.settings import Shape
from tests.homes import keep_in_memory
from tests.hostile.runs import Attack, Outcome, run
from tests.hostile.stage import SUBJECTS, attacked_city
from tests.journeys.running import RunningCity

CASES = int(os.environ.get("SHOUTU_HOSTILE_CASES", "100000"))
MINUTES = int(os.environ.get("SHOUTU_HOSTILE_MINUTES", "40"))
SEED = int(os.environ.get("SHOUTU_HOSTILE_SEED", "1"))
_AT_ONCE = 3
_EXAMPLES = 20


def attacks() -> Iterator[Attack]:
    """What is tried, in an order that has seen everything once before anything comes again with another seed."""
    seed = SEED
    while True:
        for place, subject in enumerate(SUBJECTS):
            phases = (("coverage",), ("examples", "fuzzing", "stateful"))[(place + seed - 1) % 2]
            yield Attack(subject=subject, phases=phases, seed=seed, examples=_EXAMPLES)
        seed += 1


async def outcomes(city: RunningCity, folder: Path) -> AsyncIterator[Outcome]:
    """Run by run, some at once, until it is enough; what still runs when time is up is told as far as it came."""
    ends, tried, waiting = time.monotonic() + 60 * MINUTES, 0, enumerate(attacks(), 1)
    running: set[asyncio.Task[Outcome]] = set()
    while (tried < CASES and time.monotonic() < ends) or running:
        while len(running) < _AT_ONCE and tried < CASES and (left := ends - time.monotonic()) > 0:
            number, attack = next(waiting)
            running.add(asyncio.create_task(run(city, attack, folder / f"{number:03}", left)))
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            tried += task.result().cases
            yield task.result()


async def main() -> int:
    """Attack, and say what it came to; 1 where anything failed."""
    folder = Path(os.environ.get("SHOUTU_HOSTILE_REPORTS") or tempfile.mkdtemp(prefix="shoutu-hostile-"))
    print(f"{CASES:,} cases or {MINUTES} minutes, seeds from {SEED}; reports in {folder}", flush=True)
    keep_in_memory()
    failed, cases = 0, 0
    async with attacked_city(Shape.ONE) as city:
        async for outcome in outcomes(city, folder):
            cases, failed = cases + outcome.cases, failed + len(outcome.failures)
            print("\n".join([outcome.line, *(f"    {one}" for one in outcome.failures)]), flush=True)
    print(f"{cases:,} cases, {failed} kinds of failure", flush=True)
    return 1 if failed or cases < CASES else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
