"""How long a round of faults is, and by which seed it can be played again."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """So many chains, so many kills among them, so many chains at once; everything by chance follows the seed."""

    name: str
    chains: int
    kills: int
    at_once: int
    seed: int
    chain_seconds: float
    """The longest that one chain may take, faults included."""
    settle_seconds: float
    """The longest that everything may take to come to rest after the last chain."""


SHORT = Round(name="short", chains=120, kills=6, at_once=24, seed=0, chain_seconds=60, settle_seconds=45)
FULL = Round(name="full", chains=6_000, kills=24, at_once=32, seed=0, chain_seconds=240, settle_seconds=120)


def round_of_environment() -> Round:
    """The short round, or the full one with SHOUTU_FAULTS=full; SHOUTU_FAULTS_SEED plays one again."""
    chosen = FULL if os.environ.get("SHOUTU_FAULTS") == "full" else SHORT
    given = os.environ.get("SHOUTU_FAULTS_SEED")
    return replace(chosen, seed=int(given) if given else secrets.randbelow(1_000_000))
