"""How late an order is: itself, and who has not signed for the circular notices about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.circular_notices.actions import notices_of
from services.responsibility_registry.circular_notices.rules import CircularNotice, missing, waits_until
from services.responsibility_registry.orders import store
from services.responsibility_registry.orders.rules import Order


@dataclass(frozen=True, kw_only=True, slots=True)
class CircularStanding:
    """Where a circular notice stands, and who has not signed for it; `late`: the limit that runs has passed."""

    id: UUID
    step: str
    state: str
    sign_by: datetime | None
    unsigned: tuple[UUID, ...]
    late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Late:
    """An order and the circular notices about it."""

    order: Order
    circulars: tuple[CircularStanding, ...]


async def lateness_of(tx: Tx, order_id: UUID) -> Late:
    """The order within the caller's scope, with what was circulated about it; NotFound (404) for any other."""
    order = await store.find_order(tx, order_id)
    return Late(order=order, circulars=tuple(_standing(one, tx.now) for one in await notices_of(tx, order_id)))


def _standing(notice: CircularNotice, now: datetime) -> CircularStanding:
    until = waits_until(notice)
    return CircularStanding(
        id=notice.id, step=notice.step, state=notice.state, sign_by=notice.sign_by,
        unsigned=tuple(one.party_id for one in missing(notice)), late=until is not None and now >= until,
    )  # fmt: skip
