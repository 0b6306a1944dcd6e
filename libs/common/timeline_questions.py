"""How the audit's search is asked over HTTP: the same parameters at the front door and at each service's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime

from libs.common.languages import Said
from libs.common.problems import FieldError
from libs.common.timeline_search import Place, Sought
from libs.common.validation import InvalidParameter

_WORD = r"^[a-z][a-z0-9_]{0,59}$"
_NAME = r"^[^\x00-\x1f\x7f]{1,200}$"
_TYPE = r"^[a-z][a-z0-9_.]{0,119}$"
_LAST_YEAR = 9000
_NO_SUCH_TIME = Said("时间须在 1970 年至 9000 年之间。", "Give a time between the years 1970 and 9000.")
_ALIASES = {"recorded_from": "from", "recorded_to": "to"}


async def asked_sought(
    actor_subject: Annotated[
        str | None, Query(pattern=_NAME, description="who acted: the subject of its token")
    ] = None,
    actor_post: Annotated[UUID | None, Query(description="the post that acted")] = None,
    client_id: Annotated[str | None, Query(pattern=_NAME, description="the program that it acted through")] = None,
    event_type: Annotated[str | None, Query(pattern=_TYPE, description="how the event's type begins")] = None,
    noun: Annotated[str | None, Query(pattern=_WORD, description="what it was done to, such as order")] = None,
    aggregate_id: Annotated[UUID | None, Query(description="the one thing that it was done to")] = None,
    recorded_from: Annotated[
        AwareDatetime | None, Query(alias="from", description="recorded at or after this real time")
    ] = None,
    recorded_to: Annotated[
        AwareDatetime | None, Query(alias="to", description="recorded before this real time")
    ] = None,
    area_code: Annotated[
        str | None, Query(pattern=r"^[0-9]{12}$", description="in this area and all below it")
    ] = None,
    sector: Annotated[str | None, Query(pattern=_WORD, description="of this sector, among others")] = None,
    correlation_id: Annotated[UUID | None, Query(description="of this trace")] = None,
    exercise: Annotated[bool | None, Query(description="only exercises, or none")] = None,
) -> Sought:
    """The query parameters of a search; raises InvalidParameter (400) for a time that no database keeps."""
    _check_times({"from": recorded_from, "to": recorded_to})
    return Sought(
        actor_subject=actor_subject,
        actor_post=actor_post,
        client_id=client_id,
        event_type=event_type,
        noun=noun,
        aggregate_id=aggregate_id,
        recorded_from=recorded_from,
        recorded_to=recorded_to,
        area_code=area_code,
        sector=sector,
        correlation_id=correlation_id,
        exercise=exercise,
    )


def _check_times(times: Mapping[str, datetime | None]) -> None:
    for name, instant in times.items():
        if instant is not None and not 1970 <= instant.year <= _LAST_YEAR:
            fault = FieldError("out_of_range", _NO_SUCH_TIME, parameter=name, place="query")
            raise InvalidParameter(errors=[fault])


AskedSought = Annotated[Sought, Depends(asked_sought)]
"""What is searched for, in a route's signature."""


def filters_of(sought: Sought) -> dict[str, str]:
    """What was asked for, by the names of the parameters: what stands open is left out."""
    found = {field.name: getattr(sought, field.name) for field in fields(Sought)}
    return {_ALIASES.get(name, name): _written(value) for name, value in found.items() if value is not None}


def question(sought: Sought, *, limit: int, before: Place | None) -> str:
    """The path of a search at a service's own door."""
    told: Mapping[str, Any] = filters_of(sought) | {"limit": str(limit)}
    place = {} if before is None else {"before_at": before.recorded_at.isoformat(), "before_id": str(before.id)}
    return f"/internal/timeline?{urlencode({**told, **place})}"


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)
