"""What a one-time link is: a code that is shown once and counts once, for the entity of one notice. By real time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

GRANT_TYPE = "urn:shoutu:grant-type:entry-link"
LIFE = timedelta(hours=72)
"""[DEF] So long a link can be followed: a weekend, and a day on each side of it."""
TOKEN_SECONDS = 1800
"""[DEF] So long whoever followed it may act: photos are taken at the place meanwhile."""
GONE_AFTER = timedelta(hours=1)
"""After its use, whoever followed it is gone for good: longer than any token lives."""
SERVES = ("inspector", "leader", "duty_officer", "commander")
"""Who serves a notice in the registry may send the way to it."""
NOTICE = "rectification_notice"
_OVER = frozenset({"closed", "withdrawn", "merged_into"})


class LinkState(StrEnum):
    """What has become of a link."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryLink:
    """A link for the entity of one order; the code itself is kept nowhere."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    subject: str
    order_id: UUID
    party_id: UUID
    code_hash: str
    issued_by: str
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None
    gone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What the registry says of an order, as far as a link needs it."""

    order_id: UUID
    object_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool


class OrderHasNoEntity(Exception):
    """Only a notice is served on somebody outside, and only while it is open."""

    status = 409
    code = "order_has_no_entity"
    title = ("该指令单没有可送达的责任主体", "The order is served on nobody outside")

    def __init__(self, state: str) -> None:
        super().__init__(
            "链接只发给未办结的整改通知书所涉已登记对象的责任主体。",
            "a link is for the entity of an open rectification notice about a known object",
        )
        self.state = state
        self.open_moves: tuple[str, ...] = ()


class LinkCannotBeRevoked(Exception):
    """It is over already."""

    status = 409
    code = "link_is_over"
    title = ("链接已失效", "The link is over")
    open_moves: tuple[str, ...] = ()

    def __init__(self, state: LinkState) -> None:
        super().__init__(f"链接的状态已是「LinkState.{state}」。", f"it is {state} already")
        self.state = state


def notice_of(order: Mapping[str, Any]) -> Notice:
    """The notice behind an order as the registry shows it. Raises OrderHasNoEntity."""
    if order.get("kind") != NOTICE or not order.get("object_id") or order.get("state") in _OVER:
        raise OrderHasNoEntity(str(order.get("state")))
    return Notice(
        order_id=UUID(order["id"]), object_id=UUID(order["object_id"]), area_code=order["area_code"],
        sectors=tuple(order["sectors"]), exercise=bool(order.get("exercise")),
    )  # fmt: skip


def state_of(link: EntryLink, at: datetime) -> LinkState:
    """Where it stands at an instant of real time."""
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if link.used_at is not None:
        return LinkState.USED
    return LinkState.OPEN if at < link.expires_at else LinkState.EXPIRED


def use(link: EntryLink, at: datetime) -> EntryLink | None:
    """The link after its one use; None where it does not open any more."""
    return replace(link, used_at=at) if state_of(link, at) is LinkState.OPEN else None


def revoke(link: EntryLink, at: datetime, reason: str) -> EntryLink:
    """It opens no more, and who came in by it is turned away. Raises LinkCannotBeRevoked."""
    if link.gone_at is not None or state_of(link, at) is LinkState.REVOKED:
        raise LinkCannotBeRevoked(state_of(link, at))
    return replace(link, revoked_at=at, revoked_reason=reason, gone_at=at)


def hash_code(code: str) -> str:
    """SHA-256 of a code of 256 random bits: nobody can try them out, so a slow hash would protect nothing."""
    return hashlib.sha256(b"shoutu entry link\x00" + code.encode()).hexdigest()
