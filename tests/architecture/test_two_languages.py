"""What a person reads when something is refused exists in Chinese and in English, in every rule of the house."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from libs.common.faults import as_problem
from libs.common.languages import Language
from libs.common.problems import Problem
from libs.common.refusals import kind_of
from libs.contracts.words import WORDS
from tests.architecture.sources import Source, planted, product

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CODE = re.compile(r"[/#]?[\w{}/.-]*|\W+")
_PAIR = {"zh": "请重新办理。", "en": "do it again"}
_VALUES: dict[Any, Any] = {
    str: "a_code", int: 1, float: 1.0, bool: False, datetime: datetime(2026, 10, 12, tzinfo=UTC), UUID: UUID(int=7),
    date: date(2026, 10, 12), Decimal: Decimal(1), Mapping: {}, Iterable: (), frozenset: frozenset(), Any: {},
    object: "a_code",
}  # fmt: skip
_MARK = re.compile(r"「([A-Z]\w*)\.\{")
_RULES = re.compile(r"(services|gateway)/(?:[a-z_]+/)+(rules|actions|vocabulary)[a-z_]*\.py")


def _sources() -> list[Source]:
    return [source for source in product() if not source.path.startswith("infra/")]


def _loaded() -> None:
    for source in _sources():
        if _RULES.fullmatch(source.path):
            import_module(source.path.removesuffix(".py").replace("/", "."))


def _below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _refusals() -> list[type[BaseException]]:
    _loaded()
    own = ("services.", "gateway.", "libs.")
    return sorted(
        {one for one in _below(Exception) if one.__module__.startswith(own) and kind_of(one) is not None},
        key=lambda one: (one.__module__, one.__name__),
    )


def _value(name: str, annotation: Any) -> Any:
    """Something of that type, to build the refusal with."""
    inner = [one for one in get_args(annotation) if one not in (..., NoneType)]
    if name in _PAIR:
        return _PAIR[name]
    if isinstance(annotation, type) and is_dataclass(annotation):
        hints = get_type_hints(annotation)
        return annotation(**{one.name: _value("", hints[one.name]) for one in fields(annotation) if _needed(one)})
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation))
    if inner == [str, str]:
        return tuple(_PAIR.values())
    if get_origin(annotation) is tuple:
        return tuple(_value("", one) for one in inner)
    if get_origin(annotation) is UnionType:
        return _value(name, inner[0])
    return _VALUES[get_origin(annotation) or annotation]


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _built(refusal: type[BaseException]) -> BaseException:
    parameters = inspect.signature(refusal.__init__).parameters
    if "__init__" not in {name for one in refusal.__mro__ if one.__module__[0] in "sgl" for name in vars(one)}:
        return refusal(*_PAIR.values())
    hints = get_type_hints(refusal.__init__)
    given = [
        _value(name, hints[name])
        for name, one in parameters.items()
        if name != "self" and one.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    return refusal(*given)


def _both(zh: str, en: str) -> bool:
    return bool(_HAN.search(zh)) and bool(en) and not _HAN.search(en)


@pytest.mark.parametrize("refusal", _refusals(), ids=lambda one: one.__name__)
def test_a_refusal_speaks_chinese_and_english(refusal: type[BaseException]) -> None:
    if issubclass(refusal, Problem):
        assert _both(refusal.title.zh, refusal.title.en)
        assert _both(refusal.advice.zh, refusal.advice.en)
        return
    problem = as_problem(_built(refusal))
    zh, en = problem.document(Language.ZH), problem.document(Language.EN)
    assert problem.code == getattr(refusal, "code", None)
    assert _both(zh["title"], en["title"])
    assert _both(zh["detail"], en["detail"]), (zh["detail"], en["detail"])
    for said_zh, said_en in zip(zh.get("errors", ()), en.get("errors", ()), strict=True):
        assert _both(said_zh["detail"], said_en["detail"])


def _texts(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Each text below a node as (its literal part, `text`); names that stand for one language as (name, `name`)."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values), "text"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, "text"
    elif isinstance(node, ast.Name) and node.id in ("zh", "en"):
        yield node.id, "name"
    elif not isinstance(node, ast.Compare):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def _one_sided(node: ast.AST) -> bool:
    found = list(_texts(node))
    zh = sum(text == "zh" if kind == "name" else bool(_HAN.search(text)) for text, kind in found)
    en = sum(
        text == "en" if kind == "name" else not _HAN.search(text) and not _CODE.fullmatch(text)
        for text, kind in found
    )
    return zh != en


def _classes(sources: Iterable[Source]) -> Mapping[str, ast.ClassDef]:
    return {node.name: node for one in sources for node in ast.walk(one.tree) if isinstance(node, ast.ClassDef)}


def _spoken_in_one_language(sources: Iterable[Source], refusals: frozenset[str]) -> list[str]:
    """Calls of refusals, and faults with a pointer, whose words are not a pair."""
    found = []
    for source in sources:
        for node in ast.walk(source.tree):
            called = isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in refusals
            fault = isinstance(node, ast.Tuple) and len(node.elts) == 3 and _is_pointer(node.elts[0])
            if (called or fault) and _one_sided(node):
                found.append(source.at(node))
    return found


def _is_pointer(node: ast.expr) -> bool:
    text = next((text for text, kind in _texts(node) if kind == "text"), "")
    return text.startswith("/") and isinstance(node, ast.Constant | ast.JoinedStr)


def test_no_refusal_and_no_fault_is_written_in_one_language() -> None:
    names = frozenset(one.__name__ for one in _refusals())
    assert _spoken_in_one_language(_sources(), names) == []


@pytest.mark.parametrize(
    "code",
    [
        'raise OrderEnded(order, f"merged into {order.merged_into}: act there")',
        'raise OrderEnded(order, "已撤回。")',
        'faults.append(("/due_at", "required", "an order has a deadline"))',
    ],
)
def test_one_language_is_noticed(code: str) -> None:
    assert _spoken_in_one_language([planted("services/x/y/rules.py", code)], frozenset({"OrderEnded"}))


def test_every_code_that_people_are_shown_has_a_word_in_both_languages() -> None:
    _loaded()
    shown = {
        (one.__name__, str(value))
        for one in StrEnum.__subclasses__()
        if one.__module__.startswith("services.")
        for value in one
        if value
    }
    words = {
        (kind, code) for kind, codes in WORDS.items() for code, said in codes.items() if _both(said["zh"], said["en"])
    }
    assert shown - words == set()


def test_every_move_has_a_word() -> None:
    _loaded()
    moves: set[str] = set()
    for source in _sources():
        if _RULES.fullmatch(source.path):
            table = getattr(import_module(source.path.removesuffix(".py").replace("/", ".")), "MOVES", {})
            moves |= {key for key in table if type(key) is str}
            moves |= {
                one for value in table.values() if isinstance(value, tuple) for one in value if type(one) is str
            }
    assert moves
    assert moves - set(WORDS["Move"]) == set()


def test_every_mark_in_a_message_names_words_that_there_are() -> None:
    marks = {kind for source in _sources() for kind in _MARK.findall(source.text)}
    assert marks
    assert marks <= set(WORDS)
