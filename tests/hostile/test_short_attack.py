"""A short attack with a fixed seed on every operation; the long one is `make hostile`."""

from pathlib import Path

import pytest

from tests.hostile.runs import Attack, run
from tests.journeys.running import RunningCity

SECONDS = 30


@pytest.mark.parametrize(
    "attack",
    [
        Attack(subject="police-331002004000", phases=("examples", "fuzzing"), seed=11, examples=2),
        Attack(subject="registry-administrator", phases=("coverage",), seed=11, examples=1),
    ],
    ids=lambda attack: attack.subject,
)
async def test_nothing_falls_and_every_answer_is_in_the_document(
    city: RunningCity, attack: Attack, tmp_path: Path
) -> None:
    outcome = await run(city, attack, tmp_path, SECONDS)
    assert outcome.cases
    assert not outcome.failures, outcome.words[-6_000:]
