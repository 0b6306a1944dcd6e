"""Columns out of the API document: nothing here knows a list by name, so a new list can be taken out at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.spreadsheets.rules import Column, Kind, Word

NATURAL_KEY = "x-natural-key"
DEEPEST = 3
"""So many names deep an object is laid out in columns; what lies deeper stands in one cell as JSON."""
_LEFT_OUT = frozenset({"actions"})
"""What the caller may do next is of the moment, and no fact about a row."""
_PAGING = frozenset({"limit", "cursor", "count"})
_LIST_SUFFIX = "/import"
_COORDINATES = frozenset({"type", "coordinates"})
Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Titles:
    """What fields and machine words are called: data, by field (`place` or `list.place`) and by word."""

    fields: Mapping[str, tuple[str, str]]
    words: Mapping[str, Mapping[str, tuple[str, str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRoute:
    """A list of the API: its path with the values filled in, what may be asked of it, and whether it has pages."""

    path: str
    noun: str
    parameters: frozenset[str]
    paged: bool
    item: Schema


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRoute:
    """An import of the API: the list that it fills, and what makes two rows the same."""

    list: str
    noun: str
    natural_key: tuple[str, ...]
    row: Schema


def lists(document: Schema) -> Iterator[ListRoute]:
    """Every list: what answers with `items` and `next`."""
    for path, item in document.get("paths", {}).items():
        operation = item.get("get")
        answer = _answer(document, operation) if operation else {}
        fields = answer.get("properties", {})
        if "items" not in fields or not _ends(fields.get("next", {})):
            continue
        row = resolved(document, fields["items"].get("items", {}))
        if not row.get("properties"):
            continue
        named = {one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"}
        yield ListRoute(
            path=path, noun=_noun(path), parameters=frozenset(named - _PAGING), paged="cursor" in named, item=row
        )


def list_at(document: Schema, path: str) -> ListRoute | None:
    """The list that answers at a path, such as `/v1/hazards` or `/v1/risk-objects/<id>/assessments`."""
    asked = path.split("/")
    for one in lists(document):
        known = one.path.split("/")
        if len(known) == len(asked) and all(_fits(*pair) for pair in zip(known, asked, strict=True)):
            return ListRoute(path=path, noun=one.noun, parameters=one.parameters, paged=one.paged, item=one.item)
    return None


def imports(document: Schema) -> Iterator[ImportRoute]:
    """Every import: what says which fields make two rows the same."""
    for path, item in document.get("paths", {}).items():
        operation = item.get("post", {})
        if NATURAL_KEY not in operation or not path.endswith(_LIST_SUFFIX):
            continue
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        row = resolved(document, resolved(document, body)["properties"]["items"]["items"])
        where = path.removesuffix(_LIST_SUFFIX)
        yield ImportRoute(list=where, noun=_noun(where), natural_key=tuple(operation[NATURAL_KEY]), row=row)


def columns(document: Schema, shape: Schema, noun: str, titles: Titles) -> tuple[Column, ...]:
    """The columns of a row of this shape, in the order of its fields."""
    example: Any = next(iter(shape.get("examples", ())), {})
    return tuple(_laid_out(document, shape, noun, titles, (), example, True))


def resolved(document: Schema, schema: Schema) -> Schema:
    """The schema itself, behind references and beside null."""
    found = schema
    while True:
        branches = found.get("anyOf") or found.get("oneOf") or found.get("allOf") or ()
        real = [one for one in branches if one.get("type") != "null"]
        if "$ref" in found:
            name = found["$ref"].rpartition("/")[2]
            found = document["components"]["schemas"][name]
        elif len(real) == 1:
            found = {**found, **resolved(document, real[0])}
            return {key: value for key, value in found.items() if key not in ("anyOf", "oneOf", "allOf")}
        else:
            return found


def _ends(following: Schema) -> bool:
    """Whether a list comes to an end: the `next` of what is followed for ever is never null."""
    return any(one.get("type") == "null" for one in (following, *following.get("anyOf", ())))


def _answer(document: Schema, operation: Schema) -> Schema:
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    return resolved(document, content.get("application/json", {}).get("schema", {}))


def _noun(path: str) -> str:
    return next((part for part in reversed(path.split("/")) if part and not part.startswith("{")), "")


def _fits(known: str, asked: str) -> bool:
    if known.startswith("{"):
        return bool(asked) and all(one.isalnum() or one in "-_" for one in asked)
    return known == asked


# long because a shape is laid out by one look at each of its fields
def _laid_out(
    document: Schema,
    shape: Schema,
    noun: str,
    titles: Titles,
    above: tuple[str, ...],
    example: Any,
    needed: bool,
) -> Iterator[Column]:
    required = frozenset(shape.get("required", ()))
    for name, given in shape.get("properties", {}).items():
        schema, path = resolved(document, given), (*above, name)
        if not above and name in _LEFT_OUT:
            continue
        shown = example.get(name) if isinstance(example, Mapping) else None
        needs = needed and name in required
        if schema.get("properties", {}).keys() >= _COORDINATES:
            yield from _place(noun, titles, path, needs)
        elif schema.get("properties") and len(path) < DEEPEST:
            yield from _laid_out(document, schema, noun, titles, path, shown, needs)
        else:
            yield _column(document, given, schema, noun, titles, path, shown, needs)


def _place(noun: str, titles: Titles, path: tuple[str, ...], needed: bool) -> Iterator[Column]:
    for kind in (Kind.LON, Kind.LAT):
        zh, en = _titled(titles, noun, (*path, kind.value))
        yield Column(field=".".join((*path, kind.value)), kind=kind, zh=zh, en=en, required=needed)


def _says_empty(given: Schema, schema: Schema) -> bool:
    """Whether nothing can be meant: null (a province has no parent), or no entries (a post over every sector)."""
    null = any(branch.get("type") == "null" for branch in given.get("anyOf", ()))
    return null or (schema.get("type") == "array" and not schema.get("minItems"))


def _column(
    document: Schema,
    given: Schema,
    schema: Schema,
    noun: str,
    titles: Titles,
    path: tuple[str, ...],
    shown: Any,
    needed: bool,
) -> Column:
    inner = resolved(document, schema.get("items", {})) if schema.get("type") == "array" else schema
    zh, en = _titled(titles, noun, path)
    choices = [str(one) for one in inner.get("enum", ()) if one not in (None, "")]
    return Column(
        field=".".join(path), kind=_kind(schema, inner), zh=zh, en=en, required=needed,
        nullable=needed and _says_empty(given, schema),
        help=str(schema.get("description", "")), pattern=inner.get("pattern"), longest=inner.get("maxLength"),
        least=_bound(inner.get("minimum")), most=_bound(inner.get("maximum")),
        words=_words(titles, noun, path, choices), closed=bool(choices), example=_example(shown),
    )  # fmt: skip


def _kind(schema: Schema, inner: Schema) -> Kind:
    if schema.get("type") == "array":
        return Kind.TEXTS if inner.get("type") in ("string", "integer", "number") else Kind.JSON
    by_format = {"date": Kind.DATE, "date-time": Kind.TIME}
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    simple = {"string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN}
    return simple.get(str(schema.get("type")), Kind.JSON)


def _bound(value: Any) -> float | None:
    """A bound that a person is told of; those of 64 bits are the machine's own."""
    return float(value) if isinstance(value, int | float) and abs(value) < 2**62 else None


def _titled(titles: Titles, noun: str, path: Sequence[str]) -> tuple[str, str]:
    whole = titles.fields.get(f"{noun}.{'.'.join(path)}") or titles.fields.get(".".join(path))
    if whole is not None:
        return whole
    parts = [titles.fields.get(f"{noun}.{name}") or titles.fields.get(name) or (name, name) for name in path]
    return "·".join(zh for zh, _ in parts), " · ".join(en for _, en in parts)


def _words(titles: Titles, noun: str, path: Sequence[str], choices: Sequence[str]) -> tuple[Word, ...]:
    whole, last = ".".join(path), path[-1]
    names = (f"{noun}.{whole}", whole, f"{noun}.{last}", last)
    known = next((titles.words[name] for name in names if name in titles.words), {})
    codes = choices or list(known)
    named = {code: known.get(code, (code, code)) for code in codes}
    return tuple(Word(code=code, zh=zh, en=en) for code, (zh, en) in named.items())


def _example(shown: Any) -> str:
    if isinstance(shown, list):
        return "、".join(str(one) for one in shown)
    if isinstance(shown, bool):
        return "是" if shown else "否"
    return "" if shown is None or isinstance(shown, dict) else str(shown)
