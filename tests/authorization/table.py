"""The golden table: what everybody gets from every operation, as asked now and as it is kept in git."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Final

import httpx

from tests.authorization.callers import EVERYBODY, NO_TOKEN, OWN, Caller
from tests.authorization.house import House
from tests.authorization.operations import Ids, Operation, sent_with

GOLDEN: Final = Path(__file__).with_name("table.json")
COMMAND: Final = "make authorization"
VERSION_FIRST: Final = "412 before the role"
"""Whoever may not do a thing learns no version of it: never in the table."""
Row = dict[str, str]
"""By relation: the outcome, or each outcome with the roles that get it."""
Key = tuple[str, str]
"""A relation and a role."""
_OF_THE_PERSON: Final = frozenset({"erasure_needs_second_person"})
"""Refusals of somebody who holds the role, for what they did themselves."""
_AT_A_TIME: Final = 4
_THE_OTHERS: Final = "the others"
_STAYING: Final = {"POST /v1/files": 1}
"""How many transactions of a request stay, where a later one reads what they wrote."""


def callers_of(operation: Operation, *, everybody: bool = True) -> list[Caller]:
    """Who tries it: nobody but the public where it needs no token; else all, or a choice that stays the same."""
    if not operation.needs_token:
        return [one for one in EVERYBODY if one.relation == NO_TOKEN]
    if everybody:
        return list(EVERYBODY)
    beyond: dict[str, list[Caller]] = {}
    for one in EVERYBODY:
        if one.role and one.relation != OWN:
            beyond.setdefault(one.relation, []).append(one)
    lot = Random(operation.name)
    return [one for one in EVERYBODY if not one.role or one.relation == OWN] + [
        lot.choice(some) for some in beyond.values()
    ]


async def ask(house: House, ids: Ids, operation: Operation, callers: Iterable[Caller]) -> dict[Key, str]:
    """What each of them gets."""
    turns = asyncio.Semaphore(_AT_A_TIME)

    async def one(caller: Caller) -> tuple[Key, str]:
        async with turns:
            return (caller.relation, caller.role), await _outcome(house, ids, operation, caller.subject)

    return dict(await asyncio.gather(*map(one, callers)))


async def _outcome(house: House, ids: Ids, operation: Operation, subject: str) -> str:
    sent = sent_with(house, operation, ids) | {"stays": _STAYING.get(operation.name, 0)}
    answer = await house.ask(operation.service, operation.method, operation.at(ids), subject, **sent)
    if answer.status_code == 412 and operation.entrance.if_match:
        sent["headers"]["If-Match"] = "*"
        answer = await house.ask(operation.service, operation.method, operation.at(ids), subject, **sent)
        told = answer.status_code in (403, 404) and _code(answer) not in _OF_THE_PERSON
        return VERSION_FIRST if told else "may"
    return _said(operation, answer)


def _said(operation: Operation, answer: httpx.Response) -> str:
    code = _code(answer)
    match answer.status_code, code:
        case 401, "token_missing":
            return "no token"
        case 403, "role_missing":
            return "no role"
        case 404, "not_found":
            return "not there"
        case status, _ if not operation.needs_token:
            return "public" if status < 500 else f"{status} {code}"
        case status, _ if status < 400:
            return _seen(answer) if operation.method == "GET" else "may"
    return f"{answer.status_code} {code}"


def _code(answer: httpx.Response) -> str:
    if "json" not in answer.headers.get("content-type", ""):
        return ""
    told = answer.json()
    return str(told.get("code", told.get("error", ""))) if isinstance(told, dict) else ""


def _seen(answer: httpx.Response) -> str:
    if "json" not in answer.headers.get("content-type", ""):
        return "sees"
    told = answer.json()
    return "sees none" if isinstance(told, dict) and told.get("items") == [] else "sees"


def row_of(outcomes: Mapping[Key, str]) -> Row:
    """The outcomes of one operation as a reviewer reads them: what most of a relation get is said of the others."""
    by_relation: dict[str, dict[str, str]] = {}
    for (relation, role), outcome in outcomes.items():
        by_relation.setdefault(relation, {})[role] = outcome
    return {relation: _line(found) for relation, found in by_relation.items()}


def _line(found: Mapping[str, str]) -> str:
    counted = Counter(found.values())
    most = min(counted, key=lambda outcome: (-counted[outcome], outcome))
    if len(counted) == 1:
        return most
    parts = [
        f"{outcome}: {' '.join(role for role, got in found.items() if got == outcome)}"
        for outcome in sorted(counted)
        if outcome != most
    ]
    return " | ".join([*parts, f"{most}: {_THE_OTHERS}"])


def outcome_in(row: Row, relation: str, role: str) -> str | None:
    """What a row of the table says of one caller; None where it says nothing."""
    if relation not in row:
        return None
    others = None
    for part in row[relation].split(" | "):
        outcome, _, roles = part.partition(": ")
        if not roles or role in roles.split():
            return outcome
        if roles == _THE_OTHERS:
            others = outcome
    return others


def kept() -> dict[str, Row]:
    """The table in git."""
    return dict(json.loads(GOLDEN.read_text("utf-8"))) if GOLDEN.exists() else {}


def write(table: Mapping[str, Row]) -> None:
    """Write the table, a row an operation and a line a relation."""
    GOLDEN.write_text(f"{json.dumps(table, ensure_ascii=False, indent=1)}\n", "utf-8")


def differences(operation: Operation, row: Row, outcomes: Mapping[Key, str]) -> list[str]:
    """Where what was asked now is not what the table says."""
    return [
        f"{operation.name}: {relation} {role}: {outcome}, and the table says {outcome_in(row, relation, role)}"
        for (relation, role), outcome in outcomes.items()
        if outcome != outcome_in(row, relation, role)
    ]
