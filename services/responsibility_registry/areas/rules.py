"""What an area is: its code says its level and its parent, and both have to agree with what is entered."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

NAME_MAX = 100
SHAPE_MAX = 400_000
_LEVEL_BY_ZEROS = ((10, "province"), (8, "city"), (6, "county"), (3, "township"), (0, "village"))
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

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def level_of(code: str) -> Level:
    """The level by the code's trailing zeros."""
    zeros = len(code) - len(code.rstrip("0"))
    return Level(next(level for least, level in _LEVEL_BY_ZEROS if zeros >= least))


def check(area: Area) -> Area:
    """The area, if it agrees with its code. Raises AreaWrong."""
    errors = [*_faults(area)]
    if errors:
        raise AreaWrong(*errors)
    return area


def _faults(area: Area) -> list[tuple[str, str, tuple[str, str]]]:
    if len(area.code) != 12 or not (area.code.isascii() and area.code.isdigit()):
        return [("/code", "pattern", ("区划代码为 12 位数字。", "an area code is twelve digits"))]
    faults = []
    level = level_of(area.code)
    if area.level is not level:
        faults.append(("/level", "contradicts_code", (f"按代码应为「Level.{level}」。", f"the code says {level}")))
    prefix = None if area.parent_code is None else area.parent_code[: _PREFIX[level_of(area.parent_code)]]
    if prefix is not None and not (area.code.startswith(prefix) and area.code != area.parent_code):
        faults.append(
            (
                "/parent_code",
                "contradicts_code",
                ("代码须以上级区划的代码开头。", "the parent's code has to begin this one"),
            )
        )
    if (level is Level.PROVINCE) != (area.parent_code is None):
        faults.append(
            (
                "/parent_code",
                "contradicts_code",
                ("除省级外都须有上级区划。", "every area but a province has a parent"),
            )
        )
    if not 0 < len(area.name.strip()) <= NAME_MAX:
        faults.append(
            ("/name", "length", (f"名称须为 1 至 {NAME_MAX} 字。", f"a name has 1 to {NAME_MAX} characters"))
        )
    if area.valid_to is not None and area.valid_to < area.valid_from:
        faults.append(
            ("/valid_to", "before_valid_from", ("终止日期须晚于起始日期。", "an area ends after it begins"))
        )
    return faults
