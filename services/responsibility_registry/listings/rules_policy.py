"""The policy of listed supervision: levels, triggers, clocks and consequences, as dated data with their sources."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ListingStep(StrEnum):
    """What is promised within a time once something else was done."""

    ISSUE = "issue"
    PUBLISH = "publish"
    FILE_PLAN = "file_plan"
    SUPERVISE = "supervise"
    INSPECT = "inspect"
    DELIST = "delist"
    PUBLISH_DELISTING = "publish_delisting"
    LOOK_BACK = "look_back"


class ListingTrigger(StrEnum):
    """What leads to a proposal: the order was issued, it is overdue, or somebody proposes it by hand."""

    ISSUED = "issued"
    OVERDUE = "overdue"
    BY_HAND = "by_hand"


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One level of listing; `decided_by` is the tier whose posts decide there."""

    code: str
    zh: str
    en: str
    decided_by: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerRule:
    """To which level a proposal goes that comes by itself."""

    on: ListingTrigger
    level: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """How long a step may take: counted from the next day in days or working days, to 24:00 of the last."""

    step: ListingStep
    amount: int
    unit: str
    ends: str
    source: str
    roll_forward: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsequenceRule:
    """What may follow where a listed hazard is not put right, and the tiers whose posts decide on it."""

    code: str
    zh: str
    en: str
    decided_by: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingPolicy:
    """All of it, shaped like `policies/listing-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    levels: tuple[Level, ...]
    triggers: tuple[TriggerRule, ...]
    ordinary_from_round: int
    ordinary_source: str
    clocks: tuple[Clock, ...]
    look_back_after_days: int
    look_back_source: str
    follow_seconds: int
    public_days_after_delisting: int
    public_source: str
    consequences: tuple[ConsequenceRule, ...]
    when_overdue: tuple[str, ...]
    when_overdue_source: str
    statistics_day: int
    statistics_source: str

    def __post_init__(self) -> None:
        levels, kinds = {one.code for one in self.levels}, {one.code for one in self.consequences}
        if {one.step for one in self.clocks} != {*ListingStep} or len(self.clocks) != len(ListingStep):
            raise ValueError(f"listing policy {self.version}: every step has one clock")
        if len(levels) != len(self.levels) or not {one.level for one in self.triggers} <= levels:
            raise ValueError(f"listing policy {self.version}: each level once, and none that is not there")
        if len(kinds) != len(self.consequences) or not {*self.when_overdue} <= kinds:
            raise ValueError(f"listing policy {self.version}: each consequence once, and none that is not there")

    @property
    def name(self) -> str:
        """What a row keeps of the policy that it went by."""
        return f"{self.policy}-{self.version}"

    def level(self, code: str) -> Level | None:
        """The level with this code."""
        return next((one for one in self.levels if one.code == code), None)

    def consequence(self, code: str) -> ConsequenceRule | None:
        """The consequence with this code."""
        return next((one for one in self.consequences if one.code == code), None)

    def clock(self, step: ListingStep) -> Clock:
        """The clock of a step."""
        return next(one for one in self.clocks if one.step is step)

    def trigger(self, on: ListingTrigger) -> TriggerRule | None:
        """Where a proposal goes that comes by itself; None where none does."""
        return next((one for one in self.triggers if one.on is on), None)


Counts = Callable[[Clock, datetime], tuple[datetime, bool]]
"""By the city's calendar: when a clock that started at an instant is due, and whether that is provisional."""
