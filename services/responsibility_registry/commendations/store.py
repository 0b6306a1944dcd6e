"""All SQL about commendations; every read takes a scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.commendations.model import commendations
from services.responsibility_registry.commendations.rules import Commendation

_AWARDING = 4_207_032
"""The advisory lock of who enters honours: one decision must not honour somebody twice."""


async def lock_awarding(tx: Tx) -> None:
    """Nobody else enters an honour until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_AWARDING)))


async def find_commendation(tx: Tx, commendation_id: UUID) -> Commendation:
    """One honour within the scope; NotFound otherwise."""
    return await find(tx, commendations, Commendation, commendation_id)


async def lock_commendation(tx: Tx, commendation_id: UUID) -> Commendation:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, commendations, Commendation, commendation_id)


async def is_known(tx: Tx, one: Commendation) -> bool:
    """Whether the decision has given them the honour already; under a system scope."""
    same = (
        commendations.c.authority_id == one.authority_id, commendations.c.decision_number == one.decision_number,
        commendations.c.honoured_id == one.honoured_id, commendations.c.honour == one.honour,
    )  # fmt: skip
    asked = selected(commendations, tx.scope).with_only_columns(literal(True)).where(*same)
    return bool(await tx.scalar(asked.limit(1)))


async def record_commendation(tx: Tx, one: Commendation, event: Event, *, why: str) -> Commendation:
    """Write the honour's next version with its event."""
    return await record(tx, commendations, one, event, why=why, policy_version=one.policy_version)


async def list_worn(tx: Tx, honoured_id: str, today: date, most: int) -> Sequence[Commendation]:
    """The honours that somebody wears on a day, the highest first, of those within the scope."""
    asked = _worn(list_commendations(tx, areas=None, honoured_id=honoured_id, level=None), today)
    rows = await tx.all(asked.order_by(commendations.c.level_ordinal, commendations.c.id.desc()).limit(most))
    return [load(Commendation, row) for row in rows]


def list_commendations(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, honoured_id: str | None, level: int | None,
    worn_on: date | None = None,
) -> Select[Any]:  # fmt: skip
    """Honours, filtered; the door pages through them."""
    asked = selected(commendations, tx.scope)
    if honoured_id is not None:
        asked = asked.where(commendations.c.honoured_id == honoured_id)
    if level is not None:
        asked = asked.where(commendations.c.level_ordinal == level)
    if worn_on is not None:
        asked = _worn(asked, worn_on)
    return asked if areas is None else asked.where(in_ranges(commendations, areas))


def _worn(asked: Select[Any], today: date) -> Select[Any]:
    """In terms of rows, what `is_worn` says of one honour."""
    lasts = or_(commendations.c.valid_to.is_(None), commendations.c.valid_to > today)
    return asked.where(commendations.c.revoked_at.is_(None), commendations.c.valid_from <= today, lasts)


ORDER: Sequence[Key] = ((commendations.c.awarded_on, "desc"), (commendations.c.id, "desc"))
