"""The page on security claims nothing that no test holds."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT

_ROW = re.compile(r"^\| (?P<requirement>[^|]+) \| (?P<where>[^|]+) \| (?P<test>[^|]+) \|$", re.MULTILINE)


def _rows() -> list[re.Match[str]]:
    text = (ROOT / "docs/security.md").read_text("utf-8")
    return [row for row in _ROW.finditer(text) if not row["requirement"].endswith("requirement")]


def test_every_row_names_a_test_and_a_place_that_exist_or_says_that_it_is_not_met() -> None:
    wrong = []
    for row in _rows():
        if row["test"] == "—":
            held = row["where"].startswith(("not met", "does not apply"))
        else:
            places = re.findall(r"`((?:libs|gateway|infra|services|tests)/[\w/.]+)`", f"{row['where']} {row['test']}")
            held = bool(places) and all((ROOT / place).exists() for place in places)
        if not held:
            wrong.append(row["requirement"])
    assert _rows()
    assert wrong == []
