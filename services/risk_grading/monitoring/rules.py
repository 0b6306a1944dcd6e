"""A warning that a monitoring system or an agency raised. A red one is an alarm; a red risk object alone is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

WORDS_MAX = 500
SCALE = "warning"
COLOURS: Mapping[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
"""[S] Emergency Response Law 2024 Art 63: four levels, 1 the worst."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A point in WGS 84, degrees."""

    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RaisedWarning:
    """One warning. `source` and `source_id` together are the sender's own name for it: a repeat is harmless, and
    another sender may use the same name (`sent_by`). It never changes: a level that rises is a new warning with a
    source id of its own. `area_told` is the area that the sender gave, where the place lies elsewhere."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    source: str
    source_id: str
    kind: str
    ordinal: int
    headline: str
    place: Place | None
    risk_object_id: UUID | None
    raised_at: datetime
    received_at: datetime
    area_told: str | None = None
    area_doubt: str = ""
    sent_by: str = ""


class WarningIncomplete(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "warning_incomplete"
    title = ("预警信息不完整", "The warning is incomplete")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class PlaceOutsideYourArea(Exception):
    """The place lies in an area that the sender does not speak for, whatever area it gave."""

    status = 403
    code = "place_outside_your_area"
    title = ("位置不在您负责的区域内", "The place lies outside of your area")

    def __init__(self, area_code: str) -> None:
        zh = f"位置在 {area_code} 内，由该区划的人员发布预警。"
        en = f"the place lies in {area_code}: whoever speaks for that area may warn there"
        super().__init__(zh, en)
        self.errors = (("/place", "other_area", (zh, en)),)


class WarningToldOtherwise(Exception):
    """The sender has used this source id for another warning: a change needs a source id of its own."""

    status = 409
    code = "warning_told_otherwise"
    title = ("该来源编号已用于另一条预警", "That source id names another warning")

    def __init__(self, known: RaisedWarning) -> None:
        at = known.raised_at.isoformat()
        super().__init__(
            f"{known.source} 已于 {at} 用编号 {known.source_id} 发布过另一内容；有变化请换一个来源编号。",
            f"{known.source} told {known.source_id} otherwise at {at}: give the change a source id of its own",
        )
        self.state = "raised"
        self.open_moves: tuple[str, ...] = ()


def check(warning: RaisedWarning) -> RaisedWarning:
    """The warning itself, if it holds together. Raises WarningIncomplete."""
    faults = []
    if warning.ordinal not in COLOURS:
        faults.append(("/level", "range", ("级别为 1（红）至 4（蓝）。", "a level is 1 (red) to 4 (blue)")))
    if not 0 < len(warning.headline.strip()) <= WORDS_MAX:
        faults.append(
            ("/headline", "length", (f"请用 1 至 {WORDS_MAX} 字写明。", f"say it in 1 to {WORDS_MAX} characters"))
        )
    if not warning.sectors:
        faults.append(
            ("/sectors", "required", ("请写明行业领域，或指明风险对象。", "say whose it is, or name the risk object"))
        )
    if faults:
        raise WarningIncomplete(*faults)
    return warning


def same_again(known: RaisedWarning, told: RaisedWarning) -> RaisedWarning:
    """The known warning for a repeat of it. Raises WarningToldOtherwise where the sender now says another thing."""
    said = ("kind", "ordinal", "headline", "place", "risk_object_id", "area_code", "exercise")
    if any(getattr(known, name) != getattr(told, name) for name in said):
        raise WarningToldOtherwise(known)
    return known
