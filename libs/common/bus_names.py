"""Names on the bus that the server's permissions, the declarations and the hearers must agree about."""

from dataclasses import dataclass
from enum import StrEnum


class ConsumerKind(StrEnum):
    """What a hearer does with what it hears."""

    ACTS = "acts"
    """It runs verbs: history must not be acted upon again, so a new consumer starts at now."""
    COPIES = "copies"
    """It keeps a read copy: a new consumer starts at the beginning."""
    KEEPS = "keeps"
    """It keeps every fact itself, in a log: a new consumer starts at the beginning."""


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


def kind_of(consumer: str) -> ConsumerKind:
    """What a consumer of this name does; one that nobody declared by the rule acts."""
    return next((kind for kind in ConsumerKind if f"-{kind}-" in consumer), ConsumerKind.ACTS)
