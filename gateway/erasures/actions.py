"""The verbs of erasure: ask for one, order it, refuse it. What was ordered every service hears, and its own row's
details go with the next seal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

from gateway.erasures import store
from gateway.erasures.model import erasures
from gateway.erasures.rules import Erasure, ErasureState, NothingToErase, decide
from libs.common.aggregates import record, require_version
from libs.common.db import Tx
from libs.common.ddl.timeline import ERASURE_ORDERED
from libs.common.erasures import erase_here
from libs.common.ids import new_id
from libs.common.pagination import Page, Paging
from libs.common.problems import NotFound, RoleMissing
from libs.common.timeline_search import AUDITORS, administers_audit, auditing_only
from libs.contracts.event import Event
from libs.contracts.gateway import ErasureOrdered, ErasureRefused, ErasureRequested

Row = Mapping[str, Any]


async def request_erasure(tx: Tx, row: Row, *, article: str, ground: str) -> Erasure:
    """Ask for the erasure of a row's details. Raises RoleMissing (403), NothingToErase and AlreadyExists (409)."""
    tx.caller.require(*AUDITORS, area_code=row["area_code"], sectors=row["sectors"])
    if row["event_type"].endswith(ERASURE_ORDERED):
        raise NothingToErase(
            "删除令须保留：它证明删除合法。", "an order of erasure stays: it proves that the erasure was lawful"
        )
    if row["erased_at"] is not None:
        raise NothingToErase(
            "该行内容此前已依法删除，无须再办。",
            "the details of this row were erased already: there is nothing left to do",
        )
    erasure = Erasure(
        id=new_id(),
        version=0,
        area_code=row["area_code"],
        sectors=tuple(row["sectors"]),
        exercise=row["exercise"],
        correlation_id=UUID(str(row["correlation_id"])),
        timeline_id=UUID(str(row["id"])),
        service=row["service"],
        article=article,
        ground=ground,
        state=ErasureState.REQUESTED,
        requested_by=tx.caller.subject,
        requested_at=tx.now,
        decided_by=None,
        decided_at=None,
        decided_reason=None,
    )
    event = ErasureRequested(timeline_id=erasure.timeline_id, service=erasure.service, article=article)
    return await record(tx, erasures, erasure, event, why=ground)


async def order_erasure(tx: Tx, id: UUID, expected: int | None) -> Erasure:  # noqa: A002
    """The second person orders it, for good. Raises SamePersonDecides (403), ErasureDecided (409)."""
    erasure = await _decide(tx, id, expected, ErasureState.ORDERED, None)
    event = ErasureOrdered(
        timeline_id=erasure.timeline_id, service=erasure.service, article=erasure.article, ground=erasure.ground
    )
    async with _in_sight(tx):
        after = await record(tx, erasures, erasure, event)
    if erasure.service == tx.service:
        # Nobody hears what it tells itself.
        await erase_here(tx, erasure.timeline_id, article=erasure.article, ground=erasure.ground)
    return after


async def refuse_erasure(tx: Tx, id: UUID, expected: int | None, reason: str) -> Erasure:  # noqa: A002
    """The second person refuses it. Raises SamePersonDecides (403), ErasureDecided (409)."""
    erasure = await _decide(tx, id, expected, ErasureState.REFUSED, reason)
    event: Event = ErasureRefused(timeline_id=erasure.timeline_id, service=erasure.service)
    async with _in_sight(tx):
        return await record(tx, erasures, erasure, event, why=reason)


async def _decide(tx: Tx, id: UUID, expected: int | None, state: ErasureState, reason: str | None) -> Erasure:  # noqa: A002
    async with _in_sight(tx):
        before = await store.lock_erasure(tx, id)
    _require_auditor(tx, before)
    require_version(before, expected)
    return decide(before, state, by=tx.caller.subject, at=tx.now, reason=reason)


async def list_erasures(tx: Tx, asked: Paging) -> Page[Erasure]:
    """The erasures in the areas that the caller audits, newest first. Raises RoleMissing (403) for all others."""
    as_auditors = auditing_only(tx.caller)
    seen = replace(as_auditors, grants=tuple(replace(one, role=AUDITORS[0]) for one in as_auditors.grants))
    async with _in_sight(tx):
        return await store.list_erasures(tx, seen, asked)


def _in_sight(tx: Tx) -> AbstractAsyncContextManager[object]:
    """Who administers the audit sees what no role of the city shows; each verb asks for the area all the same."""
    return tx.system("audit") if administers_audit(tx.caller) else nullcontext()


async def find_erasure(tx: Tx, id: UUID) -> Erasure:  # noqa: A002
    """One erasure; NotFound outside the scope, RoleMissing (403) for who is no auditor of its area."""
    async with _in_sight(tx):
        erasure = await store.find_erasure(tx, id)
    _require_auditor(tx, erasure)
    return erasure


def _require_auditor(tx: Tx, erasure: Erasure) -> None:
    if tx.caller.holds(*AUDITORS, area_code=erasure.area_code, sectors=erasure.sectors):
        return
    if administers_audit(tx.caller):
        # Found in a wider sight than the caller's own: what lies elsewhere is not there.
        raise NotFound("erasures", erasure.id)
    raise RoleMissing(AUDITORS)
