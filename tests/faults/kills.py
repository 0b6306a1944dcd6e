"""What is done to a running platform: kills, stops and shutdowns, drawn from a seed and spread over a round."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from infra.platform import Platform
from infra.settings import APPS
from tests.cluster import eventually
from tests.faults.sending import Sender

_PROBES = (
    "/v1/orders", "/v1/hazards", "/v1/alarms", "/v1/reports", "/v1/clock",
)  # fmt: skip
_LOOK_SECONDS = 0.05
_LONGEST_SECONDS = 60.0
_LONGEST_ROUND_SECONDS = 3_600.0


class How(StrEnum):
    """What happens to the victim."""

    KILL = "kill -9"
    TERM = "SIGTERM"
    FREEZE = "SIGSTOP, SIGCONT"
    SHUTDOWN = "immediate shutdown"


KINDS: tuple[tuple[str, How], ...] = (
    *((app, How.KILL) for app in APPS),
    *((app, How.TERM) for app in APPS if app != "gateway"),
    *((app, How.FREEZE) for app in APPS if app not in ("gateway", "emergency_command")),
    ("nats", How.KILL), ("nats", How.FREEZE), ("nats", How.TERM),
    ("postgres", How.KILL), ("postgres", How.SHUTDOWN), ("postgres", How.FREEZE),
    ("envoy", How.KILL),
)  # fmt: skip
_MUST: tuple[tuple[str, How], ...] = (
    ("postgres", How.KILL), ("nats", How.KILL), ("risk_grading", How.KILL), ("responsibility_registry", How.FREEZE),
    ("public_reporting", How.KILL), ("envoy", How.KILL),
)  # fmt: skip
"""Even the shortest round has these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """One fault: whom, how, when a share of the chains is done, and for how long where it is frozen."""

    victim: str
    how: How
    at_share: float
    frozen_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Healed:
    """One fault that was done, and after how many seconds every door answered again."""

    kill: Kill
    after_seconds: float


def drawn(seed: int, count: int) -> list[Kill]:
    """The faults of a round, in their order."""
    lot = random.Random(f"kills {seed}")
    kinds = [*_MUST, *(lot.choice(KINDS) for _ in range(max(0, count - len(_MUST))))]
    lot.shuffle(kinds)
    shares = sorted(lot.uniform(0.04, 0.9) for _ in kinds)
    return [
        Kill(victim=victim, how=how, at_share=share, frozen_seconds=lot.uniform(0.5, 7.0))
        for (victim, how), share in zip(kinds, shares, strict=True)
    ]


@dataclass(slots=True)
class Killer:
    """Does the faults of a round while its chains run."""

    platform: Platform
    sender: Sender
    kills: list[Kill]
    healed: list[Healed] = field(default_factory=list)
    last_at: float = 0.0

    async def run(self, share_done: Callable[[], float]) -> None:
        """Do each fault when its share of the chains is done, and wait until its doors answer again."""
        for kill in self.kills:
            await eventually(
                lambda share=kill.at_share: share_done() >= share, what=f"{kill.at_share:.0%} of the chains",
                seconds=_LONGEST_ROUND_SECONDS, every_seconds=_LOOK_SECONDS,
            )  # fmt: skip
            await self.do(kill)

    async def do(self, kill: Kill) -> None:
        """One fault, and how long it was felt."""
        child, begun = self.platform.parts[kill.victim].child, time.monotonic()
        if kill.how is How.FREEZE:
            child.pause()
            await eventually(
                lambda: time.monotonic() - begun >= kill.frozen_seconds, seconds=_LONGEST_SECONDS,
                every_seconds=_LOOK_SECONDS, what="the end of the freeze",
            )  # fmt: skip
            child.resume()
            begun = time.monotonic()
        else:
            child.send(_SIGNALS[kill.how])
        self.last_at = begun
        await self._until_answered()
        self.healed.append(Healed(kill=kill, after_seconds=time.monotonic() - begun))

    async def _until_answered(self) -> None:
        """Until a door of every service has answered, one after the other."""
        for path in _PROBES:
            asked = {} if path == "/v1/clock" else {"limit": 1}

            async def answers(path: str = path, asked: dict[str, int] = asked) -> bool:
                return await self.sender.read("auditor", path, **asked) is not None

            await eventually(answers, seconds=_LONGEST_SECONDS, every_seconds=_LOOK_SECONDS, what=f"{path} again")


_SIGNALS = {How.KILL: signal.SIGKILL, How.TERM: signal.SIGTERM, How.SHUTDOWN: signal.SIGQUIT}
