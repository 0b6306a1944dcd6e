"""What a newer schema of one event version may not do to the hearers of the older one: additions only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_WORDS = frozenset({"title", "description", "default", "examples", "$schema", "$id", "$defs"})
_STRUCTURE = frozenset({"properties", "required"})
Schema = Mapping[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """Each reason why somebody who knows only one of two schemas misreads the other; empty when additive.

    A field that goes, changes its type or becomes required breaks; a new optional field and new words do not.
    """
    return list(_compared("", old, new, old, new))


def _compared(pointer: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    if _kind(old) != _kind(new):
        yield f"{pointer or '/'}: was {_kind(old)}, is {_kind(new)}"
        return
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name not in after:
            yield f"{pointer}/{name}: removed"
        else:
            yield from _compared(f"{pointer}/{name}", before[name], after[name], old_root, new_root)
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{pointer}/{name}: newly required"
    for part in ("items", "additionalProperties"):
        if isinstance(old.get(part), Mapping):
            yield from _compared(f"{pointer}/*", old[part], new[part], old_root, new_root)
    for number, (was, now) in enumerate(zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=False)):
        yield from _compared(f"{pointer}|{number}", was, now, old_root, new_root)


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema behind a `$ref` into the same document, as pydantic writes them."""
    while "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        schema = root["$defs"][name]
    return schema


def _kind(schema: Schema) -> dict[str, Any]:
    """What is left of a schema without words and without what is compared part by part."""
    kind: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "anyOf":
            kind[name] = len(value)
        elif name in ("items", "additionalProperties") and isinstance(value, Mapping):
            kind[name] = "schema"
        elif name not in _WORDS | _STRUCTURE:
            kind[name] = value
    return kind
