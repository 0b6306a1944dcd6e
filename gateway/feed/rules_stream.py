"""How the feed is written as a stream (server-sent events, WHATWG HTML §9.2), and why a stream ends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.feed.rules import Cursor, Gap, Why

GAP_TYPE: Final = "gateway.feed.gap.v1"
HEARTBEAT_SECONDS: Final = 15.0
"""[WHATWG] A comment so often when nothing is told: proxies close what is silent."""
RETRY_MILLISECONDS: Final = 2_000
SCOPE_SECONDS: Final = 5.0
"""[DEF] So often it is looked up again what the listener may see: who was shut out sees nothing more after it."""
PACE_SECONDS: Final = 0.05
"""[DEF] After a chunk the next is no sooner than this; the first after a silence goes at once."""
SEND_SECONDS: Final = 20.0
"""[DEF] A listener that takes nothing for so long is dropped."""


class Bye(StrEnum):
    """Why a stream ended; said in its last event, and the client connects again where that helps."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a reason
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a reason
    CLIENT_ENDED = "client_ended"
    NOT_ALLOWED = "not_allowed"
    SHUTTING_DOWN = "shutting_down"
    UNAVAILABLE = "unavailable"
    TOO_SLOW = "too_slow"
    """Never heard by who is it: nothing more is taken. It stands in the log and the metrics."""
    GONE = "gone"
    """The listener hung up."""


_BYE_SAID: Final[dict[Bye, tuple[str, str]]] = {
    Bye.TOKEN_EXPIRED: ("访问令牌已过期，请换新令牌后重连。", "The token has expired: connect again with a new one."),
    Bye.TOKEN_REVOKED: ("访问令牌已被撤销，请换新令牌后重连。", "The token was revoked: connect with a new one."),
    Bye.NOT_ALLOWED: (
        "您已不再担任所代表的岗位，请换岗位后重连。",
        "You do not hold the post any more that you listened for: connect again for another.",
    ),
    Bye.CLIENT_ENDED: ("该客户端已停用。", "The client was ended."),
    Bye.SHUTTING_DOWN: ("服务正在重启，请重连。", "The service is being restarted: connect again."),
    Bye.UNAVAILABLE: ("数据暂不可用，请稍后重连。", "The data cannot be read now: connect again in a while."),
}
_GAP_SAID: Final[dict[Why, tuple[str, str]]] = {
    Why.RETENTION: (
        "该时段的事件已超过保存期，请用各资源的 changes 接口补齐现状。",
        "Events of this time are older than the feed keeps: take the present state from the resources' changes.",
    ),
    Why.RESTORED: (
        "数据库曾由备份恢复，该时段内收到的事件可能已不成立，请重新同步。",
        "The database was restored from a backup: what you were told of this time may be undone; synchronise anew.",
    ),
    Why.REBUILT: (
        "事件流已重建，此前收到的事件可能再次出现，请按 id 去重。",
        "The feed was built anew: events that you have may come again; tell them by their id.",
    ),
    Why.CURSOR_UNKNOWN: (
        "无法识别游标，从保存的最早事件开始。",
        "The cursor is not one of this feed: it begins at the oldest event that is kept.",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An event in memory, ready for every stream: who may see it, what it is of, and its frame."""

    position: int
    type: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    of_reference: bool
    parties: frozenset[UUID]
    frame: bytes


def frame(cursor: Cursor, name: str, data: str) -> bytes:
    """One event of a stream; `data` is JSON in one line, and the name an event's type."""
    return f"id: {cursor}\nevent: {name}\ndata: {data}\n\n".encode()


def opening(cursor: Cursor) -> bytes:
    """What a stream begins with: where it stands, so that one that breaks before its first event goes on here."""
    hello = {"heartbeat_seconds": HEARTBEAT_SECONDS, "retry_milliseconds": RETRY_MILLISECONDS}
    return f"retry: {RETRY_MILLISECONDS}\n".encode() + frame(cursor, "hello", _line(hello))


HEARTBEAT: Final = b": still here\n"
"""One line, and no blank one after it: some clients take that for an event without data."""


def bye(reason: Bye) -> bytes:
    """The last event of a stream; it has no id, so that the client goes on from the last real one."""
    zh, en = _BYE_SAID[reason]
    return f"event: bye\ndata: {_line({'reason': reason, 'said': {'zh': zh, 'en': en}})}\n\n".encode()


def gap_event(gap: Gap, cursor: Cursor, now: datetime) -> str:
    """A gap as a CloudEvent of its own, so that whoever reads events reads it too; `cursor` is where it ends."""
    zh, en = _GAP_SAID[gap.why]
    told: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"gap-{gap.why}-{cursor}",
        "source": "/shoutu/gateway",
        "type": GAP_TYPE,
        "time": _written(now),
        "datacontenttype": "application/json",
        "data": {
            "from_at": _written(gap.from_at),
            "to_at": _written(gap.to_at),
            "why": gap.why,
            "said": {"zh": zh, "en": en},
        },
    }
    return _line(told)


def joined(frames: Iterable[bytes]) -> bytes:
    """Frames as one chunk: one write for many events."""
    return b"".join(frames)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
