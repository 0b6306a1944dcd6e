"""Which files an event refers to: read from the types of its fields, so that no list of fields can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel

from libs.contracts.values import OfFile


def files_in(value: BaseModel) -> Iterator[tuple[str, UUID]]:
    """Each reference to a file in an event or a part of one: the field that holds it, and the file's id."""
    for name in type(value).model_fields:
        held = getattr(value, name)
        if name in file_fields(type(value)):
            yield from ((name, one) for one in _several(held))
        else:
            for part in _several(held):
                if isinstance(part, BaseModel):
                    yield from files_in(part)


@cache
def file_fields(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a model whose type is a file's id, or several of them."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if any(isinstance(mark, OfFile) for mark in field.metadata) or _is_marked(field.annotation)
    )


@cache
def refers_to_files(model: type[BaseModel]) -> bool:
    """Whether an event, or a part of it, can refer to a file."""
    return bool(file_fields(model)) or any(
        refers_to_files(part) for field in model.model_fields.values() for part in _models(field.annotation)
    )


def _is_marked(annotation: Any) -> bool:
    marks = getattr(annotation, "__metadata__", ())
    return any(isinstance(mark, OfFile) for mark in marks) or any(_is_marked(part) for part in get_args(annotation))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _several(held: Any) -> tuple[Any, ...]:
    if held is None:
        return ()
    return tuple(held) if isinstance(held, tuple | list) else (held,)
