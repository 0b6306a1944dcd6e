"""The verbs of grids: register one, draw it anew, end it. Its ground is looked at beside that of its area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import Crs
from libs.contracts import grids as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas.actions_shapes import ground_around
from services.responsibility_registry.grids import rules, store
from services.responsibility_registry.grids.policies import KINDS
from services.responsibility_registry.grids.rules import Drawing, Grid
from services.responsibility_registry.grids.rules_refusals import GridCodeTaken, GridWrong
from services.responsibility_registry.grids.store_shapes import Ground, drawn_of, form_of, ground_of, text_of

__all__ = [
    "KEEPER", "KINDS", "NOUN", "NewGrid", "Shape", "Surroundings", "checked", "drawings_of", "end_grid",
    "find_grid", "moved", "redraw_grid", "register_grid", "state_of",
]  # fmt: skip
KEEPER = "administrator"
NOUN = "grids"
"""What the ids of rows without an id are made of, besides their code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A shape as a caller gives it: a GeoJSON geometry as text in one of the systems, and its buffer in metres."""

    text: str
    crs: Crs
    buffer_m: float

    def kept(self) -> str:
        """The text in WGS 84 that is kept; as it came where it draws nothing, so that the rules may say so."""
        drawn = drawn_of(self.text, self.crs)
        return self.text if drawn is None else text_of(drawn)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewGrid:
    """What an administrator says of a grid to be; from now on where no beginning is said."""

    id: UUID
    code: str
    kind: str
    name: str
    area_code: str
    parent_code: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    shape: Shape

    def grid(self, now: datetime) -> Grid:
        """The grid as a row to be."""
        begins = self.valid_from or now
        return Grid(
            id=self.id, version=0, area_code=self.area_code, sectors=(), exercise=False, correlation_id=new_id(),
            code=self.code, kind=self.kind, name=self.name, parent_code=self.parent_code, valid_from=begins,
            valid_to=self.valid_to, drawn_from=begins, shape=self.shape.kept(), buffer_m=self.shape.buffer_m,
        )  # fmt: skip


async def register_grid(tx: Tx, new: NewGrid, document: str) -> Grid:
    """A grid is on the books from an instant on. For an administrator of its area.

    Raises RoleMissing (403), GridWrong (422), GridCodeTaken (409).
    """
    tx.caller.require(KEEPER, area_code=new.area_code, sectors=())
    grid = await checked(tx, new.grid(tx.now), Surroundings())
    if await store.lock_codes(tx, [grid.code]):
        raise GridCodeTaken(grid.code)
    (made,) = await store.add_grids(tx, [(grid, told.GridRegistered(state=state_of(grid)))], document)
    return made


async def redraw_grid(
    tx: Tx, grid_id: UUID, expected: int | None, shape: Shape, at: datetime | None, reason: str
) -> Grid:
    """The grid is drawn otherwise from now on or a later instant; until then it is as it was, and stays on record.

    Raises GridAlreadyEnded (409), GridWrong (422), RoleMissing (403), StaleVersion (412).
    """
    grid = await _lock(tx, grid_id, expected)
    after = rules.redraw(grid, shape.kept(), shape.buffer_m, at or tx.now, tx.now)
    await checked(tx, after, Surroundings())
    event = told.GridRedrawn(state=state_of(after), reason=reason)
    return await store.record_redrawn(tx, after, event, why=reason)


async def end_grid(tx: Tx, grid_id: UUID, expected: int | None, at: datetime | None, reason: str) -> Grid:
    """The grid is no more from now on or a later instant; its drawings stay on record.

    Raises GridAlreadyEnded, GridHasParts (409), GridWrong (422), RoleMissing (403), StaleVersion (412).
    """
    grid = await _lock(tx, grid_id, expected)
    ends = at or tx.now
    after = rules.end(grid, await store.parts_of(tx, grid.code, ends), ends, tx.now, reason)
    return await store.record_ended(tx, after, told.GridEnded(state=state_of(after), reason=reason), why=reason)


async def find_grid(tx: Tx, grid_id: UUID) -> Grid:
    """One grid; NotFound (404)."""
    return await store.find_grid(tx, grid_id)


async def drawings_of(tx: Tx, grid_id: UUID) -> tuple[Grid, Sequence[Drawing]]:
    """One grid, and how it was drawn from when to when, the newest first; NotFound (404)."""
    return await store.find_grid(tx, grid_id), await store.drawings_of(tx, grid_id)


@dataclass(slots=True)
class Surroundings:
    """What is known of the areas of a batch of grids: each is looked up once."""

    grounds: dict[str, Ground | None] = field(default_factory=dict)
    known: dict[str, bool] = field(default_factory=dict)

    async def ground(self, tx: Tx, area_code: str) -> Ground | None:
        """The ground of the nearest area that has a shape, of this one and those that it lies in."""
        if area_code not in self.grounds:
            around = await ground_around(tx, area_code)
            self.grounds[area_code] = None if around is None else around[1]
        return self.grounds[area_code]

    async def knows(self, tx: Tx, area_code: str) -> bool:
        """Whether there is such an area, that has not ended."""
        if area_code not in self.known:
            self.known[area_code] = await areas.knows_area(tx, area_code)
        return self.known[area_code]


async def checked(tx: Tx, grid: Grid, among: Surroundings) -> Grid:
    """The grid, if it agrees with its kind, code, ground, area and the grids around it. Raises GridWrong."""
    rules.check(grid, await _drawn(tx, grid, among), KINDS)
    if grid.version == 0 and not await among.knows(tx, grid.area_code):
        said = ("台账中没有该区划，或已撤销。", "the registry has no such area, or it has ended")
        raise GridWrong(("/area_code", "unknown_area", said))
    rules.check_parent(grid, await store.above(tx, grid.parent_code))
    return grid


async def _drawn(tx: Tx, grid: Grid, among: Surroundings) -> rules.Drawn | None:
    shape = drawn_of(grid.shape)
    if shape is None:
        return None
    around = await among.ground(tx, grid.area_code)
    if around is None:
        return rules.Drawn(form=form_of(shape), outside=None)
    ground = ground_of(shape, grid.buffer_m or 1.0 if form_of(shape) is not rules.GridForm.POLYGON else 0.0)
    return rules.Drawn(form=form_of(shape), outside=float(ground.difference(around).area / ground.area))


async def _lock(tx: Tx, grid_id: UUID, expected: int | None) -> Grid:
    grid = await store.lock_grid(tx, grid_id)
    tx.caller.require(KEEPER, area_code=grid.area_code, sectors=())
    require_version(grid, expected)
    return grid


def state_of(grid: Grid) -> told.GridState:
    """The grid as events carry it."""
    return told.GridState(
        code=grid.code, kind=grid.kind, name=grid.name, area_code=grid.area_code, parent_code=grid.parent_code,
        valid_from=grid.valid_from, valid_to=grid.valid_to, drawn_from=grid.drawn_from, shape=grid.shape,
        buffer_m=grid.buffer_m,
    )  # fmt: skip


def moved(before: Grid, entered: Grid, now: datetime) -> Grid:
    """A grid on the books as an import says it: its name, its parent, and its shape from now on."""
    shape = (entered.shape, entered.buffer_m)
    after = replace(before, name=entered.name, parent_code=entered.parent_code)
    if shape == (before.shape, before.buffer_m):
        return after
    drawn_from = max(now, entered.drawn_from)
    return replace(after, shape=entered.shape, buffer_m=entered.buffer_m, drawn_from=drawn_from)
