"""The envelope: CloudEvents headers in binary mode over NATS, written and read back into what a listener gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote
from uuid import UUID

from pydantic import ValidationError

from libs.contracts.event import CATALOGUE, Event, Heard

_TYPE = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+\.v[0-9]+")
NEWEST_VERSION = 2**31 - 1
"""Versions are kept as 32-bit integers."""
_PLAIN = re.compile(r"[ -$&-~]*")
"""What a header value may hold as it is: printable ASCII but the per cent sign."""
_SAFE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


class Unreadable(Exception):
    """A message that is no event of ours: it goes to the dead letters, since trying again cannot help."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A message as it arrived; kept whole where it must wait or be buried."""

    event_id: UUID
    event_type: str
    aggregate_id: UUID
    aggregate_version: int
    headers: dict[str, str]
    data: str

    def event(self) -> Heard[Event] | None:
        """The event, or None where its type is unknown here (told by a newer release).

        Raises Unreadable when the data is not what its type promises.
        """
        known = CATALOGUE.get(self.event_type)
        if known is None:
            return None
        try:
            return _heard(self, known.model_validate_json(self.data))
        except (ValidationError, ValueError, KeyError) as error:
            raise Unreadable(f"{self.event_type}: {error}") from error


def header_value(value: str) -> str:
    """A value as it travels: CloudEvents percent-encodes what a header cannot carry."""
    return value if _PLAIN.fullmatch(value) else quote(value, safe=_SAFE)


def decode(headers: Mapping[str, str] | None, data: bytes) -> Delivery:
    """Read a message's headers, whatever their case; raises Unreadable where one is missing or wrong."""
    lower = {name.lower(): unquote(value) if "%" in value else value for name, value in (headers or {}).items()}
    try:
        delivery = Delivery(
            event_id=UUID(lower["ce-id"]),
            event_type=lower["ce-type"],
            aggregate_id=UUID(lower["ce-subject"]),
            aggregate_version=int(lower["ce-aggregateversion"]),
            headers=lower,
            data=data.decode("utf-8"),
        )
    except (KeyError, ValueError) as error:
        raise Unreadable(f"envelope: {type(error).__name__} {error}") from error
    _check(delivery)
    return delivery


def _check(delivery: Delivery) -> None:
    """What could not be kept or classed must not come as far as the gate: it would be tried for ever."""
    if not _TYPE.fullmatch(delivery.event_type):
        raise Unreadable(f"envelope: {delivery.event_type[:100]!r} is no type of an event")
    if not 0 < delivery.aggregate_version <= NEWEST_VERSION:
        raise Unreadable(f"envelope: {delivery.aggregate_version} is no version")
    if "\0" in delivery.data or any("\0" in value for value in delivery.headers.values()):
        raise Unreadable("envelope: a NUL character, which no table can keep")


def _heard(delivery: Delivery, data: Event) -> Heard[Event]:
    headers = delivery.headers
    cause, post = headers.get("ce-causationid"), headers.get("ce-actorpost")
    return Heard(
        id=delivery.event_id,
        type=delivery.event_type,
        aggregate_id=delivery.aggregate_id,
        aggregate_version=delivery.aggregate_version,
        correlation_id=UUID(headers["ce-correlationid"]),
        causation_id=UUID(cause) if cause else None,
        area_code=headers["ce-areacode"],
        sectors=tuple(sector for sector in headers["ce-sectors"].split(",") if sector),
        actor_post=UUID(post) if post else None,
        occurred_at=datetime.fromisoformat(headers["ce-time"]),
        recorded_at=datetime.fromisoformat(headers["ce-recordedtime"]),
        policy_version=headers.get("ce-policyversion", ""),
        exercise=headers["ce-exercise"] == "true",
        sensitivity=headers["ce-sensitivity"],
        traceparent=headers.get("traceparent"),
        data=data,
    )
