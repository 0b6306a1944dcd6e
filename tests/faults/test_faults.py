"""Loop A goes on while services, bus, database and front door are killed at random."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

import pytest

from infra.settings import Shape
from tests.faults.chains import Chain, Chains, Followed
from tests.faults.checks import Checked, check, until_at_rest
from tests.faults.kills import Killer, drawn
from tests.faults.rounds import Round, round_of_environment
from tests.faults.sending import Sender
from tests.journeys.running import RunningCity, running_city


@dataclass(slots=True)
class Result:
    """What a round did and how long it took: in all, and from the last fault until a whole new chain was through."""

    chains: Chains
    killer: Killer
    sender: Sender
    seconds: float = 0.0
    loop_again_seconds: float = 0.0


async def play(city: RunningCity, played: Round) -> Result:
    """The chains and the faults, side by side."""
    sender = Sender(city.http, city.platform.secrets)
    followed = Followed(sender)
    chains = Chains(city, sender, followed, played)
    killer = Killer(city.platform, sender, drawn(played.seed, played.kills))
    result, begun = Result(chains, killer, sender), time.monotonic()

    async def kill_and_see() -> None:
        await killer.run(lambda: chains.done / played.chains)
        await chains.play(Chain(number=played.chains, seed=played.seed))
        result.loop_again_seconds = time.monotonic() - killer.last_at

    stopping = asyncio.Event()
    following = asyncio.create_task(followed.follow(stopping))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(chains.run())
            group.create_task(kill_and_see())
    finally:
        stopping.set()
        await following
    result.seconds = time.monotonic() - begun
    return result


def tell(played: Round, result: Result, checked: Checked) -> str:
    """The figures of a round, as they are."""
    chains, killer, sender = result.chains, result.killer, result.sender
    lasts = sorted(chains.seconds)
    lines = [
        f"faults, {played.name} round, SHOUTU_FAULTS_SEED={played.seed}: {chains.done} chains,"
        f" {len(killer.healed)} faults in {result.seconds:.0f} s ({chains.done / result.seconds:.1f} chains/s)",
        *(
            f"  at {one.kill.at_share:4.0%} {one.kill.how.value:18} {one.kill.victim:24}"
            f" doors answer again after {one.after_seconds:5.2f} s"
            for one in killer.healed
        ),
        f"  after the last fault the doors answered in {killer.healed[-1].after_seconds:.2f} s,"
        f" and a whole new chain was through after {result.loop_again_seconds:.2f} s",
        f"  a chain took {median(lasts):.1f} s (median), {lasts[-1]:.1f} s at most;"
        f" requests sent again: {sum(one.attempts - 1 for one in sender.acknowledged)}",
        f"  answers: {dict(sender.answers.most_common())}",
        f"  503 without Retry-After: {sender.without_retry_after}",
        f"  looked at: {dict(checked.looked_at)}",
        f"  wrong: {len(checked.wrong)}",
        *(f"    {sentence}" for sentence in checked.wrong[:20]),
    ]
    return "\n".join(lines)


async def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(capsys: pytest.CaptureFixture[str]) -> None:
    played = round_of_environment()
    async with running_city(Shape.MANY, log_level="warning") as city:
        result = await play(city, played)
        await until_at_rest(city, played)
        checked = await check(city, result.chains.begun, result.sender.acknowledged)
    with capsys.disabled():
        print("\n" + tell(played, result, checked))  # noqa: T201 - the figures are the point
    assert checked.wrong == []
    assert result.chains.done == played.chains + 1
    assert len(result.killer.healed) == len(drawn(played.seed, played.kills))
    assert not [kind for kind in result.sender.answers if kind.startswith("500")]
    assert result.sender.without_retry_after == 0
