"""The truths about a message on its way: when it is tried again, and what an answer means (Standard Webhooks 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from uuid import UUID

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 5 * 60, 30 * 60, *(hours * 3_600 for hours in (2, 5, 10, 14, 20, 24)))
)
"""How long before each try, from the failure before it: 0, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 hours."""
JITTER = 0.1
"""[DEF] A delay is lengthened by up to a tenth, so that receivers that fell together do not rise together."""
LONGEST_PAUSE = timedelta(hours=24)
"""[DEF] A Retry-After beyond this is taken as this."""
SHORTEST_PAUSE = timedelta(seconds=30)
"""[DEF] How long a receiver that is overloaded and says no time is left in peace."""
TIMEOUT_SECONDS = 15.0
SLOW_SECONDS = 5.0
"""[DEF] Who takes longer shares the few lanes of the slow, so that nobody else waits for it."""
SECRETS_LIVE = timedelta(hours=24)
"""[DEF] How long an old secret signs beside the new one, unless its owner says otherwise."""


class DeliveryState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Tried through the whole schedule; its owner can have it sent again."""
    DROPPED = "dropped"
    """Its owner may not see that event any more, or it is no longer kept."""


class NothingToResend(Exception):
    """It is on its way still: what is sent again is a message that is done."""

    status = 409
    code = "delivery_pending"
    title = ("消息仍在投递中", "The message is on its way still")

    def __init__(self) -> None:
        super().__init__("请等它送达或失败后再重发。", "wait until it is taken or has failed, then send it again")


class ReplayRunning(Exception):
    """One replay at a time."""

    status = 409
    code = "replay_running"
    title = ("重发正在进行", "A replay is running")

    def __init__(self) -> None:
        super().__init__("请等当前重发结束。", "wait until the present replay has ended")


class ReplayEmpty(Exception):
    """The stretch of time ends before it begins, or has not begun."""

    status = 422
    code = "replay_empty"
    title = ("重发时段为空", "The time to tell again is empty")

    def __init__(self) -> None:
        super().__init__("until 须晚于 since，since 须早于现在。", "let until be after since, and since before now")


class Outcome(StrEnum):
    """What an answer means."""

    TAKEN = "taken"
    REFUSED = "refused"
    GONE = "gone"
    THROTTLED = "throttled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One event on its way to one webhook; a message keeps its id however often it is tried."""

    id: UUID
    webhook: UUID
    event_id: UUID
    event_type: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    created_at: datetime
    done_at: datetime | None
    last_status: int | None
    last_error: str | None
    position: int | None = None
    """Where its event stands in the feed; None for a message of ours, which has its `body`."""
    body: str | None = None

    @property
    def message_id(self) -> str:
        """What receivers go by to take each message once: the `webhook-id` header, without a full stop."""
        return f"msg_{self.id.hex}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of one try: a status, or the name of what went wrong before there was one."""

    status: int | None
    error: str | None
    seconds: float
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try of a message."""

    number: int
    at: datetime
    status: int | None
    error: str | None
    seconds: float


def outcome_of(answer: Answer) -> Outcome:
    """Success is 2xx only, a redirection is followed nowhere; 410 ends; 429, 502, 503 and 504 ask for a rest."""
    if answer.status is None:
        return Outcome.REFUSED
    if 200 <= answer.status < 300:
        return Outcome.TAKEN
    if answer.status == 410:
        return Outcome.GONE
    return Outcome.THROTTLED if answer.status in (429, 502, 503, 504) else Outcome.REFUSED


def next_try(tried: int, now: datetime, share: float) -> datetime | None:
    """When to try again after `tried` tries, None after the last; `share` (0 to 1) of the jitter is added."""
    if tried >= len(SCHEDULE):
        return None
    return now + SCHEDULE[tried] * (1 + JITTER * share)


def pause_until(answer: Answer, now: datetime) -> datetime:
    """Until when a receiver that asked for a rest is left in peace: its Retry-After, within bounds."""
    asked = _asked(answer.retry_after, now)
    wanted = SHORTEST_PAUSE if asked is None else asked
    return now + min(max(wanted, timedelta(seconds=1)), LONGEST_PAUSE)


def _asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110 §10.2.3); None for anything else."""
    if retry_after is None or len(retry_after) > 100:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at - now if at.tzinfo is not None else None


def is_slow(answer: Answer) -> bool:
    """Whether the receiver belongs to the slow ones."""
    return answer.seconds > SLOW_SECONDS
