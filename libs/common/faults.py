"""Everything that can go wrong behind a door, as the one problem that the caller is told.

What passes by itself (the database or the bus away, a deadlock) is 503; what the caller sent is 4xx; only a
fault of our own is 500, and nothing that a caller sends may lead there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from asyncpg.exceptions import DataError as ClientDataError
from fastapi.exceptions import RequestValidationError
from nats.errors import Error as BusError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from libs.common import languages, telemetry
from libs.common.db_errors import is_transient, sqlstate_of
from libs.common.languages import Language, Said
from libs.common.problems import (
    MEDIA_TYPE,
    AlreadyExists,
    IdTaken,
    NotFound,
    Problem,
    Unavailable,
)
from libs.common.refusals import refused_by
from libs.common.validation import from_pydantic

log = structlog.get_logger("http")


class NoSuchPath(Problem):
    """Nothing answers under this path."""

    status = 404
    code = "no_such_path"
    title = Said("没有这个路径", "There is no such path")
    advice = Said("可用路径见 /docs。", "The paths that exist are listed at /docs.")


class MethodNotAllowed(Problem):
    """The path is there, for other methods."""

    status = 405
    code = "method_not_allowed"
    title = Said("不支持此方法", "The path does not take this method")
    advice = Said("可用方法见 Allow 响应头。", "The Allow header lists the methods that it takes.")


class RequestMalformed(Problem):
    """The request itself could not be read."""

    status = 400
    code = "request_malformed"
    title = Said("请求格式错误", "The request is malformed")
    advice = Said("请检查请求后重新发送。", "Check the request and send it again.")


class Unstorable(Problem):
    """A value that no rule refused, but that the database cannot keep."""

    status = 422
    code = "unstorable_value"
    title = Said("有的值无法保存", "A value cannot be kept")
    advice = Said("请检查数值范围、长度和时间是否合理。", "Check that numbers, lengths and times are within reason.")


class UnknownReference(Problem):
    """Something the request refers to does not exist (any more)."""

    status = 422
    code = "unknown_reference"
    title = Said("引用的对象不存在", "Something referred to does not exist")
    advice = Said("请核对所引用的编号。", "Check the identifiers that you refer to.")


class StillRunning(Problem):
    """The first request with this Idempotency-Key has not ended yet."""

    status = 409
    code = "still_running"
    title = Said("同一请求仍在处理", "The same request is still running")
    advice = Said("请稍候，用同一个 Idempotency-Key 重试。", "Wait a moment, then try the same key again.")


_BY_HTTP_STATUS: dict[int, type[Problem]] = {404: NoSuchPath, 405: MethodNotAllowed}
_IDEMPOTENCY_CONSTRAINT = "idempotency_keys"
_OUR_OWN_SQLSTATES = ("23502",)


def as_problem(error: BaseException) -> Problem:
    """The problem to tell the caller; a fault of our own is a plain Problem (500)."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return from_pydantic(error.errors(), error.body)
    if isinstance(error, HTTPException):
        return _of_status(error)
    if isinstance(error, ClientDisconnect):
        return RequestMalformed()
    if (refused := refused_by(error)) is not None:
        return refused
    if isinstance(error, DBAPIError) and (told := _of_database(error)) is not None:
        return told
    if is_transient(error) or isinstance(error, BusError):
        return Unavailable()
    return Problem()


def _of_status(error: HTTPException) -> Problem:
    kind = _BY_HTTP_STATUS.get(error.status_code, RequestMalformed if error.status_code < 500 else Problem)
    problem = kind()
    problem.headers.update(error.headers or {})
    return problem


def _of_database(error: DBAPIError) -> Problem | None:
    """What a constraint or a value of the caller's led to; None where it is the server's own trouble."""
    state, message = sqlstate_of(error), str(error.orig)
    if state == "23505":
        return _of_unique(message)
    if state == "23P01":
        return AlreadyExists()
    if state == "23503":
        return UnknownReference()
    if state == "42501" and "row-level security" in message:
        return NotFound()
    cause = error.orig.__cause__ if error.orig is not None else None
    refused_by_driver = isinstance(cause, ClientDataError) or "invalid input for query argument" in message
    if refused_by_driver or (state[:2] in ("22", "23") and state not in _OUR_OWN_SQLSTATES):
        return Unstorable()
    return None


def _of_unique(message: str) -> Problem:
    found = re.search(r'unique constraint "([^"]+)"', message)
    constraint = found.group(1) if found else ""
    if constraint.startswith(_IDEMPOTENCY_CONSTRAINT):
        return StillRunning(headers={"Retry-After": "1"})
    return IdTaken() if constraint.endswith("_pkey") else AlreadyExists()


def problem_response(problem: Problem, language: Language) -> Response:
    """The answer for a problem, with the ids by which operators find it again."""
    current = telemetry.passage.get()
    document = problem.document(language)
    if current is not None:
        document |= {"request_id": current.request_id}
        if current.correlation_id:
            document["correlation_id"] = current.correlation_id
    headers = {"Content-Language": language.value, "Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(document, default=str), problem.status, headers=headers, media_type=MEDIA_TYPE)


async def answer_fault(_: Request, error: Exception) -> Response:
    """The handler of every exception that leaves a route. A fault of our own is logged, never shown."""
    problem = as_problem(error)
    if problem.status >= 500:
        tell: Callable[..., Any] = log.error if type(problem) is Problem else log.warning
        tell("request_failed", code=problem.code, error=type(error).__name__, exc_info=error)
    elif isinstance(error, DBAPIError):
        # A rule should have caught it before the database did.
        log.warning("refused_by_database", code=problem.code, sqlstate=sqlstate_of(error))
    return problem_response(problem, languages.spoken())
