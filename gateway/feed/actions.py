"""The verbs of the feed: keep what the services told, hand it out page by page, forget what is old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from gateway.feed import rules, store
from gateway.feed.rules import Arrived, Cursor, Gap, LogState, Wanted
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.envelope import Delivery, Unreadable
from libs.common.failures import bury
from libs.common.places import area_level
from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import SHARED, Event, is_stated

KEEPS: Final[tuple[type[Event], ...]] = tuple(
    event for _, event in sorted(CATALOGUE.items()) if event.sensitivity == SHARED
)
"""What the log holds: every fact whose class says that it may leave the house."""
_WINDOW = "feed window"
_FORGOTTEN_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedItem:
    """One event: where the feed goes on after it, its type, and the CloudEvent as JSON in one line."""

    cursor: Cursor
    type: str
    event: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPage:
    """Events in the order of the log; `next` is where the following page begins, `more` whether to ask at once.

    A page may be empty and still have more behind it: it looks at so many rows and no further. `gap` is what cannot
    be shown before the first item, or can no longer be trusted.
    """

    items: list[FeedItem]
    next: Cursor
    more: bool
    gap: Gap | None


def _arrived(consumer: str, delivery: Delivery, deliveries: int) -> Arrived:
    """A delivery as the log takes it; raises Unreadable where it is no event that can be handed out."""
    attributes = {
        name.removeprefix("ce-"): value
        for name, value in delivery.headers.items()
        if name.startswith("ce-") or name == "traceparent"
    }
    try:
        area_level(attributes["areacode"])
        _ = [UUID(party) for party in rules.listed(attributes.get("parties", ""))]
        missing = {"exercise", "sectors", "sensitivity", "source", "time"} - attributes.keys()
        if missing:
            raise Unreadable(f"envelope: {', '.join(sorted(missing))} missing")
        # Written anew: what is handed out is JSON, whatever the bus was told.
        data = orjson.dumps(orjson.loads(delivery.data)).decode()
    except (KeyError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__} {error}") from error
    return Arrived(
        consumer=consumer, id=delivery.event_id, type=delivery.event_type, aggregate_id=delivery.aggregate_id,
        version=delivery.aggregate_version, attributes=attributes, data=data, deliveries=deliveries,
    )  # fmt: skip


async def keep_events(tx: Tx, batch: Sequence[tuple[str, Delivery, int]]) -> list[UUID]:
    """Write what was told into the log, each event once, the versions of an aggregate in their order.

    Each comes with the name of its consumer and how often it came. Returns the ids of those that came before their
    predecessor and were not taken: they are to come again. Everything else is dealt with once this commits; what
    cannot be handed out is among the dead letters. Under a system scope.
    """
    first = await store.lock_log(tx)
    told = [one for one in [await _read(tx, *arrival) for arrival in batch] if one is not None]
    versions = await store.versions_of(tx, ((one.consumer, one.aggregate_id) for one in told))
    found = rules.sort_out(told, versions)
    new = await store.remember(tx, [(one.consumer, one.id) for one in found.taken])
    written = [one for one in found.taken if one.id in new]
    if written:
        await store.raise_versions(tx, _last_versions(written))
        await _write(tx, first, [one for one in written if one.attributes["sensitivity"] == SHARED])
    return [one.id for one in found.early]


async def _read(tx: Tx, consumer: str, delivery: Delivery, deliveries: int) -> Arrived | None:
    """The event, or None where it is nothing to keep: a row that is only stated again, or what cannot be read."""
    if is_stated(delivery.event_type):
        return None
    try:
        return _arrived(consumer, delivery, deliveries)
    except Unreadable as error:
        await bury(tx, consumer, delivery, error)
        return None


def _last_versions(written: Iterable[Arrived]) -> dict[tuple[str, UUID], int]:
    last: dict[tuple[str, UUID], int] = {}
    for one in written:
        key = one.consumer, one.aggregate_id
        last[key] = max(one.version, last.get(key, 0))
    return last


async def _write(tx: Tx, first: int, told: Sequence[Arrived]) -> None:
    if not told:
        return
    parts = [(one.aggregate_id, UUID(party)) for one in told for party in _parties(one)]
    await store.take_part(tx, parts)
    await store.add_events(tx, first, [_row(one) for one in told])


def _parties(one: Arrived) -> list[str]:
    return rules.listed(one.attributes.get("parties", ""))


def _row(one: Arrived) -> tuple[UUID, str, str, str, bool, bool, str]:
    of_reference = rules.noun_of(one.type) in rules.REFERENCE_NOUNS
    event = orjson.dumps(rules.attributes_of(one) | {"data": orjson.Fragment(one.data)}).decode()
    attributes = one.attributes
    exercise = attributes["exercise"] == "true"
    return one.aggregate_id, one.type, attributes["areacode"], attributes["sectors"], exercise, of_reference, event


async def read_feed(tx: Tx, *, after: Cursor | None, wanted: Wanted, limit: int) -> FeedPage:
    """The next events after a cursor (None: from the oldest that is kept) that are wanted and within `tx.scope`.

    Never raises for a cursor of another epoch or older than what is kept: the page says the gap and goes on.
    """
    state = await store.state(tx)
    # Nobody was ever shown what lies ahead: a place beyond the head is the head.
    start = state.kept_from - 1 if after is None else min(after.position, state.head)
    async with tx.system(_WINDOW):
        until = await store.window_end(tx, start, state.head, rules.WINDOW)
    rows = await store.page(tx, start, until, wanted, limit) if until > start else []
    end = rows[-1]["position"] if len(rows) == limit else until
    return FeedPage(
        items=[FeedItem(cursor=state.at(row["position"]), type=row["type"], event=row["event"]) for row in rows],
        next=state.at(end),
        more=end < state.head,
        gap=None if after is None else await _gap(tx, after, state),
    )


async def _gap(tx: Tx, after: Cursor, state: LogState) -> Gap | None:
    """The gap before a page; what is old enough to be forgotten may have been while the page was read."""
    if after.position < rules.position_of(system_now() - rules.KEPT):
        state = await store.state(tx)
    return rules.gap_after(after, state)


async def event_at(tx: Tx, position: int) -> str | None:
    """One event as JSON, by its place in the log; None where it is not kept any more or not within `tx.scope`."""
    return await store.event_at(tx, position)


async def log_state(tx: Tx) -> LogState:
    """Where the log stands now."""
    return await store.state(tx)


async def cursor_since(tx: Tx, instant: datetime) -> Cursor:
    """The place before the first event that was written down at an instant or later."""
    state = await store.state(tx)
    return state.at(min(state.head, max(0, rules.position_of(instant) - 1)))


async def forget_old(tx: Tx, now: datetime) -> int:
    """Forget events that were written down longer than KEPT ago, a bounded number; returns how many."""
    return await store.forget_before(tx, rules.position_of(now - rules.KEPT), _FORGOTTEN_AT_ONCE)
