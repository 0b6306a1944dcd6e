"""The administrative tree of a city, read from its 12-digit codes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infra.city.shapes import Level, Tier

_PREFIX = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWNSHIP: 9, Level.VILLAGE: 12}


def level_of(code: str) -> Level:
    """The level that a code's trailing zeros say (statistical area codes: 2 + 2 + 2 + 3 + 3 digits)."""
    for level, digits in _PREFIX.items():
        if not code[digits:].strip("0"):
            return level
    return Level.VILLAGE


def parent_of(code: str) -> str | None:
    """The code one level up, or None for a province."""
    levels = list(_PREFIX)
    place = levels.index(level_of(code))
    return None if place == 0 else code[: _PREFIX[levels[place - 1]]].ljust(12, "0")


def range_of(code: str) -> tuple[str, str]:
    """The first and last code of an area with all below it."""
    prefix = code[: _PREFIX[level_of(code)]]
    return code, prefix.ljust(12, "9")


def township_segment(code: str) -> int:
    """Digits 7–9: 001–099 subdistrict, 100–199 town, 200–399 township, 400–599 quasi."""
    return int(code[6:9])


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaRecord:
    """A line of `regions.csv`; `row` counts from 1 with the header."""

    row: int
    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class AreaTree:
    """The areas by code and by parent, in the order of the file."""

    records: tuple[AreaRecord, ...]
    _by_code: dict[str, AreaRecord] = field(init=False)
    _below: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        below: dict[str, list[str]] = {}
        for record in self.records:
            below.setdefault(record.parent_code, []).append(record.code)
        object.__setattr__(self, "_by_code", {record.code: record for record in self.records})
        object.__setattr__(self, "_below", below)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def name(self, code: str) -> str:
        """The area's name, or an empty string for one outside the file."""
        return self._by_code[code].name if code in self._by_code else ""

    def children(self, code: str) -> tuple[str, ...]:
        """The codes one level down."""
        return tuple(self._below.get(code, ()))

    def at(self, tier: Tier) -> Iterator[str]:
        """Every code of a tier."""
        return (record.code for record in self.records if record.level == tier.value)

    def townships_of(self, counties: Iterable[str], segment: tuple[int, int] | None) -> tuple[str, ...]:
        """The townships of these counties (all of them when empty) whose segment lies in the range."""
        wanted = frozenset(counties)
        lowest, highest = segment or (0, 999)
        return tuple(
            code
            for code in self.at(Tier.TOWNSHIP)
            if (not wanted or parent_of(code) in wanted) and lowest <= township_segment(code) <= highest
        )


def lineage(code: str) -> Iterator[str]:
    """The code itself and every code above it, nearest first."""
    at: str | None = code
    while at is not None:
        yield at
        at = parent_of(at)


def ancestor(code: str, level: Level) -> str:
    """The code of the area at a level that this code lies in (or is)."""
    return code[: _PREFIX[level]].ljust(12, "0")
