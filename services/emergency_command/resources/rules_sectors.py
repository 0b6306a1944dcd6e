"""Which sectors a team belongs to: it follows from what the team can do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamSectors:
    """One version of the table, shaped like `team-sectors-*.json`; `every` holds for each team."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    capabilities: Mapping[str, tuple[str, ...]]
    every: tuple[str, ...]
    source: str


def sectors_of(capabilities: Iterable[str], policy: TeamSectors) -> tuple[str, ...]:
    """The sectors that see a team with these capabilities, each once and in order; an unknown one adds none."""
    own = (sector for capability in capabilities for sector in policy.capabilities.get(capability, ()))
    return tuple(sorted({*own, *policy.every}))
