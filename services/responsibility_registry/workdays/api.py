"""The doors of the calendar of working days."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Change, Read, Write
from libs.common.forms import Form, PageOut, Shown, Words
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples
from services.responsibility_registry.workdays import actions, rules, store
from services.responsibility_registry.workdays.rules import AnnouncedYear, ExceptionalDay

routes = router("calendar-years", prefix="/v1/calendar-years")


class DayIn(Form):
    """A day that is not what its week day says."""

    day: date
    workday: bool


Days = Annotated[tuple[DayIn, ...], Field(max_length=366)]


class AnnounceIn(Form):
    """A year, every exception of it, and the document that announced it."""

    model_config = examples.example(examples.YEAR)

    year: Annotated[int, Field(ge=2004, le=2100)]
    days: Days
    source: Words

    def entered(self) -> tuple[ExceptionalDay, ...]:
        """The exceptions as the verb takes them."""
        return tuple(ExceptionalDay(day=one.day, workday=one.workday) for one in self.days)


class CorrectIn(Form):
    """Every exception of the year as it is now, the later document, and why."""

    model_config = examples.example(examples.CORRECTION)

    days: Days
    source: Words
    reason: Words

    def entered(self) -> tuple[ExceptionalDay, ...]:
        """The exceptions as the verb takes them."""
        return tuple(ExceptionalDay(day=one.day, workday=one.workday) for one in self.days)


class DayOut(Shown):
    """A day that is not what its week day says."""

    day: date
    workday: bool


class YearOut(Shown):
    """An announced year."""

    id: UUID
    version: int
    year: int
    days: tuple[DayOut, ...]
    source: str
    correlation_id: UUID
    actions: tuple[str, ...]


def show(year: AnnouncedYear, scope: Scope) -> YearOut:
    """An announced year, and what the caller may do with it."""
    may = scope.holds("administrator", area_code=year.area_code, sectors=())
    return YearOut(
        id=year.id, version=year.version, year=year.year, source=year.source, correlation_id=year.correlation_id,
        days=tuple(DayOut.model_validate(one) for one in year.days), actions=("correct",) if may else (),
    )  # fmt: skip


@routes.post(
    "",
    status_code=201,
    response_model=YearOut,
    summary="公布年度工作日 Announce a year's working days",
    responses=refuses(rules.YearWrong, rules.YearAlreadyAnnounced, IdTaken),
)
async def announce(body: AnnounceIn, door: Write) -> Response:
    """The rest days and make-up working days of a year, by the notice that announced them ([P] each year's notice).

    For the city's administrator. What was provisionally due there is recounted by `POST /v1/orders/recount-dues`.
    """
    return await door.perform(
        lambda tx: actions.announce_year(tx, body.year, body.entered(), body.source),
        show, created=True, show_again=store.find_year,
    )  # fmt: skip


@routes.get("", response_model=PageOut[YearOut], summary="已公布年度 List announced years")
async def list_years(door: Read, asked: Asked) -> Response:
    """The years that were announced here, the latest first; those that the library knows are not listed."""
    return await door.look(
        lambda tx: page(
            tx, store.list_years(), keys=store.ORDER, asked=asked, load=lambda row: load(AnnouncedYear, row),
            fingerprint=["calendar-years"],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/{year_id}", response_model=YearOut, summary="年度工作日 One announced year")
async def get_year(year_id: UUID, door: Read) -> Response:
    """One announced year by its id."""
    return await door.look(lambda tx: store.find_year(tx, year_id), show)


@routes.post(
    "/{year_id}/correct",
    response_model=YearOut,
    summary="更正年度工作日 Correct a year",
    responses=refuses(rules.YearWrong),
)
async def correct(year_id: UUID, body: CorrectIn, door: Change) -> Response:
    """Other exceptions for the year, by a later document; days that are named no longer are ordinary ones again."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.correct_year(tx, year_id, expected, body.entered(), body.source, body.reason),
        show, show_again=store.find_year,
    )  # fmt: skip
