"""One report, several dangers: a further hazard from the same report; and limits in days as due times."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.risk_grading.hazards.rules import (
    Hazard,
    HazardCannotMove,
    HazardClocks,
    HazardIncomplete,
    HazardState,
    Place,
    register_hazard,
)

_OVER = (HazardState.MERGED, HazardState.DISMISSED, HazardState.ARCHIVED)
_DAY = timedelta(days=1)
_COUNTY = 6
"""So many digits of an area code name its county."""


def may_part(hazard: Hazard) -> bool:
    """Whether a further hazard can be told apart from this one."""
    return hazard.state not in _OVER


def part(
    hazard: Hazard, *, part_id: UUID, words: str, category: str | None = None, place: Place | None = None,
    life_at_risk: bool | None = None, now: datetime, clocks: HazardClocks,
) -> Hazard:  # fmt: skip
    """A further hazard, as the first part left it: it inherits the trace, the reports, the object and, unless said
    otherwise, category, place and danger to life. Its own clock to verify starts now. Raises HazardCannotMove."""
    if not may_part(hazard):
        raise HazardCannotMove(
            hazard,
            f"隐患为「HazardState.{hazard.state}」，不能再补充；请重新登记。",
            f"a hazard that is {hazard.state} has no further part; report it again",
        )
    if not words.strip():
        raise HazardIncomplete(("/words", "required", ("请写明还有什么。", "say what else there is")))
    return register_hazard(
        hazard_id=part_id, area_code=hazard.area_code, sectors=hazard.sectors, exercise=hazard.exercise,
        correlation_id=hazard.correlation_id, category=category or hazard.category, words=words,
        place=place or hazard.place, place_words=hazard.place_words, report_ids=hazard.report_ids,
        object_id=hazard.object_id,
        life_at_risk=hazard.life_at_risk if life_at_risk is None else life_at_risk, now=now, clocks=clocks,
    )  # fmt: skip


def same_county(area_code: str, other: str) -> bool:
    """Whether two areas lie in one county: a hazard and what it is about belong to one."""
    return area_code[:_COUNTY] == other[:_COUNTY]


def link_object(hazard: Hazard, object_id: UUID | None) -> Hazard:
    """The hazard at a risk object; None leaves what is known."""
    return hazard if object_id is None else replace(hazard, object_id=object_id)


def due_of(limit_days: int, start: datetime, zone: ZoneInfo) -> datetime:
    """24:00 of the n-th day after the start, city time: 之日起 N 日内 counts from the next day (rule 0.2.4 [M-M])."""
    day = start.astimezone(zone).date() + timedelta(days=limit_days) + _DAY
    return datetime.combine(day, time(), zone).astimezone(start.tzinfo)


def limit_days_of(due_at: datetime, start: datetime, zone: ZoneInfo) -> int:
    """The days behind a due time, 0 for the day of the start itself."""
    last: date = (due_at.astimezone(zone) - timedelta(microseconds=1)).date()
    return max(0, (last - start.astimezone(zone).date()).days)
