"""All SQL about order batches; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.order_batches.model import order_batches
from services.responsibility_registry.order_batches.rules import Batch


async def find_batch(tx: Tx, batch_id: UUID) -> Batch:
    """One batch within the scope; NotFound otherwise."""
    return await find(tx, order_batches, Batch, batch_id)


async def add_batch(tx: Tx, batch: Batch, event: Event) -> Batch:
    """Write a batch with its event; it is never changed."""
    return await record(tx, order_batches, batch, event, parts=[(batch.issued_by, "issuer")])


def list_batches(tx: Tx, areas: Sequence[tuple[str, str]] | None) -> Select[Any]:
    """Batches within the scope; the door pages through them."""
    asked = selected(order_batches, tx.scope)
    return asked if areas is None else asked.where(in_ranges(order_batches, areas))


ORDER: Sequence[Key] = ((order_batches.c.id, "desc"),)
