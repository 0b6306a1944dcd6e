"""An announced year: the State Council names its rest days and make-up working days late in the year before.

Until a year is announced its working days are a guess, and what is due there is provisional. Announcing is an act of
whoever keeps the city's books, with the document that it rests on; a correction keeps the year and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from re import compile as pattern
from uuid import UUID

FIRST_YEAR, LAST_YEAR = 2004, 2100
SOURCED = pattern(r"\[(S|P|DEF)\] \S")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExceptionalDay:
    """A day that is not what its week day says: a rest day in the week, or a working day at its end."""

    day: date
    workday: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedYear:
    """A year with all its exceptions, and the document that announced it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    year: int
    days: tuple[ExceptionalDay, ...]
    source: str


class YearWrong(Exception):
    """What was entered about a year does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "calendar_year_wrong"
    title = ("日历年度信息有误", "The calendar year is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class YearAlreadyAnnounced(Exception):
    """A year is announced once, and corrected from then on."""

    status = 409
    code = "year_already_announced"
    title = ("该年度已公布", "The year is announced already")
    state = "announced"
    open_moves = ("correct",)

    def __init__(self, year: AnnouncedYear) -> None:
        super().__init__(
            f"{year.year} 年已公布；如有变动请更正 {year.id}。",
            f"{year.year} is announced already: correct {year.id}",
        )


def check(year: AnnouncedYear) -> AnnouncedYear:
    """The year, if it holds together. Raises YearWrong."""
    faults = []
    if not FIRST_YEAR <= year.year <= LAST_YEAR:
        faults.append(
            (
                "/year",
                "out_of_range",
                (f"年份须为 {FIRST_YEAR} 至 {LAST_YEAR}。", f"a year from {FIRST_YEAR} to {LAST_YEAR}"),
            )
        )
    if not SOURCED.match(year.source):
        faults.append(
            (
                "/source",
                "unsourced",
                (
                    "请先写依据类别 [S]、[P] 或 [DEF]，再写文件。",
                    "begin with the evidence: [S], [P] or [DEF], then the document",
                ),
            )
        )
    seen: set[date] = set()
    for number, one in enumerate(year.days):
        if one.day.year != year.year:
            faults.append(
                (f"/days/{number}/day", "other_year", (f"须为 {year.year} 年的日期。", f"a day of {year.year}"))
            )
        if one.day in seen:
            faults.append((f"/days/{number}/day", "named_twice", ("每个日期只列一次。", "name each day once")))
        seen.add(one.day)
    if faults:
        raise YearWrong(*faults)
    return year


def correct(year: AnnouncedYear, *, days: Sequence[ExceptionalDay], source: str) -> AnnouncedYear:
    """The year with other exceptions, by a later document. Raises YearWrong."""
    return check(replace(year, days=tuple(days), source=source))
