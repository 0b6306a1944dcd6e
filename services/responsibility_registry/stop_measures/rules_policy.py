"""The policy of stop measures: kinds with their notice, tiers and clocks, as dated data with their sources."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class StopStep(StrEnum):
    """What is promised within a time."""

    DECIDE = "decide"
    EXECUTE = "execute"
    LIFT = "lift"


@dataclass(frozen=True, kw_only=True, slots=True)
class StopKind:
    """One kind of measure. `supply`: somebody else cuts what the firm needs; both are told so many hours before."""

    code: str
    zh: str
    en: str
    supply: bool
    notice_hours: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StopClock:
    """How long a step may take."""

    step: StopStep
    amount: int
    unit: str
    ends: str
    source: str
    roll_forward: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StopPolicy:
    """All of it, shaped like `policies/stop-measures-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    kinds: tuple[StopKind, ...]
    decided_by: tuple[str, ...]
    decided_source: str
    clocks: tuple[StopClock, ...]
    follow_seconds: int

    def __post_init__(self) -> None:
        if len({one.code for one in self.kinds}) != len(self.kinds) or not self.decided_by:
            raise ValueError(f"stop policy {self.version}: each kind once, and somebody who decides")
        if {one.step for one in self.clocks} != {*StopStep} or len(self.clocks) != len(StopStep):
            raise ValueError(f"stop policy {self.version}: every step has one clock")

    def kind(self, code: str) -> StopKind | None:
        """The kind with this code."""
        return next((one for one in self.kinds if one.code == code), None)

    def clock(self, step: StopStep) -> StopClock:
        """The clock of a step."""
        return next(one for one in self.clocks if one.step is step)


StopCounts = Callable[[StopClock, datetime], datetime]
"""By the city's calendar: when a clock that started at an instant is due."""
