"""Reads once what fields and machine words are called; sectors and categories are named by the classification."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

from gateway.spreadsheets.rules_schema import Titles
from libs.contracts.classification import FILE as CLASSIFICATION

_COLUMNS: Final = Path(__file__).parent / "policies" / "columns-1.json"


def _named(listed: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    return {one["code"]: (one["zh"], one["en"]) for one in listed}


def _read() -> Titles:
    said = orjson.loads(_COLUMNS.read_bytes())
    known = orjson.loads(CLASSIFICATION.read_bytes())
    sectors, categories = _named(known["sectors"]), _named(known["categories"])
    words = {name: {code: tuple(both) for code, both in listed.items()} for name, listed in said["words"].items()}
    return Titles(
        fields={one["field"]: (one["zh"], one["en"]) for one in said["fields"]},
        words={"sectors": sectors, "categories": categories, "category": categories, **words},
    )


TITLES: Final = _read()
