"""How grids, and where they lie, are shown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from libs.common.scope import Scope
from services.responsibility_registry.grids import rules
from services.responsibility_registry.grids.actions import KEEPER
from services.responsibility_registry.grids.actions_ground import Coverage, Located
from services.responsibility_registry.grids.forms import (
    CoverageOut,
    DrawingOut,
    DrawingsOut,
    FoundGridOut,
    GridKindOut,
    GridKindsOut,
    GridOut,
    HoleOut,
    KindFoundOut,
    LocatedOut,
    OverlapOut,
)
from services.responsibility_registry.grids.rules import Drawing, Grid, KindPolicy

_FIELDS = tuple(name for name in GridOut.model_fields if name != "actions")


def show(grid: Grid, scope: Scope) -> GridOut:
    """A grid, and what the caller may do with it."""
    moves = rules.open_moves(grid) if scope.holds(KEEPER, area_code=grid.area_code, sectors=()) else ()
    return GridOut.model_validate({**{name: getattr(grid, name) for name in _FIELDS}, "actions": moves})


def show_drawings(found: tuple[Grid, Sequence[Drawing]], scope: Scope) -> DrawingsOut:
    """How a grid was drawn."""
    del scope
    grid, drawings = found
    return DrawingsOut(code=grid.code, items=tuple(DrawingOut.model_validate(one) for one in drawings))


def show_located(located: Located, scope: Scope) -> LocatedOut:
    """The grids around a place, by kind."""
    del scope
    return LocatedOut(
        at=located.at, more=located.more,
        items=tuple(
            KindFoundOut(kind=kind, grids=tuple(FoundGridOut.model_validate(one) for one in of_kind))
            for kind, of_kind in groupby(located.grids, key=lambda one: one.kind)
        ),
    )  # fmt: skip


def show_coverage(found: Coverage, scope: Scope) -> dict[str, object]:
    """Overlaps and holes, to a tenth of a square metre; `count` only where it was asked for."""
    del scope
    shown = CoverageOut(
        kind=found.kind, area_code=found.area_code, at=found.at, grids=found.grids, area_m2=round(found.area_m2, 1),
        covered_m2=round(found.covered_m2, 1), uncovered_m2=round(max(0.0, found.area_m2 - found.covered_m2), 1),
        holes=tuple(HoleOut(m2=round(one.m2, 1), shape=one.shape) for one in found.holes),
        holes_left_off=found.holes_left_off,
        items=[OverlapOut(one=one.one, other=one.other, m2=round(one.m2, 1)) for one in found.overlaps.items],
        next=found.overlaps.next, count=found.overlaps.count,
    )  # fmt: skip
    return shown.model_dump(exclude={"count"} if found.overlaps.count is None else None)


def show_kinds(policy: KindPolicy) -> GridKindsOut:
    """The kinds that there are."""
    kinds = tuple(GridKindOut.model_validate(one) for one in policy.kinds)
    return GridKindsOut(version=policy.version, source=policy.source, kinds=kinds)
