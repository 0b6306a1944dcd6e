"""The truths about the feed: what a cursor means, when a gap is owed, what is asked for, how an event is written."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

KEPT: Final = timedelta(days=100)
"""[DEF] So long an event stays in the log; 90 days are promised, and a stream of the bus keeps as long."""
PROMISED_DAYS: Final = 90
CHANNEL: Final = "feed"
"""Who listens on it at the database is told when something was written."""
REFERENCE_NOUNS: Final = frozenset({"area", "post", "calendar_year"})
"""Facts about what any caller may read over the API as well: areas, posts and working days have no sector."""
WINDOW: Final = 10_000
"""[DEF] One page looks at so many rows at most: a narrow filter or scope costs the same as a wide one."""
PATIENCE: Final = 4
"""[DEF] So often an event that comes before its predecessor is handed back; then it is taken as it comes.

It waits two seconds each time: all in all longer than the bus takes to send again what was lost on its way.
"""
MOST_TYPES, MOST_AREAS, MOST_SECTORS = 50, 20, 50

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPE_FORM = r"^([a-z0-9_]+(\.[a-z0-9_]+){0,3}|[a-z0-9_]+(\.[a-z0-9_]+){0,2}\.\*)$"
_PATTERN = re.compile(TYPE_FORM)
_CURSOR = re.compile(r"([0-9]{1,9})\.([0-9]{1,17})\.([0-9]{1,17})")
_NUMBERS = frozenset({"aggregateversion"})
_TRUTHS = frozenset({"exercise"})
_TIMES = frozenset({"time", "recordedtime"})
_KEPT_BACK = frozenset({"parties"})
"""Attributes that only the gateway needs: who may see the aggregate is not told to those who see it."""


class CursorUnreadable(ValueError):
    """No cursor of this feed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """A place in the log: strictly after `position`, in the cluster's `epoch` and the log that was `begun` then.

    A position is the microsecond of the real time at which the event was written down, raised where two would meet:
    it rises with every event, in every epoch, so that it says where to go on even after a restore.
    """

    epoch: int
    begun: int
    position: int

    def __str__(self) -> str:
        plain = f"{self.epoch}.{self.begun}.{self.position}".encode()
        return urlsafe_b64encode(plain).rstrip(b"=").decode()

    @staticmethod
    def of(text: str) -> Cursor:
        """The cursor that a text stands for; raises CursorUnreadable."""
        try:
            plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        except (NotBase64, ValueError):
            raise CursorUnreadable from None
        found = _CURSOR.fullmatch(plain)
        if found is None:
            raise CursorUnreadable
        epoch, begun, position = (int(part) for part in found.groups())
        return Cursor(epoch=epoch, begun=begun, position=position)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogState:
    """Where the log stands: its last position, the first that is kept, and since when it is this log.

    `resumed_at` is when the present epoch of the database began.
    """

    epoch: int
    begun: int
    head: int
    kept_from: int
    resumed_at: datetime

    def at(self, position: int) -> Cursor:
        """The cursor of a position here and now."""
        return Cursor(epoch=self.epoch, begun=self.begun, position=position)


class Why(StrEnum):
    """Why some of the past cannot be shown, or cannot be trusted as it was shown."""

    RETENTION = "retention"
    """Events were older than the log keeps."""
    RESTORED = "restored"
    """The database was restored from a backup: what was shown after that backup may be undone."""
    REBUILT = "rebuilt"
    """The log was built anew from the streams: what was shown before may come again, under the same ids."""
    CURSOR_UNKNOWN = "cursor_unknown"
    """The cursor is not one of this feed: everything that is kept is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A stretch of time that a client cannot be sure of; said once, and then the feed goes on at `to_at`."""

    from_at: datetime
    to_at: datetime
    why: Why


def gap_after(cursor: Cursor, state: LogState) -> Gap | None:
    """What a client that was at `cursor` has to be told before the feed goes on; None where nothing is missing."""
    since = time_of(cursor.position)
    if cursor.epoch != state.epoch:
        return Gap(from_at=min(since, state.resumed_at), to_at=state.resumed_at, why=Why.RESTORED)
    if cursor.begun != state.begun:
        begun = time_of(state.begun)
        return Gap(from_at=min(since, begun), to_at=begun, why=Why.REBUILT)
    if cursor.position < state.kept_from - 1 and state.kept_from > state.begun + 1:
        return Gap(from_at=since, to_at=time_of(state.kept_from), why=Why.RETENTION)
    return None


def position_of(instant: datetime) -> int:
    """The first position that an event written down at this instant can have."""
    return max(0, (instant - _EPOCH) // timedelta(microseconds=1))


def time_of(position: int) -> datetime:
    """When what has this position was written down."""
    return _EPOCH + timedelta(microseconds=position)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What of the feed is asked for; empty means everything. `types` are whole types, or beginnings with `.*`.

    `areas` are ranges of codes, first and last; `sectors`: one of them will do; `exercise` None: both.
    """

    types: tuple[str, ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    sectors: tuple[str, ...] = ()
    exercise: bool | None = None

    def takes(self, type_: str, area_code: str, sectors: Iterable[str], exercise: bool) -> bool:
        """Whether an event is asked for; the same as the store's condition, for what is in memory already."""
        return (
            (not self.types or any(_matches(pattern, type_) for pattern in self.types))
            and (not self.areas or any(first <= area_code <= last for first, last in self.areas))
            and (not self.sectors or not set(self.sectors).isdisjoint(sectors))
            and self.exercise in (None, exercise)
        )


def _matches(pattern: str, type_: str) -> bool:
    return type_.startswith(pattern[:-1]) if pattern.endswith(".*") else type_ == pattern


def is_pattern(text: str) -> bool:
    """Whether a text can name event types: `risk_grading.hazard.closed.v1`, or `risk_grading.hazard.*`."""
    return _PATTERN.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """An event as it came to a consumer: its attributes without their prefix, its data as JSON, how often it came."""

    consumer: str
    id: UUID
    type: str
    aggregate_id: UUID
    version: int
    attributes: Mapping[str, str]
    data: str
    deliveries: int


@dataclass(slots=True)
class Sorted:
    """What is to be written, in order, and what came before its predecessor and has to wait."""

    taken: list[Arrived] = field(default_factory=list)
    early: list[Arrived] = field(default_factory=list)


def sort_out(arrived: Sequence[Arrived], versions: Mapping[UUID, int]) -> Sorted:
    """Which of these may be written now, given the last version written of each aggregate.

    Order is promised per aggregate: what comes before its predecessor waits, but not for ever; what comes late is
    written late. One event twice is taken once.
    """
    found, known, seen = Sorted(), dict(versions), set[UUID]()
    for one in arrived:
        if one.id in seen:
            continue
        last = known.get(one.aggregate_id, 0)
        if one.version > last + 1 and one.deliveries < PATIENCE:
            found.early.append(one)
            continue
        seen.add(one.id)
        known[one.aggregate_id] = max(last, one.version)
        found.taken.append(one)
    return found


def attributes_of(one: Arrived) -> dict[str, str | int | bool]:
    """The CloudEvents attributes of the JSON format: numbers and truths as such, times with Z."""
    return {name: _typed(name, value) for name, value in one.attributes.items() if name not in _KEPT_BACK}


def _typed(name: str, value: str) -> str | int | bool:
    if name in _NUMBERS:
        return int(value)
    if name in _TRUTHS:
        return value == "true"
    return value.replace("+00:00", "Z") if name in _TIMES else value


def listed(value: str) -> list[str]:
    """The parts of an attribute that is a list: sectors, parties."""
    return [part for part in value.split(",") if part]


def noun_of(type_: str) -> str:
    """The noun that an event tells of."""
    return type_.split(".", 2)[1]
