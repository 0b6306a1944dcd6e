"""Names on the bus that the server's permissions, the declarations and the hearers must agree about."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ConsumerKind(StrEnum):
    """What a hearer does with what it hears."""

    ACTS = "acts"
    """It runs verbs: history must not be acted upon again, so a new consumer starts at now."""
    COPIES = "copies"
    """It keeps a read copy: a new consumer starts at the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSpec:
    """One durable consumer that must exist: `hearer` fetches the filtered subjects of a producer's stream."""

    name: str
    stream: str
    filter_subjects: tuple[str, ...]
    kind: ConsumerKind


def consumer_name(hearer: str, kind: ConsumerKind, producer: str) -> str:
    """The name under which infra declares a hearer's consumer, and the hearer fetches from it."""
    return f"{hearer}-{kind}-{producer}"


def consumers_of(hearer: str, kind: ConsumerKind, event_types: Iterable[str]) -> tuple[ConsumerSpec, ...]:
    """The consumers a hearer needs for these event types (`<producer>.<noun>.<fact>.v1`): one a producer."""
    by_producer: dict[str, set[str]] = {}
    for event_type in event_types:
        by_producer.setdefault(event_type.partition(".")[0], set()).add(f"{event_type}.>")
    return tuple(
        ConsumerSpec(
            name=consumer_name(hearer, kind, producer),
            stream=producer.upper(),
            filter_subjects=tuple(sorted(subjects)),
            kind=kind,
        )
        for producer, subjects in sorted(by_producer.items())
    )
