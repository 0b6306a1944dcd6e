"""What goes wrong behind a door becomes the one problem that the caller can act on."""

import io
import sys
from typing import Any

import asyncpg
import nats.errors
import orjson
import pytest
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from libs.common.faults import answer_fault, as_problem
from libs.common.languages import Language, Said
from libs.common.logs import configure_logs
from libs.common.openapi import refuses
from libs.common.problems import Kind, NotFound, Problem, StaleVersion, kinds, register


class Refused(Exception):
    """As a rules.py writes it."""

    status = 409
    code = "test_already_closed"
    title = ("已销号", "Already closed")
    state = "closed"
    open_moves = ("reopen",)


def database_error(state: str | None, message: str = "", cause: BaseException | None = None) -> DBAPIError:
    class Origin(Exception):
        sqlstate = state

    origin = Origin(message)
    origin.__cause__ = cause
    return DBAPIError("SELECT secret", {"phone": "139"}, origin)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (database_error("40001"), 503, "unavailable"),
        (database_error("40P01"), 503, "unavailable"),
        (database_error("57P01"), 503, "unavailable"),
        (database_error("57014"), 503, "unavailable"),
        (database_error("53300"), 503, "unavailable"),
        (database_error("08006"), 503, "unavailable"),
        (database_error("55P03"), 503, "unavailable"),
        (database_error("23505", 'unique constraint "orders_pkey"'), 409, "id_taken"),
        (database_error("23505", 'unique constraint "one_live_order"'), 409, "already_exists"),
        (database_error("23505", 'unique constraint "idempotency_keys_pkey"'), 409, "still_running"),
        (database_error("23P01"), 409, "already_exists"),
        (database_error("23503"), 422, "unknown_reference"),
        (database_error("23514"), 422, "unstorable_value"),
        (database_error("22003"), 422, "unstorable_value"),
        (database_error("22P05"), 422, "unstorable_value"),
        (database_error(None, "", asyncpg.exceptions.DataError("x")), 422, "unstorable_value"),
        (InterfaceError("x", {}, Exception("invalid input for query argument $1")), 422, "unstorable_value"),
        (database_error("42501", 'new row violates row-level security policy for table "a"'), 404, "not_found"),
        (database_error("42501", "permission denied"), 500, "internal_error"),
        (database_error("42P01"), 500, "internal_error"),
        (database_error("23502"), 500, "internal_error"),
        (PoolTimeout(), 503, "unavailable"),
        (ConnectionRefusedError(), 503, "unavailable"),
        (nats.errors.NoServersError(), 503, "unavailable"),
        (HTTPException(404), 404, "no_such_path"),
        (HTTPException(400, "odd"), 400, "request_malformed"),
        (Refused("昨天已销号。", "closed yesterday"), 409, "test_already_closed"),
        (StaleVersion(expected=1, current=2), 412, "stale_version"),
        (KeyError("x"), 500, "internal_error"),
    ],
)  # fmt: skip
def test_each_fault_has_its_problem(error: BaseException, status: int, code: str) -> None:
    found = as_problem(error)
    assert (found.status, found.code) == (status, code)
    if status == 503:
        assert found.headers["Retry-After"] == "1"


def test_refusal_of_a_rule_keeps_its_words_in_both_languages() -> None:
    found = as_problem(Refused("昨天已销号。", "closed yesterday"))
    zh, en = found.document(Language.ZH), found.document(Language.EN)
    assert (zh["title"], en["title"]) == ("已销号", "Already closed")
    assert (en["detail"], en["state"], en["open_moves"]) == ("closed yesterday", "closed", ["reopen"])
    assert zh["detail"] == "昨天已销号。"


def test_faults_of_a_rule_are_its_detail_and_its_codes_are_spelt_out() -> None:
    class Incomplete(Refused):
        code = "test_incomplete"

        def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
            super().__init__(*errors)
            self.errors = errors

    found = as_problem(Incomplete(("/due_at", "required", ("「OrderState.served」的单须有期限。", "say until when"))))
    zh, en = found.document(Language.ZH), found.document(Language.EN)
    assert zh["detail"] == zh["errors"][0]["detail"] == "「已送达」的单须有期限。"
    assert (en["detail"], en["errors"][0]["pointer"]) == ("say until when", "#/due_at")


@pytest.mark.parametrize(("status", "code"), [(200, "fine"), (500, "own"), ("409", "text"), (409, 7)])
def test_exception_that_only_looks_like_a_rules_is_a_fault_of_our_own(status: Any, code: Any) -> None:
    error = type("Odd", (Exception,), {"status": status, "code": code})()
    assert as_problem(error).status == 500


def test_code_has_one_status_for_ever() -> None:
    register(Kind("test_one_status", 409, Said("", ""), Said("", "")))
    with pytest.raises(TypeError):
        register(Kind("test_one_status", 422, Said("", ""), Said("", "")))


def test_every_code_speaks_both_languages_and_says_what_to_do() -> None:
    for kind in kinds().values():
        if kind.code.startswith("test_"):
            continue
        assert kind.code == kind.code.lower()
        assert kind.code.isidentifier()
        assert 400 <= kind.status < 600
        assert all((*kind.title, *kind.advice))
        assert kind.title.zh != kind.title.en


def test_route_tells_its_own_refusals_by_status() -> None:
    told = refuses(Refused, NotFound)
    assert told[409]["x-problem-codes"] == ["test_already_closed"]
    assert told[404]["x-problem-codes"] == ["not_found"]
    with pytest.raises(TypeError):
        refuses(KeyError)


async def test_log_of_a_fault_shows_where_and_never_what(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    configure_logs("INFO", service="counters")
    try:
        answer = await answer_fault(None, raised(KeyError("王小明 13900000000")))  # type: ignore[arg-type]
        await answer_fault(None, raised(database_error("23514", "Key (phone)=(13900000000)")))  # type: ignore[arg-type]
    finally:
        structlog.reset_defaults()
    assert isinstance(answer.body, bytes)
    assert Problem.code in answer.body.decode()
    lines = [orjson.loads(line) for line in written.getvalue().splitlines()]
    assert lines[0]["exception"][0]["type"] == "KeyError"
    assert lines[0]["exception"][0]["frames"][-1].endswith("raised")
    assert lines[1] == lines[1] | {"code": "unstorable_value", "sqlstate": "23514", "service": "counters"}
    for secret in ("王小明", "139", "SELECT"):
        assert secret not in written.getvalue()


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return caught
