"""The truths about a webhook: where it goes, what it wants to be told, who it stands for, and what may be done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

MOST_WEBHOOKS = 20
"""[DEF] So many live webhooks one subject may have."""
LONGEST_URL = 2_000
EVERYTHING = "*"
_PATTERN = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){0,3}(\.\*)?|\*")


class Format(StrEnum):
    """How a message is written."""

    STANDARD = "standard"
    """`{"type", "timestamp", "data"}` as Standard Webhooks 1.0 advises; `data` is the whole CloudEvent."""
    CLOUDEVENTS = "cloudevents"
    """A CloudEvent in JSON, structured mode (`application/cloudevents+json`)."""


class State(StrEnum):
    """Whether messages go out."""

    ACTIVE = "active"
    DISABLED = "disabled"
    ENDED = "ended"


class Disabled(StrEnum):
    """Why no messages go out."""

    BY_HAND = "by_hand"
    GONE = "gone"
    """The receiver answered 410: it wants nothing more."""
    EXHAUSTED = "exhausted"
    """One message was tried through the whole schedule and never taken."""
    OWNER_ENDED = "owner_ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """One subscription of one subject. It is told what that subject may see at the moment of telling."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    owner: str
    client_id: str
    url: str
    description: str
    format: Format
    types: tuple[str, ...]
    areas: tuple[str, ...]
    wanted_sectors: tuple[str, ...]
    with_exercises: bool
    state: State
    disabled_because: Disabled | None = None


class WebhookWrong(Exception):
    """What was entered about a webhook does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "webhook_wrong"
    title = ("事件推送设置有误", "The webhook is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class WebhookCannotMove(Exception):
    """The verb is not open in the state that the webhook is in: `open_moves` are."""

    status = 409
    code = "webhook_cannot_move"
    title = ("事件推送当前状态不允许此操作", "The webhook is not in a state for this")

    def __init__(self, webhook: Webhook, verb: str) -> None:
        super().__init__(
            f"当前状态不能执行 {verb}；请从 open_moves 中选择。",
            f"{verb} is not open for a webhook that is {webhook.state}: choose among open_moves",
        )
        self.state: str = webhook.state
        self.open_moves = open_moves(webhook)


class TooManyWebhooks(Exception):
    """One subject has as many as it may: end one that is not used any more."""

    status = 409
    code = "too_many_webhooks"
    title = ("事件推送数量已达上限", "As many webhooks as one may have")

    def __init__(self) -> None:
        super().__init__(
            f"最多 {MOST_WEBHOOKS} 个；请停用一个，或扩大其中一个的事件类型。",
            f"at most {MOST_WEBHOOKS} live webhooks: end one, or widen the types of one",
        )


def open_moves(webhook: Webhook) -> tuple[str, ...]:
    """The verbs that may be used now."""
    if webhook.state is State.ENDED:
        return ()
    if webhook.state is State.DISABLED:
        return ("change", "enable", "rotate-secret", "replay", "end")
    return ("change", "disable", "rotate-secret", "test", "replay", "end")


def require(webhook: Webhook, verb: str) -> None:
    """Raise WebhookCannotMove unless the verb is open."""
    if verb not in open_moves(webhook):
        raise WebhookCannotMove(webhook, verb)


def check(webhook: Webhook, *, told_types: Collection[str], plain_allowed: bool) -> Webhook:
    """The webhook, if it can work. `told_types` are the types of events that leave the house, `plain_allowed` says
    whether http is (a demonstration on one machine). Raises WebhookWrong."""
    faults = [*_faults_of_url(webhook.url, plain_allowed), *_faults_of_types(webhook.types, told_types)]
    if faults:
        raise WebhookWrong(*faults)
    return webhook


def _faults_of_url(url: str, plain_allowed: bool) -> Iterable[tuple[str, str, tuple[str, str]]]:
    at = "/url"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        yield at, "unreadable", ("地址无法识别", "this is no address")
        return
    if parts.scheme != "https" and not (plain_allowed and parts.scheme == "http"):
        yield at, "not_https", ("地址须以 https:// 开头", "begin with https://")
    if not parts.hostname or not url.isascii() or any(one.isspace() for one in url):
        yield at, "no_host", ("地址须含主机名，只用 ASCII 字符", "name a host, in ASCII (punycode for others)")
    if parts.username is not None or parts.password is not None:
        yield at, "credentials", ("地址中不得含用户名或密码", "put no user name or password into the address")
    if parts.fragment:
        yield at, "fragment", ("地址中不得含 # 片段", "leave out the fragment after #")
    if port == 0 or len(url) > LONGEST_URL:
        yield at, "unreadable", ("端口或长度有误", "the port is 0, or the address is too long")


def _faults_of_types(types: Iterable[str], told: Collection[str]) -> Iterable[tuple[str, str, tuple[str, str]]]:
    for number, pattern in enumerate(types):
        if not _PATTERN.fullmatch(pattern) or not any(matches(pattern, one) for one in told):
            yield (
                f"/types/{number}", "unknown_type",
                ("没有此类事件；见 /asyncapi.json", "no event has this type; /asyncapi.json lists them"),
            )  # fmt: skip


def matches(pattern: str, event_type: str) -> bool:
    """Whether a pattern means a type: the type itself, all below a prefix (`risk_grading.hazard.*`), or `*`."""
    if pattern == EVERYTHING:
        return True
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def disable(webhook: Webhook, because: Disabled) -> Webhook:
    """Nothing more goes out; what would have waits. Raises WebhookCannotMove unless it is active."""
    require(webhook, "disable")
    return replace(webhook, state=State.DISABLED, disabled_because=because)


def enable(webhook: Webhook) -> Webhook:
    """Messages go out again, those that waited first. Raises WebhookCannotMove unless it is disabled."""
    require(webhook, "enable")
    return replace(webhook, state=State.ACTIVE, disabled_because=None)


def end(webhook: Webhook) -> Webhook:
    """It is over for good. Raises WebhookCannotMove the second time."""
    require(webhook, "end")
    return replace(webhook, state=State.ENDED)
