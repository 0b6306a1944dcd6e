"""Samples: one event of each type with its whole envelope, told as the story of a few aggregates.

The values are written by hand, one module a producer in `sample_values`; a story numbers the versions of its
aggregate itself, so the samples of one aggregate always follow each other without a gap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

from libs.contracts.event import SOURCE, Event, is_stated, producer_of

_CITY = timezone(timedelta(hours=8))
_TELLING = timedelta(milliseconds=12)


def at(civil: str) -> datetime:
    """A time of the city as people write it (`2026-10-12 19:40`), aware and in UTC."""
    return datetime.fromisoformat(civil).replace(tzinfo=_CITY).astimezone(UTC)


def sample_id(word: str, born: datetime) -> UUID:
    """A UUIDv7 that is the same on every machine: the instant, then bits that follow from the word."""
    milliseconds = int(born.timestamp() * 1000)
    rest = int.from_bytes(sha256(word.encode()).digest()[:10], "big")
    value = (milliseconds & (2**48 - 1)) << 80 | rest
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One event as it travels: the envelope's attributes, and the data."""

    id: UUID
    event: Event
    aggregate_id: UUID
    aggregate_version: int
    correlation_id: UUID
    causation_id: UUID | None
    area_code: str
    sectors: tuple[str, ...]
    actor_post: UUID | None
    occurred_at: datetime
    policy_version: str

    def cloud_event(self) -> dict[str, Any]:
        """The event in the JSON format of CloudEvents 1.0; absent attributes are left out."""
        told_at = self.occurred_at + _TELLING
        trace = sha256(self.correlation_id.bytes).hexdigest()
        attributes = {
            "specversion": "1.0",
            "id": str(self.id),
            "source": f"{SOURCE}/{producer_of(self.event.type)}",
            "type": self.event.type,
            "subject": str(self.aggregate_id),
            "time": written(self.occurred_at),
            "datacontenttype": "application/json",
            "aggregateversion": self.aggregate_version,
            "correlationid": str(self.correlation_id),
            "causationid": str(self.causation_id) if self.causation_id else None,
            "areacode": self.area_code,
            "sectors": ",".join(self.sectors),
            "actorpost": str(self.actor_post) if self.actor_post else None,
            "recordedtime": written(told_at),
            "policyversion": self.policy_version or None,
            "exercise": False,
            "sensitivity": self.event.sensitivity,
            "sequence": f"{int(told_at.timestamp()):020d}",
            "traceparent": f"00-{trace[:32]}-{trace[32:48]}-01",
            "data": self.event.model_dump(mode="json"),
        }
        return {name: value for name, value in attributes.items() if value is not None}


def written(instant: datetime) -> str:
    """RFC 3339 in UTC with Z, as the API writes times."""
    return instant.isoformat().replace("+00:00", "Z")


@dataclass(kw_only=True, slots=True)
class Story:
    """The history of one aggregate: each thing told about it is its next version."""

    word: str
    born: str
    area_code: str
    sectors: tuple[str, ...] = ()
    correlation: UUID | None = None
    known_as: UUID | None = None
    """The id where it is not to follow from the word."""
    version: int = field(default=0, init=False)

    @property
    def id(self) -> UUID:
        """The aggregate's id."""
        return self.known_as or sample_id(self.word, at(self.born))

    @property
    def correlation_id(self) -> UUID:
        """The trace it belongs to; its own, where it was the first sign."""
        return self.correlation or sample_id(f"{self.word} correlation", at(self.born))

    def tell(
        self, civil: str, event: Event, *, post: UUID | None = None, cause: Sample | None = None, policy: str = ""
    ) -> Sample:
        """The next version's event, told at a time of the city; what is stated again keeps its version."""
        self.version += 0 if is_stated(event.type) else 1
        occurred_at = at(civil)
        return Sample(
            id=sample_id(f"{self.word} {self.version} {event.type}", occurred_at),
            event=event,
            aggregate_id=self.id,
            aggregate_version=self.version,
            correlation_id=self.correlation_id,
            causation_id=cause.id if cause else None,
            area_code=self.area_code,
            sectors=self.sectors,
            actor_post=post,
            occurred_at=occurred_at,
            policy_version=policy,
        )
