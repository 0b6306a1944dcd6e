"""Rows of a file as rows of an import: headings matched, cells read, each fault with the cell that it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.spreadsheets.bulk_read import FileWrong, Line, kind_of, lines_of, raw_lines
from gateway.spreadsheets.rules import Column, Kind, letters
from gateway.spreadsheets.rules_cells import CellWrong, is_empty, read
from gateway.spreadsheets.rules_headers import MOST_COLUMNS, match, plain

EXAMPLE_MARKS: Final = ("示例", "例:", "example")
"""What the first cell of a template's example row begins with: such a row is passed over."""
MOST_FAULTS: Final = 10_000
"""[DEF] So many faults are told of one file; how many there are in all is counted."""
_HEADING_WITHIN: Final = 20
"""[DEF] A title and some notes may stand above the headings."""
_DEEPEST: Final = 12
_REMEMBERED: Final = 50_000


@dataclass(slots=True)
class Reading:
    """What came of a file: how many rows are to be imported, and what is wrong with which of the others."""

    rows: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    faulty: int = 0

    def fault(self, row: int, cell: str | None, name: str | None, code: str, zh: str, en: str) -> None:
        """Tell of one fault; beyond the most they are only counted."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append({"row": row, "cell": cell, "field": name, "code": code, "zh": zh, "en": en})


def read_rows(
    source: Path, target: Path, columns: Sequence[Column], key: Sequence[str], mapping: Mapping[str, str], kind: str
) -> Reading:
    """Write the good rows of a file, a JSON line each with its number and cells, and tell of the others.

    Raises FileWrong for what is no such file at all.
    """
    told = Reading()
    kind = kind or kind_of(source)
    entered = _of_json(source, told) if kind == "ndjson" else _of_lines(source, kind, columns, mapping, told)
    seen: dict[bytes, int] = {}
    with target.open("wb") as file:
        for number, places, row in entered:
            first = seen.setdefault(_digest(row, key), number)
            if first != number:
                zh, en = f"与第 {first} 行重复；同一对象只能出现一次。", f"The same as row {first}; send each once."
                told.fault(number, _cell(places, key, number), key[0], "row_twice", zh, en)
                told.faulty += 1
                continue
            file.write(orjson.dumps({"row": number, "at": places, "item": row}) + b"\n")
            told.rows += 1
    return told


_Entered = Iterator[tuple[int, dict[str, str], dict[str, Any]]]


def _of_lines(
    source: Path, kind: str, columns: Sequence[Column], mapping: Mapping[str, str], told: Reading
) -> _Entered:
    lines = lines_of(source, kind)
    heading = _heading(lines, columns, mapping)
    if heading is None:
        raise FileWrong("no_headings")
    if len(heading.cells) > MOST_COLUMNS:
        raise FileWrong("too_many_columns")
    found = match(heading.cells, columns, mapping, heading.number)
    if found.faults:
        for one in found.faults:
            told.fault(heading.number, one.cell, None, one.code, one.zh, one.en)
        told.faulty += 1
        return
    places = {one.field: letters(place + 1) for place, one in enumerate(found.columns) if one is not None}
    remembered = Remembered(found.columns)
    for line in lines:
        if all(is_empty(cell) for cell in line.cells) or _is_example(line.cells):
            continue
        if line.merged:
            zh, en = "有合并单元格，请取消合并并逐行填写。", "Cells are merged: split them and fill in each row."
            told.fault(line.number, f"A{line.number}", None, "merged_cells", zh, en)
            told.faulty += 1
            continue
        row = _row(line, remembered, told)
        if row is not None:
            yield line.number, places, row


def _heading(lines: Iterator[Line], columns: Sequence[Column], mapping: Mapping[str, str]) -> Line | None:
    """The first line of which two cells, or its only one, are headings that we know."""
    names = {plain(name) for one in columns for name in (one.zh, one.en, one.field)} | {plain(one) for one in mapping}
    first = None
    for line, _ in zip(lines, range(_HEADING_WITHIN), strict=False):
        cells = _trimmed(line.cells)
        known = sum(plain(str(cell)) in names for cell in cells if not is_empty(cell))
        if known >= min(2, max(1, sum(not is_empty(cell) for cell in cells))):
            return Line(line.number, cells)
        first = first or (Line(line.number, cells) if len(cells) > 1 else None)
    return first


def _trimmed(cells: list[Any]) -> list[Any]:
    end = len(cells)
    while end and is_empty(cells[end - 1]):
        end -= 1
    return cells[:end]


def _is_example(cells: Sequence[Any]) -> bool:
    first = next((str(cell).strip().casefold() for cell in cells if not is_empty(cell)), "")
    return first.startswith(EXAMPLE_MARKS)


class Remembered:
    """The columns of a sheet, and what its texts meant before: most cells of a long sheet say what others said."""

    def __init__(self, columns: Sequence[Column | None]) -> None:
        self.columns = columns
        self._meant: dict[tuple[int, str], object] = {}

    def read(self, place: int, cell: object, column: Column) -> object:
        """The value of a cell. Raises CellWrong."""
        if not isinstance(cell, str):
            return read(cell, column)
        known = self._meant.get((place, cell), self)
        if known is not self:
            return known
        meant = read(cell, column)
        if len(self._meant) < _REMEMBERED:
            self._meant[place, cell] = meant
        return meant


def _row(line: Line, remembered: Remembered, told: Reading) -> dict[str, Any] | None:
    row: dict[str, Any] = {}
    good, columns = True, remembered.columns
    padded = line.cells + [None] * (len(columns) - len(line.cells))
    for place, cell in enumerate(padded):
        column = columns[place] if place < len(columns) else None
        name = f"{letters(place + 1)}{line.number}"
        if column is None:
            if not is_empty(cell):
                zh, en = "这一列没有表头。", "This column has no heading."
                told.fault(line.number, name, None, "no_heading", zh, en)
                good = False
            continue
        if is_empty(cell):
            if column.nullable:
                _put(row, column.field, [] if column.kind is Kind.TEXTS else None)
            continue
        try:
            _put(row, column.field, remembered.read(place, cell, column))
        except CellWrong as wrong:
            told.fault(line.number, name, column.field, wrong.code, wrong.zh, wrong.en)
            good = False
    good = _say_missing(line, columns, told) and good
    told.faulty += not good
    return row if good else None


def _say_missing(line: Line, columns: Sequence[Column | None], told: Reading) -> bool:
    missing = [
        (place, column)
        for place, column in enumerate(columns)
        if column is not None
        and column.required
        and not column.nullable
        and (place >= len(line.cells) or is_empty(line.cells[place]))
    ]
    for place, column in missing:
        zh, en = f"“{column.zh}”为必填项。", f"{column.en} is required."
        told.fault(line.number, f"{letters(place + 1)}{line.number}", column.field, "missing", zh, en)
    return not missing


def _put(row: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    here = row
    for name in above:
        here = here.setdefault(name, {})
    here[last] = value


def _of_json(source: Path, told: Reading) -> _Entered:
    for number, line in raw_lines(source):
        try:
            row = orjson.loads(line)
        except ValueError:
            told.fault(number, None, None, "invalid_json", "这一行不是有效的 JSON。", "This line is no valid JSON.")
            told.faulty += 1
            continue
        if not isinstance(row, dict) or _depth(row) > _DEEPEST:
            told.fault(number, None, None, "wrong_type", "须为 JSON 对象。", "It has to be a JSON object.")
            told.faulty += 1
            continue
        yield number, {}, row


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        found, depth = waiting.pop()
        deepest = max(deepest, depth)
        if depth > _DEEPEST:
            return depth
        inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
        waiting.extend((one, depth + 1) for one in inner)
    return deepest


def _digest(row: Mapping[str, Any], key: Sequence[str]) -> bytes:
    """What makes two rows of the file the same: their id, or else their natural key."""
    said = row.get("id") or [sorted(part) if isinstance(part := row.get(name), list) else part for name in key]
    return blake2b(orjson.dumps(said, default=str), digest_size=16).digest()


def _cell(places: Mapping[str, str], key: Sequence[str], number: int) -> str | None:
    return f"{places[key[0]]}{number}" if key[0] in places else None
