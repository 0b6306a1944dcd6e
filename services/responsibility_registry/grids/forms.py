"""The shapes of bodies and answers about grids."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import AreaCode, Code, Form, Line, Name, Shown, Words
from libs.common.imports import id_of
from libs.common.places import Crs
from services.responsibility_registry import examples
from services.responsibility_registry.grids.actions import NOUN, NewGrid, Shape
from services.responsibility_registry.grids.forms_geometry import GeometryIn
from services.responsibility_registry.grids.rules import CODE_MAX, SHAPE_MAX

GridCode = Annotated[
    Line, Field(min_length=15, max_length=CODE_MAX, description="area code, serial of three, letter of the kind")
]
ShapeText = Annotated[str, Field(min_length=2, max_length=SHAPE_MAX, description="GeoJSON geometry as text")]
SystemOf = Annotated[Crs, Field(description="the system of the numbers: AMap gives GCJ02, Baidu BD09")]
Buffer = Annotated[float, Field(ge=0, le=100_000, description="metres around a point or line; 0 for a polygon")]
_FROM = Field(default=None, description="from now on where it is left out")


class GridIn(Form):
    """One grid of an import."""

    model_config = examples.example(examples.GRID_ROW)

    code: GridCode
    kind: Code
    name: Name
    area_code: AreaCode
    parent_code: GridCode | None = None
    valid_from: AwareDatetime | None = _FROM
    shape: ShapeText
    crs: SystemOf = Crs.WGS84
    buffer_m: Buffer = 0

    def grid(self) -> NewGrid:
        """The grid as a row to be."""
        return NewGrid(
            id=id_of(NOUN, self.code), code=self.code, kind=self.kind, name=self.name, area_code=self.area_code,
            parent_code=self.parent_code, valid_from=self.valid_from, valid_to=None,
            shape=Shape(text=self.shape, crs=self.crs, buffer_m=self.buffer_m),
        )  # fmt: skip


class RegisterIn(Form):
    """A grid to be."""

    model_config = examples.example(examples.GRID)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    code: GridCode
    kind: Code
    name: Name
    area_code: AreaCode
    parent_code: GridCode | None = None
    valid_from: AwareDatetime | None = _FROM
    valid_to: AwareDatetime | None = None
    geometry: GeometryIn
    crs: SystemOf = Crs.WGS84
    buffer_m: Buffer = 0
    document: Words

    def grid(self) -> NewGrid:
        """The grid as a row to be."""
        return NewGrid(
            id=self.id or id_of(NOUN, self.code), code=self.code, kind=self.kind, name=self.name,
            area_code=self.area_code, parent_code=self.parent_code, valid_from=self.valid_from,
            valid_to=self.valid_to, shape=Shape(text=self.geometry.text(), crs=self.crs, buffer_m=self.buffer_m),
        )  # fmt: skip


class RedrawIn(Form):
    """How it is drawn from an instant on."""

    model_config = examples.example(examples.REDRAW_GRID)

    geometry: GeometryIn
    crs: SystemOf = Crs.WGS84
    buffer_m: Buffer = 0
    at: AwareDatetime | None = Field(default=None, description="now where it is left out; never in the past")
    reason: Words


class EndGridIn(Form):
    """When and why it ends."""

    model_config = examples.example(examples.END_GRID)

    at: AwareDatetime | None = Field(default=None, description="now where it is left out; never in the past")
    reason: Words


class PropertiesIn(Form):
    """What a feature says of its grid."""

    model_config = examples.example(examples.GRID_PROPERTIES)

    code: GridCode
    kind: Code
    name: Name
    area_code: AreaCode
    parent_code: GridCode | None = None
    valid_from: AwareDatetime | None = _FROM
    buffer_m: Buffer = 0


class FeatureIn(Form):
    """One grid of a GeoJSON file."""

    model_config = examples.example(examples.GRID_FEATURE)

    type: Literal["Feature"]
    properties: PropertiesIn
    geometry: GeometryIn

    def grid(self, crs: Crs) -> NewGrid:
        """The grid as a row to be."""
        said = self.properties
        return NewGrid(
            id=id_of(NOUN, said.code), code=said.code, kind=said.kind, name=said.name, area_code=said.area_code,
            parent_code=said.parent_code, valid_from=said.valid_from, valid_to=None,
            shape=Shape(text=self.geometry.text(), crs=crs, buffer_m=said.buffer_m),
        )  # fmt: skip


class FeaturesIn(Form):
    """A GeoJSON file of grids: up to 500 features; `crs` where its numbers are no WGS 84."""

    model_config = examples.example(examples.GRID_FEATURES)

    type: Literal["FeatureCollection"]
    features: list[FeatureIn] = Field(min_length=1, max_length=500)
    crs: SystemOf = Crs.WGS84


class LocateIn(Form):
    """A place to be looked up."""

    model_config = examples.example(examples.LOCATE_GRIDS)

    geometry: GeometryIn
    crs: SystemOf = Crs.WGS84
    at: AwareDatetime | None = Field(default=None, description="now where it is left out")
    kinds: Annotated[list[Code] | None, Field(min_length=1, max_length=50)] = Field(
        default=None, description="every kind where it is left out"
    )


class GridOut(Shown):
    """A grid as it was drawn last."""

    id: UUID
    version: int
    code: str
    kind: str
    name: str
    area_code: str
    parent_code: str | None
    valid_from: datetime
    valid_to: datetime | None
    drawn_from: datetime = Field(description="the shape holds from then on; what held before is in its drawings")
    shape: str = Field(description="GeoJSON geometry as text, WGS 84")
    buffer_m: float
    ended_reason: str | None
    correlation_id: UUID
    actions: tuple[str, ...]


class DrawingOut(Shown):
    """How a grid is drawn from when to when."""

    shape: str
    buffer_m: float
    valid_from: datetime
    valid_to: datetime | None
    reason: str


class DrawingsOut(Shown):
    """How a grid was drawn, the newest first."""

    code: str
    items: tuple[DrawingOut, ...]


class FoundGridOut(Shown):
    """A grid around a place."""

    id: UUID
    code: str
    name: str
    area_code: str
    parent_code: str | None


class KindFoundOut(Shown):
    """The grids of one kind around a place, the smallest first."""

    kind: str
    grids: tuple[FoundGridOut, ...]


class LocatedOut(Shown):
    """The grids of each kind around a place at an instant."""

    at: datetime
    items: tuple[KindFoundOut, ...]
    more: bool = Field(description="there are more than 500: ask for a smaller place, or for fewer kinds")


class OverlapOut(Shown):
    """Two grids that claim the same ground."""

    one: str
    other: str
    m2: float


class HoleOut(Shown):
    """A part of the area that no grid of the kind covers."""

    m2: float
    shape: str = Field(description="GeoJSON geometry as text, WGS 84, of up to 1,000 points")


class CoverageOut(Shown):
    """How the grids of one kind lie in an area; overlaps are paged by their codes."""

    kind: str
    area_code: str
    at: datetime
    grids: int
    area_m2: float
    covered_m2: float
    uncovered_m2: float
    holes: tuple[HoleOut, ...] = Field(description="the 50 largest")
    holes_left_off: int
    items: list[OverlapOut]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])
    count: int | None = Field(default=None, description="all overlaps; only where `count` was asked for")


class GridKindOut(Shown):
    """A kind of grid: the letter of its codes, the levels of the areas it belongs to, how it is drawn."""

    kind: str
    letter: str
    levels: tuple[str, ...]
    shapes: tuple[str, ...]
    name_zh: str
    name_en: str


class GridKindsOut(Shown):
    """The kinds of grids, with the source of the list."""

    version: str
    source: str
    kinds: tuple[GridKindOut, ...]
