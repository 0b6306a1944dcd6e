"""`libs/common` is plumbing: it names nothing that only a city's safety knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Source, docstrings, planted, product

_NOUNS = re.compile(
    "accountability|alarm|brigade|casualties|casualty|dispute|drill|duties|duty|escalate|escalation|fire|firm|grid"
    "|hazards?|incidents?|inspection|inspector|landlord|patrol|penalty|rectification|rectify|reporter|rescue"
    "|responder|rewards?|supervision|teams?|township|veto|victim|village|workshop"
)
"""Words of the domain that have no second meaning in plumbing (an `order` or a `report` has one)."""
_GRANTED = {"libs/common/scope.py": ("duty",), "libs/common/places.py": ("township", "village")}
"""Row-level security must know which roles see what is not triaged yet, the duty officer's among them; and a
12-digit code says which level of government it stands for."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _spoken(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every name that a module gives, and every text in it that is no docstring."""
    said = docstrings(source.tree)
    for node in ast.walk(source.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.keyword(arg=str() as name):
                yield node, name
            case ast.Constant(value=str() as text) if node not in said:
                yield node, text


def _domain_words(sources: Iterable[Source]) -> list[str]:
    return [
        f"{source.at(node)}: {word}"
        for source in sources
        for node, text in _spoken(source)
        for word in _WORD.findall(text)
        if _NOUNS.fullmatch(word.lower()) and word.lower() not in _GRANTED.get(source.path, ())
    ]


def test_the_plumbing_has_no_word_of_the_domain() -> None:
    assert _domain_words(one for one in product() if one.path.startswith("libs/common/")) == []


def test_a_word_of_the_domain_would_be_noticed() -> None:
    assert _domain_words([planted("libs/common/x.py", "def nearest_team(): ...")])
    assert _domain_words([planted("libs/common/x.py", "class HazardClosed: ...")])
    assert _domain_words([planted("libs/common/x.py", "SQL = 'SELECT 1 FROM incidents'")])
    assert not _domain_words([planted("libs/common/x.py", "class Duplicate:\n    '''A hazard.'''")])
