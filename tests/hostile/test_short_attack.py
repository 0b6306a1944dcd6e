"""A short attack with a fixed seed on every operation; the long one is `make hostile`."""

import asyncio
from collections.abc import Mapping

import pytest

from tests.hostile.runs import Attack, Outcome, run
from tests.journeys.running import RunningCity

_MOST_SECONDS = 600
"""A bound for what hangs: it takes a minute and a half on two cores."""
ATTACKS = {
    "what is written in the document, and what is drawn from it": Attack(
        subject="police-331002004000", phases=("examples", "fuzzing"), seed=11, examples=1
    ),
    "every edge of every field": Attack(
        subject="registry-administrator", phases=("coverage",), seed=11, examples=1, one_in=24
    ),
    "one answer leads to the next request": Attack(
        subject="grid-331002004208", phases=("stateful",), seed=11, examples=20
    ),
}


@pytest.fixture(scope="module")
async def outcomes(city: RunningCity, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """What the attacks came to. They run at once: most of their time goes into making up requests."""
    folder = tmp_path_factory.mktemp("attacks")
    tried = [run(city, attack, folder / str(number), _MOST_SECONDS) for number, attack in enumerate(ATTACKS.values())]
    return dict(zip(ATTACKS, await asyncio.gather(*tried), strict=True))


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_falls_and_every_answer_is_in_the_document(outcomes: Mapping[str, Outcome], attack: str) -> None:
    outcome = outcomes[attack]
    assert outcome.cases
    assert not outcome.failures, outcome.words[-6_000:]
    assert outcome.report["stop_reason"] == "completed", outcome.line
