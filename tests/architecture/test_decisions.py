"""Decisions are numbered, listed in their order, and each page names what holds it."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT, product

_FOLDER = ROOT / "docs/decisions"
_PAGE = re.compile(r"\d{4}-[a-z0-9-]+\.md")
_PAGES = sorted(path.name for path in _FOLDER.glob("*.md") if path.name != "README.md")


def test_every_decision_has_a_number_of_its_own() -> None:
    assert [name for name in _PAGES if not _PAGE.fullmatch(name)] == []
    numbers = [name[:4] for name in _PAGES]
    assert len(numbers) == len(set(numbers))


def test_the_table_lists_every_decision_in_order() -> None:
    listed = re.findall(r"^\| \[(\d{4})\]\((.+?)\)", (_FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [page for _, page in listed] == _PAGES
    assert all(page.startswith(f"{number}-") for number, page in listed)


def test_every_decision_names_what_holds_it() -> None:
    assert [name for name in _PAGES if "**Held by**" not in (_FOLDER / name).read_text("utf-8")] == []


def test_the_page_on_the_plumbing_says_how_large_it_is() -> None:
    page = (_FOLDER / "0010-the-plumbing-is-many-small-files.md").read_text("utf-8")
    said = re.search(r"It is about (\d+) files and ([\d,]+) lines", page)
    assert said is not None
    plumbing = [one for one in product() if one.path.startswith("libs/common/")]
    for told, there in (
        (int(said[1]), len(plumbing)),
        (int(said[2].replace(",", "")), sum(len(one.lines) for one in plumbing)),
    ):
        assert abs(told - there) < there / 10
