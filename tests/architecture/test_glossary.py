"""One noun for one concept: the glossary knows every noun that events and slices use, and no noun twice."""

from __future__ import annotations

import re
from collections import Counter

from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import noun_of
from tests.architecture.sources import ROOT, product
from tests.architecture.walls.rooms import room_of

_ROW = re.compile(r"^\| ([a-z][a-z -]*) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
_SHORT = {
    "objects": "risk object",
    "after_action": "review",
    "order_batches": "order batch",
    "enforcement": "enforcement fact",
}
"""Slices whose service says the rest of the name, or whose plural takes more than an s."""
_INSTEAD = {"danger": "hazard", "dangers": "hazards", "trade": "sector", "trades": "sectors"}
"""Words that were given up, and what is said instead."""


def _rows() -> list[tuple[str, str]]:
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    return [row for row in _ROW.findall(page) if row[0] != "noun"]


def _known(noun: str) -> bool:
    """Whether a noun has a row; slices speak of many where the glossary speaks of one."""
    nouns = {word.replace("-", " ") for word, _ in _rows()}
    said = _SHORT.get(noun, noun).replace("_", " ")
    return bool({said, said.removesuffix("s"), f"{said.removesuffix('ies')}y"} & nouns)


def test_no_noun_and_no_chinese_term_stands_for_two_concepts() -> None:
    assert len(_rows()) > 60
    assert [noun for noun, times in Counter(noun for noun, _ in _rows()).items() if times > 1] == []
    assert [term for term, times in Counter(term for _, term in _rows()).items() if times > 1] == []


def test_every_noun_that_events_tell_of_is_in_the_glossary() -> None:
    assert sorted({noun_of(name) for name in CATALOGUE if not _known(noun_of(name))}) == []


def test_every_slice_is_named_by_a_noun_of_the_glossary() -> None:
    rooms = (room_of(one.path.removesuffix(".py").replace("/", ".")) for one in product())
    slices = {room.slice for room in rooms if room is not None and room.is_in_slice}
    assert sorted(one for one in slices if not _known(one)) == []


def test_words_that_were_given_up_are_not_used_as_names() -> None:
    named = re.compile(rf"\b(?:class|def)\s+\w*?({'|'.join(_INSTEAD)})\w*", re.IGNORECASE)
    assert [f"{one.path}: {hit[0]}" for one in product() for hit in named.finditer(one.text)] == []
    assert named.search("def find_danger(tx): ...")
