"""How far a demonstration's city time may stand from the real one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

THE_CLOCK = UUID("5f7a6f2e-0c3d-5c0a-9d0b-6a7f3f1f9c11")
"""There is one clock; its first setting makes the row."""
WHOLE_CITY = "000000000000"
MOST_SECONDS = 50 * 365 * 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class CityClock:
    """The clock as it was set last."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    offset_seconds: float


class ClockSaidTwice(Exception):
    """An offset and an instant cannot both be meant."""

    status = 422
    code = "clock_said_twice"
    title = ("请只给出一种时间", "Say the time in one way")

    def __init__(self) -> None:
        super().__init__("offset_seconds 与 at 只给其一。", "give either offset_seconds or at")


class ClockTooFar(Exception):
    """Fifty years are more than any demonstration plays."""

    status = 422
    code = "clock_too_far"
    title = ("时间偏移过大", "The clock would stand too far off")

    def __init__(self) -> None:
        super().__init__(
            "城市时间与真实时间最多相差 50 年。",
            "the city's time may stand at most 50 years from the real time",
        )


def new_clock() -> CityClock:
    """The clock before it was ever set: it shows the real time."""
    return CityClock(
        id=THE_CLOCK,
        version=0,
        area_code=WHOLE_CITY,
        sectors=(),
        exercise=False,
        correlation_id=THE_CLOCK,
        offset_seconds=0.0,
    )


def offset_for(real: datetime, *, offset_seconds: float | None, at: datetime | None) -> float:
    """The offset that is meant, in seconds ahead of `real`. Raises ClockSaidTwice, ClockTooFar."""
    if (offset_seconds is None) == (at is None):
        raise ClockSaidTwice
    # To the microsecond, as every process keeps it: else no process would ever be in step.
    offset = round((at - real).total_seconds() if at is not None else float(offset_seconds or 0.0), 6)
    if not abs(offset) <= MOST_SECONDS:
        raise ClockTooFar
    return offset


def reaches_a_city(area_from: str, area_to: str) -> bool:
    """Whether a range of area codes holds the whole of a city (its first four digits): one county moves nobody's."""
    city = area_from[:4]
    return area_from <= city + "00000000" and area_to >= city + "99999999"


def set_to(clock: CityClock, offset: float) -> CityClock:
    """The clock with another offset."""
    return replace(clock, offset_seconds=offset)


def offset_in(readiness: object) -> float | None:
    """The offset that a service's readiness document tells; None where it tells none."""
    found = readiness
    for name in ("checks", "clock", "offset_seconds"):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return float(found) if isinstance(found, int | float) else None
