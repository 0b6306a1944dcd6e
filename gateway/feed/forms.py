"""What may be asked of the feed, and the shapes of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from gateway.feed.rules import (
    MOST_AREAS,
    MOST_SECTORS,
    MOST_TYPES,
    TYPE_FORM,
    Cursor,
    CursorUnreadable,
    Wanted,
    is_pattern,
)
from libs.common.forms import Shown, known_sector
from libs.common.languages import Said
from libs.common.pagination import LIMIT_DEFAULT, LIMIT_MOST, BadCursor
from libs.common.places import area_range
from libs.common.problems import FieldError, Problem
from libs.common.validation import InvalidParameter

_NO_TYPE: Final = Said(
    "须为事件类型，或以 .* 结尾的前缀，例如 risk_grading.hazard.*。",
    "Name an event type, or a beginning that ends with .*, such as risk_grading.hazard.*",
)
_NO_SECTOR: Final = Said("分类中没有此行业领域。", "There is no such sector in the classification.")

_Area = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
_Short = Annotated[str, StringConstraints(max_length=200)]
_Type = Annotated[_Short, Field(json_schema_extra={"pattern": TYPE_FORM})]


class BeginningSaidTwice(Problem):
    """A cursor and a time cannot both be where the feed begins."""

    status = 400
    code = "beginning_said_twice"
    title = Said("起点重复", "The beginning is said twice")
    advice = Said("after 与 since 只能给出一个。", "Give either `after` or `since`.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a request asks of the feed."""

    wanted: Wanted
    after: Cursor | None
    since: datetime | None
    limit: int


async def asked_events(
    after: Annotated[
        str | None, Query(max_length=200, description="`next` of the last page, or an event's id")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="begin with what became known at this time")] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MOST, description="events on one page")] = LIMIT_DEFAULT,
    type: Annotated[  # noqa: A002
        list[_Type] | None,
        Query(max_length=MOST_TYPES, description="whole types, or beginnings with `.*`; any of them"),
    ] = None,
    area_code: Annotated[
        list[_Area] | None, Query(max_length=MOST_AREAS, description="areas with all below them; any of them")
    ] = None,
    sector: Annotated[list[_Short] | None, Query(max_length=MOST_SECTORS, description="any of these sectors")] = None,
    exercise: Annotated[bool | None, Query(description="only exercises, or none; both where it is left out")] = None,
) -> Asked:
    """The query parameters of the feed. Raises InvalidParameter, BadCursor and BeginningSaidTwice (400)."""
    if after is not None and since is not None:
        raise BeginningSaidTwice
    wanted = Wanted(
        types=tuple(type or ()), areas=tuple(area_range(code) for code in area_code or ()),
        sectors=tuple(sector or ()), exercise=exercise,
    )  # fmt: skip
    _check(wanted)
    return Asked(wanted=wanted, after=_cursor(after), since=since, limit=limit)


AskedEvents = Annotated[Asked, Depends(asked_events)]
"""What a request asks, in a route's signature."""


def _check(wanted: Wanted) -> None:
    faults = [_fault("type", "wrong_form", _NO_TYPE) for one in wanted.types if not is_pattern(one)]
    faults += [_fault("sector", "unknown_sector", _NO_SECTOR) for one in wanted.sectors if not _is_sector(one)]
    if faults:
        raise InvalidParameter(errors=faults)


def _fault(parameter: str, code: str, said: Said) -> FieldError:
    return FieldError(code, said, parameter=parameter, place="query")


def _is_sector(code: str) -> bool:
    try:
        known_sector(code)
    except ValueError:
        return False
    return True


def _cursor(after: str | None) -> Cursor | None:
    try:
        return None if after is None else Cursor.of(after)
    except CursorUnreadable:
        raise BadCursor("after") from None


EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "source": "/shoutu/risk_grading",
    "type": "risk_grading.hazard.closed.v1",
    "subject": "01890a5d-ac96-774b-bcce-b302099a8000",
    "time": "2026-10-12T11:40:00Z",
    "datacontenttype": "application/json",
    "aggregateversion": 5,
    "correlationid": "01890a5d-ac96-774b-bcce-b302099a8001",
    "areacode": "331002004208",
    "sectors": "fire",
    "recordedtime": "2026-10-12T11:40:00.012Z",
    "exercise": False,
    "sensitivity": "shared",
    "data": {"hazard": {"state": "closed"}},
}


class CloudEvent(Shown):
    """An event in the JSON format of CloudEvents 1.0; the data's schema goes by the type (asyncapi.json)."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE]})

    specversion: str = Field(description="1.0")
    id: str = Field(description="the same whenever the event is shown again; tell events apart by it")
    source: str = Field(description="the service that tells it")
    type: str = Field(description="`<service>.<noun>.<past fact>.v<version>`, or `gateway.feed.gap.v1`")
    subject: str | None = Field(default=None, description="the id of what it tells of")
    time: datetime = Field(description="when it happened, in the city's time")
    datacontenttype: str = "application/json"
    aggregateversion: int | None = Field(default=None, description="the version of what it tells of, after it")
    correlationid: UUID | None = Field(default=None, description="the trace to which it belongs")
    areacode: str | None = None
    sectors: str | None = Field(default=None, description="separated by commas")
    exercise: bool | None = None
    data: dict[str, Any]


class EventPage(Shown):
    """A page of the feed."""

    items: list[CloudEvent]
    next: str = Field(description="where the following page begins; always there, also when nothing is new")
    more: bool = Field(description="whether to ask at once; a page may be empty and have more behind it")


class TicketOut(Shown):
    """A ticket with which a browser opens one stream."""

    id: UUID
    ticket: str | None = Field(description="shown this once; null in the answer to a repeat")
    expires_at: datetime = Field(description="use it before")
