"""What serves streams: the new events read once for all, and the question who may see which."""

from __future__ import annotations

from typing import Final

from gateway.feed import store
from gateway.feed.rules import CHANNEL
from gateway.feed.rules_stream import Told, frame
from gateway.tail import Read
from libs.common.db import Tx
from libs.common.scope import Scope

__all__ = ["CHANNEL", "read_tail", "sees"]

_AT_ONCE: Final = 500


async def read_tail(tx: Tx, after: int | None) -> Read[Told]:
    """The events after a position, whoever may see them; None: only where the log stands. Under a system scope.

    It discloses nothing by itself: every stream shows of it what `sees` lets through.
    """
    state = await store.state(tx)
    if after is None or after >= state.head:
        return Read((), state.head)
    rows = await store.tail(tx, after, state.head, _AT_ONCE)
    told = [
        Told(
            position=row["position"], type=row["type"], area_code=row["area_code"], sectors=tuple(row["sectors"]),
            exercise=row["exercise"], of_reference=row["of_reference"], parties=frozenset(row["parties"]),
            frame=frame(state.at(row["position"]), row["type"], row["event"]),
        )
        for row in rows
    ]  # fmt: skip
    return Read(told, told[-1].position if len(told) == _AT_ONCE else state.head)


def sees(scope: Scope, told: Told) -> bool:
    """Whether a caller may see an event: the same as row-level security says, for what is in memory."""
    return (
        told.of_reference
        or any(grant.sees(told.area_code, told.sectors) for grant in scope.grants)
        or not told.parties.isdisjoint(scope.posts)
    )
