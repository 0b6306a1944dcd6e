"""The API document: what FastAPI knows of the routes, and what every door adds to each of them.

Every operation lists each problem code that it can answer, the headers that it reads, and whether it needs
a token.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from libs.common import bodies, changes, faults, idempotency, pagination, preconditions, strict_json, tokens
from libs.common.doors import Entrance
from libs.common.openapi_shapes import settle_shapes, tell_words
from libs.common.problems import (
    MEDIA_TYPE,
    TYPE_PREFIX,
    Kind,
    NotFound,
    PostNotHeld,
    PostUnsaid,
    PreconditionRequired,
    Problem,
    RoleMissing,
    StaleVersion,
    Unavailable,
    Unprocessable,
    kinds,
    register,
)
from libs.common.refusals import kind_of
from libs.common.retiring import Retirement, retirement_of
from libs.common.strict_routes import (
    BadEncoding,
    QueryTooLong,
    RepeatedParameter,
    StrictRoute,
    UnknownParameter,
    dependants_of,
)
from libs.common.validation import InvalidParameter

CODES: Final = "x-problem-codes"
_PROBLEM_REF: Final = {"$ref": "#/components/schemas/Problem"}
_STRICT_JSON: Final = (
    strict_json.InvalidJson,
    strict_json.DuplicateKey,
    strict_json.NumberOutOfRange,
    strict_json.ForbiddenCharacter,
    strict_json.TooDeep,
    bodies.EmptyBody,
)

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong, where, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "the page of the docs about this code"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "stable, in English"},
        "detail": {"type": "string", "description": "what to do"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body, such as #/place"},
                    "parameter": {"type": "string"},
                    "in": {"type": "string", "enum": ["query", "path", "header", "cookie", "form"]},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "state": {"type": "string", "description": "the state that it is in"},
        "open_moves": {"type": "array", "items": {"type": "string"}, "description": "the moves that are open"},
        "request_id": {"type": "string"},
        "correlation_id": {"type": "string"},
    },
}


def refuses(*errors: type[BaseException]) -> dict[int | str, dict[str, Any]]:
    """What a route answers besides the usual: `responses=refuses(OrderAlreadyClosed, …)`, rules' errors too."""
    found: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        kind = _kind(error)
        register(kind)
        entry = found.setdefault(kind.status, {"description": "", CODES: []})
        entry[CODES].append(kind.code)
        entry["description"] = ", ".join(entry[CODES])
    return found


def shown_as(example: Mapping[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of a route whose answer is a document of a standard: an object, such as this."""
    said = {"schema": {"type": "object"}, "example": dict(example)}
    return {"responses": {"200": {"content": {"application/json": said}}}}


def _kind(error: type[BaseException]) -> Kind:
    if issubclass(error, Problem):
        return Kind(error.code, error.status, error.title, error.advice)
    kind = kind_of(error)
    if kind is None:
        raise TypeError(f"{error.__name__} names no status (4xx) and code")
    return kind


def entrance_of(route: APIRoute) -> Entrance | None:
    """The door that a route names in its signature."""
    for dependant in dependants_of(route.dependant):
        if isinstance(dependant.call, Entrance):
            return dependant.call
    return None


def describe(document: dict[str, Any], routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Complete FastAPI's document in place."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT (RFC 9068, at+jwt)"}
    }
    components["parameters"] = _PARAMETERS
    for route in routes:
        if isinstance(route, StrictRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                _complete(operation, route, method)
    settle_shapes(document["paths"])
    settle_shapes(schemas)
    tell_words(schemas)
    return document


def _complete(operation: dict[str, Any], route: StrictRoute, method: str) -> None:
    entrance = entrance_of(route)
    token = entrance is not None and entrance.system is None
    operation["security"] = [{"bearer": []}] if token else []
    listed = operation.setdefault("parameters", [])
    listed.extend({"$ref": f"#/components/parameters/{name}"} for name in _headers(entrance, route, method))
    responses: dict[str, Any] = operation["responses"]
    codes: dict[str, list[str]] = {}
    for kind in _usual(entrance, route, method):
        codes.setdefault(str(kind.status), []).append(kind.code)
    for status, answer in list(responses.items()):
        if CODES in answer:
            codes.setdefault(status, []).extend(answer[CODES])
    # FastAPI announces a 422 of its own for every parameter; ours are 400, or they are listed.
    responses.pop("422", None)
    for status, names in sorted(codes.items()):
        answer = _answer(sorted(set(names)))
        # A standard's own form of the same status (OAuth's errors, say) stays beside ours.
        own = responses.get(status, {}).get("content", {})
        responses[status] = answer | {"content": {**own, **answer["content"]}}
    if {"$ref": "#/components/parameters/If-None-Match"} in listed:
        responses["304"] = {"description": "The version in If-None-Match is still the present one."}
    _tell_headers(responses)
    if (retirement := retirement_of(route.endpoint)) is not None:
        _tell_retirement(operation, retirement)


def _tell_retirement(operation: dict[str, Any], retirement: Retirement) -> None:
    operation["deprecated"] = True
    words = f"将于 {retirement.ends:%Y-%m-%d} 停用 It ends on {retirement.ends:%Y-%m-%d}: {retirement.instead}."
    operation["description"] = f"{operation.get('description', '')}\n\n{words}".strip()
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            told = {name: {"schema": {"type": "string"}} for name in retirement.headers}
            answer.setdefault("headers", {}).update(told)


def _headers(entrance: Entrance | None, route: StrictRoute, method: str) -> list[str]:
    names = ["Accept-Language"]
    if entrance is None:
        return names
    if entrance.system is None:
        names.append("Acting-Post")
    if entrance.kind == "write":
        names.append("Idempotency-Key" if entrance.system is None else "Idempotency-Key-Public")
    if entrance.if_match:
        names.append("If-Match")
    if method == "GET" and route.param_convertors:
        names.append("If-None-Match")
    return names


def _usual(entrance: Entrance | None, route: StrictRoute, method: str) -> Sequence[type[Problem]]:
    """The problems that the door itself answers on such a route."""
    usual: list[type[Problem]] = [
        BadEncoding, UnknownParameter, RepeatedParameter, InvalidParameter, QueryTooLong, Unavailable, Problem,
        faults.RequestMalformed,
    ]  # fmt: skip
    if entrance is not None and entrance.system is None:
        usual += [tokens.TokenMissing, tokens.TokenInvalid, tokens.TokenExpired, tokens.CredentialsMalformed]
        usual += [tokens.OauthScopeMissing, RoleMissing, PostNotHeld]
        if entrance.kind == "write":
            usual.append(PostUnsaid)
    if route.param_convertors:
        usual.append(NotFound)
    calls = {dependant.call for dependant in dependants_of(route.dependant)}
    if pagination.asked_paging in calls:
        usual.append(pagination.BadCursor)
    if changes.asked_since in calls:
        usual += [pagination.BadCursor, changes.CursorOutlived]
    if method not in ("GET", "HEAD"):
        usual += [bodies.BodyTooLarge, faults.Unstorable]
        usual += [idempotency.BadIdempotencyKey, idempotency.KeyReused, faults.StillRunning]
        if route.body_field is None:
            usual.append(bodies.UnexpectedBody)
        else:
            usual += [*_STRICT_JSON, bodies.UnsupportedMediaType, Unprocessable]
    if entrance is not None and entrance.if_match:
        usual += [PreconditionRequired, StaleVersion, preconditions.BadIfMatch]
    return usual


def _answer(codes: Sequence[str]) -> dict[str, Any]:
    known = kinds()
    examples = {
        code: {
            "summary": known[code].title.en,
            "value": {
                "type": TYPE_PREFIX + code,
                "title": known[code].title.en,
                "status": known[code].status,
                "code": code,
                "detail": known[code].advice.en,
            },
        }
        for code in codes
    }
    return {
        "description": "; ".join(f"`{code}`: {known[code].title.en}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": _PROBLEM_REF, "examples": examples}},
        CODES: list(codes),
    }


def _tell_headers(responses: Mapping[str, Any]) -> None:
    for status, answer in responses.items():
        told: dict[str, Any] = {"X-Request-Id": {"schema": {"type": "string"}}}
        if status == "201":
            told["Location"] = {"schema": {"type": "string", "format": "uri-reference"}}
        if status in ("429", "503"):
            told["Retry-After"] = {"schema": {"type": "integer", "description": "seconds"}}
        answer.setdefault("headers", {}).update(told)


def _header(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    shape = {"type": "string", **schema}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": shape}


_KEY: Final = 'makes a repeat harmless for 24 hours, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"'
_PARAMETERS: Final = {
    "Accept-Language": _header("Accept-Language", "language of titles, labels and advice: zh or en"),
    "Acting-Post": _header("Acting-Post", "the post to act for, where the caller holds several", format="uuid"),
    "Idempotency-Key": _header("Idempotency-Key", _KEY, pattern=idempotency.key_pattern(1)),
    "Idempotency-Key-Public": _header(
        "Idempotency-Key", _KEY, pattern=idempotency.key_pattern(idempotency.SHORTEST_WITHOUT_TOKEN)
    ),
    "If-Match": _header(
        "If-Match",
        'the version that was read, such as "7", or * for whatever is there',
        required=True,
        pattern=r'^(?:\*|(?:W/)?"[0-9]{1,9}")$',
    ),
    "If-None-Match": _header("If-None-Match", "a version already known: 304 where it is still the present one"),
}
