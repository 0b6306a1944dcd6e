"""The doors of webhooks: for whoever has a token, to what that caller may see."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import Response

from gateway.settings import Settings
from gateway.webhooks import actions, actions_lanes, store, store_lanes
from gateway.webhooks.actions import WithSecret
from gateway.webhooks.forms import (
    DeliveryOut,
    DeliveryPage,
    DeliveryWithAttemptsOut,
    ReplayIn,
    RotateIn,
    WebhookIn,
    WebhookOut,
    WebhookPage,
    WebhookPatch,
    WebhookWithSecretOut,
    WhyIn,
)
from gateway.webhooks.rules import State, TooManyWebhooks, Webhook, WebhookCannotMove, WebhookWrong
from gateway.webhooks.rules_delivery import (
    Attempt,
    Delivery,
    DeliveryState,
    NothingToResend,
    ReplayEmpty,
    ReplayRunning,
)
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import IdTaken
from libs.common.strict_routes import router

routes = router("webhooks", prefix="/v1/webhooks")


@routes.post(
    "", status_code=201, response_model=WebhookWithSecretOut, summary="登记事件推送 Register a webhook",
    responses=refuses(WebhookWrong, TooManyWebhooks, IdTaken),
)  # fmt: skip
async def register_webhook(body: WebhookIn, door: Write, settings: Settings) -> Response:
    """From now on, events that you may see are posted to your address, signed by Standard Webhooks 1.0.

    Each message is tried at once and then after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h; take each `webhook-id`
    once. Only 2xx counts as taken; 410 disables; a message that is never taken disables and waits for you. What you
    may see is looked up at each message. The answer shows the secret, once.
    """

    async def verb(tx: Tx) -> WithSecret:
        return await actions.register_webhook(
            tx, body.id or new_id(), body.wanted(), settings.seals, plain=settings.egress.has_own
        )

    return await door.perform(verb, WebhookWithSecretOut.shown, created=True, show_again=actions.show_without_secret)


@routes.get("", response_model=WebhookPage, summary="事件推送列表 List your webhooks")
async def list_webhooks(asked: Asked, door: Read, state: State | None = None) -> Response:
    """Your own, ended ones included; nobody else's are seen."""
    return await door.look(lambda tx: store.list_webhooks(tx, asked, state), listed(WebhookOut.of))


@routes.get("/{webhook_id}", response_model=WebhookOut, summary="事件推送 One webhook")
async def show_webhook(webhook_id: UUID, door: Read) -> Response:
    """Where it goes, what it tells, and why it stands still where it does."""
    return await door.look(lambda tx: store.find_webhook(tx, webhook_id), WebhookOut.of)


@routes.patch(
    "/{webhook_id}", response_model=WebhookOut, summary="修改事件推送 Change a webhook",
    responses=refuses(WebhookWrong, WebhookCannotMove),
)  # fmt: skip
async def change_webhook(webhook_id: UUID, body: WebhookPatch, door: Change, settings: Settings) -> Response:
    """Another address or other filters, for everything that goes out from now on, waiting messages included."""
    return await door.perform(
        lambda tx: actions.change_webhook(
            tx, webhook_id, door.expected_version, body.changes(), plain=settings.egress.has_own
        ),
        WebhookOut.of, show_again=store.find_webhook,
    )  # fmt: skip


@routes.post(
    "/{webhook_id}/enable", response_model=WebhookOut, summary="启用 Let messages go out again",
    responses=refuses(WebhookCannotMove),
)  # fmt: skip
async def enable_webhook(webhook_id: UUID, door: Change) -> Response:
    """What waited goes first; nothing was lost as long as the feed keeps it (90 days at least)."""
    return await door.perform(
        lambda tx: actions.enable_webhook(tx, webhook_id, door.expected_version),
        WebhookOut.of, show_again=store.find_webhook,
    )  # fmt: skip


@routes.post(
    "/{webhook_id}/disable", response_model=WebhookOut, summary="停用 Hold messages back",
    responses=refuses(WebhookCannotMove),
)  # fmt: skip
async def disable_webhook(webhook_id: UUID, body: WhyIn, door: Change) -> Response:
    """Nothing goes out until you enable it again."""
    return await door.perform(
        lambda tx: actions.disable_webhook(tx, webhook_id, door.expected_version, body.reason),
        WebhookOut.of, show_again=store.find_webhook,
    )  # fmt: skip


@routes.post(
    "/{webhook_id}/end", response_model=WebhookOut, summary="注销 End a webhook for good",
    responses=refuses(WebhookCannotMove),
)  # fmt: skip
async def end_webhook(webhook_id: UUID, body: WhyIn, door: Change) -> Response:
    """What waited is dropped and its secrets are removed; its log can be read for its time."""
    return await door.perform(
        lambda tx: actions.end_webhook(tx, webhook_id, door.expected_version, body.reason),
        WebhookOut.of, show_again=store.find_webhook,
    )  # fmt: skip


@routes.post(
    "/{webhook_id}/rotate-secret", response_model=WebhookWithSecretOut, summary="更换密钥 Give it a new secret",
    responses=refuses(WebhookCannotMove),
)  # fmt: skip
async def rotate_secret(webhook_id: UUID, body: RotateIn, door: Change, settings: Settings) -> Response:
    """A new secret, shown once. For a while every message carries a signature of both, so that nothing is refused."""
    overlap = timedelta(seconds=body.overlap_seconds)
    return await door.perform(
        lambda tx: actions.rotate_secret(tx, webhook_id, door.expected_version, settings.seals, overlap),
        WebhookWithSecretOut.shown, show_again=actions.show_without_secret,
    )  # fmt: skip


@routes.post(
    "/{webhook_id}/test", status_code=201, response_model=DeliveryOut, summary="发送测试消息 Send a test message",
    responses=refuses(WebhookCannotMove),
)  # fmt: skip
async def test_webhook(webhook_id: UUID, door: Write) -> Response:
    """One message of the type `shoutu.webhook.test`, on the same lane and with the same signature as all others."""
    return await door.perform(
        lambda tx: actions_lanes.send_test(tx, webhook_id), DeliveryOut.of, created=True,
        location=lambda made: f"/v1/webhooks/{webhook_id}/deliveries/{made.id}",
        show_again=lambda tx, found: store_lanes.find_delivery(tx, webhook_id, found),
    )  # fmt: skip


@routes.post(
    "/{webhook_id}/replay", status_code=202, response_model=WebhookOut, summary="重发一段时间 Tell a time again",
    responses=refuses(WebhookCannotMove, ReplayRunning, ReplayEmpty),
)  # fmt: skip
async def replay(webhook_id: UUID, body: ReplayIn, door: Write) -> Response:
    """Everything between two instants that the webhook wants and you may see is sent, again where it was taken
    before, each under the `webhook-id` that it had. One replay at a time; new events go out beside it."""

    async def verb(tx: Tx) -> Webhook:
        return await actions_lanes.replay(tx, webhook_id, body.since, body.until)

    return await door.perform(verb, WebhookOut.of, status=202, show_again=store.find_webhook)


@routes.get("/{webhook_id}/deliveries", response_model=DeliveryPage, summary="推送记录 The log of messages")
async def list_deliveries(webhook_id: UUID, asked: Asked, door: Read, state: DeliveryState | None = None) -> Response:
    """Every message of 30 days, the newest first, and those that still wait."""
    return await door.look(lambda tx: actions_lanes.log_of(tx, webhook_id, asked, state), listed(DeliveryOut.of))


@routes.get(
    "/{webhook_id}/deliveries/{delivery_id}", response_model=DeliveryWithAttemptsOut,
    summary="一条推送及其每次尝试 One message with every try",
)  # fmt: skip
async def show_delivery(webhook_id: UUID, delivery_id: UUID, door: Read) -> Response:
    """When it was tried, what the receiver answered or what went wrong, and when it is tried next."""

    async def found(tx: Tx) -> tuple[Delivery, tuple[Attempt, ...]]:
        delivery = await store_lanes.find_delivery(tx, webhook_id, delivery_id)
        return delivery, await store_lanes.attempts_of(tx, delivery_id)

    return await door.look(found, DeliveryWithAttemptsOut.shown)


@routes.post(
    "/{webhook_id}/deliveries/{delivery_id}/resend", response_model=DeliveryOut, summary="重发一条 Send one again",
    responses=refuses(WebhookCannotMove, NothingToResend),
)  # fmt: skip
async def resend(webhook_id: UUID, delivery_id: UUID, door: Write) -> Response:
    """A message that is done, taken or not, goes out once more under the same `webhook-id`."""
    return await door.perform(
        lambda tx: actions_lanes.resend(tx, webhook_id, delivery_id), DeliveryOut.of,
        show_again=lambda tx, found: store_lanes.find_delivery(tx, webhook_id, found),
    )  # fmt: skip
