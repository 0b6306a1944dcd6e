"""How the parts of a trace become one: ordered, each row once, links followed within bounds, gaps named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

MOST_TRACES = 50
"""[DEF] So many traces at most are joined by links into one answer."""
MOST_ROUNDS = 4
"""[DEF] So many times the services are asked about traces that the round before brought up."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one service knows of one trace; `missing` says why it could not be asked."""

    service: str
    items: tuple[Row, ...] = ()
    links: tuple[Row, ...] = ()
    more: bool = False
    missing: str | None = None


def merge(parts: Iterable[Part]) -> list[Row]:
    """Every row once, by when it happened, when it was recorded, then service and version."""
    rows = {str(row["id"]): row for part in parts for row in part.items}
    return sorted(rows.values(), key=_place)


def _place(row: Row) -> tuple[datetime, datetime, str, int, str]:
    return (
        datetime.fromisoformat(row["occurred_at"]),
        datetime.fromisoformat(row["recorded_at"]),
        str(row["service"]),
        int(row["aggregate_version"]),
        str(row["id"]),
    )


def links(parts: Iterable[Part]) -> list[Row]:
    """Every link once, in the order in which the traces were joined."""
    found = {(link["from_correlation"], link["to_correlation"]): link for part in parts for link in part.links}
    return sorted(found.values(), key=lambda link: (link["linked_at"], link["from_correlation"]))


def not_yet_asked(asked: Sequence[UUID], parts: Iterable[Part]) -> tuple[UUID, ...]:
    """The traces that links lead to and that nobody was asked about, as many as the bound still allows."""
    ends = {UUID(str(link[end])) for part in parts for link in part.links for end in _ENDS}
    return tuple(sorted(ends - set(asked)))[: max(0, MOST_TRACES - len(asked))]


_ENDS = ("from_correlation", "to_correlation")


def missing(parts: Iterable[Part]) -> list[dict[str, str]]:
    """Each service that could not be asked, once, with the reason."""
    reasons = {part.service: part.missing for part in parts if part.missing}
    return [{"service": service, "reason": reason} for service, reason in sorted(reasons.items())]
