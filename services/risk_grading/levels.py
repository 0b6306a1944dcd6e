"""Levels as answers show them: an ordinal on a named scale, with its colour and its words in both languages.

The same Chinese word names different colours on different scales, so a level never travels without its scale.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from libs.common.forms import Shown

_DATA = orjson.loads((Path(__file__).parent / "level-scales-1.json").read_bytes())


class LevelOut(Shown):
    """A level: `ordinal` 1 is the worst."""

    ordinal: int
    colour: str
    scale: str
    label: dict[str, str]


_LEVELS = {
    (scale, level["ordinal"]): LevelOut(scale=scale, **level)
    for scale, said in _DATA["scales"].items()
    for level in said["levels"]
}


def level_of(scale: str, ordinal: int) -> LevelOut:
    """The level of an ordinal on a scale; KeyError for a scale that is not in `level-scales-*.json`."""
    return _LEVELS[scale, ordinal]
