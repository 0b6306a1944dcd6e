"""Prometheus metrics of this process. Names begin with `shoutu_`, say their unit, and carry the service.

Several services may share a process, so an exposition shows one service's series only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_registry = CollectorRegistry()
_process = ProcessCollector(registry=None)


def counter(name: str, help: str, labels: Sequence[str] = ()) -> Counter:  # noqa: A002
    """A counter; its first label is the service. Made once, at import."""
    return Counter(f"shoutu_{name}", help, ("service", *labels), registry=_registry)


def gauge(name: str, help: str, labels: Sequence[str] = ()) -> Gauge:  # noqa: A002
    """A gauge; its first label is the service. Made once, at import."""
    return Gauge(f"shoutu_{name}", help, ("service", *labels), registry=_registry)


def histogram(
    name: str,
    help: str,  # noqa: A002
    labels: Sequence[str] = (),
    buckets: Sequence[float] = _BUCKETS,
) -> Histogram:
    """A histogram (of seconds, unless the name says otherwise); its first label is the service."""
    return Histogram(f"shoutu_{name}", help, ("service", *labels), registry=_registry, buckets=buckets)


_requests = histogram("http_request_seconds", "time from request to answer", ("method", "route", "status"))
_heard = counter("events_heard", "events that a consumer has dealt with", ("consumer", "admission"))
_dead = counter("events_dead", "events that a consumer could not handle and set aside", ("consumer",))
_published = counter("outbox_published", "events that the relay has published")
_waiting = gauge("outbox_waiting", "events that wait in the outbox")
_waiting_seconds = gauge("outbox_waiting_seconds", "how long the oldest event has been waiting in the outbox")
_by_route: dict[tuple[str, str, str, int], Histogram] = {}


def request_answered(service: str, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request under its route template, never under the raw path."""
    key = (service, method if method in _METHODS else "other", route, status)
    child = _by_route.get(key)
    if child is None:
        child = _by_route[key] = _requests.labels(service, key[1], route, str(status))
    child.observe(seconds)


def event_heard(consumer: str, admission: str) -> None:
    """An event was dealt with: as `next`, `old`, `early`, …"""
    _heard.labels(_hearer(consumer), consumer, admission).inc()


def event_dead(consumer: str) -> None:
    """An event was set aside; somebody has to look at it."""
    _dead.labels(_hearer(consumer), consumer).inc()


def relay_published(service: str, count: int) -> None:
    """The relay got so many events acknowledged by the bus."""
    _published.labels(service).inc(count)


def relay_waiting(service: str, count: int, seconds: float) -> None:
    """So many events wait in the outbox, the oldest for so long."""
    _waiting.labels(service).set(count)
    _waiting_seconds.labels(service).set(seconds)


def _hearer(consumer: str) -> str:
    return consumer.partition("-")[0]


class _OneService(Collector):
    """The series of one service, and the process's own."""

    def __init__(self, service: str) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        yield from _process.collect()
        for family in _registry.collect():
            own = [sample for sample in family.samples if sample.labels.get("service") == self._service]
            if own:
                family.samples = own
                yield family


def exposition(service: str) -> bytes:
    """The text that Prometheus scrapes from one service."""
    shown = CollectorRegistry()
    shown.register(_OneService(service))
    return generate_latest(shown)
