"""Which column a heading means: its name in Chinese or English, its field, or what the caller says it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize

from gateway.spreadsheets.rules import Column, letters

MOST_COLUMNS: Final = 200
"""[DEF] More headings than any list has; a sheet of a million columns is no list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadingWrong:
    """A heading that no column has, is there twice, or is missing."""

    cell: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Headings:
    """The columns by their place, from 0 on; None for a place without a heading."""

    columns: tuple[Column | None, ...]
    faults: tuple[HeadingWrong, ...]


def match(headings: Sequence[object], columns: Sequence[Column], mapping: Mapping[str, str], row: int) -> Headings:
    """What each heading means. `mapping` is heading → field, where the caller says it; `row` names the cells."""
    found: list[Column | None] = []
    faults: list[HeadingWrong] = []
    by_name = _by_name(columns)
    by_field = {one.field: one for one in columns}
    for place, heading in enumerate(headings):
        name = plain("" if heading is None else str(heading))
        told = mapping.get(str(heading).strip()) if heading is not None else None
        column = by_field.get(told) if told is not None else by_name.get(name)
        cell = f"{letters(place + 1)}{row}"
        if column is None and name:
            faults.append(_unknown(cell, str(heading), columns))
        elif column is not None and column in found:
            faults.append(_twice(cell, column))
        found.append(column)
    faults += [_missing(one, row) for one in columns if one.required and one not in found]
    return Headings(columns=tuple(found), faults=tuple(faults))


def plain(heading: str) -> str:
    """A heading without what people decorate it with: spaces, stars, line ends, width and case of letters."""
    return "".join(one for one in normalize("NFKC", heading) if not one.isspace() and one != "*").casefold()


def _by_name(columns: Sequence[Column]) -> dict[str, Column]:
    named: dict[str, Column] = {}
    for one in columns:
        named.setdefault(plain(one.field), one)
    for one in columns:
        named.setdefault(plain(one.zh), one)
        named.setdefault(plain(one.en), one)
    return named


def _unknown(cell: str, heading: str, columns: Sequence[Column]) -> HeadingWrong:
    names = {plain(name): name for one in columns for name in (one.zh, one.en, one.field)}
    near = get_close_matches(plain(heading), list(names), n=1, cutoff=0.4)
    shown = heading[:60]
    zh, en = (f"；是否指“{names[near[0]]}”？" if near else "。", f"; do you mean {names[near[0]]}?" if near else ".")
    return HeadingWrong(
        cell=cell, code="unknown_column", zh=f"没有“{shown}”这一列{zh}", en=f"There is no column {shown}{en}"
    )


def _twice(cell: str, column: Column) -> HeadingWrong:
    return HeadingWrong(
        cell=cell,
        code="column_twice",
        zh=f"“{column.zh}”这一列出现了两次。",
        en=f"The column {column.en} is there twice.",
    )


def _missing(column: Column, row: int) -> HeadingWrong:
    return HeadingWrong(
        cell=f"A{row}",
        code="column_missing",
        zh=f"缺少“{column.zh}”这一列。",
        en=f"The column {column.en} is missing.",
    )
