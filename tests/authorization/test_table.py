"""Every operation, tried by everybody there could be, is what the golden table says."""

from __future__ import annotations

import os

import pytest

from tests.authorization.callers import BESIDE, NO_TOKEN, NOBODY, OTHER
from tests.authorization.conftest import Planted
from tests.authorization.operations import Operation, operations
from tests.authorization.table import (
    COMMAND,
    VERSION_FIRST,
    ask,
    callers_of,
    differences,
    kept,
    outcome_in,
    row_of,
)

WHOLE = os.environ.get("SHOUTU_AUTHORIZATION") == "full"
"""Else everybody in the own area and one role, always the same, in each other relation."""
TABLE = kept()
OPERATIONS = tuple(operations())
GUARDED = tuple(one for one in OPERATIONS if one.needs_token)


def test_every_operation_is_a_row_and_every_row_an_operation() -> None:
    assert {one.name for one in OPERATIONS} == set(TABLE), f"run {COMMAND}, and read the difference"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
async def test_everybody_gets_what_the_table_says(planted: Planted, operation: Operation) -> None:
    outcomes = await ask(planted.house, planted.ids, operation, callers_of(operation, everybody=WHOLE))
    assert differences(operation, TABLE.get(operation.name, {}), outcomes) == [], f"run {COMMAND}, and read why"


def test_nobody_learns_a_version_of_what_they_may_not_change() -> None:
    assert [name for name, row in TABLE.items() if VERSION_FIRST in str(row)] == []


def test_nothing_answers_with_a_fault() -> None:
    """A 5xx is no answer, and a body that does not fit says nothing about who may."""
    odd = ("500", "502", "503", "504", "invalid_body", "invalid_parameter", "unknown_parameter")
    assert [(name, row) for name, row in TABLE.items() if any(one in str(row) for one in odd)] == []


@pytest.mark.parametrize("operation", GUARDED, ids=lambda one: one.name)
def test_a_door_that_needs_a_token_needs_it(operation: Operation) -> None:
    assert TABLE[operation.name][NO_TOKEN] == "no token"


@pytest.mark.parametrize("relation", [NOBODY, BESIDE, OTHER])
def test_what_lies_elsewhere_is_not_there(relation: str) -> None:
    """Of every single thing with an area: who is of another county or another sector gets 404, and no verb either."""
    things = ("orders", "hazards", "risk-objects", "incidents", "alarms", "reports", "dispatches", "reviews")
    found = {
        one.name: TABLE[one.name][relation]
        for one in GUARDED
        if one.prefixes and one.path.split("/")[2] in things and relation in TABLE[one.name]
    }
    assert found
    assert {name: said for name, said in found.items() if said != "not there"} == {}


def test_a_row_says_of_each_caller_what_it_got() -> None:
    outcomes = {
        ("own area", "a"): "may",
        ("own area", "b"): "no role",
        ("own area", "c"): "no role",
        ("x", ""): "sees",
    }
    row = row_of(outcomes)
    assert row == {"own area": "may: a | no role: the others", "x": "sees"}
    assert {key: outcome_in(row, *key) for key in outcomes} == outcomes


def test_another_outcome_or_a_missing_row_would_be_noticed() -> None:
    operation = OPERATIONS[0]
    assert differences(operation, {"own area": "no role"}, {("own area", "a"): "may"})
    assert differences(operation, {}, {("own area", "a"): "may"})
