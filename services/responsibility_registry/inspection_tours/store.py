"""All SQL about inspection tours: a tour is seen by who is over its whole area, a visit where its body lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, text

from libs.common.aggregates import find, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.inspection_tours.model import tours, visits
from services.responsibility_registry.inspection_tours.rules import Seen, Tour, TourState, Visit

_FOUND = text("jsonb_array_length(findings)")
_ORDERED = text("jsonb_array_length(jsonb_path_query_array(findings, '$[*] ? (@.order_id != null)'))")


async def find_tour(tx: Tx, tour_id: UUID) -> Tour:
    """The tour within the scope; NotFound otherwise."""
    return await find(tx, tours, Tour, tour_id)


async def lock_tour(tx: Tx, tour_id: UUID) -> Tour:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, tours, Tour, tour_id)


async def record_tour(tx: Tx, tour: Tour, event: Event, *, why: str = "") -> Tour:
    """Write the tour's next version with its event."""
    return await record(tx, tours, tour, event, why=why)


def list_tours(tx: Tx, *, state: TourState | None, areas: Sequence[tuple[str, str]] | None) -> Select[Any]:
    """Tours within the scope, filtered; the door pages through them."""
    asked = selected(tours, tx.scope)
    if state is not None:
        asked = asked.where(tours.c.state == state)
    return asked if areas is None else asked.where(in_ranges(tours, areas))


async def find_visit(tx: Tx, visit_id: UUID) -> Visit:
    """The visit within the scope; NotFound otherwise."""
    return await find(tx, visits, Visit, visit_id)


async def lock_visit(tx: Tx, visit_id: UUID) -> Visit:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, visits, Visit, visit_id)


async def record_visit(tx: Tx, visit: Visit, event: Event, *, why: str = "") -> Visit:
    """Write the visit's next version with its event."""
    return await record(tx, visits, visit, event, why=why)


def list_visits(tx: Tx, *, tour_id: UUID | None, body_key: str | None) -> Select[Any]:
    """Visits within the scope, filtered; the door pages through them."""
    asked = selected(visits, tx.scope)
    for column, value in ((visits.c.tour_id, tour_id), (visits.c.body_key, body_key)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


async def seen_of(tx: Tx, tour_id: UUID) -> Mapping[str, Seen]:
    """What the visits of a tour come to, by body; under a system scope."""
    counted = selected(visits, tx.scope).where(visits.c.tour_id == tour_id).with_only_columns(
        visits.c.body_key, func.count().label("visits"), func.sum(_FOUND).label("findings"),
        func.sum(_ORDERED).label("ordered"),
    )  # fmt: skip
    return {
        row["body_key"]: Seen(visits=row["visits"], findings=row["findings"], ordered=row["ordered"])
        for row in await tx.all(counted.group_by(visits.c.body_key))
    }


ORDER: Sequence[Key] = ((tours.c.planned_at, "desc"), (tours.c.id, "desc"))
VISIT_ORDER: Sequence[Key] = ((visits.c.visited_at, "desc"), (visits.c.id, "desc"))
