"""The audit's search: rows of this service's timeline by who, what, when, where and trace, newest first.

Only auditors search, and only where they are auditors: other grants of theirs open nothing here. Who administers the
audit sees every row of the area, those without sectors too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from libs.common.db import Tx
from libs.common.places import area_range
from libs.common.problems import RoleMissing
from libs.common.scope import Grant, Scope
from libs.common.timeline import READ_COLUMNS, TimelineRow, load_row

AUDIT_ADMINISTRATOR = "audit_administrator"
AUDITORS = ("auditor", AUDIT_ADMINISTRATOR)
"""Who may search what others did. Said here only."""
_SYSTEM = "audit"
_LAST_CHARACTER = "\U0010ffff"
_MOST_RANGES = 50
"""[DEF] A search goes by so many of the caller's areas at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What is searched for; None leaves it open. Times are real times, `event_type` is how the type begins."""

    actor_subject: str | None = None
    actor_post: UUID | None = None
    client_id: str | None = None
    event_type: str | None = None
    noun: str | None = None
    aggregate_id: UUID | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    area_code: str | None = None
    sector: str | None = None
    correlation_id: UUID | None = None
    exercise: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a page ends: the next one goes on with what was recorded before."""

    recorded_at: datetime
    id: UUID


_CONDITIONS = {
    "actor_subject": "t.actor_subject = :actor_subject",
    "actor_post": "t.actor_post = :actor_post",
    "client_id": "t.client_id = :client_id",
    "event_type": "t.event_type >= :event_type AND t.event_type < :event_type_end",
    "noun": "t.event_type >= :noun AND t.event_type < :noun_end",
    "aggregate_id": "t.aggregate_id = :aggregate_id",
    "recorded_from": "t.recorded_at >= :recorded_from",
    "recorded_to": "t.recorded_at < :recorded_to",
    "area_code": "t.area_code >= :area_code AND t.area_code <= :area_code_end",
    "sector": ":sector = ANY (t.sectors)",
    "correlation_id": "t.correlation_id = :correlation_id",
    "exercise": "t.exercise = :exercise",
    "before": "(t.recorded_at, t.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))",
    "within": "t.area_code >= :within AND t.area_code <= :within_end",
    "ranges": "EXISTS (SELECT 1 FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) AS r (lo, hi)"
    ' WHERE t.area_code >= r.lo COLLATE "C" AND t.area_code <= r.hi COLLATE "C")',
}
_ORDER = "ORDER BY t.recorded_at DESC, t.id DESC"


@lru_cache(256)
def statement(names: tuple[str, ...]) -> TextClause:
    """The search by these conditions: the page first, then its details. Built of our own names only."""
    where = " AND ".join(_CONDITIONS[name] for name in names) or "true"
    # Each condition alone has an index in this order; the page is cut before details are looked up.
    page = f"SELECT t.* FROM timeline t WHERE {where} {_ORDER} LIMIT :limit"
    return text(f"SELECT {READ_COLUMNS} FROM ({page}) AS t LEFT JOIN timeline_details d ON d.id = t.id {_ORDER}")


async def search(tx: Tx, sought: Sought, *, limit: int, before: Place | None = None) -> list[TimelineRow]:
    """At most `limit` rows, newest first. Raises RoleMissing (403) without any auditor's grant."""
    grants = auditing(tx.caller)
    asked = _asked(tx.service, sought, before)
    wide = _wide(grants)
    asked |= _reach(wide or grants)
    if not wide:
        await tx.adopt(auditing_only(tx.caller))
        return await _found(tx, asked, limit)
    async with tx.system(_SYSTEM):
        return await _found(tx, asked, limit)


def auditing(scope: Scope) -> tuple[Grant, ...]:
    """The caller's grants that let it search; raises RoleMissing (403) where there is none."""
    if scope.system is not None:
        return ()
    found = tuple(grant for grant in scope.grants if grant.role in AUDITORS)[:_MOST_RANGES]
    if not found:
        raise RoleMissing(AUDITORS)
    return found


def auditing_only(scope: Scope) -> Scope:
    """The same caller with nothing but its auditor's grants; raises RoleMissing (403) where there is none."""
    return scope if scope.system is not None else replace(scope, grants=auditing(scope), posts=frozenset())


def _wide(grants: Sequence[Grant]) -> list[Grant]:
    """The grants that see every row of their area."""
    return [grant for grant in grants if grant.role == AUDIT_ADMINISTRATOR and grant.sectors is None]


def administers_audit(scope: Scope) -> bool:
    """Whether the caller also sees what concerns who may sign in, as who administers the audit does."""
    return bool(_wide(scope.grants))


def _reach(grants: Sequence[Grant]) -> dict[str, Any]:
    """Where the caller audits, as the first wall: one range is a plain comparison, which an index serves."""
    if any(one.area_from <= "0" * 12 and one.area_to >= "9" * 12 for one in grants):
        return {}
    if len(grants) == 1:
        return {"within": grants[0].area_from, "within_end": grants[0].area_to}
    return {"ranges": None, "lows": [one.area_from for one in grants], "highs": [one.area_to for one in grants]}


def _asked(service: str, sought: Sought, before: Place | None) -> dict[str, Any]:
    given = {name: getattr(sought, name) for name in Sought.__slots__}
    asked = {name: value for name, value in given.items() if value is not None}
    if sought.event_type is not None:
        asked["event_type_end"] = sought.event_type + _LAST_CHARACTER
    if sought.noun is not None:
        asked |= {"noun": f"{service}.{sought.noun}.", "noun_end": f"{service}.{sought.noun}.{_LAST_CHARACTER}"}
    if sought.area_code is not None:
        asked["area_code"], asked["area_code_end"] = area_range(sought.area_code)
    if before is not None:
        asked |= {"before": None, "before_at": before.recorded_at, "before_id": before.id}
    return asked


async def _found(tx: Tx, asked: dict[str, Any], limit: int) -> list[TimelineRow]:
    names = tuple(name for name in _CONDITIONS if name in asked)
    values = {name: value for name, value in asked.items() if value is not None}
    return [load_row(row) for row in await tx.all(statement(names), values | {"limit": limit})]
