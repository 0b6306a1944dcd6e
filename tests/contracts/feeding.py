"""Feeding samples to a service's listeners as the bus would, in any order and as often as one likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson

from libs.common.bus import Bus
from libs.common.bus_names import ConsumerKind
from libs.common.db import Cause, Database, FindScope, Tx
from libs.common.envelope import Delivery, decode
from libs.common.hearing import Hearer
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.service import Service
from libs.contracts.event import is_stated, noun_of, producer_of
from libs.contracts.sample_values.everything import TOLD
from libs.contracts.sampling import Sample, at

THEN = at("2026-12-21 00:00")
"""The city's time in every transaction of a feeding: after all that the samples tell."""
_MARKS = frozenset({"announcement"})
"""Marks mean something only in the order of their stream; the tests of copies play them."""


class StillDatabase(Database):
    """A database at whose doors the city's clock stands still, so that two runs write the same times."""

    @asynccontextmanager
    async def unit_of_work(
        self, scope: Scope | FindScope, cause: Cause | None = None, *, durable: bool = True
    ) -> AsyncIterator[Tx]:
        async with super().unit_of_work(scope, cause, durable=durable) as tx:
            tx.now = THEN
            yield tx


@dataclass(slots=True)
class Fed:
    """What became of a feeding."""

    handled: int = 0
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """The error, by consumer and event type, of what could not be handled whatever had come before it."""


@dataclass(frozen=True, slots=True)
class Course:
    """One delivery to one consumer."""

    hearer: Hearer
    delivery: Delivery


def delivery_of(sample: Sample, event_id: UUID) -> Delivery:
    """A sample as it arrives over the bus, under an id that was drawn today."""
    attributes = sample.cloud_event()
    data = attributes.pop("data")
    headers = {f"ce-{name}": _header(value) for name, value in attributes.items() if name != "traceparent"}
    headers |= {"ce-id": str(event_id), "traceparent": attributes["traceparent"]}
    return decode(headers, orjson.dumps(data))


def _header(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def courses(service: Service, database: Database) -> list[Course]:
    """Everything that this service's consumers would fetch, in the order in which it happened."""
    ids = {sample.id: new_id() for sample in TOLD}
    found = []
    for spec in service.consumers():
        kind = ConsumerKind(spec.kind)
        producer = spec.stream.lower()
        listeners = service.by_producer(kind)[producer]
        hearer = Hearer(database, cast(Bus, None), spec, listeners)
        nouns = {noun_of(listener.event.type) for listener in listeners} - _MARKS
        found += [
            Course(hearer, delivery_of(sample, ids[sample.id]))
            for sample in sorted(TOLD, key=_moment)
            if producer_of(sample.event.type) == producer and noun_of(sample.event.type) in nouns
        ]
    return sorted(found, key=_stated_last)


def _moment(sample: Sample) -> tuple[datetime, int]:
    return sample.occurred_at, sample.aggregate_version


def _stated_last(course: Course) -> bool:
    # A stated row sets the version and triggers nothing: whoever acts must not hear it before what it sums up.
    return is_stated(course.delivery.event_type)


async def feed(menu: Sequence[Course]) -> Fed:
    """Deliver in the order given; what a handler refuses is delivered again once others have been.

    That is what redelivery does on the bus. What still fails when nothing moves any more would be buried.
    """
    fed, waiting = Fed(), list(menu)
    while waiting:
        refused = []
        for course in waiting:
            error = await _delivered(course)
            if error is None:
                fed.handled += 1
            else:
                refused.append((course, error))
        if len(refused) == len(waiting):
            fed.failures = {(one.hearer.spec.name, one.delivery.event_type): why for one, why in refused}
            break
        waiting = [course for course, _ in refused]
    return fed


async def _delivered(course: Course) -> str | None:
    try:
        await course.hearer.deliver(course.delivery)
    except Exception as error:  # noqa: BLE001 — whatever a handler raises is what the test is about
        return f"{type(error).__name__}: {error}"
    return None
