"""All SQL about webhooks and their secrets. Owners see their own; secrets are read under a system scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, update

from gateway.webhooks.model import webhook_secrets, webhooks
from gateway.webhooks.rules import State, Webhook
from libs.common.aggregates import find, load, lock, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page

_MOST_SECRETS = 10
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway webhooks of ' || :owner, 0))")


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningSecret:
    """A secret as it is kept: sealed, and when it stops signing (None: not planned)."""

    id: UUID
    sealed: bytes
    created_at: datetime
    expires_at: datetime | None


async def find_webhook(tx: Tx, id: UUID) -> Webhook:  # noqa: A002
    """One of the caller's own; NotFound otherwise."""
    return await find(tx, webhooks, Webhook, id)


async def lock_webhook(tx: Tx, id: UUID, expected: int | None) -> Webhook:  # noqa: A002
    """The same, locked; StaleVersion where the caller has seen another version."""
    return await lock(tx, webhooks, Webhook, id, expected)


async def list_webhooks(tx: Tx, asked: Paging, state: State | None) -> Page[Webhook]:
    """The caller's own, the oldest first."""
    chosen = selected(webhooks, tx.scope)
    if state is not None:
        chosen = chosen.where(webhooks.c.state == state)
    return await page(
        tx, chosen, keys=[(webhooks.c.id, "asc")], asked=asked, load=lambda row: load(Webhook, row),
        fingerprint=["webhooks", state],
    )  # fmt: skip


async def count_live(tx: Tx, owner: str) -> int:
    """How many live ones a subject has; two that register at once are counted one after the other."""
    await tx.execute(_ONE_AT_A_TIME, {"owner": owner})
    live = selected(webhooks, tx.scope).where(webhooks.c.owner == owner, webhooks.c.state != State.ENDED)
    return int(await tx.scalar(select(func.count()).select_from(live.subquery())))


async def secrets_of(tx: Tx, webhook: UUID, at: datetime) -> tuple[SigningSecret, ...]:
    """The secrets that sign now, the youngest first; under a system scope."""
    living = select(webhook_secrets).where(
        webhook_secrets.c.webhook == webhook,
        or_(webhook_secrets.c.expires_at.is_(None), webhook_secrets.c.expires_at > at),
    )
    rows = await tx.all(living.order_by(webhook_secrets.c.created_at.desc()).limit(_MOST_SECRETS))
    return tuple(load(SigningSecret, row) for row in rows)


async def add_secret(tx: Tx, webhook: UUID, secret: SigningSecret) -> None:
    """Keep a new secret, sealed; under a system scope."""
    values = {
        "id": secret.id, "webhook": webhook, "sealed": secret.sealed, "created_at": secret.created_at,
        "expires_at": secret.expires_at,
    }  # fmt: skip
    await tx.execute(webhook_secrets.insert().values(values))


async def limit_secrets(tx: Tx, secrets: Iterable[tuple[UUID, datetime]]) -> None:
    """Write when these secrets stop signing; under a system scope."""
    for id_, ends in secrets:
        await tx.execute(update(webhook_secrets).where(webhook_secrets.c.id == id_).values(expires_at=ends))


async def forget_secrets(tx: Tx, at: datetime) -> int:
    """Remove those that sign no more; under a system scope."""
    return (await tx.execute(delete(webhook_secrets).where(webhook_secrets.c.expires_at <= at))).rowcount
