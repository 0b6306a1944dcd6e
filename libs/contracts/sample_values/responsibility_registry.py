"""Samples of what the responsibility registry tells of areas, posts and duties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from libs.contracts import areas, calendar_years, gaps, grids, letters, tenures
from libs.contracts import responsibility_registry as told
from libs.contracts.sample_values.cast import (
    CITY,
    COUNTY,
    POLICE_STATION,
    TOWNSHIP,
    TOWNSHIP_DEPUTY,
)
from libs.contracts.sampling import Story, at

NEXT, BEYOND = "331002005000", "331002006000"
_AREA = Story(word="township", born="2026-01-01 00:00", area_code=TOWNSHIP)
_PARTED = Story(word="township that is split", born="2026-01-01 00:00", area_code=TOWNSHIP)
_GRID = Story(word="railway grid", born="2026-03-01 09:00", area_code=TOWNSHIP)
_POST = Story(
    word="police station post",
    born="2026-01-01 00:00",
    area_code=TOWNSHIP,
    sectors=("police", "fire"),
    known_as=POLICE_STATION,
)
_TENURE = Story(
    word="who holds the police station post", born="2026-08-01 00:00", area_code=TOWNSHIP, sectors=("police", "fire")
)
_LETTER = Story(word="letter to the police station", born="2026-12-20 09:00", area_code=TOWNSHIP, sectors=("fire",))
_REFUSED = Story(word="letter that came back", born="2026-12-20 09:30", area_code=TOWNSHIP, sectors=("fire",))
_TAKEN_BACK = Story(word="letter taken back", born="2026-12-20 09:40", area_code=TOWNSHIP, sectors=("fire",))
_YEAR = Story(word="working days of 2027", born="2026-11-12 16:00", area_code=CITY)
_DUTY = Story(word="rental-house fire checks", born="2026-01-01 00:00", area_code=TOWNSHIP, sectors=("fire",))


def _area(name: str, valid_to: date | None = None) -> told.AreaState:
    return told.AreaState(
        code=TOWNSHIP,
        name=name,
        level="township",
        parent_code=COUNTY,
        valid_from=date(2026, 1, 1),
        valid_to=valid_to,
        shape=None,
    )


def _grid(name: str, buffer_m: float, drawn: str, valid_to: datetime | None = None) -> grids.GridState:
    return grids.GridState(
        code=f"{TOWNSHIP}001R", kind="railway", name=name, area_code=TOWNSHIP, parent_code=None,
        valid_from=at("2026-03-01 09:00"), valid_to=valid_to, drawn_from=at(drawn),
        shape='{"type": "LineString", "coordinates": [[121.43, 28.66], [121.44, 28.67]]}', buffer_m=buffer_m,
    )  # fmt: skip


def _post(*, vacant: bool) -> told.PostState:
    return told.PostState(
        code="331002004000/police_station",
        name_zh="丙派出所所长",
        name_en="Head of the police station",
        kind="police_station",
        tier="township",
        area_code=TOWNSHIP,
        sectors=("police", "fire"),
        organization="丙派出所",
        vacant=vacant,
        substitute_post_id=TOWNSHIP_DEPUTY if vacant else None,
    )


def _tenure(valid_to: datetime | None) -> tenures.TenureState:
    return tenures.TenureState(
        post_id=POLICE_STATION, subject="person-01a13000-79e0-714e-b493-4270173b7a98",
        valid_from=at("2026-08-01 00:00"), valid_to=valid_to,
    )  # fmt: skip


def _letter(state: str = "offered", signed_at: datetime | None = None) -> letters.LetterTold:
    return letters.LetterTold(
        state=state, from_post_id=TOWNSHIP_DEPUTY, to_post_id=POLICE_STATION, to_tier="township",
        entity_party_id=None, under_letter_id=None, text_sha256="9f" * 32, valid_from=at("2027-01-01 00:00"),
        valid_to=at("2028-01-01 00:00"), sign_by=at("2027-01-31 18:00"), signed_at=signed_at,
    )  # fmt: skip


_ANSWERS_FOR: dict[str, Any] = {
    "post_id": POLICE_STATION,
    "area_code": TOWNSHIP,
    "link": "police_station",
    "categories": ("rental_house_fire", "ebike_charging"),
    "sectors": ("fire", "police"),
    "valid_from": at("2026-01-01 00:00"),
    "valid_to": None,
}


def _gap(categories: tuple[str, ...], closed_at: datetime | None = None) -> gaps.GapState:
    return gaps.GapState(
        area_code=TOWNSHIP, link="police_station", tier="township", sector="fire", categories=categories,
        why="nobody", opened_at=at("2027-01-01 00:10"), closed_at=closed_at,
    )  # fmt: skip


_GAP = Story(word="police station gap", born="2027-01-01 00:10", area_code=TOWNSHIP, sectors=("fire",))
_DAYS = calendar_years.CalendarYearState(
    year=2027,
    days=(calendar_years.ExceptionalDay(day=date(2027, 1, 1), workday=False),),
    source="[P] 国务院办公厅年度放假安排通知",
)
_WORKED = calendar_years.ExceptionalDay(day=date(2027, 2, 20), workday=True)
_LATER = _DAYS.model_copy(update={"days": (*_DAYS.days, _WORKED)})


SAMPLES = (
    _AREA.tell("2026-01-01 00:00", told.AreaRegistered(state=_area("丙街道"))),
    _AREA.tell("2026-06-01 09:00", told.AreaChanged(state=_area("丙街道办事处"))),
    _AREA.tell(
        "2026-07-01 09:00",
        areas.AreaRenamed(
            state=_area("丙东街道"), from_name="丙街道办事处", at=date(2026, 7, 1), document="批复 2026-18号"
        ),
    ),
    _AREA.tell("2026-11-01 03:00", told.AreaStated(state=_area("丙东街道"))),
    _AREA.tell(
        "2026-12-01 09:00",
        areas.AreaMerged(
            state=_area("丙东街道", date(2027, 1, 1)), into=NEXT, at=date(2027, 1, 1), document="批复 2026-31号"
        ),
    ),
    _PARTED.tell("2026-01-01 00:00", told.AreaRegistered(state=_area("丁街道"))),
    _PARTED.tell(
        "2026-12-01 09:00",
        areas.AreaSplit(
            state=_area("丁街道", date(2027, 1, 1)),
            into=(NEXT, BEYOND),
            goes_on=False,
            at=date(2027, 1, 1),
            document="批复 2026-32号",
        ),
    ),
    _GRID.tell("2026-03-01 09:00", grids.GridRegistered(state=_grid("甬台温铁路一段", 200, "2026-03-01 09:00"))),
    _GRID.tell(
        "2026-04-01 09:00", grids.GridChanged(state=_grid("铁路一段", 200, "2026-03-01 09:00"), reason="简称")
    ),
    _GRID.tell(
        "2026-06-01 09:00", grids.GridRedrawn(state=_grid("铁路一段", 300, "2026-06-02 00:00"), reason="拓宽")
    ),
    _GRID.tell(
        "2026-12-20 09:00",
        grids.GridEnded(state=_grid("铁路一段", 300, "2026-06-02 00:00", at("2027-01-01 00:00")), reason="并入二段"),
    ),
    _POST.tell("2026-01-01 00:00", told.PostRegistered(state=_post(vacant=False))),
    _POST.tell("2026-09-01 09:00", told.PostChanged(state=_post(vacant=True))),
    _POST.tell("2026-11-01 03:00", told.PostStated(state=_post(vacant=True))),
    _TENURE.tell("2026-08-01 00:00", tenures.TenureBegun(state=_tenure(None))),
    _TENURE.tell("2026-12-20 09:00", tenures.TenureEnded(state=_tenure(at("2027-01-01 00:00")), reason="轮岗")),
    _TENURE.tell("2026-12-21 03:00", tenures.TenureStated(state=_tenure(at("2027-01-01 00:00")))),
    _LETTER.tell("2026-12-20 09:00", letters.LetterIssued(state=_letter())),
    _LETTER.tell("2027-01-31 18:00", letters.LetterLate(state=_letter())),
    _LETTER.tell("2027-02-01 09:00", letters.LetterSigned(state=_letter("signed", at("2027-02-01 09:00")))),
    _REFUSED.tell("2026-12-20 09:30", letters.LetterIssued(state=_letter())),
    _REFUSED.tell("2026-12-21 10:00", letters.LetterReturned(state=_letter("returned"), reason="片区已调整")),
    _TAKEN_BACK.tell("2026-12-20 09:40", letters.LetterIssued(state=_letter())),
    _TAKEN_BACK.tell("2026-12-21 11:00", letters.LetterWithdrawn(state=_letter("withdrawn"), reason="文本有误")),
    _YEAR.tell("2026-11-12 16:00", calendar_years.CalendarYearAnnounced(state=_DAYS)),
    _YEAR.tell("2026-11-13 09:00", calendar_years.CalendarYearChanged(state=_LATER)),
    _YEAR.tell("2026-11-14 03:00", calendar_years.CalendarYearStated(state=_LATER)),
    _DUTY.tell("2026-01-01 00:00", told.DutyAssigned(clause="消防监督检查规定 第3条 [S]", **_ANSWERS_FOR)),
    _DUTY.tell("2026-02-01 09:00", told.DutyChanged(clause="消防监督检查规定 第3条、第6条 [S]", **_ANSWERS_FOR)),
    _DUTY.tell("2026-12-20 09:00", told.DutyEnded(valid_to=at("2027-01-01 00:00"), reason="年度责任清单调整")),
    _GAP.tell("2027-01-01 00:10", gaps.GapOpened(state=_gap(("ebike_charging", "rental_house_fire")))),
    _GAP.tell("2027-01-04 09:20", gaps.GapChanged(state=_gap(("ebike_charging",)))),
    _GAP.tell("2027-01-05 10:20", gaps.GapClosed(state=_gap(("ebike_charging",), at("2027-01-05 10:20")))),
)
