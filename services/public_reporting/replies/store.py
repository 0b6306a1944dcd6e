"""All SQL about replies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from libs.common.aggregates import load, record, selected
from libs.common.db import Tx
from libs.contracts.event import Event
from services.public_reporting.replies.model import replies
from services.public_reporting.replies.rules import Reply


async def add_reply(tx: Tx, reply: Reply, event: Event) -> Reply:
    """Write a reply; it never changes afterwards."""
    return await record(tx, replies, reply, event)


async def list_replies(tx: Tx, report_id: UUID) -> Sequence[Reply]:
    """What a reporter was answered, the oldest first."""
    asked = selected(replies, tx.scope).where(replies.c.report_id == report_id)
    return [load(Reply, row) for row in await tx.all(asked.order_by(replies.c.at, replies.c.id).limit(200))]
