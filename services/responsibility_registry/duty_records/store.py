"""All SQL about duty records and missed periods; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.duty_records.model import duty_records as records
from services.responsibility_registry.duty_records.model import missed_periods as missed
from services.responsibility_registry.duty_records.rules import DutyRecord
from services.responsibility_registry.duty_records.rules_cadence import Done, MissedPeriod

MOST_OF_PAIRING = 5000
"""So many records of one pairing are counted at most, the latest first."""
MOST_OF_POST = 2000
"""So many records a post are counted at most in one year: more than any list asks for."""
_COUNTS = and_(records.c.corrected_by.is_(None), records.c.withdrawn_at.is_(None))


class Counted(NamedTuple):
    """A record with no more than a yearly list needs."""

    post_id: UUID
    kind: str
    duty_code: str
    done_at: datetime
    serves: tuple[int, ...]
    has_evidence: bool


async def find_record(tx: Tx, record_id: UUID) -> DutyRecord:
    """One record within the scope; NotFound otherwise."""
    return await find(tx, records, DutyRecord, record_id)


async def lock_record(tx: Tx, record_id: UUID) -> DutyRecord:
    """The same, locked. The version is asked for after the right."""
    return await lock(tx, records, DutyRecord, record_id)


async def write_record(
    tx: Tx, one: DutyRecord, event: Event, *, why: str, parts: Sequence[tuple[UUID, str]] = ()
) -> DutyRecord:
    """Write the record's next version with its event."""
    return await record(tx, records, one, event, why=why, policy_version=one.policy_version, parts=parts)


async def done_of_pairing(
    tx: Tx, pairing_id: UUID, kinds: Sequence[str], since: datetime, post_id: UUID
) -> list[Done]:  # fmt: skip
    """What counts for a pairing from an instant on; under a system scope."""
    of_pairing = (records.c.pairing_id == pairing_id, records.c.post_id == post_id, records.c.kind.in_(kinds))
    asked = selected(records, tx.scope).where(*of_pairing, records.c.done_at >= since, _COUNTS)
    rows = await tx.all(asked.order_by(records.c.done_at.desc()).limit(MOST_OF_PAIRING))
    return [load(Done, row) for row in rows]


async def counted_of(
    tx: Tx, post_ids: Sequence[UUID], begins_at: datetime, ends_at: datetime
) -> list[Counted]:  # fmt: skip
    """What counts of these posts between two instants, in the order of time; under a system scope."""
    between = (records.c.done_at >= begins_at, records.c.done_at < ends_at, _COUNTS)
    evidence = (func.cardinality(records.c.evidence) > 0).label("has_evidence")
    columns = (records.c.post_id, records.c.kind, records.c.duty_code, records.c.done_at, records.c.serves, evidence)
    asked = selected(records, tx.scope).with_only_columns(*columns).where(records.c.post_id.in_(post_ids), *between)
    rows = await tx.all(asked.order_by(records.c.done_at, records.c.id).limit(MOST_OF_POST * len(post_ids)))
    return [
        Counted(
            row["post_id"], row["kind"], row["duty_code"], row["done_at"], tuple(row["serves"]), row["has_evidence"]
        )
        for row in rows
    ]


async def count_by_duty(
    tx: Tx, post_id: UUID, begins_at: datetime, ends_at: datetime
) -> dict[str, tuple[int, datetime]]:  # fmt: skip
    """How many records a post has of each duty between two instants, and the last of them."""
    told = (records.c.duty_code, func.count().label("done"), func.max(records.c.done_at).label("last_at"))
    of_post = (records.c.post_id == post_id, records.c.done_at >= begins_at, records.c.done_at < ends_at)
    asked = selected(records, tx.scope).where(*of_post, _COUNTS).with_only_columns(*told)
    return {row["duty_code"]: (row["done"], row["last_at"]) for row in await tx.all(asked.group_by(told[0]))}


async def told_of(tx: Tx, pairing_id: UUID, since: datetime) -> frozenset[datetime]:
    """The beginnings of those periods of a pairing that were told as missed; the caller holds the pairing's lock."""
    asked = selected(missed, tx.scope).with_only_columns(missed.c.begins_at)
    rows = await tx.all(asked.where(missed.c.pairing_id == pairing_id, missed.c.begins_at >= since))
    return frozenset(row["begins_at"] for row in rows)


async def add_missed(
    tx: Tx, one: MissedPeriod, event: Event, *, policy_version: str, parts: Sequence[tuple[UUID, str]]
) -> MissedPeriod:
    """Write that a period was missed; no pairing changes."""
    return await record(tx, missed, one, event, policy_version=policy_version, parts=parts)


def list_records(
    scope: Scope, *, areas: Sequence[tuple[str, str]] | None, kind: str | None, post_id: UUID | None,
    pairing_id: UUID | None, object_id: UUID | None, late: bool | None,
) -> Select[Any]:  # fmt: skip
    """Records, filtered; the door pages through them."""
    asked = selected(records, scope)
    if areas is not None:
        asked = asked.where(in_ranges(records, areas))
    same = (
        (records.c.kind, kind), (records.c.post_id, post_id), (records.c.pairing_id, pairing_id),
        (records.c.object_id, object_id),
    )  # fmt: skip
    for column, value in same:
        if value is not None:
            asked = asked.where(column == value)
    return asked if late is None else asked.where(records.c.late.is_(late))


def list_missed(
    scope: Scope,
    *,
    areas: Sequence[tuple[str, str]] | None,
    kind: str | None,
    post_id: UUID | None,
    pairing_id: UUID | None,
) -> Select[Any]:
    """Missed periods, filtered; the door pages through them."""
    asked = selected(missed, scope)
    if areas is not None:
        asked = asked.where(in_ranges(missed, areas))
    for column, value in ((missed.c.kind, kind), (missed.c.post_id, post_id), (missed.c.pairing_id, pairing_id)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


ORDER: Sequence[Key] = ((records.c.done_at, "desc"), (records.c.id, "desc"))
MISSED_ORDER: Sequence[Key] = ((missed.c.due_at, "desc"), (missed.c.id, "desc"))
