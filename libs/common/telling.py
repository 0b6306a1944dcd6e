"""Telling: one fact becomes an event for the others and a row of the timeline, in one round trip."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from libs.common import outbox, timeline
from libs.common.db import Tx
from libs.common.outbox import Aggregate
from libs.common.timeline import Entry
from libs.contracts.event import Event

_TELL = text(
    f"WITH told AS ({outbox.INSERT}), kept AS ({timeline.INSERT_DETAILS}), written AS ({timeline.INSERT})"
    f" {outbox.WAKE}"
)


async def tell(
    tx: Tx,
    event: Event,
    aggregate: Aggregate,
    *,
    why: str = "",
    policy_version: str = "",
    parties: Iterable[UUID] = (),
) -> None:
    """Tell what became of an aggregate at its present version, and which parties take part in it from now on.

    The row has the event's id, so a cause can be followed to it. Raises EventTooLarge.
    """
    told = outbox.row_of(tx, event, aggregate, policy_version, parties=parties)
    details = event.model_dump(mode="json")
    row = timeline.row_of(tx, Entry(id=told["id"], event_type=event.type, about=aggregate, details=details, why=why))
    await tx.execute(_TELL, told | row)
    tx.told = True
