"""The verb of replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.public_reporting import ReplyWritten
from services.public_reporting.replies import rules, store
from services.public_reporting.replies.policies import ANSWERS, PUBLIC_WORDS
from services.public_reporting.replies.rules import Reply, ReplyKind

__all__ = [
    "Reply",
    "ReplyKind",
    "disputes_over_before",
    "may_be_disputed_until",
    "replies_to",
    "words_for",
    "write_reply",
]


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


def words_for(state: str) -> Mapping[str, str]:
    """What the public reads for a state of a report, by language."""
    return PUBLIC_WORDS[state]


def may_be_disputed_until(fixed_at: datetime | None) -> datetime | None:
    """Until when a reporter who was told "fixed" may say that it is not ([DEF]); None where nobody was told."""
    return None if fixed_at is None else rules.dispute_until(fixed_at=fixed_at, answers=ANSWERS)


def disputes_over_before(now: datetime) -> datetime:
    """What was called fixed before this instant can no longer be disputed."""
    return now - timedelta(days=ANSWERS.dispute_days)
