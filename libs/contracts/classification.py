"""The classification 分类: which sectors and categories there are, one list that all services speak.

Data with a version, dates and a source (docs/decisions/0007). Whoever takes a word from a caller refuses every other
one: a sector or category that nobody knows would be nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import orjson

FILE: Final = Path(__file__).parent / "classification-1.json"
_SAID: Final = orjson.loads(FILE.read_bytes())
SECTORS: Final = frozenset(one["code"] for one in _SAID["sectors"])
SECTORS_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {one["code"]: tuple(one["sectors"]) for one in _SAID["categories"]}
)
"""The sectors of each category, in the order of the list."""
CATEGORIES: Final = frozenset(SECTORS_OF)
