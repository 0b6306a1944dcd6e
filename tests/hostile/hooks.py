"""What schemathesis is told by code: who asks, which rows there are, what bodies files have, and a check of ours."""

from __future__ import annotations

import os
import random
import signal
from itertools import count
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import TestPhase

from tests.hostile.files import FILES, PART, file_types
from tests.hostile.refusals import by_a_rule, undocumented

_RENEWED_SECONDS = 300
_SEEN_AGAIN = 40
_MOST_ROWS = 50
_URL = os.environ["HOSTILE_URL"]
_ONE_IN = int(os.environ.get("HOSTILE_ONE_IN", "1"))
_SEED = os.environ.get("HOSTILE_SEED", "0")
_SPARED = frozenset(os.environ.get("HOSTILE_SPARED", "").split())
_NOBODY = "00000000-0000-7000-8000-000000000000"
_PEOPLE = "Acting-Post"
_CALLS = count(1)
# What a shell starts in the background is deaf to the interrupt by which a run that takes too long is asked to end.
signal.signal(signal.SIGINT, signal.default_int_handler)


class _Rows:
    """The ids of rows that the caller sees, by the path of their list; looked up now and then."""

    def __init__(self) -> None:
        self.token = ""
        self._ids: dict[str, list[str]] = {}
        self._asked: dict[str, int] = {}

    def one_of(self, path: str) -> str | None:
        """Some row of a list, another each time, or None where the caller sees none."""
        asked = self._asked[path] = self._asked.get(path, -1) + 1
        if asked % _SEEN_AGAIN == 0:
            self._ids[path] = self._look(path)
        known = self._ids[path]
        return known[asked % len(known)] if known else None

    def _look(self, path: str) -> list[str]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.get(
            f"{_URL}{path}", params={"limit": _MOST_ROWS}, headers=headers, trust_env=False, timeout=30
        )
        items = answer.json().get("items", []) if answer.is_success else []
        found = [str(item.get("id") or item.get("code") or item.get("tracking_code")) for item in items]
        return [one for one in found if one not in _SPARED]


_ROWS = _Rows()


@schemathesis.auth(refresh_interval=_RENEWED_SECONDS)
class OwnToken:
    """The token of the client that HOSTILE_CLIENT names, renewed before it ends."""

    def get(self, case: Case, context: Any) -> str:
        """A fresh token."""
        answer = httpx.post(
            f"{_URL}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(os.environ["HOSTILE_CLIENT"], os.environ["HOSTILE_SECRET"]),
            trust_env=False,
            timeout=30,
        )
        _ROWS.token = str(answer.raise_for_status().json()["access_token"])
        return _ROWS.token

    def set(self, case: Case, data: str, context: Any) -> None:
        """The token in the case."""
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """The example of a file is a word in the document; here it would have to be bytes, which FILES are."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            for file_type in file_types():
                operation.get("requestBody", {}).get("content", {}).get(file_type, {}).pop("example", None)


class _Sample:
    """One in so many of what the coverage phase lists of an operation, the same of a seed, and always its first."""

    def __init__(self) -> None:
        self._dice: dict[str, random.Random] = {}

    def holds(self, label: str) -> bool:
        """Whether the next case of the operation is tried."""
        if label not in self._dice:
            self._dice[label] = random.Random(f"{_SEED} {label}")
            return True
        return self._dice[label].randrange(_ONE_IN) == 0


_SAMPLE = _Sample()


@schemathesis.hook
def filter_case(context: HookContext, case: Case) -> bool:
    """A short run tries a part of the coverage phase on every operation, where the whole takes minutes."""
    if _ONE_IN == 1 or case.meta is None or case.meta.phase.name != TestPhase.COVERAGE:
        return True
    return _SAMPLE.holds(case.operation.label)


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Valid requests meet rows that are there in three cases of four, or they would all end at 404.

    None meets the client or the rights of an attacker: an administrator would end the others, and soon itself.
    """
    for name, value in case.path_parameters.items():
        if str(value) in _SPARED:
            case.path_parameters[name] = _NOBODY
    if case.meta is None or not case.meta.generation.mode.is_positive or next(_CALLS) % 4 == 0:
        return
    case.headers.pop(_PEOPLE, None)
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    start, name, _ = case.path.partition("/{")
    first = case.path[len(start) + 2 :].partition("}")[0] if name else ""
    if first in case.path_parameters and (known := _ROWS.one_of(start)) is not None:
        case.path_parameters[first] = known


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """A schema cannot say who holds which post and what stands: refusals by such rules are no failures.

    QUERY without a Content-Type is broken by its own definition, before anybody asks whether a path takes it.
    """
    if type(failure).__name__ == "UnsupportedMethodResponse":
        return case.method != "QUERY" or "Content-Type" in response.request.headers
    return type(failure).__name__ != "RejectedPositiveData" or not by_a_rule(case, response)


@schemathesis.check
def every_refusal_is_documented(ctx: CheckContext, response: Response, case: Case) -> None:
    """The code of a refusal is listed at its operation, and title and detail are there."""
    if (why := undocumented(case, response)) is not None:
        raise AssertionError(why)


for file_type in file_types():
    schemathesis.openapi.media_type(file_type, st.sampled_from(FILES))


@schemathesis.serializer(PART, *file_types())
def as_bytes(ctx: Any, value: Any) -> Any:
    """A file's bytes as they are; what is no bytes as its text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
