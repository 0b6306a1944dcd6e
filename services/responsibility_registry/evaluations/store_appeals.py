"""All SQL about appeals: seen where the body lies that appeals, by those who audit or lead there or around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.evaluations.model import appeals
from services.responsibility_registry.evaluations.rules_appeals import Appeal, AppealState
from services.responsibility_registry.evaluations.store import reading


async def find_appeal(tx: Tx, appeal_id: UUID) -> Appeal:
    """The appeal; NotFound otherwise."""
    row = await tx.one_or_none(selected(appeals, reading(tx.scope)).where(appeals.c.id == appeal_id))
    if row is None:
        raise NotFound("evaluation_appeals", appeal_id)
    return load(Appeal, row)


async def lock_appeal(tx: Tx, appeal_id: UUID) -> Appeal:
    """The appeal, locked; NotFound otherwise. The version is asked for after the role."""
    await find_appeal(tx, appeal_id)
    return await lock(tx, appeals, Appeal, appeal_id)


async def appeal_of(tx: Tx, publication_id: UUID, body_key: str) -> UUID | None:
    """The appeal of a body against a publication; under a system scope."""
    asked = selected(appeals, tx.scope).with_only_columns(appeals.c.id)
    asked = asked.where(appeals.c.publication_id == publication_id, appeals.c.body_key == body_key)
    found: UUID | None = await tx.scalar(asked.limit(1))
    return found


async def record_appeal(tx: Tx, appeal: Appeal, event: Event, *, why: str) -> Appeal:
    """Write the appeal's next version with its event, seen by the post that lodged it."""
    parts = [(appeal.lodged_by, "appellant")] if appeal.version == 0 else []
    return await record(tx, appeals, appeal, event, why=why, parts=parts)


def list_appeals(tx: Tx, *, state: AppealState | None, evaluation_id: UUID | None) -> Select[Any]:
    """Appeals that the caller reads, filtered; the door pages through them."""
    asked = selected(appeals, reading(tx.scope))
    for column, value in ((appeals.c.state, state), (appeals.c.evaluation_id, evaluation_id)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


ORDER: Sequence[Key] = ((appeals.c.lodged_at, "desc"), (appeals.c.id, "desc"))
