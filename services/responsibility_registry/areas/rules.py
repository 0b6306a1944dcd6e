"""What an area is: its code says its level and its parent, and both have to agree with what is entered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

NAME_MAX = 100
SHAPE_MAX = 400_000
_LEVEL_BY_ZEROS = ((10, "province"), (8, "city"), (6, "county"), (3, "township"), (0, "village"))
Fault = tuple[str, str, tuple[str, str]]
"""A pointer, a code, and what is wrong in Chinese and in English."""
_PREFIX = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


class Level(StrEnum):
    """The five tiers of the statistical area code (domain rule 4.5 [M-H])."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """One area. `area_code` is the area's own code; `shape` is a GeoJSON geometry in WGS 84 as text."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    name: str
    level: Level
    parent_code: str | None
    valid_from: date
    valid_to: date | None = None
    shape: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """What a map needs of an area."""

    name: str
    shape: str | None


class AreaWrong(Exception):
    """What was entered contradicts the code; `errors` are (pointer, code, detail)."""

    status = 422
    code = "area_wrong"
    title = ("区划信息有误", "The area is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


def level_of(code: str) -> Level:
    """The level by the code's trailing zeros."""
    zeros = len(code) - len(code.rstrip("0"))
    return Level(next(level for least, level in _LEVEL_BY_ZEROS if zeros >= least))


def parent_of(code: str) -> str | None:
    """What an area lies in by its code, None for a province. A city without counties has townships of its own."""
    own = _PREFIX[level_of(code)]
    above = (code[:length].ljust(12, "0") for length in sorted(_PREFIX.values(), reverse=True) if length < own)
    return next((parent for parent in above if parent != code), None)


def range_of(code: str) -> tuple[str, str]:
    """The first and the last code in an area, itself included."""
    return code, code[: _PREFIX[level_of(code)]].ljust(12, "9")


def holds_on(area: Area, day: date) -> bool:
    """Whether the area is there on a day: from its first on, and on `valid_to` no more (half-open, domain rule
    0.2.1)."""
    return area.valid_from <= day and (area.valid_to is None or day < area.valid_to)


def check(area: Area, faults_of_code: Callable[[str], Iterable[Fault]]) -> Area:
    """The area, if it agrees with its code; `faults_of_code` looks at its twelve digits. Raises AreaWrong."""
    errors = _faults(area, faults_of_code)
    if errors:
        raise AreaWrong(*errors)
    return area


def _faults(area: Area, faults_of_code: Callable[[str], Iterable[Fault]]) -> list[Fault]:
    if len(area.code) != 12 or not (area.code.isascii() and area.code.isdigit()):
        return [("/code", "pattern", ("区划代码为 12 位数字。", "an area code is twelve digits"))]
    faults = [*faults_of_code(area.code)]
    level = level_of(area.code)
    if area.level is not level:
        faults.append(("/level", "contradicts_code", (f"按代码应为「Level.{level}」。", f"the code says {level}")))
    parent = parent_of(area.code)
    if area.parent_code != parent:
        said = (
            (f"按代码，上级区划应为 {parent}。", f"by its code the area lies in {parent}")
            if parent
            else ("省级没有上级区划。", "a province has no parent")
        )
        faults.append(("/parent_code", "contradicts_code", said))
    if not 0 < len(area.name.strip()) <= NAME_MAX:
        faults.append(
            ("/name", "length", (f"名称须为 1 至 {NAME_MAX} 字。", f"a name has 1 to {NAME_MAX} characters"))
        )
    if area.valid_to is not None and area.valid_to < area.valid_from:
        faults.append(
            (
                "/valid_to",
                "before_valid_from",
                ("终止日期不得早于起始日期。", "it does not end before it begins"),
            )
        )
    return faults
