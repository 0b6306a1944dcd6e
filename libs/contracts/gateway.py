"""What the gateway tells: clients with their posts and grants, and a demonstration's clock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import Value


class ClientGrant(Value):
    """A role over a range of areas and some sectors (None: every sector), while it is valid."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    role: str
    post_id: UUID | None = None
    valid_from: datetime
    valid_to: datetime | None = None


class ClientState(Value):
    """Who a client acts as and what it may do; no secret, no address."""

    subject: str
    client_id: str
    posts: tuple[UUID, ...]
    grants: tuple[ClientGrant, ...]
    ended: bool


class ClientRegistered(Event, type="gateway.client.registered.v1"):
    """A client may ask for tokens from now on."""

    state: ClientState


class ClientChanged(Event, type="gateway.client.changed.v1"):
    """Its posts, grants or secrets changed; the state says what holds now."""

    state: ClientState


class ClientEnded(Event, type="gateway.client.ended.v1"):
    """It gets no more tokens, and its tokens that still run are refused."""

    state: ClientState
    reason: str


class ClientStated(Event, type="gateway.client.stated.v1"):
    """The client as it is now, so that a copy can be rebuilt."""

    state: ClientState


class ClockSet(Event, type="gateway.clock.set.v1"):
    """A demonstration's city time is so many seconds ahead of the real time."""

    offset_seconds: float


class WebhookState(Value):
    """Whom a webhook tells what, and whether it does. Only the host of its address: the rest may hold secrets."""

    owner: str
    client_id: str
    host: str
    types: tuple[str, ...]
    areas: tuple[str, ...]
    sectors: tuple[str, ...]
    state: str
    disabled_because: str | None = None


class WebhookRegistered(Event, type="gateway.webhook.registered.v1"):
    """A subject asked to be told of events at an address of its own."""

    webhook: WebhookState


class WebhookChanged(Event, type="gateway.webhook.changed.v1"):
    """Its address, its filters or its secrets changed."""

    webhook: WebhookState


class WebhookEnabled(Event, type="gateway.webhook.enabled.v1"):
    """Messages go out again, those that waited first."""

    webhook: WebhookState


class WebhookDisabled(Event, type="gateway.webhook.disabled.v1"):
    """No messages go out: its owner wanted it so or has ended, or its receiver was gone or never took one."""

    webhook: WebhookState


class WebhookEnded(Event, type="gateway.webhook.ended.v1"):
    """It is over for good."""

    webhook: WebhookState
