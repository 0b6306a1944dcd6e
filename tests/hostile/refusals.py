"""What a refusal says, read as a program would: whether the document lists it, and whether a rule made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemathesis import Case, Response

from gateway.envoy.answers import ANSWERS

PROBLEM = "application/problem+json"
OF_THE_FRONT_DOOR = frozenset(answer.code for answer in ANSWERS)
"""What Envoy answers before a request meets a service; the document says it once for all operations."""
OF_A_FORM = frozenset({"invalid_body", "invalid_parameter"})
OF_A_SHAPE = frozenset(
    {
        "missing", "unknown_field", "too_long", "too_short", "wrong_form", "too_many", "too_few", "unknown_value",
        "wrong_type", "control_character", "not_one_line", "not_finite", "not_rfc3339", "not_a_date", "no_timezone",
        "too_small", "too_large",
    }
)  # fmt: skip
"""What a schema says of a field: a value that keeps to the schema is never refused for one of these."""
OF_A_REQUEST = frozenset(
    {
        "invalid_json", "duplicate_key", "too_deep", "empty_body", "unexpected_body",
        "unsupported_media_type", "unknown_parameter", "repeated_parameter", "bad_idempotency_key",
        "bad_if_match", "if_match_required", "query_too_long",
    }
)  # fmt: skip
"""What is wrong with the request itself: one that keeps to the document is never refused for these."""


def problem_of(response: Response) -> Mapping[str, Any] | None:
    """The problem document of an answer, or None where it is none."""
    kind = (response.headers.get("content-type") or [""])[0]
    if not kind.startswith(PROBLEM):
        return None
    found: Mapping[str, Any] = json.loads(response.content)
    return found


def by_a_rule(case: Case, response: Response) -> bool:
    """Whether a rule refused what the schema allows: what stands, who asks, what a text means."""
    problem = problem_of(response)
    if problem is None:
        return _of_a_standard(response)
    if problem["code"] in OF_A_FORM:
        codes = {error["code"] for error in problem.get("errors", ()) if not _is_data(error, case)}
        return bool(problem.get("errors")) and not codes & OF_A_SHAPE
    if problem["code"] == "invalid_json" and case.media_type != "application/json":
        return True  # A field of a form that holds JSON: its schema can only say that it is a text.
    return problem["code"] not in OF_A_REQUEST


def _is_data(error: Mapping[str, Any], case: Case) -> bool:
    """What a rule pack wants of an input is data; and an id that a link brings from another answer may be none."""
    if case.path == "/v1/imports" and case.method == "POST":
        return _of_an_import(error)
    return str(error.get("pointer", "")).startswith("#/inputs/") or error.get("in") == "path"


def _of_an_import(error: Mapping[str, Any]) -> bool:
    """The list is said in the query or in the form with the file: neither place can require it in a schema. And
    `mapping` is a text that holds JSON, of which a schema of OpenAPI sees the text only."""
    place = error.get("parameter") or str(error.get("pointer", "")).removeprefix("#/")
    return (place == "list" and error["code"] == "missing") or place.partition("/")[0] == "mapping"


def _of_a_standard(response: Response) -> bool:
    """OAuth refuses with an `error` of its own [RFC 6749 §5.2]; a page of the sign-in says it in words."""
    kind = (response.headers.get("content-type") or [""])[0]
    if kind.startswith("text/html"):
        return True
    return "error" in json.loads(response.content or b"{}")


def undocumented(case: Case, response: Response) -> str | None:
    """Why a refusal is not as the document says, or None."""
    problem = problem_of(response)
    if problem is None or response.status_code == 405 or problem["code"] in OF_THE_FRONT_DOOR:
        return None
    answers = case.operation.definition.raw["responses"]
    listed = answers.get(str(response.status_code), {}).get("x-problem-codes", ())
    if problem["code"] not in listed:
        return f"{problem['code']} ({response.status_code}) is not listed at {case.operation.label}: {listed}"
    if not (problem.get("title") and problem.get("detail")):
        return f"{problem['code']} says no title or no detail"
    return None
