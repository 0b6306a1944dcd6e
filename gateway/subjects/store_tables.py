"""All SQL about tables of post roles: reference data that every caller with a scope may read."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from gateway.subjects.model_tables import post_role_tables as tables
from gateway.subjects.rules_tables import PostRoleTable
from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.common.problems import NotFound
from libs.contracts.event import Event

_ADOPTING = 4_207_011
"""The advisory lock of whoever adopts a table: which one is the youngest must never be chance."""


async def find_table(tx: Tx, id: UUID) -> PostRoleTable:  # noqa: A002
    """One table; NotFound otherwise."""
    row = await tx.one_or_none(known(tables).where(tables.c.id == id))
    if row is None:
        raise NotFound("post_role_tables", id)
    return load(PostRoleTable, row)


async def newest(tx: Tx) -> PostRoleTable | None:
    """The table that counts; None where none was adopted yet."""
    row = await tx.one_or_none(known(tables).order_by(tables.c.id.desc()).limit(1))
    return None if row is None else load(PostRoleTable, row)


async def wait_for_turn(tx: Tx) -> None:
    """Nobody else adopts a table until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ADOPTING)))


async def list_tables(tx: Tx, asked: Paging) -> Page[PostRoleTable]:
    """Every table that was adopted, the youngest first."""
    return await page(
        tx, known(tables), keys=[(tables.c.id, "desc")], asked=asked, load=lambda row: load(PostRoleTable, row),
        fingerprint=["post-roles"],
    )  # fmt: skip


async def add_table(tx: Tx, table: PostRoleTable, event: Event) -> PostRoleTable:
    """Keep a new table with its event."""
    return await record(tx, tables, table, event, why=table.source)
