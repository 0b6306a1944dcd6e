"""All SQL about packs: reference data that every caller with a scope may read."""

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
from services.responsibility_registry.credit.model import packs
from services.responsibility_registry.credit.rules_packs import Pack, version_of

MOST_PACKS = 500
_ADOPTING = 4_207_022
"""The advisory lock of whoever adopts: two packs of one area must not get one number."""


async def lock_packs(tx: Tx) -> None:
    """Nobody else adopts a pack until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ADOPTING)))


async def find_pack(tx: Tx, pack_id: UUID) -> Pack:
    """The pack; NotFound otherwise."""
    row = await tx.one_or_none(known(packs).where(packs.c.id == pack_id))
    if row is None:
        raise NotFound("credit_packs", pack_id)
    return load(Pack, row)


async def packs_of(tx: Tx, areas: Collection[str]) -> list[Pack]:
    """Every pack that was adopted for one of these areas, the newest first."""
    asked = known(packs).where(packs.c.area_code.in_(areas)).order_by(packs.c.number.desc(), packs.c.id)
    return [load(Pack, row) for row in await tx.all(asked.limit(MOST_PACKS))]


async def record_pack(tx: Tx, pack: Pack, event: Event, *, why: str) -> Pack:
    """Write the pack with its event."""
    return await record(tx, packs, pack, event, why=why, policy_version=version_of(pack))


def list_packs(*, area_code: str | None) -> Select[Any]:
    """Packs, filtered; the door pages through them."""
    return known(packs) if area_code is None else known(packs).where(packs.c.area_code == area_code)


ORDER: Sequence[Key] = ((packs.c.number, "desc"), (packs.c.id, "asc"))
