"""How an import goes on, and which row of the file a fault of a batch is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

BATCH: Final = 500
"""What an import door takes at once."""
UPLOAD_BYTES: Final = 50 << 20
"""[DEF] A full sheet of ten columns packs to less."""
MOST_MAPPED: Final = 100
UPLOAD_FILE: Final = "upload"
ROWS_FILE: Final = "rows.ndjson"
MOST_ROUNDS: Final = 60
"""A batch whose forms are wrong is sent again without the rows that were named, fifty faults at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an import is. `read`: the file's rows are laid out; `checked`: they were tried, where that was asked;
    `at_byte`: how far the present pass is in the file of rows."""

    read: bool = False
    rows: int = 0
    checked: bool = False
    at_byte: int = 0
    passed: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @staticmethod
    def of(cursor: Mapping[str, Any]) -> Place:
        """The place that a job's cursor says."""
        return Place(**cursor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """One row of the file: its number there, in which columns its fields stand, and the row for the door."""

    row: int
    at: Mapping[str, str]
    item: Mapping[str, Any]


def faults_of(batch: Sequence[Entered], faults: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The faults of a batch, each with the file's row and cell. `faults` are {row, pointer, code, detail}."""
    return [_fault(batch[one["row"]], one) for one in faults]


def _fault(entered: Entered, fault: Mapping[str, Any]) -> dict[str, Any]:
    field = field_of(str(fault.get("pointer") or ""))
    column = _column(entered, field)
    return {
        "row": entered.row, "cell": None if column is None else f"{column}{entered.row}", "field": field or None,
        "code": fault["code"], "detail": fault["detail"],
    }  # fmt: skip


def field_of(pointer: str) -> str:
    """`#/responsible_entity/name` is responsible_entity.name; places in a list are left."""
    names = pointer.removeprefix("#").strip("/").split("/")
    return ".".join(name.replace("~1", "/").replace("~0", "~") for name in names if name and not name.isdigit())


def _column(entered: Entered, field: str) -> str | None:
    whole = field
    while whole:
        if whole in entered.at:
            return entered.at[whole]
        whole = whole.rpartition(".")[0]
    return next((place for name, place in entered.at.items() if field and name.startswith(f"{field}.")), None)


def named_rows(errors: Iterable[Mapping[str, Any]], size: int) -> list[dict[str, Any]] | None:
    """The faults of a batch that was refused whole, by row; None where one of them names no row of it."""
    found: list[dict[str, Any]] = []
    for error in errors:
        pointer = str(error.get("pointer") or "")
        place, _, rest = pointer.removeprefix("#").removeprefix("/items/").partition("/")
        if not pointer.removeprefix("#").startswith("/items/") or not place.isdecimal() or int(place) >= size:
            return None
        found.append({**error, "row": int(place), "pointer": f"#/{rest}" if rest else "#"})
    return found or None
