"""Names of a city's places stand in its data and in tests, and nowhere in the code that another city would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT, Source, planted, product

_DATA = "infra/city/data"
_KINDS = ("省", "市", "县", "区", "街道", "镇", "乡")


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def _names() -> frozenset[str]:
    """The provinces, cities, counties and townships of every city that ships: whole, and without their kind."""
    found, english = set[str](), set[str]()
    for file in sorted((ROOT / _DATA).glob("*/regions.csv")):
        wide = {row["code"]: row["name"] for row in _rows(file) if row["level"] != "village"}
        found.update(wide.values())
        english.update(
            row["name_en"].split()[0] for row in _rows(file.parent / "names_en.csv") if row["code"] in wide
        )
    stems = {name.removesuffix(kind) for name in found for kind in _KINDS if name.endswith(kind)}
    return frozenset(one for one in found | stems if len(one) > 1) | {one for one in english if len(one) > 5}


def _named(sources: Iterable[Source]) -> Iterator[str]:
    names = _names()
    for source in sources:
        if not source.path.startswith(f"{_DATA}/"):
            for number, line in enumerate(source.lines, start=1):
                yield from (f"{source.path}:{number} {name}" for name in sorted(names) if name in line)


def test_code_names_no_place_of_the_demonstration_city() -> None:
    assert [*_named(product())] == []


def test_a_place_in_the_code_would_be_noticed() -> None:
    names = _names()
    assert len(names) > 100
    one = max(names, key=len)
    assert [*_named([planted("services/a/b/forms.py", f"EXAMPLE = '{one}某村'")])]
