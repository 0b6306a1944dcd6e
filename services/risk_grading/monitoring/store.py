"""All SQL about warnings; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from libs.common.aggregates import find, load, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.contracts.event import Event
from services.risk_grading.monitoring.model import warnings
from services.risk_grading.monitoring.rules import RaisedWarning


async def find_warning(tx: Tx, warning_id: UUID) -> RaisedWarning:
    """The warning within the scope; NotFound otherwise."""
    return await find(tx, warnings, RaisedWarning, warning_id)


async def find_told(tx: Tx, sent_by: str, source: str, source_id: str) -> RaisedWarning | None:
    """The warning that this sender told under this id, or None; until the transaction ends nobody else tells it."""
    key = func.hashtextextended(f"{sent_by}\x1f{source}\x1f{source_id}", 0)
    await tx.execute(select(func.pg_advisory_xact_lock(key)))
    named = (warnings.c.sent_by == sent_by, warnings.c.source == source, warnings.c.source_id == source_id)
    row = await tx.one_or_none(selected(warnings, tx.scope).where(*named))
    return None if row is None else load(RaisedWarning, row)


async def add_warning(tx: Tx, warning: RaisedWarning, event: Event, *, why: str = "") -> RaisedWarning:
    """Write a warning; it never changes afterwards."""
    return await record(tx, warnings, warning, event, why=why)


def list_warnings(
    tx: Tx, *, area: tuple[str, str] | None, kind: str | None, level: int | None, risk_object_id: UUID | None
) -> Select[Any]:
    """The warnings within the scope, filtered; the door pages through them."""
    asked = selected(warnings, tx.scope)
    if area is not None:
        asked = asked.where(warnings.c.area_code >= area[0], warnings.c.area_code <= area[1])
    equal = {"kind": kind, "ordinal": level, "risk_object_id": risk_object_id}
    return asked.where(*(warnings.c[name] == value for name, value in equal.items() if value is not None))


ORDER: Sequence[Key] = ((warnings.c.raised_at, "desc"), (warnings.c.id, "desc"))
"""The newest first."""
