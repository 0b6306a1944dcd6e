"""All SQL about one-time links. Whoever sees the order by area and sector sees its links; a code opens by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_

from gateway.entry_links.model import entry_links as links
from gateway.entry_links.rules import GONE_AFTER, EntryLink
from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.contracts.event import Event


async def find_link(tx: Tx, id: UUID) -> EntryLink:  # noqa: A002
    """One link within the caller's scope; NotFound otherwise."""
    return await find(tx, links, EntryLink, id)


async def lock_link(tx: Tx, id: UUID) -> EntryLink:  # noqa: A002
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, links, EntryLink, id)


async def lock_by_code(tx: Tx, code_hash: str) -> EntryLink | None:
    """The link that a code opens, locked: of two who follow it at once one comes in. Under a system scope."""
    asked = selected(links, tx.scope).where(links.c.code_hash == code_hash).with_for_update()
    row = await tx.one_or_none(asked)
    return None if row is None else load(EntryLink, row)


async def pick_over(tx: Tx, at: datetime, limit: int) -> Sequence[EntryLink]:
    """Links that were used a while ago, or never in time, and whose followers are still known; locked."""
    over = or_(links.c.used_at < at - GONE_AFTER, links.c.used_at.is_(None))
    asked = selected(links, tx.scope).where(links.c.gone_at.is_(None), links.c.expires_at < at, over)
    asked = asked.order_by(links.c.id).limit(limit).with_for_update(skip_locked=True)
    return [load(EntryLink, row) for row in await tx.all(asked)]


async def list_links(tx: Tx, asked: Paging, order_id: UUID | None) -> Page[EntryLink]:
    """The links that the caller sees, the youngest first."""
    statement = selected(links, tx.scope)
    if order_id is not None:
        statement = statement.where(links.c.order_id == order_id)
    return await page(
        tx, statement, keys=[(links.c.id, "desc")], asked=asked, load=lambda row: load(EntryLink, row),
        fingerprint=["entry-links", str(order_id)],
    )  # fmt: skip


async def write(tx: Tx, link: EntryLink, event: Event, *, why: str) -> EntryLink:
    """Write the next version with its event."""
    return await record(tx, links, link, event, why=why)
