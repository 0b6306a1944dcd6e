"""All SQL about announced years: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.workdays.model import announced_years as years
from services.responsibility_registry.workdays.rules import AnnouncedYear

_KEEPING = 4_207_002
"""The advisory lock of whoever keeps the calendar: two announcements of one year must not meet."""


async def lock_calendar(tx: Tx) -> None:
    """Nobody else changes the calendar until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_KEEPING)))


async def find_year(tx: Tx, year_id: UUID) -> AnnouncedYear:
    """The announced year; NotFound otherwise."""
    row = await tx.one_or_none(known(years).where(years.c.id == year_id))
    if row is None:
        raise NotFound("calendar_years", year_id)
    return load(AnnouncedYear, row)


async def year_of(tx: Tx, year: int) -> AnnouncedYear | None:
    """What was announced of a year."""
    row = await tx.one_or_none(known(years).where(years.c.year == year))
    return None if row is None else load(AnnouncedYear, row)


async def record_year(tx: Tx, year: AnnouncedYear, event: Event, *, why: str) -> AnnouncedYear:
    """Write the year's next version with its event."""
    return await record(tx, years, year, event, why=why)


def list_years() -> Select[Any]:
    """Announced years; the door pages through them."""
    return known(years)


ORDER: Sequence[Key] = ((years.c.year, "desc"),)
TABLE = years
"""What is announced."""
