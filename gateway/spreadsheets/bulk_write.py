"""Files for offices: what a list answered as a sheet or as comma-separated text, and the templates of imports.

A row is written when it is read and kept nowhere, so a list of any length takes the same memory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.spreadsheets.bulk_rows import EXAMPLE_MARKS
from gateway.spreadsheets.rules import Column, Kind, letters
from gateway.spreadsheets.rules_cells import CITY_ZONE, LONGEST_CELL, guarded

ROWS_A_SHEET: Final = 1_048_576
_MOST_IN_A_LIST: Final = 255
"""So many letters the words of a drop-down may have in all; longer lists stand on a sheet of their own."""
_HELP: Final = {
    "zh": ("填写说明", ("列名", "字段", "是否必填", "说明", "格式", "示例", "可填的值"), "必填", "选填"),
    "en": ("Help", ("Column", "Field", "Required", "Meaning", "Format", "Example", "Allowed values"), "yes", "no"),
}
_FORMATS: Final = {
    Kind.TEXT: ("文字", "text"), Kind.INTEGER: ("整数", "whole number"), Kind.NUMBER: ("数字", "number"),
    Kind.BOOLEAN: ("是/否", "yes/no"), Kind.DATE: ("日期 2026-01-31", "date 2026-01-31"),
    Kind.TIME: ("时间 2026-01-31 08:00", "time 2026-01-31 08:00"), Kind.JSON: ("JSON", "JSON"),
    Kind.TEXTS: ("多项，用“、”分隔", "several, separated by ,"), Kind.LON: ("经度 WGS 84", "longitude, WGS 84"),
    Kind.LAT: ("纬度 WGS 84", "latitude, WGS 84"),
}  # fmt: skip


def write_rows(source: Path, target: Path, columns: Sequence[Column], kind: str, language: str) -> int:
    """The rows of JSON lines as a file of this kind; returns how many."""
    return (_csv if kind == "csv" else _xlsx)(source, target, columns, language)


def write_template(target: Path, columns: Sequence[Column], kind: str, language: str, noun: str) -> None:
    """An empty import: headings, an example that is passed over, and on a second sheet what each column means."""
    example = [column.example for column in columns]
    example[0] = f"{EXAMPLE_MARKS[0]}:{example[0]}"
    headings = [column.title(language) for column in columns]
    if kind == "csv":
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([headings, [guarded(cell) for cell in example]])
        return
    with _workbook(target, constant_memory=False) as book:
        sheet, bold = book.add_worksheet(noun[:31]), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            star = "*" if column.required and not column.nullable else ""
            sheet.write_string(0, place, column.title(language) + star, bold)
            sheet.write_string(1, place, example[place])
            sheet.set_column(place, place, 18)
        _explain(book, columns, language)
        _offer(book, sheet, columns, language)


def _explain(book: Any, columns: Sequence[Column], language: str) -> None:
    title, heads, yes, no = _HELP[language]
    sheet, bold = book.add_worksheet(title), book.add_format({"bold": True})
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for number, column in enumerate(columns, 1):
        required = yes if column.required and not column.nullable else no
        words = "、".join(f"{word.zh}({word.code})" if language == "zh" else word.code for word in column.words)
        told = _FORMATS[column.kind][language == "en"]
        cells = (column.title(language), column.field, required, column.help, told, column.example, words)
        for place, cell in enumerate(cells):
            sheet.write_string(number, place, cell[:LONGEST_CELL])
    sheet.set_column(0, len(heads) - 1, 22)


def _offer(book: Any, sheet: Any, columns: Sequence[Column], language: str) -> None:
    """Drop-downs for what has a table of words; words too many for one stand on a hidden sheet."""
    listed = None
    for place, column in enumerate(columns):
        if column.kind is Kind.TEXTS or not (column.words or column.kind is Kind.BOOLEAN):
            continue
        yes_no = ["是", "否"] if language == "zh" else ["yes", "no"]
        words = [word.zh if language == "zh" else word.code for word in column.words] or yes_no
        rule: dict[str, Any] = {"validate": "list", "source": words, "error_type": "warning"}
        if len(",".join(words)) > _MOST_IN_A_LIST:
            listed = listed or book.add_worksheet("words")
            listed.hide()
            for number, word in enumerate(words):
                listed.write_string(number, place, word)
            rule["source"] = f"=words!${letters(place + 1)}$1:${letters(place + 1)}${len(words)}"
        sheet.data_validation(1, place, 1000, place, rule)


def _rows(source: Path) -> Iterator[Mapping[str, Any]]:
    with source.open("rb") as file:
        for line in file:
            yield orjson.loads(line)


def _csv(source: Path, target: Path, columns: Sequence[Column], language: str) -> int:
    count = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.title(language) for column in columns])
        prepared = [_Prepared(column, language) for column in columns]
        for item in _rows(source):
            writer.writerow([_plain(_shown(item, one, language)) for one in prepared])
            count += 1
    return count


def _plain(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _xlsx(source: Path, target: Path, columns: Sequence[Column], language: str) -> int:
    count = 0
    with _workbook(target) as book:
        bold = book.add_format({"bold": True})
        sheet, row = None, ROWS_A_SHEET
        prepared = [_Prepared(column, language) for column in columns]
        for item in _rows(source):
            if row >= ROWS_A_SHEET:
                sheet, row = _sheet(book, columns, language, bold), 1
            for place, one in enumerate(prepared):
                _write(sheet, row, place, _shown(item, one, language))
            row, count = row + 1, count + 1
        if sheet is None:
            _sheet(book, columns, language, bold)
    return count


def _sheet(book: Any, columns: Sequence[Column], language: str, bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 16)
        sheet.write_string(0, place, column.title(language), bold)
    return sheet


def _write(sheet: Any, row: int, place: int, value: object) -> None:
    """Text is written as text: nothing that a citizen wrote becomes a formula or a link."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float) and abs(value) < 10**15:
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, str(value)[:LONGEST_CELL])


def _workbook(target: Path, *, constant_memory: bool = True) -> Any:
    # Loaded here: only the process that writes sheets needs it.
    import xlsxwriter  # type: ignore[import-untyped]

    options = {"constant_memory": constant_memory, "strings_to_formulas": False, "strings_to_urls": False}
    return xlsxwriter.Workbook(str(target), options)


class _Prepared:
    """A column with what every row of it asks: the way to its value, and the words by their codes."""

    __slots__ = ("kind", "names", "path")

    def __init__(self, column: Column, language: str) -> None:
        self.kind, self.path = column.kind, tuple(column.field.split("."))
        self.names = {word.code: word.title(language) for word in column.words}


def _found(item: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = item
    for name in path:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def _shown(item: Mapping[str, Any], column: _Prepared, language: str) -> Any:
    """What stands in a cell: words as people call them, times in the city's civil time, lists joined."""
    if column.kind in (Kind.LON, Kind.LAT):
        return _coordinate(item, column)
    value = _found(item, column.path)
    if value is None:
        return None
    if isinstance(value, dict):
        # A label in both languages, or an open set of attributes.
        return value[language] if language in value and len(value) <= 2 else orjson.dumps(value).decode()
    if isinstance(value, list):
        return _joined(value, column, language)
    if isinstance(value, str):
        return _civil(value) if column.kind is Kind.TIME else column.names.get(value, value)
    return _yes_no(value, language) if isinstance(value, bool) else value


def _coordinate(item: Mapping[str, Any], column: _Prepared) -> Any:
    place = _found(item, column.path[:-1])
    at = place.get("coordinates") if isinstance(place, dict) else None
    return at[column.kind is Kind.LAT] if isinstance(at, list) and len(at) > 1 else None


def _joined(value: list[Any], column: _Prepared, language: str) -> str:
    if any(isinstance(one, dict | list) for one in value):
        return orjson.dumps(value).decode()
    return ("、" if language == "zh" else ", ").join(column.names.get(str(one), str(one)) for one in value)


def _yes_no(value: bool, language: str) -> str:
    return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")


def _civil(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return text
