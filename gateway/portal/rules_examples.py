"""An example for every body and every good answer of a document, made from its shapes and one story's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

_DEEPEST = 8
_BY_FORMAT = {
    "uuid": "019cac0f-2680-70ff-8483-e3abf511bded",
    "date-time": "2026-10-12T11:40:00Z",
    "date": "2026-10-12",
    "uri": "https://city.example/hooks/shoutu",
    "uri-reference": "/v1/reports/019cac0f-2680-70ff-8483-e3abf511bded",
    "email": "duty@city.example",
    "binary": "…",
}


def with_examples(document: Document, story: Mapping[str, Any]) -> Document:
    """Complete a document in place: what has an example keeps it. `story` holds values by the name of a field; one
    that does not fit a field of that name is not used for it."""
    maker = _Maker(document, story)
    for shape in document.get("components", {}).get("schemas", {}).values():
        _restore_nulls(shape)
    for item in document["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict):
                continue
            _complete(operation.get("requestBody", {}).get("content", {}), maker)
            for status, answer in operation.get("responses", {}).items():
                if status.startswith("2"):
                    _complete(answer.get("content", {}), maker)
    return document


def _complete(content: Mapping[str, Any], maker: _Maker) -> None:
    for kind, said in content.items():
        if "json" in kind or "form" in kind:
            shape = said.get("schema", {})
            if "example" not in said and "examples" not in said and shape:
                said["example"] = maker.value("", shape)


def _restore_nulls(shape: Mapping[str, Any]) -> None:
    """FastAPI leaves nulls out of its document, also out of examples, where they are required."""
    fields = shape.get("properties", {})
    for example in shape.get("examples", ()):
        if isinstance(example, dict):
            for name in shape.get("required", ()):
                if any(one.get("type") == "null" for one in fields.get(name, {}).get("anyOf", ())):
                    example.setdefault(name, None)


class _Maker:
    """Makes values of shapes."""

    def __init__(self, document: Document, story: Mapping[str, Any]) -> None:
        self._document, self._story = document, story

    def value(self, name: str, shape: Mapping[str, Any], depth: int = 0) -> Any:
        """A value of the shape; for a field by its name in the story, where that fits."""
        whole = resolved(shape, self._document)
        if name in self._story and fits(self._story[name], shape, self._document):
            return self._story[name]
        said = (*whole.get("examples", ()), *((whole["example"],) if "example" in whole else ()))
        for one in said:
            return one
        for word in ("const", "default"):
            if whole.get(word) is not None:
                return whole[word]
        if "enum" in whole:
            return whole["enum"][0]
        return self._of_parts(name, whole, depth)

    def _of_parts(self, name: str, shape: Mapping[str, Any], depth: int) -> Any:
        for union in ("anyOf", "oneOf"):
            if union in shape:
                branches = shape[union]
                nothing = any(one.get("type") == "null" for one in branches)
                return None if nothing and depth > _DEEPEST else self.value(name, branches[0], depth + 1)
        if "allOf" in shape:
            return {key: value for one in shape["allOf"] for key, value in self.value(name, one, depth).items()}
        if "properties" in shape:
            needed = shape.get("required", ())
            fields = shape["properties"].items()
            return {key: self.value(key, one, depth + 1) for key, one in fields if depth < _DEEPEST or key in needed}
        kind = shape.get("type")
        if kind == "object":
            inner = shape.get("additionalProperties")
            key = self.value("zh", shape["propertyNames"], depth + 1) if "propertyNames" in shape else "zh"
            return {key: self.value(key, inner, depth + 1)} if isinstance(inner, dict) and inner else {}
        if kind == "array":
            few = 1 if depth < _DEEPEST else shape.get("minItems", 0)
            return [self.value(name, shape.get("items", {}), depth + 1) for _ in range(few)]
        return _plain(kind, shape)


def _plain(kind: str | None, shape: Mapping[str, Any]) -> Any:
    if kind in ("integer", "number"):
        low = shape.get("minimum", shape.get("exclusiveMinimum", -1) + 1)
        return max(low, min(1, shape.get("maximum", 1)))
    if kind == "boolean":
        return True
    if kind == "string":
        return _BY_FORMAT.get(shape.get("format", ""), "…")
    return None


_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip


def fits(value: Any, shape: Mapping[str, Any], document: Document) -> bool:
    """Whether a value of the story is of a shape, as far as the shapes of this API go."""
    one = resolved(shape, document)
    for union in ("anyOf", "oneOf"):
        if union in one:
            return any(fits(value, branch, document) for branch in one[union])
    kind = one.get("type")
    if kind is not None and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    if ("enum" in one and value not in one["enum"]) or ("const" in one and value != one["const"]):
        return False
    if isinstance(value, str):
        sized = one.get("minLength", 0) <= len(value) <= one.get("maxLength", len(value))
        return sized and "format" not in one and re.search(one.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return all(fits(entry, one.get("items", {}), document) for entry in value)
    return not isinstance(value, dict) or _fields_fit(value, one, document)


def _fields_fit(value: Mapping[str, Any], shape: Mapping[str, Any], document: Document) -> bool:
    known, others = shape.get("properties", {}), shape.get("additionalProperties", True)
    if not set(shape.get("required", ())) <= value.keys() or (others is False and not value.keys() <= known.keys()):
        return False
    inner = others if isinstance(others, dict) else {}
    return all(fits(entry, known.get(name, inner), document) for name, entry in value.items())


def resolved(shape: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    """The shape itself, where it is a reference into the document."""
    while "$ref" in shape:
        found: Any = document
        for part in shape["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        shape = {**found, **{key: value for key, value in shape.items() if key != "$ref"}}
    return shape
