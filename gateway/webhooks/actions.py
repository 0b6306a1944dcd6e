"""The verbs on webhooks: register, change, enable, disable, end, rotate the secret."""

from __future__ import annotations

import base64
import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from gateway.feed import actions as feed
from gateway.subjects import actions as subjects
from gateway.webhooks import rules, store, store_lanes
from gateway.webhooks.model import webhooks
from gateway.webhooks.rules import Disabled, Format, State, Webhook
from gateway.webhooks.rules_delivery import SECRETS_LIVE
from gateway.webhooks.store import SigningSecret
from libs.common.aggregates import record
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.resealing import SealedColumn
from libs.contracts.event import Event
from libs.contracts.gateway import (
    WebhookChanged,
    WebhookDisabled,
    WebhookEnabled,
    WebhookEnded,
    WebhookRegistered,
    WebhookState,
)

SYSTEM = "webhooks"
SEALED = SealedColumn(table="webhook_secrets", key="id", column="sealed", purpose="webhook secret", about="webhook")
_SECRET_BYTES = 32
_BEGINS = "whsec_"
_TOLD = frozenset(event.type for event in feed.KEEPS)
"""The types of events that leave the house."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What its owner says about a webhook; areas and sectors empty: all that the owner may see."""

    url: str
    types: tuple[str, ...]
    description: str = ""
    format: Format = Format.STANDARD
    areas: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    with_exercises: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WithSecret:
    """A webhook and its new secret, which is shown this once."""

    webhook: Webhook
    secret: str | None = field(repr=False)

    @property
    def id(self) -> UUID:
        """The webhook's id."""
        return self.webhook.id

    @property
    def version(self) -> int:
        """The webhook's version."""
        return self.webhook.version


async def register_webhook(tx: Tx, id: UUID, wanted: Wanted, seals: Seals, *, plain: bool) -> WithSecret:  # noqa: A002
    """A new webhook of the caller with its first secret; it is told what happens from now on.

    Raises WebhookWrong (422), TooManyWebhooks (409), IdTaken (409).
    """
    if await store.count_live(tx, tx.caller.subject) >= rules.MOST_WEBHOOKS:
        raise rules.TooManyWebhooks
    webhook = Webhook(
        id=id, version=0, area_code=await subjects.area_of(tx, tx.caller.subject), sectors=(), exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(), owner=tx.caller.subject, client_id=tx.caller.client_id,
        url=wanted.url, description=wanted.description, format=wanted.format, types=wanted.types,
        areas=wanted.areas, wanted_sectors=wanted.sectors, with_exercises=wanted.with_exercises, state=State.ACTIVE,
    )  # fmt: skip
    rules.check(webhook, told_types=_TOLD, plain_allowed=plain)
    webhook = await _tell(tx, webhook, WebhookRegistered, "registered")
    async with tx.system(SYSTEM):
        state = await feed.log_state(tx)
        await store_lanes.open_lane(tx, webhook.id, str(state.at(state.head)), system_now())
    return WithSecret(webhook=webhook, secret=await _new_secret(tx, webhook, seals, timedelta()))


async def change_webhook(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    changes: Mapping[str, Any],
    *,
    plain: bool,
) -> Webhook:
    """Another address or other filters (fields of Webhook), for what goes out from now on.

    Raises WebhookWrong (422), WebhookCannotMove (409).
    """
    before = await store.lock_webhook(tx, id, expected)
    rules.require(before, "change")
    after = rules.check(replace(before, **changes), told_types=_TOLD, plain_allowed=plain)
    return await _tell(tx, after, WebhookChanged, "changed")


async def enable_webhook(tx: Tx, id: UUID, expected: int | None) -> Webhook:  # noqa: A002
    """Messages go out again, those that waited first. Raises WebhookCannotMove (409)."""
    after = rules.enable(await store.lock_webhook(tx, id, expected))
    async with tx.system(SYSTEM):
        await store_lanes.change_lane(tx, id, going=True, paused_until=None, failing_since=None, slow=False)
    return await _tell(tx, after, WebhookEnabled, "enabled")


async def disable_webhook(tx: Tx, id: UUID, expected: int | None, reason: str) -> Webhook:  # noqa: A002
    """Nothing goes out until it is enabled again; events wait as long as the feed keeps them."""
    return await stop(tx, await store.lock_webhook(tx, id, expected), Disabled.BY_HAND, reason)


async def stop(tx: Tx, webhook: Webhook, because: Disabled, reason: str) -> Webhook:
    """Disable a webhook that is locked, by its owner or by what its receiver or its owner's end made necessary."""
    after = rules.disable(webhook, because)
    async with tx.system(SYSTEM):
        await store_lanes.change_lane(tx, webhook.id, going=False)
    return await _tell(tx, after, WebhookDisabled, reason)


async def end_webhook(tx: Tx, id: UUID, expected: int | None, reason: str) -> Webhook:  # noqa: A002
    """It is over for good: what waited is dropped, its secrets go, its log stays its time."""
    after = rules.end(await store.lock_webhook(tx, id, expected))
    async with tx.system(SYSTEM):
        await store_lanes.change_lane(tx, id, going=False)
        await store_lanes.drop_pending(tx, id, system_now())
        await store.limit_secrets(
            tx, [(one.id, system_now()) for one in await store.secrets_of(tx, id, system_now())]
        )
    return await _tell(tx, after, WebhookEnded, reason)


async def rotate_secret(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    seals: Seals,
    overlap: timedelta = SECRETS_LIVE,
) -> WithSecret:
    """A new secret; the youngest old one signs beside it for `overlap`, so that nothing is refused meanwhile."""
    webhook = await store.lock_webhook(tx, id, expected)
    rules.require(webhook, "rotate-secret")
    webhook = await _tell(tx, webhook, WebhookChanged, "secret rotated")
    return WithSecret(webhook=webhook, secret=await _new_secret(tx, webhook, seals, overlap))


async def show_without_secret(tx: Tx, id: UUID) -> WithSecret:  # noqa: A002
    """The webhook for the answer to a repeated request: its secret was shown once."""
    return WithSecret(webhook=await store.find_webhook(tx, id), secret=None)


async def signing_secrets(tx: Tx, webhook: UUID, seals: Seals, at: datetime) -> tuple[str, ...]:
    """The secrets that sign now, the youngest first. Raises SealBroken."""
    async with tx.system(SYSTEM):
        kept = await store.secrets_of(tx, webhook, at)
    return tuple(seals.open(SEALED.purpose, str(webhook), one.sealed).decode() for one in kept)


async def _tell(tx: Tx, webhook: Webhook, kind: type[Event], why: str) -> Webhook:
    state = WebhookState(
        owner=webhook.owner, client_id=webhook.client_id, host=urlsplit(webhook.url).hostname or "",
        types=webhook.types, areas=webhook.areas, sectors=webhook.wanted_sectors, state=webhook.state,
        disabled_because=webhook.disabled_because,
    )  # fmt: skip
    return await record(tx, webhooks, webhook, kind.model_validate({"webhook": state}), why=why)


async def _new_secret(tx: Tx, webhook: Webhook, seals: Seals, overlap: timedelta) -> str:
    at, plain = system_now(), _BEGINS + base64.b64encode(random_secrets.token_bytes(_SECRET_BYTES)).decode()
    sealed = seals.close(SEALED.purpose, str(webhook.id), plain.encode())
    async with tx.system(SYSTEM):
        living = await store.secrets_of(tx, webhook.id, at)
        # Two sign at most: the youngest goes on for a while, what is older ends now.
        ends = [(one.id, at + (overlap if number == 0 else timedelta())) for number, one in enumerate(living)]
        await store.limit_secrets(tx, ends)
        await store.add_secret(
            tx, webhook.id, SigningSecret(id=new_id(), sealed=sealed, created_at=at, expires_at=None)
        )
    return plain
