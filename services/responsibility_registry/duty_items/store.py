"""All SQL about duty items: what is asked of whom is public to every caller with a scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.duty_items.model import duty_items as items
from services.responsibility_registry.duty_items.rules import MOST_CODES, MOST_EDITIONS, DutyItem

_ENTERING = 4_207_021
"""The advisory lock of whoever enters: two editions of one code must not get one number."""
MOST_AROUND = MOST_CODES * 10
"""So many editions are read around one place."""


async def lock_items(tx: Tx) -> None:
    """Nobody else enters a duty until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ENTERING)))


async def find_item(tx: Tx, item_id: UUID) -> DutyItem:
    """The edition; NotFound otherwise."""
    row = await tx.one_or_none(known(items).where(items.c.id == item_id))
    if row is None:
        raise NotFound("duty_items", item_id)
    return load(DutyItem, row)


async def editions_of(tx: Tx, code: str, areas: Collection[str]) -> list[DutyItem]:
    """Every edition of a code that these areas keep, in their order."""
    asked = known(items).where(items.c.code == code, items.c.area_code.in_(areas)).order_by(items.c.edition)
    return [load(DutyItem, row) for row in await tx.all(asked.limit(MOST_EDITIONS * len(areas)))]


async def codes_in(tx: Tx, area_code: str) -> int:
    """How many codes an area keeps."""
    counted = known(items).with_only_columns(func.count(items.c.code.distinct()))
    return int(await tx.scalar(counted.where(items.c.area_code == area_code)) or 0)


async def items_around(tx: Tx, areas: Collection[str]) -> list[DutyItem]:
    """Every edition that these areas keep, the latest first."""
    asked = known(items).where(items.c.area_code.in_(areas)).order_by(items.c.valid_from.desc(), items.c.id)
    return [load(DutyItem, row) for row in await tx.all(asked.limit(MOST_AROUND))]


async def record_item(tx: Tx, item: DutyItem, event: Event, *, why: str) -> DutyItem:
    """Write the edition with its event."""
    return await record(tx, items, item, event, why=why)


def list_items(*, area_code: str | None, code: str | None, list_code: str | None) -> Select[Any]:
    """Editions, filtered; the door pages through them."""
    asked = known(items)
    for column, value in ((items.c.area_code, area_code), (items.c.code, code), (items.c.list_code, list_code)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


ORDER: Sequence[Key] = ((items.c.code, "asc"), (items.c.edition, "asc"), (items.c.id, "asc"))
