"""How an export goes on: from a page's cursor, at a place in the file of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PAGE: Final = 500
"""The largest page that a list gives."""
MOST_FILTERS: Final = 20
ROWS_FILE: Final = "rows.ndjson"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an export is: the cursor of the page to come, how much of the file of rows is good, and whether all is
    there."""

    next: str | None = None
    size_bytes: int = 0
    rows: int = 0
    total: int | None = None
    complete: bool = False

    @staticmethod
    def of(cursor: Mapping[str, Any]) -> Place:
        """The place that a job's cursor says."""
        return Place(**cursor)


def file_name(noun: str, day: str, kind: str) -> str:
    """What the file is called where it is saved."""
    return f"{noun}-{day}.{kind}"
