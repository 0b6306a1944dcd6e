"""Which area something belongs to where its place and the area that was told say different things.

The place is where teams go, so the place decides; what was told otherwise stays on record for everybody to see.
"""

from dataclasses import dataclass
from enum import StrEnum

_LEVELS = (2, 4, 6, 9, 12)
"""So many digits name a province, a city, a county, a township, a village (domain reference 4.5 [M-H])."""


class AreaDoubt(StrEnum):
    """Nothing to doubt; the place lies in another area than was told; or in none whose shape is known."""

    NONE = ""
    OTHER_AREA = "other_area"
    NO_KNOWN_AREA = "no_known_area"


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledArea:
    """Where it belongs. `told` is the area that was told, where the place lies elsewhere."""

    area_code: str
    told: str | None = None
    doubt: AreaDoubt = AreaDoubt.NONE

    @property
    def why(self) -> str:
        """What the timeline says of a doubt."""
        if self.told is not None:
            return f"told {self.told}; its place lies in {self.area_code}"
        return "its place lies in no area whose shape is known" if self.doubt else ""


class PlaceOutsideYourArea(Exception):
    """The place lies in an area that the caller does not speak for, whatever area it gave."""

    status = 403
    code = "place_outside_your_area"
    title = ("位置不在您负责的区域内", "The place lies outside of your area")

    def __init__(self, area_code: str) -> None:
        zh = f"位置在 {area_code} 内，由该区划的人员报警。"
        en = f"the place lies in {area_code}: whoever speaks for that area may raise it there"
        super().__init__(zh, en)
        self.errors = (("/place", "other_area", (zh, en)),)


def settle_area(told: str | None, found: str | None, *, placed: bool) -> SettledArea | None:
    """The area that holds: `found` is the one of the narrowest tier that is drawn around the place, `told` a code.

    Of two that lie in each other the finer one holds. None: neither says anything.
    """
    if found is None:
        doubt = AreaDoubt.NO_KNOWN_AREA if placed else AreaDoubt.NONE
        return None if told is None else SettledArea(area_code=told, doubt=doubt)
    if told is None or within(found, told):
        return SettledArea(area_code=found)
    if within(told, found):
        return SettledArea(area_code=told)
    return SettledArea(area_code=found, told=told, doubt=AreaDoubt.OTHER_AREA)


def within(code: str, area: str) -> bool:
    """Whether an area lies in another one, or is it."""
    named = len(area.rstrip("0"))
    length = next((digits for digits in _LEVELS if named <= digits), _LEVELS[-1])
    return code[:length] == area[:length]
