"""The shapes of webhooks at the door: what may be asked for, and how they and their messages are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from gateway.webhooks import rules
from gateway.webhooks.actions import Wanted, WithSecret
from gateway.webhooks.rules import LONGEST_URL, Disabled, Format, State, Webhook
from gateway.webhooks.rules_delivery import SECRETS_LIVE, Attempt, Delivery, DeliveryState
from libs.common.forms import AreaCode, Form, Line, Sector, Shown
from libs.common.scope import Scope

Url = Annotated[Line, StringConstraints(min_length=10, max_length=LONGEST_URL)]
Text = Annotated[Line, StringConstraints(max_length=200)]
Reason = Annotated[Line, StringConstraints(min_length=1, max_length=200)]
EventType = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9_]+(\.[a-z0-9_]+){0,3}(\.\*)?)$", max_length=120)]
"""A type of the event catalogue, everything below a prefix (`risk_grading.hazard.*`), or `*`."""
Types = Annotated[list[EventType], Field(min_length=1, max_length=50)]
Areas = Annotated[list[AreaCode], Field(max_length=50)]
Sectors = Annotated[list[Sector], Field(max_length=50)]

_EXAMPLE: dict[str, Any] = {
    "url": "https://hooks.example.gov.cn/shoutu",
    "description": "县应急指挥平台",
    "types": ["risk_grading.hazard.*", "responsibility_registry.order.issued.v1"],
    "area_codes": ["331002000000"],
}


class WebhookIn(Form):
    """Where to tell of what. Areas and sectors left empty mean everything that you may see."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    url: Url = Field(description="https; resolved anew at each message, and never to a private address")
    description: Text = ""
    format: Format = Format.STANDARD
    types: Types = Field(description="types of events; `risk_grading.hazard.*` means all below, `*` all")
    area_codes: Areas = Field(default_factory=list, description="each with everything below it")
    sectors: Sectors = Field(default_factory=list)
    exercise: bool = Field(default=False, description="also tell of exercises, which are marked as such")

    def wanted(self) -> Wanted:
        """The same in the words of the verb."""
        return Wanted(
            url=self.url, types=tuple(self.types), description=self.description, format=self.format,
            areas=tuple(self.area_codes), sectors=tuple(self.sectors), with_exercises=self.exercise,
        )  # fmt: skip


class WebhookPatch(Form):
    """JSON Merge Patch: what is left out stays; lists are replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"types": ["*"], "description": "值班大屏"}]})

    url: Url | None = None
    description: Text | None = None
    format: Format | None = None
    types: Types | None = None
    area_codes: Areas | None = None
    sectors: Sectors | None = None
    exercise: bool | None = None

    def changes(self) -> dict[str, Any]:
        """The fields of a webhook that are to change."""
        said = {
            "url": self.url, "description": self.description, "format": self.format, "types": self.types,
            "areas": self.area_codes, "wanted_sectors": self.sectors, "with_exercises": self.exercise,
        }  # fmt: skip
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in said.items()
            if value is not None
        }


class WhyIn(Form):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "接收端迁移"}]})

    reason: Reason


class RotateIn(Form):
    """How long the present secret goes on signing beside the new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_seconds": 86400}]})

    overlap_seconds: int = Field(
        default=int(SECRETS_LIVE.total_seconds()), ge=0, le=7 * 86_400, description="0 ends it at once"
    )


class ReplayIn(Form):
    """Which time to tell again: what happened from `since` on and before `until`, by when it was recorded."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": "2026-10-12T11:00:00Z", "until": "2026-10-12T12:00:00Z"}]}
    )

    since: AwareDatetime
    until: AwareDatetime | None = Field(default=None, description="left out: up to now")


class WebhookOut(Shown):
    """A webhook as its owner sees it. Its secrets are shown once each, when they are made."""

    id: UUID
    version: int
    url: str
    description: str
    format: Format
    types: list[str]
    area_codes: list[str]
    sectors: list[str]
    exercise: bool
    state: State
    disabled_because: Disabled | None = Field(description="by_hand, gone (410), exhausted or owner_ended")
    actions: list[str] = Field(description="what may be done with it now")

    @classmethod
    def of(cls, webhook: Webhook, _: Scope) -> Self:
        """How a webhook is shown."""
        return cls.model_validate(_fields(webhook))


class WebhookWithSecretOut(WebhookOut):
    """A webhook with its new secret."""

    secret: str | None = Field(
        description="`whsec_…` of Standard Webhooks, shown this once; null in the answer to a repeat"
    )

    @classmethod
    def shown(cls, made: WithSecret, _: Scope) -> Self:
        """How a webhook is shown the one time that its secret is known."""
        return cls.model_validate(_fields(made.webhook) | {"secret": made.secret})


class WebhookPage(Shown):
    """A page of webhooks."""

    items: list[WebhookOut]
    next: str | None
    count: int | None = None


class DeliveryOut(Shown):
    """One message on its way or done."""

    id: UUID
    message_id: str = Field(description="the `webhook-id` header, the same at every try")
    event_id: UUID
    event_type: str
    state: DeliveryState
    attempts: int
    next_at: datetime | None = Field(description="when it is tried next, while it is pending")
    created_at: datetime
    done_at: datetime | None
    last_status: int | None
    last_error: str | None

    @classmethod
    def of(cls, delivery: Delivery, _: Scope) -> Self:
        """How a message is shown; what it says is in the feed, for who may see it."""
        return cls.model_validate(_delivery_fields(delivery))


class AttemptOut(Shown):
    """One try."""

    number: int
    at: datetime
    status: int | None
    error: str | None = Field(description="what went wrong before there was a status")
    seconds: float


class DeliveryWithAttemptsOut(DeliveryOut):
    """One message with every try."""

    tries: list[AttemptOut]

    @classmethod
    def shown(cls, found: tuple[Delivery, tuple[Attempt, ...]], _: Scope) -> Self:
        """How a message is shown with its tries."""
        tries = [AttemptOut.model_validate(one) for one in found[1]]
        return cls.model_validate(_delivery_fields(found[0]) | {"tries": tries})


class DeliveryPage(Shown):
    """A page of the log."""

    items: list[DeliveryOut]
    next: str | None
    count: int | None = None


def _fields(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id, "version": webhook.version, "url": webhook.url, "description": webhook.description,
        "format": webhook.format, "types": webhook.types, "area_codes": webhook.areas,
        "sectors": webhook.wanted_sectors, "exercise": webhook.with_exercises, "state": webhook.state,
        "disabled_because": webhook.disabled_because, "actions": list(rules.open_moves(webhook)),
    }  # fmt: skip


def _delivery_fields(delivery: Delivery) -> dict[str, Any]:
    pending = delivery.state is DeliveryState.PENDING
    return {
        "id": delivery.id, "message_id": delivery.message_id, "event_id": delivery.event_id,
        "event_type": delivery.event_type, "state": delivery.state, "attempts": delivery.attempts,
        "next_at": delivery.next_at if pending else None, "created_at": delivery.created_at,
        "done_at": delivery.done_at, "last_status": delivery.last_status, "last_error": delivery.last_error,
    }  # fmt: skip
