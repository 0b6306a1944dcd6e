"""Answers as bytes: pydantic and orjson write them, without a detour over plain Python values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import BaseModel
from starlette.responses import Response

_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
_COMMON: Final = {
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Authorization, Acting-Post",
}


def respond(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    """A JSON response; None is an empty one (204 in place of 200)."""
    told = {**_COMMON, **headers}
    if body is None:
        return Response(status_code=204 if status == 200 else status, headers=told)
    return Response(dump(body), status, headers=told, media_type="application/json")


def again(body: bytes | None, status: int, headers: Mapping[str, str]) -> Response:
    """An answer that was kept, with the bytes that it had."""
    media_type = None if body is None else "application/json"
    return Response(body, status, headers={**_COMMON, **headers}, media_type=media_type)


def dump(body: Any) -> bytes:
    """A pydantic model, or mappings, lists, dataclasses and models in them, as JSON."""
    if isinstance(body, BaseModel):
        return type(body).__pydantic_serializer__.to_json(body, by_alias=True)
    return orjson.dumps(body, default=_model, option=_OPTIONS)


def plain(body: Any) -> Any:
    """The same as plain values, for a problem document."""
    return body.model_dump(mode="json", by_alias=True) if isinstance(body, BaseModel) else body


def _model(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, UUID):
        # The driver's own UUIDs are a subclass, which orjson does not take for one.
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
