"""Files as offices write them, a row at a time: sheets, comma-separated text in any of four encodings, JSON lines.

Runs in a process of its own under limits of memory and time (bulk.py): a hostile file ends that process and nothing
else. A sheet is read whole by calamine, so its size is bounded first by what its archive says of itself.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from gateway.spreadsheets.rules_cells import FORMULA_SIGNS

MOST_ENTRIES: Final = 2_000
"""[DEF] A workbook of an office has some tens of parts."""
MOST_UNPACKED_BYTES: Final = 400 << 20
"""[DEF] A full sheet of ten columns unpacks to less."""
MOST_RATIO: Final = 250
"""[DEF] Sheets are packed some ten times, at most about a hundred; a bomb thousands of times."""
MOST_ROWS: Final = 1_048_576
"""What a sheet holds."""
MOST_CELLS_A_ROW: Final = 1_000
LONGEST_LINE: Final = 1 << 20
_PIECE: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class FileWrong(Exception):
    """A file that cannot be read at all; `code` names a problem of the imports."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file, with its number as the program that wrote it shows it."""

    number: int
    cells: list[Any]
    merged: bool = False
    """Whether a cell of it is merged with another: what it says belongs to nobody knows which row."""


def kind_of(path: Path) -> str:
    """xlsx, csv or ndjson, by what the file holds and not by what it is called. Raises FileWrong."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(_ZIP):
        return "xlsx"
    if head.startswith(_OLD_WORKBOOK):
        raise FileWrong("old_workbook")
    if not head.strip():
        raise FileWrong("empty_file")
    return "ndjson" if head.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{") else "csv"


def lines_of(path: Path, kind: str) -> Iterator[Line]:
    """The rows of a sheet or of comma-separated text. Raises FileWrong."""
    return _of_sheet(path) if kind == "xlsx" else _of_text(path)


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of JSON lines, empty ones left out. Raises FileWrong."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise FileWrong("line_too_long")
            if number > MOST_ROWS:
                raise FileWrong("too_many_rows")
            stripped = line.removeprefix(codecs.BOM_UTF8).strip() if number == 1 else line.strip()
            if stripped:
                yield number, stripped


def refuse_bombs(path: Path) -> None:
    """Refuse an archive that unpacks to more than a workbook can be, before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise FileWrong("broken_workbook") from error
    if len(parts) > MOST_ENTRIES or any(part.flag_bits & 1 for part in parts):
        raise FileWrong("suspicious_workbook")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED_BYTES or any(_is_bomb(part) for part in parts):
        raise FileWrong("suspicious_workbook")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _PIECE and part.file_size > MOST_RATIO * max(part.compress_size, 1)


def _of_sheet(path: Path) -> Iterator[Line]:
    # Loaded here: the gateway itself never reads a sheet, and this process lives for one file.
    import python_calamine as calamine

    refuse_bombs(path)
    try:
        workbook = calamine.CalamineWorkbook.from_path(str(path))
        shown = [
            one.name
            for one in workbook.sheets_metadata
            if one.visible is calamine.SheetVisibleEnum.Visible and one.typ is calamine.SheetTypeEnum.WorkSheet
        ]
        if not shown:
            raise FileWrong("no_visible_sheet")
        sheet = workbook.get_sheet_by_name(shown[0])
        merged = {row for begin, end in sheet.merged_cell_ranges or () for row in range(begin[0], end[0] + 1)}
    except calamine.PasswordError as error:
        raise FileWrong("workbook_with_password") from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise FileWrong("broken_workbook") from error
    first = 1 + (sheet.start[0] if sheet.start else 0)
    indent = sheet.start[1] if sheet.start else 0
    if sheet.width > MOST_CELLS_A_ROW or indent > MOST_CELLS_A_ROW:
        raise FileWrong("too_many_columns")
    for number, cells in enumerate(sheet.iter_rows(), first):
        yield Line(number, [None] * indent + cells, merged=number - 1 in merged)


def _of_text(path: Path) -> Iterator[Line]:
    csv.field_size_limit(LONGEST_LINE)
    with path.open("rb") as file:
        encoding = _encoding_of(file)
        reader = csv.reader(
            _checked(io.TextIOWrapper(file, encoding, newline="")), _Commas(_delimiter(path, encoding))
        )
        number = 0
        try:
            for cells in reader:
                number += 1
                if len(cells) > MOST_CELLS_A_ROW:
                    raise FileWrong("too_many_columns")
                if number > MOST_ROWS:
                    raise FileWrong("too_many_rows")
                # A text says in its own first sign that it is no formula: what our exports add, and offices too.
                yield Line(number, [_unguarded(cell) for cell in cells])
        except csv.Error as error:
            raise FileWrong("broken_text") from error


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_SIGNS) else cell


class _Commas(csv.Dialect):
    """RFC 4180, with the delimiter that the file uses."""

    quotechar = '"'
    doublequote = True
    skipinitialspace = False
    lineterminator = "\r\n"
    quoting = csv.QUOTE_MINIMAL
    strict = True

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        super().__init__()


def _checked(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length without NUL: `readline` of a file without line ends would read it whole."""
    while line := text.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise FileWrong("line_too_long")
        if "\x00" in line:
            raise FileWrong("nul_in_text")
        yield line


def _delimiter(path: Path, encoding: str) -> str:
    """The sign between cells: of comma, tab and semicolon the one that the first line has most of."""
    with path.open("rb") as file:
        head = file.read(65_536)
    first = head.decode(encoding, "ignore").lstrip("\ufeff").splitlines()[:1] or [""]
    return max((",", "\t", ";"), key=first[0].count)


def _encoding_of(file: IO[bytes]) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8 where all of it is, else GB 18030, which offices still write."""
    head = file.read(4)
    file.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        return _decodes(file, "utf-8-sig")
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _decodes(file, "utf-16")
    for encoding in ("utf-8", "gb18030"):
        try:
            return _decodes(file, encoding)
        except FileWrong:
            continue
    raise FileWrong("unknown_encoding")


def _decodes(file: IO[bytes], encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FileWrong("unknown_encoding") from error
    finally:
        file.seek(0)
    return encoding
