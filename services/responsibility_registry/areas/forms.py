"""The shapes of bodies and answers about areas."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from libs.common.forms import AreaCode, Form, Name, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples
from services.responsibility_registry.areas import rules_successions
from services.responsibility_registry.areas.rules import SHAPE_MAX, Area, Level

Day = Annotated[date, Field(description="the first day on which it holds")]


class AreaIn(Form):
    """One area of an import."""

    model_config = examples.example(examples.AREA)

    code: AreaCode
    name: Name
    level: Level
    parent_code: AreaCode | None
    valid_from: date
    valid_to: Annotated[date | None, Field(description="the first day on which it is no more")] = None
    shape: Annotated[str | None, Field(max_length=SHAPE_MAX, description="GeoJSON geometry, WGS 84")] = None

    def area(self) -> Area:
        """The area as a row to be."""
        return Area(
            id=new_id(), version=0, area_code=self.code, sectors=(), exercise=False, correlation_id=new_id(),
            **self.model_dump(),
        )  # fmt: skip


class RenameIn(Form):
    """What it is called from a day on."""

    model_config = examples.example(examples.RENAME_AREA)

    name: Name
    at: Day
    document: Words


class MergeIn(Form):
    """What it becomes a part of."""

    model_config = examples.example(examples.MERGE_AREA)

    into: AreaCode
    at: Day
    document: Words


class SplitIn(Form):
    """What it is parted into."""

    model_config = examples.example(examples.SPLIT_AREA)

    into: Annotated[list[AreaCode], Field(min_length=1, max_length=rules_successions.MOST_PARTS)]
    goes_on: Annotated[bool, Field(description="parts are cut off, and the area itself goes on")] = False
    at: Day
    document: Words


class AreaOut(Shown):
    """An area."""

    code: str
    name: str
    level: Level
    segment: str | None = Field(description="the kind of township or village that its number says")
    parent_code: str | None
    valid_from: date
    valid_to: date | None = Field(description="the first day on which it is no more")
    version: int
    actions: tuple[str, ...]


class FormerNameOut(Shown):
    """What an area was called until a day."""

    name: str
    until: date
    document: str


class SuccessionOut(Shown):
    """What became of an area on a day."""

    from_code: str
    to_code: str
    at: date
    goes_on: bool
    document: str


class RangeOut(Shown):
    """Codes from the first to the last."""

    first: str
    last: str


class HistoryOut(Shown):
    """An area's former names, what led to it and became of it, and which codes its own reaches today."""

    code: str
    name: str
    names: tuple[FormerNameOut, ...]
    successions: tuple[SuccessionOut, ...]
    reaches: tuple[RangeOut, ...]
    version: int
