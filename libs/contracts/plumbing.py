"""Facts that every producer tells about itself: re-statements of its rows, doubts of a copy, heads of seals.

A class of each is made per producer, since the producer is the first part of an event's type.
"""

from __future__ import annotations

from datetime import date
from types import new_class
from uuid import UUID

from libs.contracts.event import Event

PRODUCERS = (
    "responsibility_registry",
    "risk_grading",
    "emergency_command",
    "public_reporting",
    "gateway",
)


class AnnouncementBegun(Event):
    """From here on, every current row of a noun is stated again."""

    noun: str
    announcement_id: UUID


class AnnouncementEnded(Event):
    """All rows have been stated: so many, with this digest (sum of row hashes modulo 2^64, as hexadecimal)."""

    noun: str
    announcement_id: UUID
    rows: int
    digest: str


class DigestTold(Event):
    """What a true copy of a noun looks like at this point of the stream; told every night."""

    noun: str
    rows: int
    digest: str


class CopyDoubted(Event):
    """A hearer's copy of another service's noun is missing or differs: its producer states the rows again."""

    producer: str
    noun: str


class HeadSealed(Event):
    """The head of a seal chain: the last batch, its root over the root before (hexadecimal)."""

    batch: int
    rows: int
    root: str
    previous: str
    algorithm: str


class DayClosed(Event):
    """What was sealed in a chain on one day of the city: the root over its batches, chained to the day before."""

    day: date
    first_batch: int
    last_batch: int
    root: str
    previous: str
    chained: str
    algorithm: str


def _made(base: type[Event], producer: str, kind: str) -> type[Event]:
    name = base.__name__ + producer.title().replace("_", "")
    namespace = {"__doc__": base.__doc__, "__module__": __name__}
    made: type[Event] = new_class(
        name, (base,), {"type": f"{producer}.{kind}.v1"}, lambda body: body.update(namespace)
    )
    return made


BEGUN = {one: _made(AnnouncementBegun, one, "announcement.begun") for one in PRODUCERS}
ENDED = {one: _made(AnnouncementEnded, one, "announcement.ended") for one in PRODUCERS}
TOLD = {one: _made(DigestTold, one, "announcement.digest_told") for one in PRODUCERS}
DOUBTED = {one: _made(CopyDoubted, one, "copy.doubted") for one in PRODUCERS}
SEALED = {one: _made(HeadSealed, one, "seal_head.sealed") for one in PRODUCERS}
DAYS = {one: _made(DayClosed, one, "daily_head.closed") for one in PRODUCERS}
