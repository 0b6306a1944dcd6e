"""What the gateway knows of the registry's posts and tenures, and which of it subjects have yet to follow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, any_, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from gateway.copies.model import post_copies, tenure_copies
from libs.common.copies import Copy
from libs.common.db import Row, Tx
from libs.contracts.responsibility_registry import PostChanged, PostRegistered, PostState, PostStated
from libs.contracts.tenures import TenureBegun, TenureEnded, TenureState, TenureStated

POST_COPY = Copy(table=post_copies, state=PostState, events=(PostStated, PostRegistered, PostChanged))
TENURE_COPY = Copy(table=tenure_copies, state=TenureState, events=(TenureStated, TenureBegun, TenureEnded))
MOST_OF_ONE = 500
"""So many tenures of one subject, or posts that one stands in for, are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """Rows of a copy that changed since subjects followed them."""

    ids: tuple[UUID, ...]
    rows: Sequence[Row]


async def pick_tenures(tx: Tx, limit: int) -> Pending:
    """Tenures that were not followed yet, locked; others pick others."""
    return await _pick(tx, tenure_copies, limit)


async def pick_posts(tx: Tx, limit: int) -> Pending:
    """Posts that were not followed yet, locked; others pick others."""
    return await _pick(tx, post_copies, limit)


async def _pick(tx: Tx, table: Table, limit: int) -> Pending:
    asked = select(table).where(table.c.followed != table.c.version).order_by(table.c.id).limit(limit)
    rows = await tx.all(asked.with_for_update(skip_locked=True))
    return Pending(ids=tuple(row["id"] for row in rows), rows=rows)


async def mark_tenures(tx: Tx, pending: Pending) -> None:
    """These are followed as they stand."""
    await _mark(tx, tenure_copies, pending)


async def mark_posts(tx: Tx, pending: Pending) -> None:
    """These are followed as they stand."""
    await _mark(tx, post_copies, pending)


async def _mark(tx: Tx, table: Table, pending: Pending) -> None:
    await tx.execute(update(table).where(_among(table, pending.ids)).values(followed=table.c.version))


async def follow_all_again(tx: Tx) -> None:
    """What follows from a post is another than before: every tenure is followed anew."""
    await tx.execute(update(tenure_copies).values(followed=0))


async def holders_of(tx: Tx, posts: Collection[UUID]) -> frozenset[str]:
    """The subjects of every tenure of these posts."""
    asked = select(tenure_copies.c.subject).where(tenure_copies.c.post_id == any_(_ids(posts))).distinct()
    return frozenset(row["subject"] for row in await tx.all(asked))


async def tenures_of(tx: Tx, subject: str, now: datetime) -> Sequence[Row]:
    """What a subject holds or will hold."""
    columns = tenure_copies.c
    open_or_later = or_(columns.valid_to.is_(None), columns.valid_to > now)
    asked = select(tenure_copies).where(columns.subject == subject, open_or_later).order_by(columns.valid_from)
    return await tx.all(asked.limit(MOST_OF_ONE))


async def posts_around(tx: Tx, ids: Collection[UUID]) -> Sequence[Row]:
    """These posts, and the vacant ones that they stand in for."""
    columns = post_copies.c
    stood_for = and_(columns.vacant, columns.substitute_post_id == any_(_ids(ids)))
    return await tx.all(select(post_copies).where(or_(_among(post_copies, ids), stood_for)).limit(2 * MOST_OF_ONE))


def _ids(ids: Collection[UUID]) -> ColumnElement[Any]:
    return literal(sorted(ids), ARRAY(PGUUID(as_uuid=True)))


def _among(table: Table, ids: Collection[UUID]) -> ColumnElement[bool]:
    among: ColumnElement[bool] = table.c.id == any_(_ids(ids))
    return among
