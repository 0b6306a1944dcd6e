"""All SQL about letters; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.letters.model import letters
from services.responsibility_registry.letters.rules import Letter, LetterState
from services.responsibility_registry.letters.rules_progress import Count


async def find_letter(tx: Tx, letter_id: UUID) -> Letter:
    """One letter within the scope; NotFound otherwise."""
    return await find(tx, letters, Letter, letter_id)


async def lock_letter(tx: Tx, letter_id: UUID) -> Letter:
    """The same, locked. The version is asked for after the right."""
    return await lock(tx, letters, Letter, letter_id)


async def record_letter(
    tx: Tx, letter: Letter, event: Event, *, why: str = "", parts: Sequence[tuple[UUID, str]] = ()
) -> Letter:
    """Write the letter's next version with its event."""
    return await record(tx, letters, letter, event, why=why, parts=parts)


async def lock_late(tx: Tx, now: datetime, limit: int) -> Sequence[Letter]:
    """Letters that should have been signed by now and of which nobody was told, locked, the earliest first."""
    late = _waiting_untold(tx.scope, now).limit(limit).with_for_update(of=letters, skip_locked=True)
    return [load(Letter, row) for row in await tx.all(late)]


async def ids_untold(tx: Tx, late_since: datetime, limit: int) -> Sequence[UUID]:
    """Letters that have been late for longer than a sweep takes, and of which nobody was told."""
    untold = _waiting_untold(tx.scope, late_since).with_only_columns(letters.c.id, letters.c.sign_by)
    return [row["id"] for row in await tx.all(untold.limit(limit))]


def _waiting_untold(scope: Scope, now: datetime) -> Select[Any]:
    waiting = (letters.c.state == LetterState.OFFERED, letters.c.late_told_at.is_(None), letters.c.sign_by <= now)
    return selected(letters, scope).where(*waiting).order_by(letters.c.sign_by, letters.c.id)


async def count_letters(
    tx: Tx, areas: Sequence[tuple[str, str]], valid: tuple[datetime, datetime], now: datetime
) -> Sequence[Count]:
    """Letters of areas that begin in a span of time, by tier and state."""
    late = and_(letters.c.state == LetterState.OFFERED, letters.c.sign_by <= now)
    asked = (
        selected(letters, tx.scope)
        .where(in_ranges(letters, areas), letters.c.valid_from >= valid[0], letters.c.valid_from < valid[1])
        .with_only_columns(
            letters.c.to_tier.label("tier"), letters.c.state, late.label("late"), func.count().label("letters")
        )
        .group_by(letters.c.to_tier, letters.c.state, late)
    )
    return [load(Count, row) for row in await tx.all(asked)]


def list_letters(
    scope: Scope, *, areas: Sequence[tuple[str, str]] | None, state: LetterState | None, post_id: UUID | None
) -> Select[Any]:
    """Letters, filtered; the door pages through them. Of a post: those that it issued and those that bind it."""
    asked = selected(letters, scope)
    if areas is not None:
        asked = asked.where(in_ranges(letters, areas))
    if state is not None:
        asked = asked.where(letters.c.state == state)
    if post_id is not None:
        asked = asked.where((letters.c.from_post_id == post_id) | (letters.c.to_post_id == post_id))
    return asked


ORDER: Sequence[Key] = ((letters.c.id, "desc"),)
