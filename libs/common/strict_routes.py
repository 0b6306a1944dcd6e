"""Routes that read a request strictly: known parameters only, each once, in UTF-8, and a strict body.

The order is that of a door: who is there (401), what is asked (400), what is brought (413, 415, 400), and
only then the shapes (422).
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope as AsgiScope

from libs.common import bodies, validation
from libs.common.languages import Said
from libs.common.problems import FieldError, Problem
from libs.common.retiring import retirement_of
from libs.common.texts import fault_of_writing, kind_in_query

_DEFAULT_LIMIT_BYTES: Final = 1 << 20
_LONGEST_QUERY_BYTES: Final = 16_384
_MANY: Final = (list, tuple, set, frozenset)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class UnknownParameter(Problem):
    """A query parameter that this path does not have: a typing error must not widen a list in silence."""

    status = 400
    code = "unknown_parameter"
    title = Said("未知的查询参数", "An unknown query parameter")
    advice = Said("请去掉或改正这些参数；可用的见 known。", "Remove or correct it; `known` lists what there is.")


class RepeatedParameter(Problem):
    """A parameter with one value came twice."""

    status = 400
    code = "repeated_parameter"
    title = Said("查询参数重复", "A query parameter is there twice")
    advice = Said("该参数只能出现一次。", "Send this parameter once.")


class BadEncoding(Problem):
    """Path or query are not UTF-8, or hold a NUL."""

    status = 400
    code = "bad_encoding"
    title = Said("路径或查询参数编码有误", "The path or the query is not UTF-8")
    advice = Said("请使用 UTF-8 百分号编码，且不含 NUL。", "Use percent-encoded UTF-8 without NUL.")


class QueryTooLong(Problem):
    """More query than any of our filters needs."""

    status = 414
    code = "query_too_long"
    title = Said("查询参数过长", "The query is too long")
    advice = Said("请减少查询参数。", "Ask with fewer parameters.")


def refuse_bad_path(scope: AsgiScope) -> None:
    """Raise BadEncoding (400) for a path that is not UTF-8 or holds a NUL."""
    path: str = scope["path"]
    if "\x00" in path or ("\ufffd" in path and not _is_utf8(scope.get("raw_path") or b"")):
        raise BadEncoding


def refuse_bad_query(raw: bytes) -> None:
    """Raise BadEncoding (400) or QueryTooLong (414)."""
    if len(raw) > _LONGEST_QUERY_BYTES:
        raise QueryTooLong
    if (b"%" in raw or not raw.isascii() or b"\x00" in raw) and not _is_utf8(raw):
        raise BadEncoding


def _is_utf8(raw: bytes) -> bool:
    decoded = unquote_to_bytes(raw)
    if b"\x00" in decoded:
        return False
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one route reads, worked out once."""

    admits: tuple[Callable[[Request], Awaitable[None]], ...]
    single: frozenset[str]
    many: frozenset[str]
    written: Mapping[str, type]
    body: Literal["json", "form", "stream", "none"]
    required: bool


class StrictRoute(APIRoute):
    """An APIRoute behind the strict reading. `max_body_size` bounds its body in place of the app's limit."""

    unknown_parameters: Literal["refuse", "ignore"] = "refuse"

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        max_body_size: int | None = None,
        **options: Any,
    ) -> None:
        self.body_limit_bytes = max_body_size
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """FastAPI's own handler behind the strict reading."""
        answer = super().get_route_handler()
        reading, retirement = _reading_of(self), retirement_of(self.endpoint)

        async def handle(request: Request) -> Response:
            for admit in reading.admits:
                await admit(request)
            if request.scope["query_string"]:
                refuse_bad_query(request.scope["query_string"])
                if self.unknown_parameters == "refuse":
                    _refuse_parameters(request, reading)
                if reading.written:
                    _refuse_writing(request, reading.written)
            if reading.body != "none" or request.method not in ("GET", "HEAD"):
                await self._read_body(request, reading)
            answered = await answer(request)
            if retirement is not None:
                answered.headers.update(retirement.headers)
            return answered

        return handle

    async def _read_body(self, request: Request, reading: _Reading) -> None:
        of_app: int = getattr(request.app, "body_limit_bytes", _DEFAULT_LIMIT_BYTES)
        limit = self.body_limit_bytes or of_app
        bodies.refuse_declared(request, limit)
        vars(request)["_receive"] = bodies.bounded(request.receive, limit)
        if reading.body == "json":
            await bodies.read_json(request, required=reading.required)
        elif reading.body == "form":
            await bodies.read_form(request, {"max_files": 20, "max_fields": 200, "max_part_size": limit})
        elif reading.body == "none":
            await bodies.refuse_body(request)


class LenientRoute(StrictRoute):
    """For standards that say: ignore what you do not know (Open311)."""

    unknown_parameters = "ignore"


def router(tag: str, *, prefix: str = "", route_class: type[StrictRoute] = StrictRoute) -> APIRouter:
    """The router of one slice's api.py. `tag` is its noun in the API document."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=route_class,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )


def _operation_id(route: APIRoute) -> str:
    tag = str(route.tags[0]).replace("-", "_").replace(" ", "_") if route.tags else "api"
    return f"{tag}_{route.name}"


def dependants_of(dependant: Dependant) -> Iterator[Dependant]:
    """A route's dependant and everything it depends on."""
    yield dependant
    for inner in dependant.dependencies:
        yield from dependants_of(inner)


def _reading_of(route: APIRoute) -> _Reading:
    single: set[str] = set()
    many: set[str] = set()
    written: dict[str, type] = {}
    for dependant in dependants_of(route.dependant):
        for name, annotation in _query_parameters(dependant):
            (many if _takes_many(annotation) else single).add(name)
            if (kind := kind_in_query(annotation)) is not None:
                written[name] = kind
    calls = [dependant.call for dependant in dependants_of(route.dependant)]
    admits = tuple(call.admit for call in calls if call is not None and hasattr(call, "admit"))
    body = route.body_field
    body_kind: Literal["json", "form", "stream", "none"] = "none"
    if body is not None:
        body_kind = "form" if isinstance(body.field_info, params.Form) else "json"
    elif route.dependant.request_param_name:
        # Only an endpoint that takes the Request itself may stream; a door among its dependencies does not.
        body_kind = "stream"
    required = body is not None and body.field_info.is_required()
    return _Reading(admits, frozenset(single), frozenset(many), written, body_kind, required)


def _query_parameters(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, inner in annotation.model_fields.items():
                yield inner.alias or name, inner.annotation
        else:
            yield field.alias, annotation


def _takes_many(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    if origin is Annotated:
        return _takes_many(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(_takes_many(branch) for branch in get_args(annotation))
    return isinstance(origin, type) and issubclass(origin, _MANY)


def _refuse_parameters(request: Request, reading: _Reading) -> None:
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name in reading.many:
            continue
        if name not in reading.single:
            known = sorted(reading.single | reading.many)
            raise UnknownParameter(errors=[_fault(UnknownParameter, name)], known=known)
        if name in seen:
            raise RepeatedParameter(errors=[_fault(RepeatedParameter, name)])
        seen.add(name)


def _refuse_writing(request: Request, written: Mapping[str, type]) -> None:
    """A number of seconds would be read as a time of its own, `5.0` as 5 and `on` as true."""
    errors = [
        validation.fault_in_query(name, fault)
        for name, value in request.query_params.multi_items()
        if name in written and (fault := fault_of_writing(value, written[name])) is not None
    ]
    if errors:
        raise validation.InvalidParameter(errors=errors)


def _fault(kind: type[Problem], name: str) -> FieldError:
    return FieldError(kind.code, kind.title, parameter=name[:100], place="query")
