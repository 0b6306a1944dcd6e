"""Tickets: how a browser, which can set no header on an event stream, shows once for whom it listens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

TICKET_LIVES: Final = timedelta(seconds=60)
"""[DEF] Long enough to open a stream with it, too short to be of use in a log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who made a ticket, and with which token: where that ends, or is revoked, the ticket and its stream end too."""

    subject: str
    client_id: str
    jti: str
    token_expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A ticket without its secret."""

    id: UUID
    expires_at: datetime
    holder: Holder


def expires_at(now: datetime, holder: Holder) -> datetime:
    """Until when a ticket made now can be used: never longer than its maker's token."""
    return min(now + TICKET_LIVES, holder.token_expires_at)


def hash_ticket(secret: str) -> bytes:
    """SHA-256 of the secret: 256 random bits cannot be tried out, so a slow hash would protect nothing."""
    return hashlib.sha256(b"shoutu feed ticket\x00" + secret.encode("utf-8", "replace")).digest()
