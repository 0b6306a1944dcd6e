"""How far a round of letters is, tier by tier, with a light for each ([DEF]; [SEED] 逐级签订责任书)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

TIERS = ("city", "county", "township", "village", "entity")
"""From the top down; last those that are no posts."""


class RoundLight(StrEnum):
    """Green: all are signed. Yellow: some wait, in time. Red: some are late or were returned."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """So many letters of one tier are in one state; `late` ones wait past the day by which they were to be signed."""

    tier: str
    state: str
    late: bool
    letters: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TierProgress:
    """The letters of one tier; those that were withdrawn are not counted among `issued`."""

    tier: str
    issued: int
    signed: int
    waiting: int
    late: int
    returned: int
    withdrawn: int

    @property
    def light(self) -> RoundLight:
        """The tier's light."""
        if self.late or self.returned:
            return RoundLight.RED
        return RoundLight.YELLOW if self.waiting else RoundLight.GREEN

    @property
    def signed_share(self) -> float | None:
        """Signed of issued; None where none was issued: nothing of nothing is not everything."""
        return self.signed / self.issued if self.issued else None


def by_tier(counts: Iterable[Count]) -> tuple[TierProgress, ...]:
    """Every tier that has letters, from the top down."""
    found = list(counts)
    there = {one.tier for one in found}
    order = [tier for tier in TIERS if tier in there] + sorted(there - set(TIERS))
    return tuple(_of(tier, [one for one in found if one.tier == tier]) for tier in order)


def _of(tier: str, counts: list[Count]) -> TierProgress:
    def of(*states: str, late: bool | None = None) -> int:
        return sum(one.letters for one in counts if one.state in states and late in (None, one.late))

    return TierProgress(
        tier=tier, issued=of("offered", "signed", "returned"), signed=of("signed"),
        waiting=of("offered", late=False), late=of("offered", late=True), returned=of("returned"),
        withdrawn=of("withdrawn"),
    )  # fmt: skip
