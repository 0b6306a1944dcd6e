"""What moves by itself on a webhook's lane: events become messages, messages are handed out, answers are noted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from typing import Any
from uuid import UUID, uuid5

import orjson

from gateway.courier import Room
from gateway.feed import actions as feed
from gateway.feed.actions import FeedItem, FeedPage
from gateway.feed.rules import Cursor
from gateway.feed.rules import Wanted as WantedOfFeed
from gateway.webhooks import actions, rules, rules_delivery, store, store_lanes
from gateway.webhooks.actions import SYSTEM
from gateway.webhooks.rules import Disabled, Format, State, Webhook
from gateway.webhooks.rules_delivery import (
    Answer,
    Delivery,
    DeliveryState,
    NothingToResend,
    Outcome,
    ReplayEmpty,
    ReplayRunning,
)
from gateway.webhooks.store_lanes import Lane
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.http_runtime import ScopeOf
from libs.common.ids import new_id
from libs.common.metrics import counter
from libs.common.pagination import Page, Paging
from libs.common.places import area_range
from libs.common.scope import Scope
from libs.common.tokens import Principal, TokenOfEndedClient

_BATCH = 200
_LEASE = timedelta(seconds=4 * rules_delivery.TIMEOUT_SECONDS)
"""A message that a fallen process had out is sent again after this: receivers go by its id."""
_KEPT = timedelta(days=30)
"""[DEF] So long the log of a message that is done is kept."""
_FORGOTTEN_AT_ONCE = 1_000
TEST_TYPE = "shoutu.webhook.test"
GAP_TYPE = "shoutu.feed.gap"
_JSON, _CLOUDEVENT = "application/json", "application/cloudevents+json"
_tried = counter("webhook_attempts", "tries of messages to webhooks", ("outcome",))


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message as it goes out."""

    delivery: Delivery
    url: str
    body: bytes
    content_type: str
    secrets: tuple[str, ...]


async def fan_out(tx: Tx, scope_of: ScopeOf, before: datetime) -> bool | None:
    """Turn a page of what the feed holds for one webhook into messages: whether there is more for it. None where no
    lane waits that was looked at before.

    What its owner may see is looked up now: an owner who has ended is told nothing more.
    """
    found = await store_lanes.lock_next(tx, before)
    if found is None:
        return None
    webhook, lane = found
    if not lane.going:
        return False
    scope = await _scope_of_owner(tx, scope_of, webhook)
    if scope is None:
        await actions.stop(tx, webhook, Disabled.OWNER_ENDED, "its owner has ended")
        return False
    more = await _take(tx, scope, webhook, lane)
    await store_lanes.change_lane(tx, lane.webhook, looked_at=system_now())
    return more


async def claim(tx: Tx, room: Room) -> list[Delivery]:
    """Messages that are due; nobody else has them until the lease runs out."""
    return await store_lanes.claim_due(
        tx, system_now(), lease=_LEASE, each=room.each, most=room.most, busy=room.busy, ailing=room.ailing
    )


async def pack(tx: Tx, scope_of: ScopeOf, seals: Seals, delivery: Delivery) -> Message | None:
    """The message as it goes out now; None where it does not: it waits while the webhook stands still, and is
    dropped where its owner may not see the event any more. Raises SealBroken."""
    webhook = await store.find_webhook(tx, delivery.webhook)
    scope = await _scope_of_owner(tx, scope_of, webhook) if webhook.state is State.ACTIVE else None
    if scope is None:
        await store_lanes.change_delivery(tx, delivery.id)
        return None
    event = delivery.body
    if delivery.position is not None:
        await tx.adopt(scope)
        event = await feed.event_at(tx, delivery.position)
        await tx.adopt(Scope.of_system(SYSTEM))
    if event is None:
        gone = {"state": DeliveryState.DROPPED, "done_at": system_now(), "last_error": "not_in_sight"}
        await store_lanes.change_delivery(tx, delivery.id, **gone)
        return None
    return Message(
        delivery=delivery, url=webhook.url, body=_body(webhook, event),
        content_type=_JSON if webhook.format is Format.STANDARD else _CLOUDEVENT,
        secrets=await actions.signing_secrets(tx, webhook.id, seals, system_now()),
    )  # fmt: skip


async def note(tx: Tx, delivery: Delivery, answer: Answer) -> Outcome:
    """What came of a try: taken, tried again later, or given up and the webhook disabled."""
    now, outcome = system_now(), rules_delivery.outcome_of(answer)
    _tried.labels(tx.service, outcome).inc()
    webhook = await store.lock_webhook(tx, delivery.webhook, None)
    lane = await store_lanes.lock_lane(tx, delivery.webhook)
    await store_lanes.note_attempt(tx, delivery.id, await store_lanes.last_number(tx, delivery.id) + 1, now, answer)
    tried = delivery.attempts + 1
    said = {"attempts": tried, "last_status": answer.status, "last_error": answer.error}
    slow = rules_delivery.is_slow(answer)
    if outcome is Outcome.TAKEN:
        await store_lanes.change_delivery(tx, delivery.id, state=DeliveryState.DELIVERED, done_at=now, **said)
        await store_lanes.change_lane(tx, delivery.webhook, failing_since=None, slow=slow)
        return outcome
    again = None if outcome is Outcome.GONE else rules_delivery.next_try(tried, now, random())
    ended = {"next_at": again} if again else {"state": DeliveryState.FAILED, "done_at": now}
    await store_lanes.change_delivery(tx, delivery.id, **said, **ended)
    pause = {"paused_until": rules_delivery.pause_until(answer, now)} if outcome is Outcome.THROTTLED else {}
    failing = {"failing_since": lane.failing_since or now, "slow": slow}
    await store_lanes.change_lane(tx, delivery.webhook, **failing, **pause)
    if again is None and webhook.state is State.ACTIVE:
        because = Disabled.GONE if outcome is Outcome.GONE else Disabled.EXHAUSTED
        await actions.stop(tx, webhook, because, f"{delivery.message_id}: {answer.status or answer.error}")
    return outcome


async def send_test(tx: Tx, webhook_id: UUID) -> Delivery:
    """A message that says nothing but that messages arrive. Raises WebhookCannotMove (409)."""
    webhook = await store.find_webhook(tx, webhook_id)
    rules.require(webhook, "test")
    row = _own(webhook, TEST_TYPE, new_id(), {"webhook_id": str(webhook.id)})
    async with tx.system(SYSTEM):
        await store_lanes.add_deliveries(tx, [row], again=False)
    return await store_lanes.find_delivery(tx, webhook.id, row["id"])


async def resend(tx: Tx, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """A message that is done goes out once more, through the whole schedule if need be. Raises NothingToResend."""
    webhook = await store.lock_webhook(tx, webhook_id, None)
    rules.require(webhook, "replay")
    delivery = await store_lanes.find_delivery(tx, webhook_id, delivery_id)
    if delivery.state is DeliveryState.PENDING:
        raise NothingToResend
    async with tx.system(SYSTEM):
        fresh = {"state": DeliveryState.PENDING, "attempts": 0, "next_at": system_now(), "done_at": None}
        await store_lanes.change_delivery(tx, delivery_id, **fresh)
    return await store_lanes.find_delivery(tx, webhook_id, delivery_id)


async def replay(tx: Tx, webhook_id: UUID, since: datetime, until: datetime | None) -> Webhook:
    """What was recorded from `since` on and before `until` is told again. Raises ReplayRunning, ReplayEmpty."""
    webhook = await store.lock_webhook(tx, webhook_id, None)
    rules.require(webhook, "replay")
    now = system_now()
    if since >= min(until or now, now):
        raise ReplayEmpty
    async with tx.system(SYSTEM):
        if (await store_lanes.lock_lane(tx, webhook_id)).replay_until is not None:
            raise ReplayRunning
        first, last = await feed.cursor_since(tx, since), await feed.cursor_since(tx, min(until or now, now))
        await store_lanes.change_lane(tx, webhook_id, replay_after=str(first), replay_until=str(last))
    return webhook


async def log_of(tx: Tx, webhook_id: UUID, asked: Paging, state: DeliveryState | None) -> Page[Delivery]:
    """The log of one of the caller's own webhooks; NotFound for any other."""
    await store.find_webhook(tx, webhook_id)
    return await store_lanes.list_deliveries(tx, webhook_id, asked, state)


async def forget_old(tx: Tx) -> int:
    """Remove what was done long ago, and secrets that sign no more; returns how many."""
    async with tx.system(SYSTEM):
        at = system_now()
        gone = await store_lanes.forget_done(tx, at - _KEPT, _FORGOTTEN_AT_ONCE)
        return gone + await store.forget_secrets(tx, at)


async def _scope_of_owner(tx: Tx, scope_of: ScopeOf, webhook: Webhook) -> Scope | None:
    """What the owner may see now; None where it has ended. The transaction stays under the system scope."""
    try:
        return await scope_of(tx, Principal.standing(webhook.owner, webhook.client_id), None)
    except TokenOfEndedClient:
        return None
    finally:
        await tx.adopt(Scope.of_system(SYSTEM))


async def _take(tx: Tx, scope: Scope, webhook: Webhook, lane: Lane) -> bool:
    """One page of the feed, and one of what is told again; whether there is more."""
    if not await store_lanes.has_room(tx, webhook.id):
        return False
    page = await _page(tx, scope, webhook, lane.after)
    await store_lanes.add_deliveries(tx, [*_gap(webhook, page), *_rows(webhook, page.items)], again=False)
    changed: dict[str, Any] = {"after": str(page.next)}
    more = page.more
    if lane.replay_until is not None:
        past, until = await _page(tx, scope, webhook, lane.replay_after), Cursor.of(lane.replay_until)
        await store_lanes.add_deliveries(tx, [*_gap(webhook, past)], again=False)
        again = [one for one in past.items if one.cursor.position <= until.position]
        await store_lanes.add_deliveries(tx, _rows(webhook, again), again=True)
        going_on = past.more and past.next.position < until.position
        more = more or going_on
        changed |= {"replay_after": str(past.next)} if going_on else {"replay_after": None, "replay_until": None}
    await store_lanes.change_lane(tx, webhook.id, **changed)
    return more


async def _page(tx: Tx, scope: Scope, webhook: Webhook, after: str | None) -> FeedPage:
    wanted = WantedOfFeed(
        types=() if rules.EVERYTHING in webhook.types else webhook.types,
        areas=tuple(area_range(code) for code in webhook.areas),
        sectors=webhook.wanted_sectors,
        exercise=None if webhook.with_exercises else False,
    )
    await tx.adopt(scope)
    try:
        return await feed.read_feed(
            tx, after=None if after is None else Cursor.of(after), wanted=wanted, limit=_BATCH
        )
    finally:
        await tx.adopt(Scope.of_system(SYSTEM))


def _rows(webhook: Webhook, items: Collection[FeedItem]) -> list[dict[str, Any]]:
    told = [(one.cursor.position, orjson.loads(one.event)) for one in items]
    return [_row(webhook, UUID(event["id"]), event["type"], position=position, body=None) for position, event in told]


def _gap(webhook: Webhook, page: FeedPage) -> Iterator[dict[str, Any]]:
    """What cannot be told any more is said, and said once."""
    if page.gap is not None:
        said = {"from": page.gap.from_at, "to": page.gap.to_at, "why": page.gap.why}
        yield _own(webhook, GAP_TYPE, uuid5(webhook.id, f"{page.gap.from_at} {page.gap.to_at}"), said)


def _own(webhook: Webhook, type_: str, event_id: UUID, data: dict[str, Any]) -> dict[str, Any]:
    event = {
        "specversion": "1.0", "id": str(event_id), "source": "/shoutu/gateway", "type": type_,
        "time": system_now().isoformat().replace("+00:00", "Z"), "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return _row(webhook, event_id, type_, position=None, body=orjson.dumps(event).decode())


def _row(webhook: Webhook, event_id: UUID, type_: str, *, position: int | None, body: str | None) -> dict[str, Any]:
    now = system_now()
    return {
        "id": new_id(), "webhook": webhook.id, "event_id": event_id, "event_type": type_, "position": position,
        "body": body, "state": DeliveryState.PENDING, "attempts": 0, "next_at": now, "created_at": now,
    }  # fmt: skip


def _body(webhook: Webhook, event: str) -> bytes:
    """The bytes that are signed and sent; the same at every try as long as the webhook keeps its format."""
    if webhook.format is Format.CLOUDEVENTS:
        return event.encode()
    told = orjson.loads(event)
    return orjson.dumps({"type": told["type"], "timestamp": told["time"], "data": told})
