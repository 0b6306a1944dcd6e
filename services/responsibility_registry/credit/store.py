"""All SQL about firms' credit files and their kept standings; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from libs.common.aggregates import dump, find, load, lock, record, selected, visible
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.parts import participants
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.credit.model import firms, standings
from services.responsibility_registry.credit.rules import Firm
from services.responsibility_registry.credit.rules_facts import Fact
from services.responsibility_registry.credit.rules_grades import Standing
from services.responsibility_registry.credit.rules_packs import CreditGrade, Pack, version_of

PART = "firm"
_OPENING = 4_207_021
"""The advisory lock space of whoever opens a file: a firm must not get two."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptStanding:
    """How a firm stood, with its facts frozen; `period` is empty where a fact or time changed it, and no period
    ended. Never changed."""

    id: UUID
    firm_id: UUID
    at: datetime
    period: str
    kept_at: datetime
    standing: Standing
    facts: tuple[Fact, ...]


async def find_firm(tx: Tx, firm_id: UUID) -> Firm:
    """One firm's file within the scope; NotFound otherwise."""
    return await find(tx, firms, Firm, firm_id)


async def lock_firm(tx: Tx, firm_id: UUID) -> Firm:
    """The same, locked. The version is asked for after the right."""
    return await lock(tx, firms, Firm, firm_id)


async def firms_of(tx: Tx, credit_codes: Collection[str]) -> dict[str, Firm]:
    """Those of the firms that are on file, by their codes."""
    asked = selected(firms, tx.scope).where(firms.c.credit_code.in_(credit_codes))
    return {row["credit_code"]: load(Firm, row) for row in await tx.all(asked)}


async def firm_of_party(tx: Tx, party_id: UUID) -> Firm | None:
    """The firm that takes part as this party, the one that was opened first where there are several."""
    own = firms.c.party_ids.contains([party_id])
    rows = await tx.all(selected(firms, tx.scope).where(own).order_by(firms.c.created_at, firms.c.id).limit(1))
    return load(Firm, rows[0]) if rows else None


async def lock_opening(tx: Tx, credit_code: str) -> None:
    """Nobody else opens a file of this code until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_OPENING, func.hashtext(credit_code))))


async def record_firm(
    tx: Tx, firm: Firm, event: Event, pack: Pack, *, regrade_at: datetime | None, why: str = "",
    parts: Sequence[tuple[UUID, str]] = (),
) -> Firm:  # fmt: skip
    """Write the file's next version with its event, and when it is graded next."""
    return await record(
        tx, firms, firm, event, why=why, policy_version=version_of(pack), columns={"regrade_at": regrade_at},
        parts=parts,
    )  # fmt: skip


async def end_parts(tx: Tx, firm_id: UUID, parties: Sequence[UUID]) -> None:
    """These parties are the firm no more from now on: not in its file, and in nothing else of it."""
    gone = participants.c.party_id.in_(parties)
    own = participants.c.aggregate_id.in_(_of_firm(firm_id))
    await tx.execute(update(participants).where(own, gone, participants.c.part == PART).values(until=func.now()))


async def add_parts(tx: Tx, firm_id: UUID, parties: Sequence[UUID]) -> None:
    """These parties are the firm from now on, for the first time or again, in its file and all else of it."""
    for party in parties:
        rows = select(participants.c.aggregate_id, literal(party), literal(PART), _instant(tx.now))
        rows = rows.where(participants.c.party_id == firm_id, participants.c.part == PART)
        taking = insert(participants).from_select(["aggregate_id", "party_id", "part", "since"], rows)
        again = ["aggregate_id", "party_id", "part"]
        await tx.execute(taking.on_conflict_do_update(index_elements=again, set_={"until": None}))


def _of_firm(firm_id: UUID) -> Select[Any]:
    own = (participants.c.party_id == firm_id, participants.c.part == PART)
    return select(participants.c.aggregate_id).where(*own)


async def mark(tx: Tx, firm_id: UUID) -> None:
    """The firm is graded by the next sweep."""
    await tx.execute(update(firms).where(firms.c.id == firm_id).values(regrade_at=_sooner(tx.now)))


async def regrade_next(tx: Tx, firm_id: UUID, at: datetime | None) -> None:
    """Nothing has changed: when to look again."""
    await tx.execute(update(firms).where(firms.c.id == firm_id).values(regrade_at=at))


async def mark_area(tx: Tx, area: tuple[str, str], at: datetime) -> None:
    """The firms of an area are graded anew at an instant, or before where they are due before."""
    of_area = (firms.c.area_code >= area[0], firms.c.area_code <= area[1])
    await tx.execute(update(firms).where(*of_area).values(regrade_at=_sooner(at)))


def _sooner(at: datetime) -> ColumnElement[datetime]:
    """At an instant, or before where it is due before; LEAST leaves out what is null."""
    earliest: ColumnElement[datetime] = func.least(firms.c.regrade_at, _instant(at))
    return earliest


def _instant(at: datetime) -> ColumnElement[datetime]:
    return literal(at, DateTime(timezone=True))


async def lock_due(tx: Tx, now: datetime, limit: int) -> Sequence[Firm]:
    """Firms that are to be graded by now, locked, the longest waiting first; another sweep's are left to it."""
    due = selected(firms, tx.scope).where(firms.c.regrade_at <= now).order_by(firms.c.regrade_at, firms.c.id)
    return [load(Firm, row) for row in await tx.all(due.limit(limit).with_for_update(of=firms, skip_locked=True))]


async def ids_undone(tx: Tx, since: datetime) -> Sequence[UUID]:
    """Firms that wait to be graded since before an instant: for the watchdog."""
    late = selected(firms, tx.scope).where(firms.c.regrade_at <= since).with_only_columns(firms.c.id)
    return [row["id"] for row in await tx.all(late.limit(20))]


async def add_standing(tx: Tx, kept: KeptStanding) -> None:
    """Keep how a firm stood; it is never changed."""
    await tx.execute(standings.insert().values(dump(standings, kept)))


def list_firms(
    scope: Scope, *, areas: Sequence[tuple[str, str]] | None, sector: str | None, grade: CreditGrade | None,
    listed: bool | None, ground: str | None, credit_code: str | None,
) -> Select[Any]:  # fmt: skip
    """Firms, filtered; the door pages through them. `ground`: those whose facts meet it and who are not listed."""
    asked = selected(firms, scope)
    if areas is not None:
        asked = asked.where(in_ranges(firms, areas))
    if sector is not None:
        asked = asked.where(firms.c.sectors.contains([sector]))
    for column, value in (
        (firms.c.grade, grade), (firms.c.listed, listed), (firms.c.credit_code, credit_code),
    ):  # fmt: skip
        if value is not None:
            asked = asked.where(column == value)
    if ground is not None:
        asked = asked.where(firms.c.grounds.contains([ground]), firms.c.listed.is_(False))
    return asked


def list_standings(scope: Scope, firm_id: UUID, *, periods_only: bool) -> Select[Any]:
    """How a firm stood, the newest first, for whoever sees its file."""
    seen = select(firms.c.id).where(visible(firms, scope), firms.c.id == firm_id)
    asked = select(standings).where(standings.c.firm_id.in_(seen))
    return asked.where(standings.c.period != "") if periods_only else asked


ORDER: Sequence[Key] = ((firms.c.score, "desc"), (firms.c.id, "asc"))
STANDING_ORDER: Sequence[Key] = ((standings.c.at, "desc"), (standings.c.id, "desc"))
