"""How five OpenAPI documents become one: public paths only, every name once, every reference still right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_PREFIX = "#/components/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One service's own document."""

    service: str
    document: Document


AnswersFor = Callable[[str], str | None]
"""Which service the route table names for a path; None where no door is."""


def merge(sources: Iterable[Source], *, info: Document, server: str, answers_for: AnswersFor) -> Document:
    """One document from many; a path is kept where ``answers_for(path)`` names the service that describes it.

    Components with one name and different contents get the service's name as a suffix, operationIds that
    clash get it as a prefix; what only unpublished doors used is left out.
    """
    documents = _with_own_names([_public(one, answers_for) for one in sources])
    paths: Document = {}
    components: Document = {}
    for one in documents:
        paths.update(one.document["paths"])
        for section, entries in one.document.get("components", {}).items():
            components.setdefault(section, {}).update(entries)
    _make_ids_unique(paths, answers_for)
    _entitle(components)
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": server}],
        "tags": _tags(paths),
        "paths": dict(sorted(paths.items())),
        "components": _used(paths, components),
    }


def operations(document: Mapping[str, Any]) -> Iterable[tuple[str, str, Document]]:
    """Every (path, method, operation) of a document."""
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _public(source: Source, answers_for: AnswersFor) -> Source:
    paths = source.document.get("paths", {})
    own = {path: item for path, item in paths.items() if answers_for(path) == source.service}
    return Source(service=source.service, document={**source.document, "paths": own})


def _with_own_names(sources: list[Source]) -> list[Source]:
    """Rename until no name means two things: a renamed part makes those that refer to it differ, too."""
    while True:
        renames = [_clashing(one, sources) for one in sources]
        if not any(renames):
            return sources
        sources = [_renamed(one, names) for one, names in zip(sources, renames, strict=True)]


def _clashing(source: Source, everyone: list[Source]) -> dict[str, str]:
    return {
        f"{_PREFIX}{section}/{name}": f"{_PREFIX}{section}/{name}_{source.service}"
        for section, entries in source.document.get("components", {}).items()
        for name, content in entries.items()
        if _means_something_else(section, name, content, source, everyone)
    }


def _renamed(source: Source, renames: Mapping[str, str]) -> Source:
    document: Document = _referring(source.document, renames)
    document["components"] = {
        section: {
            renames.get(f"{_PREFIX}{section}/{name}", name).rsplit("/", 1)[-1]: content
            for name, content in entries.items()
        }
        for section, entries in document.get("components", {}).items()
    }
    return Source(service=source.service, document=document)


def _means_something_else(section: str, name: str, content: Any, source: Source, everyone: list[Source]) -> bool:
    for other in everyone:
        theirs = other.document.get("components", {}).get(section, {}).get(name)
        if other.service != source.service and theirs is not None and theirs != content:
            return True
    return False


def _referring(node: Any, renames: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: renames.get(value, value) if key == "$ref" and isinstance(value, str) else _referring(value, renames)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_referring(value, renames) for value in node]
    # A discriminator's mapping names schemas in plain values.
    return renames.get(node, node) if isinstance(node, str) and node.startswith(_PREFIX) else node


def _make_ids_unique(paths: Document, answers_for: AnswersFor) -> None:
    seen: dict[str, int] = {}
    every = list(operations({"paths": paths}))
    for _, _, operation in every:
        name = operation.get("operationId", "")
        seen[name] = seen.get(name, 0) + 1
    taken: set[str] = set()
    for path, method, operation in every:
        name = operation.get("operationId") or _spoken(method, path)
        if seen.get(name, 0) > 1 or name in taken:
            name = f"{answers_for(path)}_{name}"
        if name in taken:
            name = _spoken(method, path)
        operation["operationId"] = name
        taken.add(name)


def _entitle(components: Document) -> None:
    """A shape's title is its name: programs that write clients call classes by the title, and no two may be one."""
    for name, shape in components.get("schemas", {}).items():
        words = "".join(letter if letter.isalnum() else " " for letter in name).split()
        title = "".join(word[:1].upper() + word[1:] for word in words)
        components["schemas"][name] = {**shape, "title": title}


def _spoken(method: str, path: str) -> str:
    words = "".join(letter if letter.isalnum() else "_" for letter in path.strip("/"))
    return f"{method}_{words}"


def _tags(paths: Document) -> list[Document]:
    used = {tag for _, _, operation in operations({"paths": paths}) for tag in operation.get("tags", ())}
    return [{"name": tag} for tag in sorted(used)]


def _used(paths: Document, components: Document) -> Document:
    """The components that the paths lead to, at any depth, and the ways to sign in."""
    found: set[str] = set()
    waiting = set(_references(paths))
    while waiting:
        reference = waiting.pop()
        found.add(reference)
        section, _, name = reference.removeprefix(_PREFIX).partition("/")
        waiting |= set(_references(components.get(section, {}).get(name))) - found
    return {
        section: kept
        for section, entries in sorted(components.items())
        if (
            kept := {
                name: content
                for name, content in sorted(entries.items())
                if section == "securitySchemes" or f"{_PREFIX}{section}/{name}" in found
            }
        )
    }


def _references(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
    elif isinstance(node, str) and node.startswith(_PREFIX):
        yield node
