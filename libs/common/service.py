"""What a service is made of: its doors, what it hears, what it copies and states, and what it watches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter

from libs.common.access import ACCESS_COPY
from libs.common.announcing import Announced, digest_watches, doubt_listeners
from libs.common.bus import stream_of
from libs.common.bus_names import ConsumerKind, ConsumerSpec, consumer_name
from libs.common.city_clock import CLOCK_LISTENERS
from libs.common.copies import Copy, copy_watches
from libs.common.erasures import ERASURE_LISTENERS, FORGET_ERASED
from libs.common.hearing import Listener
from libs.common.http_runtime import RangesOf, its_own_range
from libs.common.resealing import SealedColumn
from libs.common.revocations import REVOCATION_LISTENERS
from libs.common.sensitive_reads import Sensitive
from libs.common.watchdog import Promise
from libs.common.watches import Watch
from libs.contracts.event import Event, noun_of, producer_of

GATEWAY = "gateway"
"""The app that owns the clients, the tokens and the clock, which all others follow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The table of contents of one service; its app, infra and the generated documents read it."""

    name: str
    title: str
    routers: tuple[APIRouter, ...]
    listens: tuple[Listener, ...] = ()
    copies: tuple[Copy, ...] = ()
    announces: tuple[Announced, ...] = ()
    watches: tuple[Watch, ...] = ()
    promises: tuple[Promise, ...] = ()
    keeps: tuple[type[Event], ...] = ()
    """Facts that are kept as they are, in a log, by a loop of the app's own."""
    sensitive: tuple[Sensitive, ...] = ()
    """The nouns whose reads are rows (libs.common.sensitive_reads)."""
    sealed: tuple[SealedColumn, ...] = ()
    """Where small secrets are sealed (libs.common.resealing)."""
    ranges_of: RangesOf = its_own_range
    """What its lists mean by an area, where that is more than its own range."""

    def listeners(self, kind: ConsumerKind) -> tuple[Listener, ...]:
        """Every row of the listen tables of one kind, the plumbing's own included."""
        if kind is ConsumerKind.KEEPS:
            return ()
        if kind is ConsumerKind.COPIES:
            return tuple(listener for copy in self.every_copy() for listener in copy.listeners())
        told = () if self.name == GATEWAY else (*CLOCK_LISTENERS, *ERASURE_LISTENERS, *REVOCATION_LISTENERS)
        return (*self.listens, *doubt_listeners(self.name, self.announces), *told)

    def every_copy(self) -> tuple[Copy, ...]:
        """The copies that this service keeps, that of who may do what included."""
        return self.copies if self.name == GATEWAY else (*self.copies, ACCESS_COPY)

    def plumbing_watches(self) -> tuple[Watch, ...]:
        """What time does for copies (telling others what true ones look like, asking for its own) and erasures."""
        return (*digest_watches(self.announces), *copy_watches(self.every_copy()), FORGET_ERASED)

    def by_producer(self, kind: ConsumerKind) -> dict[str, list[Listener]]:
        """The same rows by the service that tells the facts."""
        grouped: dict[str, list[Listener]] = defaultdict(list)
        for listener in self.listeners(kind):
            grouped[producer_of(listener.event.type)].append(listener)
        return grouped

    def consumers(self) -> tuple[ConsumerSpec, ...]:
        """The durable consumers that this service fetches from.

        A consumer hears every fact of a noun it listens to, also those without a handler: versions have no gaps.
        """
        return tuple(
            ConsumerSpec(
                name=consumer_name(self.name, kind, producer),
                stream=stream_of(producer),
                filter_subjects=_subjects(producer, events),
                kind=kind,
            )
            for kind in ConsumerKind
            for producer, events in sorted(self._heard(kind).items())
        )

    def _heard(self, kind: ConsumerKind) -> dict[str, list[type[Event]]]:
        heard: dict[str, list[type[Event]]] = defaultdict(list)
        for event in self.keeps if kind is ConsumerKind.KEEPS else (one.event for one in self.listeners(kind)):
            heard[producer_of(event.type)].append(event)
        return heard


def _subjects(producer: str, events: Iterable[type[Event]]) -> tuple[str, ...]:
    nouns = sorted({noun_of(event.type) for event in events})
    return tuple(f"{producer}.{noun}.>" for noun in nouns)
