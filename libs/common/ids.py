"""Identifiers: UUIDv7, so that rows partition and sort by the real time of their birth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A fresh UUIDv7; its leading 48 bits are the system time in milliseconds, never the simulated time."""
    return uuid7()


def floor_id(instant: datetime) -> UUID:
    """The smallest UUIDv7 that can carry this instant: the border of a partition or a look-back."""
    milliseconds = int((instant - _EPOCH) / timedelta(milliseconds=1))
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80)


def born_at(identifier: UUID) -> datetime:
    """The instant inside a UUIDv7, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=identifier.int >> 80)
