"""The verb of replies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.public_reporting import ReplyWritten
from services.public_reporting.replies import rules, store
from services.public_reporting.replies.rules import Reply, ReplyKind


async def write_reply(
    tx: Tx, *, area_code: str, sectors: tuple[str, ...], exercise: bool, correlation_id: UUID,
    report_id: UUID, kind: ReplyKind, words_zh: str, words_en: str | None, by_post: UUID | None,
) -> Reply:  # fmt: skip
    """Answer a reporter; `by_post` is None where the platform answers by itself from a fact."""
    reply = rules.write_reply(
        reply_id=new_id(), area_code=area_code, sectors=sectors, exercise=exercise,
        correlation_id=correlation_id, report_id=report_id, kind=kind, words_zh=words_zh, words_en=words_en,
        by_post=by_post, now=tx.now,
    )  # fmt: skip
    return await store.add_reply(tx, reply, ReplyWritten(report_id=report_id, kind=kind, by_post=by_post))


async def replies_to(tx: Tx, report_id: UUID) -> Sequence[Reply]:
    """What a reporter was answered so far."""
    return await store.list_replies(tx, report_id)
