"""All SQL about reviews; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_range
from libs.contracts.event import Event
from services.emergency_command.after_action.model import reviews
from services.emergency_command.after_action.rules import Review, ReviewState


async def find_review(tx: Tx, review_id: UUID) -> Review:
    """The review within the scope; NotFound otherwise."""
    return await find(tx, reviews, Review, review_id)


async def lock_review(tx: Tx, review_id: UUID, expected: int | None = None) -> Review:
    """The review, locked; NotFound or StaleVersion."""
    return await lock(tx, reviews, Review, review_id, expected)


async def record_review(tx: Tx, review: Review, event: Event, *, why: str = "") -> Review:
    """Write the review's next version with its event."""
    return await record(tx, reviews, review, event, why=why)


def list_reviews(
    tx: Tx, *, state: ReviewState | None, incident_id: UUID | None, area: tuple[str, str] | None
) -> Select[Any]:
    """The reviews within the scope, filtered; the door pages through them."""
    asked = selected(reviews, tx.scope)
    equal = {"state": state, "incident_id": incident_id}
    asked = asked.where(*(reviews.c[name] == value for name, value in equal.items() if value is not None))
    return asked if area is None else asked.where(in_range(reviews, area))


ORDER: Sequence[Key] = ((reviews.c.opened_at, "desc"), (reviews.c.id, "desc"))
"""The newest first."""
