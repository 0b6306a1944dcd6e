"""How far a yearly list is, and its lights: counted from what was done, never typed in.

Each thing that was done counts once: for the items that it names, else for the first item that takes its kind and is
not complete, those of its own duty first. How much is expected by now is the item's times, spread evenly over the
year up to its day, whole times only; the light compares that with what was done, by versioned data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

_FOUR = Decimal("0.0001")


class WorkLight(StrEnum):
    """Green: as expected. Yellow: a little behind, near its day, or done late. Red: far behind, or its day has
    passed. Grey: nothing is expected yet, or the list is not confirmed."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True, kw_only=True, slots=True)
class LightPolicy:
    """The table of the lights, with its version and dates."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    yellow_percent: int
    near_days: int
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.yellow_percent <= 100 or not 0 <= self.near_days <= 366:
            raise ValueError(f"{self.policy} {self.version}: a share is from 0 to 100, a year has 366 days at most")


class Item(Protocol):
    """What the lights need to know of an item."""

    @property
    def number(self) -> int: ...
    @property
    def duty_code(self) -> str: ...
    @property
    def times(self) -> int: ...
    @property
    def due_on(self) -> date: ...
    @property
    def counts(self) -> Sequence[str]: ...
    @property
    def needs_evidence(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something that was done: a duty record of a kind, or a held meeting."""

    kind: str
    done_at: datetime
    duty_code: str = ""
    serves: tuple[int, ...] = ()
    has_evidence: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemProgress:
    """How far one item is. `in_time` of `done` were done by its day; `share` is None where nothing is asked."""

    number: int
    times: int
    expected: int
    done: int
    in_time: int
    share: Decimal | None
    light: WorkLight


@dataclass(frozen=True, kw_only=True, slots=True)
class ListProgress:
    """How far a list is: its worst light, how many items have which, and what was done of what is asked."""

    items: tuple[ItemProgress, ...]
    share: Decimal | None
    light: WorkLight

    @property
    def lights(self) -> Mapping[WorkLight, int]:
        """How many items have each light."""
        return {light: sum(one.light is light for one in self.items) for light in WorkLight}


def tally(items: Sequence[Item], deeds: Iterable[Deed]) -> dict[int, list[datetime]]:
    """When what counts for each item was done, by number."""
    told: dict[int, list[datetime]] = {item.number: [] for item in items}
    for deed in sorted(deeds, key=lambda one: one.done_at):
        fitting = [item for item in items if _fits(item, deed)]
        named = [item for item in fitting if item.number in deed.serves]
        for item in named or _first(fitting, deed, told):
            told[item.number].append(deed.done_at)
    return told


def progress(
    items: Sequence[Item], deeds: Iterable[Deed], *, year: int, now: datetime, policy: LightPolicy, zone: tzinfo,
    confirmed: bool,
) -> ListProgress:  # fmt: skip
    """How far a list is now."""
    done = tally(items, (one for one in deeds if one.done_at <= now))
    begins = datetime(year, 1, 1, tzinfo=zone)
    found = tuple(_progress(item, done[item.number], begins, now, policy, confirmed=confirmed) for item in items)
    asked = sum(one.times for one in found)
    share = _share(sum(min(one.done, one.times) for one in found), asked)
    return ListProgress(items=found, share=share, light=_worst(one.light for one in found))


def expected_by(item: Item, begins: datetime, now: datetime) -> int:
    """How many times should have been done by now: the whole times of an even spread up to its day."""
    ends = _end(item, begins)
    if now >= ends or ends <= begins:
        return item.times
    return max(0, int(item.times * (now - begins) / (ends - begins)))


def _progress(
    item: Item, done: Sequence[datetime], begins: datetime, now: datetime, policy: LightPolicy, *, confirmed: bool
) -> ItemProgress:
    ends = _end(item, begins)
    in_time, expected = sum(at < ends for at in done), expected_by(item, begins, now)
    light = WorkLight.GREY
    if confirmed:
        near = now >= ends - timedelta(days=policy.near_days)
        light = _light(item.times, expected, len(done), in_time, policy, near=near, over=now >= ends)
    return ItemProgress(
        number=item.number, times=item.times, expected=expected, done=len(done), in_time=in_time,
        share=_share(min(len(done), item.times), item.times), light=light,
    )  # fmt: skip


def _light(
    times: int, expected: int, done: int, in_time: int, policy: LightPolicy, *, near: bool, over: bool
) -> WorkLight:  # fmt: skip
    if done >= times:
        return WorkLight.GREEN if in_time >= times else WorkLight.YELLOW
    if over:
        return WorkLight.RED
    if done < expected:
        return WorkLight.YELLOW if done * 100 >= expected * policy.yellow_percent else WorkLight.RED
    if near:
        return WorkLight.YELLOW
    return WorkLight.GREEN if done or expected else WorkLight.GREY


def _worst(lights: Iterable[WorkLight]) -> WorkLight:
    there = set(lights)
    order = (WorkLight.RED, WorkLight.YELLOW, WorkLight.GREEN)
    return next((light for light in order if light in there), WorkLight.GREY)


def _fits(item: Item, deed: Deed) -> bool:
    return deed.kind in item.counts and (deed.has_evidence or not item.needs_evidence)


def _first(fitting: Sequence[Item], deed: Deed, told: Mapping[int, Sequence[datetime]]) -> Sequence[Item]:
    """The item that a deed counts for which names none: of its own duty first, one that is not complete first."""
    if deed.duty_code:
        fitting = [item for item in fitting if item.duty_code == deed.duty_code] or [
            item for item in fitting if not item.duty_code
        ]
    open_ones = [item for item in fitting if len(told[item.number]) < item.times]
    return (open_ones or fitting)[:1]


def _end(item: Item, begins: datetime) -> datetime:
    return datetime.combine(item.due_on + timedelta(days=1), time(), begins.tzinfo)


def _share(done: int, asked: int) -> Decimal | None:
    """None where nothing is asked: nothing of nothing is not everything."""
    return (Decimal(done) / asked).quantize(_FOUR, ROUND_HALF_UP) if asked else None
