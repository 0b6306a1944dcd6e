"""One event: what happened, with everything that the next step needs, so that nobody calls back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID
from zlib import crc32

from pydantic import BaseModel, ConfigDict

SOURCE = "/shoutu"
PARTITIONS = 64
INTERNAL, SHARED = "internal", "shared"
"""Whether a fact leaves the house (the feed, webhooks, agencies' buses): closed, unless its class says `shared`."""


class Event(BaseModel):
    """A past fact. Subclasses name their type: `<service>.<noun>.<past fact>.v<n>`.

    Fields are only ever added within a version; hearers ignore fields that they do not know. A public-safety fact
    says `sensitivity=SHARED`, and then holds nothing about a person; what says nothing stays in the house.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str] = ""
    sensitivity: ClassVar[str] = INTERNAL

    def __init_subclass__(cls, type: str = "", sensitivity: str = INTERNAL, **kwargs: Any) -> None:  # noqa: A002
        super().__init_subclass__(**kwargs)
        if sensitivity not in (INTERNAL, SHARED):
            raise ValueError(f"{cls.__name__}: {sensitivity} is no sensitivity")
        if type:
            cls.type = type
            cls.sensitivity = sensitivity
            if type in CATALOGUE:
                raise ValueError(f"two event classes call themselves {type}")
            CATALOGUE[type] = cls


CATALOGUE: dict[str, type[Event]] = {}
"""Every event class by its type; filled as the contract modules are imported."""

E = TypeVar("E", bound=Event, covariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard(Generic[E]):
    """An event as a listener gets it: the attributes of its envelope, and its data."""

    id: UUID
    type: str
    aggregate_id: UUID
    aggregate_version: int
    correlation_id: UUID
    causation_id: UUID | None
    area_code: str
    sectors: tuple[str, ...]
    actor_post: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    policy_version: str
    exercise: bool
    sensitivity: str
    traceparent: str | None
    data: E


def producer_of(event_type: str) -> str:
    """The service that tells this fact: the first part of the type."""
    return event_type.split(".", 1)[0]


def noun_of(event_type: str) -> str:
    """The noun whose history the fact belongs to: the second part of the type."""
    return event_type.split(".", 2)[1]


def is_stated(event_type: str) -> bool:
    """Whether the event re-states a current row instead of telling a change."""
    return event_type.split(".")[2] == "stated"


def partition_of(aggregate_id: UUID) -> str:
    """The partition, 00 to 63, by which consumers share the work; one aggregate always has the same."""
    return f"{crc32(aggregate_id.bytes) % PARTITIONS:02d}"


def subject_of(event_type: str, area_code: str, aggregate_id: UUID) -> str:
    """The bus subject: `<type>.<county6>.<partition>`; an agency imports only its county."""
    return f"{event_type}.{area_code[:6]}.{partition_of(aggregate_id)}"
