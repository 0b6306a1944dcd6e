"""Bringing grids in: a batch of rows by their codes, from a spreadsheet, a program or a GeoJSON file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from libs.common.db import Tx
from libs.common.imports import Imported, Importing, RowTwice, import_as_asked, require_once
from libs.contracts import grids as told
from services.responsibility_registry.grids import store
from services.responsibility_registry.grids.actions import KEEPER, NewGrid, Surroundings, checked, moved, state_of
from services.responsibility_registry.grids.rules import Grid
from services.responsibility_registry.grids.rules_refusals import Fault, GridWrong

WHY = "import"


async def import_grids(tx: Tx, entered: Sequence[NewGrid]) -> Imported:
    """Insert grids, or change the name, the parent and, from now on, the shape of those whose codes are known; a
    repeat changes nothing. For an administrator of each area.

    Raises RoleMissing (403), RowTwice, and GridWrong (422) for every row that does not do.
    """
    for one in entered:
        tx.caller.require(KEEPER, area_code=one.area_code, sectors=())
    rows = [one.grid(tx.now) for one in entered]
    require_once(rows, lambda one: one.code, "/code")
    current = await store.lock_codes(tx, [one.code for one in rows])
    faults: list[Fault] = []
    counts, among = Imported(), Surroundings()
    for wave in _waves(rows):
        new: list[Grid] = []
        for number in wave:
            grid = rows[number]
            try:
                if grid.code in current:
                    counts += await _change(tx, current[grid.code], grid, among)
                else:
                    new.append(await checked(tx, grid, among))
            except GridWrong as wrong:
                faults += ((f"/items/{number}{pointer}", code, said) for pointer, code, said in wrong.errors)
        await store.add_grids(tx, [(one, told.GridRegistered(state=state_of(one))) for one in new], WHY)
        counts += Imported(created=len(new))
    if faults:
        raise GridWrong(*faults)
    return counts


async def import_features(tx: Tx, entered: Sequence[NewGrid], how: Importing) -> Imported:
    """The same for the features of a GeoJSON file, whose faults point into its features. Raises what that raises."""
    try:
        done = await import_as_asked(tx, entered, import_grids, how, GridWrong)
    except GridWrong as wrong:
        raise GridWrong(*((_in_features(pointer), code, said) for pointer, code, said in wrong.errors)) from None
    except RowTwice as twice:
        faults = [replace(one, pointer=_in_features(one.pointer or "")) for one in twice.errors]
        raise RowTwice(errors=faults) from None
    faults_of_rows = (
        replace(one, fault=replace(one.fault, pointer=_in_feature(one.fault.pointer or "#"))) for one in done.faults
    )
    return replace(done, faults=tuple(faults_of_rows))


def _in_features(pointer: str) -> str:
    """A pointer into the items of an import as one into the features of a file."""
    mark, items, rest = pointer.partition("/items/")
    number, slash, field = rest.partition("/")
    return f"{mark}/features/{number}{_in_feature(slash + field)}" if items else pointer


def _in_feature(pointer: str) -> str:
    """A pointer into a row as one into a feature."""
    mark, slash, field = pointer.partition("/")
    if not slash:
        return pointer
    return f"{mark}/geometry" if field == "shape" else f"{mark}/properties/{field}"


def _waves(rows: Sequence[Grid]) -> Iterator[list[int]]:
    """The places of the rows, those that lie in another row's grid after it; a circle comes last, to be refused."""
    left = dict(enumerate(rows))
    while left:
        codes = {one.code for one in left.values()}
        wave = [number for number, one in left.items() if one.parent_code not in codes] or [*left]
        yield wave
        for number in wave:
            del left[number]


async def _change(tx: Tx, known: Grid, entered: Grid, among: Surroundings) -> Imported:
    after = moved(known, entered, tx.now)
    _require_may_move(known, entered, after)
    if after == known:
        return Imported(unchanged=1)
    await checked(tx, after, among)
    if after.drawn_from == known.drawn_from:
        await store.record_grid(tx, after, told.GridChanged(state=state_of(after), reason=WHY), why=WHY)
    else:
        await store.record_redrawn(tx, after, told.GridRedrawn(state=state_of(after), reason=WHY), why=WHY)
    return Imported(updated=1)


def _require_may_move(known: Grid, entered: Grid, after: Grid) -> None:
    """An import changes neither kind nor area, which are in the code, nor what has ended. Raises GridWrong."""
    if entered.kind != known.kind:
        said = (f"该编码的网格类别为 {known.kind}。", f"the grid of this code is of the kind {known.kind}")
        raise GridWrong(("/kind", "other_kind", said))
    if entered.area_code != known.area_code:
        said = (f"该编码的网格属于 {known.area_code}。", f"the grid of this code belongs to {known.area_code}")
        raise GridWrong(("/area_code", "other_area", said))
    if after != known and known.valid_to is not None:
        said = (f"该网格于 {known.valid_to} 撤销。", f"it ends at {known.valid_to}: take another code")
        raise GridWrong(("/code", "already_ended", said))
    if after.drawn_from < known.drawn_from:
        said = (f"现图形自 {known.drawn_from} 起有效。", f"what is drawn holds from {known.drawn_from} on only")
        raise GridWrong(("/shape", "before_its_drawing", said))
