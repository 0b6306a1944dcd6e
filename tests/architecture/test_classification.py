"""One list of sectors and categories: no data file holds another one, or uses a word that is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from libs.contracts.classification import CATEGORIES, FILE, SECTORS
from tests.architecture.sources import ROOMS, ROOT, texts

_WORDS = {"sectors": SECTORS, "sector": SECTORS, "categories": CATEGORIES, "category": CATEGORIES}
_OF_NO_CATEGORY = (
    "services/responsibility_registry/accountability/policies/facts-1.json", "category", "comprehensive",
)  # fmt: skip
"""A fire of no finer kind is of no category of danger: its trace asks for those who answer for all of them."""
_A_LIST = 4
"""So many of the words, each with a label of its own, are a list of them."""


def _data() -> Iterator[tuple[str, Any]]:
    """Every data file of what ships, but those that are made from the code."""
    own = FILE.relative_to(ROOT).as_posix()
    for path, text in texts().items():
        made = path.startswith(("libs/contracts/schemas/", "libs/contracts/samples/"))
        if path.endswith(".json") and path.startswith(ROOMS) and path != own and not made:
            yield path, orjson.loads(text)


def _labelled(value: Any) -> Iterator[str]:
    """The codes that a file gives a label of its own."""
    if isinstance(value, dict):
        if {"code", "zh"} <= value.keys():
            yield str(value["code"])
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _labelled(one)


def _used(value: Any) -> Iterator[tuple[str, str]]:
    """Each word that stands where a sector or a category does, and under which key."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in _WORDS:
                named = [below] if isinstance(below, str) else below
                yield from ((key, one) for one in named or () if isinstance(one, str))
            yield from _used(below)
    elif isinstance(value, list):
        for one in value:
            yield from _used(one)


def test_no_data_file_holds_a_second_list() -> None:
    second = {path: {*_labelled(data)} & (SECTORS | CATEGORIES) for path, data in _data()}
    assert {path: words for path, words in second.items() if len(words) >= _A_LIST} == {}


def test_every_word_that_a_data_file_uses_is_in_the_list() -> None:
    unknown = [(path, key, word) for path, data in _data() for key, word in _used(data) if word not in _WORDS[key]]
    assert unknown == [_OF_NO_CATEGORY]


def test_a_second_list_and_a_word_of_nobody_would_be_noticed() -> None:
    assert {*_labelled({"x": [{"code": "fire", "zh": "消防"}]})} == {"fire"}
    assert [*_used([{"category": "fier", "sectors": ["fire", "gsa"]}])] == [
        ("category", "fier"), ("sectors", "fire"), ("sectors", "gsa"),
    ]  # fmt: skip
