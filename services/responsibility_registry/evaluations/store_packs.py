"""All SQL about packs: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.evaluations.model import packs
from services.responsibility_registry.evaluations.rules_packs import Pack

MOST_PACKS = 500
_ADOPTING = 4_207_012
"""The advisory lock of whoever adopts: two packs of one code must not get one number."""


async def lock_packs(tx: Tx) -> None:
    """Nobody else adopts a pack until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ADOPTING)))


async def find_pack(tx: Tx, pack_id: UUID) -> Pack:
    """The pack; NotFound otherwise."""
    row = await tx.one_or_none(known(packs).where(packs.c.id == pack_id))
    if row is None:
        raise NotFound("evaluation_packs", pack_id)
    return load(Pack, row)


async def packs_of(tx: Tx, code: str, areas: Sequence[str]) -> list[Pack]:
    """Every pack of a code that was adopted for one of these areas, the newest first."""
    asked = known(packs).where(packs.c.code == code, packs.c.area_code.in_(areas))
    return [load(Pack, row) for row in await tx.all(asked.order_by(packs.c.number.desc()).limit(MOST_PACKS))]


async def record_pack(tx: Tx, pack: Pack, event: Event, *, why: str) -> Pack:
    """Write the pack with its event."""
    return await record(tx, packs, pack, event, why=why)


def list_packs(*, code: str | None, area_code: str | None) -> Select[Any]:
    """Packs, filtered; the door pages through them."""
    asked = known(packs)
    if code is not None:
        asked = asked.where(packs.c.code == code)
    if area_code is not None:
        asked = asked.where(packs.c.area_code == area_code)
    return asked


ORDER: Sequence[Key] = ((packs.c.code, "asc"), (packs.c.number, "desc"), (packs.c.id, "asc"))
