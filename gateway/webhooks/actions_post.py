"""The messenger: a message is signed, posted through the one way out, and what came of it is noted."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from time import monotonic

from standardwebhooks import Webhook as Signer

from gateway.courier import Errand
from gateway.egress import CallFailed, CallRefused, Egress
from gateway.webhooks import actions_lanes
from gateway.webhooks.actions_lanes import Message
from gateway.webhooks.rules_delivery import TIMEOUT_SECONDS, Answer, Delivery
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.http_runtime import ScopeOf

_MOST_BYTES = 1 << 16
"""[DEF] How much of an answer is read: nothing in it is of use, and who says more has not understood the message."""


def messenger(scope_of: ScopeOf, seals: Seals, egress: Egress) -> Errand[Delivery, Message, Answer]:
    """What the courier does for webhooks: with whose sight, under which seals, and by which way out."""

    async def fan_out(tx: Tx, before: datetime) -> bool | None:
        return await actions_lanes.fan_out(tx, scope_of, before)

    async def pack(tx: Tx, delivery: Delivery) -> Message | None:
        return await actions_lanes.pack(tx, scope_of, seals, delivery)

    return Errand(
        fan_out=fan_out, claim=actions_lanes.claim, pack=pack, post=partial(post, egress), note=actions_lanes.note
    )


async def post(egress: Egress, message: Message) -> Answer:
    """Post a message. Whatever the receiver does, and wherever its name leads, is an answer and no error."""
    began, headers = monotonic(), headers_of(message, system_now())
    try:
        told = await egress.call(
            "POST", message.url, headers=headers, content=message.body, seconds=TIMEOUT_SECONDS,
            most_bytes=_MOST_BYTES,
        )  # fmt: skip
    except (CallRefused, CallFailed) as error:
        return Answer(status=None, error=error.reason, seconds=monotonic() - began)
    retry_after = told.headers.get("retry-after")
    return Answer(status=told.status, error=None, seconds=monotonic() - began, retry_after=retry_after)


def headers_of(message: Message, at: datetime) -> dict[str, str]:
    """The headers of one try: the id stays, instant and signatures are of this try, one for each secret."""
    identifier, body = message.delivery.message_id, message.body.decode()
    signatures = [Signer(secret).sign(msg_id=identifier, timestamp=at, data=body) for secret in message.secrets]
    return {
        "Content-Type": message.content_type,
        "User-Agent": "Shoutu-Webhooks/1",
        "webhook-id": identifier,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
