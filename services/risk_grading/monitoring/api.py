"""The doors of warnings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, Code, Form, Line, Name, PageOut, Shown
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.places import Place, area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.risk_grading import examples
from services.risk_grading.levels import LevelOut, level_of
from services.risk_grading.monitoring import actions, rules, store
from services.risk_grading.monitoring.actions import Told
from services.risk_grading.monitoring.rules import (
    SCALE,
    PlaceOutsideYourArea,
    RaisedWarning,
    WarningIncomplete,
    WarningToldOtherwise,
)
from services.risk_grading.vocabulary import AreaDoubt, Kind, Sector

routes = router("warnings", prefix="/v1/warnings")
Level = Annotated[int, Field(ge=1, le=4, description="1 red, 2 orange, 3 yellow, 4 blue")]


class WarningIn(Form):
    """A warning. `source` and `source_id` are the sender's own name for it: telling it again is harmless, and no
    other client can use the name up.
    """

    model_config = examples.example(examples.WARNING)

    source: Code
    source_id: Name
    kind: Kind
    level: Level
    headline: Annotated[Line, Field(min_length=1, max_length=rules.WORDS_MAX)]
    place: Place | None = None
    risk_object_id: UUID | None = None
    area_code: Annotated[AreaCode | None, Field(description="may be left out with an object or a place")] = None
    sectors: Annotated[tuple[Sector, ...], Field(max_length=16, description="may be left out with an object")] = ()
    raised_at: AwareDatetime | None = None
    exercise: bool = False

    def told(self) -> Told:
        """The same in the words of the verb."""
        place = None if self.place is None else rules.Place(lon=self.place.lon, lat=self.place.lat)
        return Told(
            source=self.source, source_id=self.source_id, kind=self.kind, ordinal=self.level, headline=self.headline,
            place=place, risk_object_id=self.risk_object_id, area_code=self.area_code, sectors=self.sectors,
            raised_at=None if self.raised_at is None else self.raised_at.astimezone(UTC), exercise=self.exercise,
        )  # fmt: skip


class WarningOut(Shown):
    """A warning as it was raised; it never changes."""

    id: UUID
    version: int
    source: str
    source_id: str
    kind: str
    level: LevelOut
    headline: str
    area_code: str
    sectors: tuple[str, ...]
    place: Place | None
    risk_object_id: UUID | None
    raised_at: datetime
    received_at: datetime
    area_told: Annotated[str | None, Field(description="the area that was told, where the place lies elsewhere")]
    area_doubt: Annotated[AreaDoubt, Field(description="what place and area say of each other: empty, they agree")]
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...] = ()


def show(warning: RaisedWarning, scope: Scope) -> WarningOut:
    """A warning."""
    del scope
    place = None if warning.place is None else Place(lon=warning.place.lon, lat=warning.place.lat)
    return WarningOut(
        id=warning.id, version=warning.version, source=warning.source, source_id=warning.source_id,
        kind=warning.kind, level=level_of(SCALE, warning.ordinal), headline=warning.headline,
        area_code=warning.area_code, sectors=warning.sectors, place=place, risk_object_id=warning.risk_object_id,
        raised_at=warning.raised_at, received_at=warning.received_at, area_told=warning.area_told,
        area_doubt=warning.area_doubt, exercise=warning.exercise, correlation_id=warning.correlation_id,
    )  # fmt: skip


@routes.post(
    "", status_code=201, response_model=WarningOut, summary="发布预警 Raise a warning",
    responses=refuses(WarningIncomplete, WarningToldOtherwise, PlaceOutsideYourArea),
)  # fmt: skip
async def create(body: WarningIn, door: Write) -> Response:
    """For agencies and monitoring systems. A repeat answers with the first one; a red one raises an alarm.

    Four levels of warning: Emergency Response Law 2024 Art 63 [S]. A level that rises is a new warning. The place
    decides the area; another area that was told stays on the warning. A sender's clock that runs ahead is capped.
    """
    return await door.perform(lambda tx: actions.raise_warning(tx, body.told()), show, show_again=store.find_warning)


@routes.get("", response_model=PageOut[WarningOut], summary="预警列表 List warnings")
async def list_warnings(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Kind | None = None,
    level: Annotated[int | None, Query(ge=1, le=4)] = None, risk_object_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Warnings within your scope, the newest first."""
    within = None if area_code is None else area_range(area_code)
    return await door.look(
        lambda tx: page(
            tx,
            store.list_warnings(tx, area=within, kind=kind, level=level, risk_object_id=risk_object_id),
            keys=store.ORDER, asked=asked, load=lambda row: load(RaisedWarning, row),
            fingerprint=["warnings", area_code, kind, level, risk_object_id],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/{warning_id}", response_model=WarningOut, summary="预警详情 One warning")
async def get_warning(warning_id: UUID, door: Read) -> Response:
    """One warning within your scope."""
    return await door.look(lambda tx: store.find_warning(tx, warning_id), show)
