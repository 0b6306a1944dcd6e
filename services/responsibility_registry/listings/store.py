"""All SQL about listings; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, text

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Row, Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.listings.model import listings
from services.responsibility_registry.listings.rules import (
    OPEN,
    Listing,
    ListingState,
)
from services.responsibility_registry.listings.rules_public import ONCE_PUBLIC

_TAKE_NUMBER = text("SELECT pg_advisory_xact_lock(hashtextextended('listing number: ' || :number, 0))")


async def find_listing(tx: Tx, listing_id: UUID) -> Listing:
    """One listing within the scope; NotFound otherwise."""
    return await find(tx, listings, Listing, listing_id)


async def sees_listing(tx: Tx, listing_id: UUID) -> bool:
    """Whether the listing itself lies within the scope."""
    asked = selected(listings, tx.scope).where(listings.c.id == listing_id).with_only_columns(listings.c.id)
    return await tx.one_or_none(asked) is not None


async def lock_listing(tx: Tx, listing_id: UUID) -> Listing:
    """The same, locked; the version is asked for after the right."""
    return await lock(tx, listings, Listing, listing_id)


async def open_of_order(tx: Tx, order_id: UUID) -> UUID | None:
    """The listing of an order that is not over, if there is one."""
    asked = selected(listings, tx.scope).where(listings.c.order_id == order_id, listings.c.state.in_(list(OPEN)))
    row = await tx.one_or_none(asked.with_only_columns(listings.c.id).limit(1))
    return None if row is None else row["id"]


async def takes_number(tx: Tx, listing_id: UUID, number: str) -> bool:
    """Whether no other listing has this public number; whoever asks for it at the same time waits."""
    await tx.execute(_TAKE_NUMBER, {"number": number})
    asked = selected(listings, tx.scope).where(listings.c.public_number == number, listings.c.id != listing_id)
    return await tx.one_or_none(asked.with_only_columns(listings.c.id).limit(1)) is None


async def record_listing(
    tx: Tx, listing: Listing, event: Event, *, look_at: datetime | None, why: str = "",
    parts: Sequence[tuple[UUID, str]] = (),
) -> Listing:  # fmt: skip
    """Write the listing's next version with its event, and when the sweep looks at it."""
    return await record(
        tx, listings, listing, event, why=why, policy_version=listing.policy_version, parts=parts,
        columns={"look_at": look_at},
    )  # fmt: skip


def list_listings(
    tx: Tx, *, state: ListingState | None = None, level: str | None = None, order_id: UUID | None = None,
    areas: Sequence[tuple[str, str]] | None = None, overdue_at: datetime | None = None,
) -> Select[Any]:  # fmt: skip
    """Listings within the scope, filtered; the door pages through them."""
    asked = selected(listings, tx.scope)
    for column, value in ((listings.c.state, state), (listings.c.level, level), (listings.c.order_id, order_id)):
        if value is not None:
            asked = asked.where(column == value)
    if areas is not None:
        asked = asked.where(in_ranges(listings, areas))
    if overdue_at is not None:
        asked = asked.where(listings.c.state == ListingState.LISTED, listings.c.limit_at <= overdue_at)
    return asked


def list_published(
    tx: Tx, *, level: str | None, areas: Sequence[tuple[str, str]] | None, days_after: int
) -> Select[Any]:
    """What anybody may read; the door pages through it."""
    off = or_(listings.c.delisted_at.is_(None), listings.c.delisted_at > tx.now - timedelta(days=days_after))
    asked = list_listings(tx, level=level, areas=areas)
    return asked.where(
        listings.c.public_number.is_not(None), listings.c.state.in_(list(ONCE_PUBLIC)), off,
        listings.c.exercise.is_(False),
    )  # fmt: skip


async def count_by_level(tx: Tx, areas: Sequence[tuple[str, str]] | None, now: datetime) -> Sequence[Row]:
    """How many listings are in which state at which level, and how many of them are past their limit."""
    late = func.count().filter(listings.c.state == ListingState.LISTED, listings.c.limit_at <= now).label("overdue")
    columns = (listings.c.level, listings.c.state, func.count().label("listings"), late)
    asked = list_listings(tx, areas=areas).with_only_columns(*columns)
    return await tx.all(asked.group_by(listings.c.level, listings.c.state))


async def count_quarter(
    tx: Tx, areas: Sequence[tuple[str, str]] | None, begin: datetime, end: datetime
) -> Sequence[Row]:
    """What happened at each level in [begin, end)."""
    over = func.coalesce(listings.c.delisted_at, listings.c.ended_at)
    listed, off = listings.c.listed_at, listings.c.delisted_at
    visits = text(
        "coalesce(sum((SELECT count(*) FROM jsonb_array_elements(listings.visits) AS visit"
        " WHERE (visit ->> 'at')::timestamptz >= :begin AND (visit ->> 'at')::timestamptz < :end)), 0)::bigint"
        " AS visits"
    ).bindparams(begin=begin, end=end)
    columns: dict[str, Any] = {
        "standing_before": func.count().filter(listed < begin, or_(over.is_(None), over >= begin)),
        "listed": func.count().filter(listed >= begin, listed < end),
        "published": func.count().filter(listed >= begin, listed < end, listings.c.public_number.is_not(None)),
        "delisted": func.count().filter(off >= begin, off < end),
        "delisted_in_time": func.count().filter(off >= begin, off < end, listings.c.overdue_for.is_(None)),
        "standing_after": func.count().filter(listed < end, or_(over.is_(None), over >= end)),
    }
    named = [value.label(name) for name, value in columns.items()]
    asked = list_listings(tx, areas=areas).where(listed < end).with_only_columns(listings.c.level, *named, visits)
    return await tx.all(asked.group_by(listings.c.level))


async def lock_due(tx: Tx, now: datetime, limit: int) -> Sequence[Listing]:
    """Listings to look at, each locked, the earliest first; what another sweep holds is left to it."""
    due = selected(listings, tx.scope).where(listings.c.look_at <= now).order_by(listings.c.look_at)
    rows = await tx.all(due.limit(limit).with_for_update(skip_locked=True, of=listings))
    return [load(Listing, row) for row in rows]


async def look_again(tx: Tx, listing: Listing, at: datetime | None) -> None:
    """Nothing is to be told before an instant; the listing keeps its version."""
    await tx.execute(listings.update().where(listings.c.id == listing.id).values(look_at=at))


async def ids_unlooked(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Listings that should have been looked at before an instant: for the watchdog."""
    late = selected(listings, tx.scope).where(listings.c.look_at <= before).order_by(listings.c.look_at)
    return [row["id"] for row in await tx.all(late.with_only_columns(listings.c.id).limit(20))]


ORDER: Sequence[Key] = ((listings.c.proposed_at, "desc"), (listings.c.id, "desc"))
