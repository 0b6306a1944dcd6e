"""All SQL about lanes, messages and tries. Owners read their log; whatever moves runs under a system scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from gateway.webhooks.model import webhook_attempts, webhook_deliveries, webhook_lanes, webhooks
from gateway.webhooks.rules import Webhook
from gateway.webhooks.rules_delivery import Answer, Attempt, Delivery, DeliveryState
from libs.common.aggregates import load, selected, visible
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.common.problems import NotFound

MOST_WAITING = 10_000
"""[DEF] So many messages wait for one receiver at most; until some are taken, its place in the feed waits too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """How far one webhook has come in the feed, and how its receiver is doing."""

    webhook: UUID
    going: bool
    after: str | None
    replay_after: str | None
    replay_until: str | None
    paused_until: datetime | None
    failing_since: datetime | None
    slow: bool


async def open_lane(tx: Tx, webhook: UUID, after: str | None, at: datetime) -> None:
    """A lane that begins behind a place in the feed."""
    values = {"webhook": webhook, "going": True, "after": after, "slow": False, "looked_at": at}
    await tx.execute(webhook_lanes.insert().values(values))


async def change_lane(tx: Tx, webhook: UUID, **values: Any) -> None:
    """Write some columns of a lane."""
    await tx.execute(update(webhook_lanes).where(webhook_lanes.c.webhook == webhook).values(**values))


async def lock_lane(tx: Tx, webhook: UUID) -> Lane:
    """One lane, locked; its webhook is locked before it, here and wherever both are changed."""
    row = await tx.one_or_none(select(webhook_lanes).where(webhook_lanes.c.webhook == webhook).with_for_update())
    if row is None:
        raise NotFound("webhook", webhook)
    return load(Lane, row)


async def lock_next(tx: Tx, before: datetime) -> tuple[Webhook, Lane] | None:
    """The webhook whose lane was looked at longest ago, before an instant; None where none waits that is free."""
    waiting = webhook_lanes.c.going & (webhook_lanes.c.looked_at < before)
    oldest = selected(webhooks, tx.scope).join(webhook_lanes, webhook_lanes.c.webhook == webhooks.c.id).where(waiting)
    locked = oldest.order_by(webhook_lanes.c.looked_at).limit(1).with_for_update(of=webhooks, skip_locked=True)
    row = await tx.one_or_none(locked)
    if row is None:
        return None
    webhook = load(Webhook, row)
    return webhook, await lock_lane(tx, webhook.id)


async def has_room(tx: Tx, webhook: UUID) -> bool:
    """Whether fewer messages wait than may."""
    waiting = select(literal(1)).where(
        webhook_deliveries.c.webhook == webhook, webhook_deliveries.c.state == DeliveryState.PENDING
    )
    counted = select(func.count()).select_from(waiting.limit(MOST_WAITING).subquery())
    return int(await tx.scalar(counted)) < MOST_WAITING


async def add_deliveries(tx: Tx, rows: Sequence[dict[str, Any]], *, again: bool) -> int:
    """New messages; one that is there already stays as it is, or is sent once more where `again` says so."""
    if not rows:
        return 0
    added = insert(webhook_deliveries).values(list(rows))
    if again:
        fresh = {
            "state": DeliveryState.PENDING, "attempts": 0, "next_at": added.excluded.next_at, "done_at": None,
            "position": added.excluded.position,
        }  # fmt: skip
        # One that is out at this moment is left alone: its own try decides.
        idle = webhook_deliveries.c.state != DeliveryState.PENDING
        statement = added.on_conflict_do_update(index_elements=["webhook", "event_id"], set_=fresh, where=idle)
    else:
        statement = added.on_conflict_do_nothing(index_elements=["webhook", "event_id"])
    return (await tx.execute(statement)).rowcount


_CLAIM = text(
    "WITH due AS (SELECT d.id FROM webhook_lanes l CROSS JOIN LATERAL ("
    " SELECT w.id, w.next_at FROM webhook_deliveries w WHERE w.webhook = l.webhook AND w.state = 'pending'"
    " AND w.next_at <= :now AND (w.claimed_until IS NULL OR w.claimed_until < :now)"
    " ORDER BY w.next_at LIMIT :each FOR UPDATE SKIP LOCKED) d"
    " WHERE l.going AND (l.paused_until IS NULL OR l.paused_until <= :now)"
    " AND NOT l.webhook = ANY (CAST(:busy AS uuid[]))"
    " AND :ailing = (l.failing_since IS NOT NULL OR l.slow) ORDER BY d.next_at LIMIT :most)"
    " UPDATE webhook_deliveries SET claimed_until = :until FROM due WHERE webhook_deliveries.id = due.id"
    " RETURNING webhook_deliveries.*"
)


async def claim_due(
    tx: Tx, now: datetime, *, lease: timedelta, each: int, most: int, busy: Collection[UUID], ailing: bool
) -> list[Delivery]:
    """Messages that are due and nobody has out, longest due first, at most `each` a webhook; for others until the
    lease runs out.

    `busy` are webhooks that have some out; `ailing` says whether it is for those that are slow or failing, or well.
    """
    asked = {"now": now, "until": now + lease, "each": each, "most": most, "busy": list(busy), "ailing": ailing}
    return [load(Delivery, row) for row in await tx.all(_CLAIM, asked)]


async def note_attempt(tx: Tx, delivery: UUID, number: int, at: datetime, answer: Answer) -> None:
    """Write down a try."""
    values = {
        "delivery": delivery, "number": number, "at": at, "status": answer.status, "error": answer.error,
        "seconds": round(answer.seconds, 3),
    }  # fmt: skip
    await tx.execute(insert(webhook_attempts).values(values).on_conflict_do_nothing())


async def change_delivery(tx: Tx, id: UUID, **values: Any) -> None:  # noqa: A002
    """Write some columns of a message, and let it go."""
    changed = update(webhook_deliveries).where(webhook_deliveries.c.id == id)
    await tx.execute(changed.values(claimed_until=None, **values))


async def list_deliveries(tx: Tx, webhook: UUID, asked: Paging, state: DeliveryState | None) -> Page[Delivery]:
    """The log of one webhook within the caller's scope, the newest first."""
    # The parent's own scope decides, by join here and by policy behind it.
    chosen = (
        select(webhook_deliveries)
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook)
        .where(visible(webhooks, tx.scope), webhook_deliveries.c.webhook == webhook)
    )
    if state is not None:
        chosen = chosen.where(webhook_deliveries.c.state == state)
    return await page(
        tx, chosen, keys=[(webhook_deliveries.c.id, "desc")], asked=asked, load=lambda row: load(Delivery, row),
        fingerprint=["webhook_deliveries", str(webhook), state],
    )  # fmt: skip


async def find_delivery(tx: Tx, webhook: UUID, id: UUID) -> Delivery:  # noqa: A002
    """One message of one webhook within the caller's scope; NotFound otherwise."""
    chosen = (
        select(webhook_deliveries)
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook)
        .where(visible(webhooks, tx.scope), webhook_deliveries.c.webhook == webhook, webhook_deliveries.c.id == id)
    )
    row = await tx.one_or_none(chosen)
    if row is None:
        raise NotFound("delivery", id)
    return load(Delivery, row)


async def attempts_of(tx: Tx, delivery: UUID) -> tuple[Attempt, ...]:
    """Every try of one message, in order; the schedule bounds them, and a message sent again begins anew."""
    rows = await tx.all(
        select(webhook_attempts)
        .where(webhook_attempts.c.delivery == delivery)
        .order_by(webhook_attempts.c.number.desc())
        .limit(100)
    )
    return tuple(load(Attempt, row) for row in reversed(rows))


async def last_number(tx: Tx, delivery: UUID) -> int:
    """The number of the last try, 0 where there was none: it counts on when a message is sent again."""
    counted = select(func.coalesce(func.max(webhook_attempts.c.number), 0))
    return int(await tx.scalar(counted.where(webhook_attempts.c.delivery == delivery)))


async def forget_done(tx: Tx, before: datetime, limit: int) -> int:
    """Remove messages that were done before an instant, with their tries."""
    old = select(webhook_deliveries.c.id).where(*_done_before(before))
    # Asked again of each row itself: one that is sent again at this moment is waited for, and is none of these.
    gone = delete(webhook_deliveries).where(
        webhook_deliveries.c.id.in_(old.limit(limit).scalar_subquery()), *_done_before(before)
    )
    return (await tx.execute(gone)).rowcount


def _done_before(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return webhook_deliveries.c.state != DeliveryState.PENDING, webhook_deliveries.c.done_at < before


async def drop_pending(tx: Tx, webhook: UUID, at: datetime) -> None:
    """What waited for a webhook that has ended goes nowhere."""
    waiting = update(webhook_deliveries).where(
        webhook_deliveries.c.webhook == webhook, webhook_deliveries.c.state == DeliveryState.PENDING
    )
    await tx.execute(waiting.values(state=DeliveryState.DROPPED, done_at=at, last_error="webhook_ended"))
