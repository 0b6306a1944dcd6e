"""All SQL about duties: who answers is public to every caller with a scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, text

from libs.common.aggregates import known, load, record, record_new
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.places import area_range, parents
from libs.common.problems import NotFound
from libs.common.ranges import in_range, in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.duties.model import duties
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duties.rules_standing import Offices

MOST_AROUND = 2000
"""So many duties are read for one place; a place with more has thousands that ended."""
MOST_ALIKE = 20_000
"""So many are read to find those that a batch means: forty for each of its rows."""


async def find_duty(tx: Tx, duty_id: UUID) -> Duty:
    """The duty; NotFound otherwise."""
    row = await tx.one_or_none(known(duties).where(duties.c.id == duty_id))
    if row is None:
        raise NotFound("duties", duty_id)
    return load(Duty, row)


async def lock_duties(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Duty]:
    """Those of the duties that exist, locked in the order of their ids."""
    asked = known(duties).where(duties.c.id.in_(ids)).order_by(duties.c.id).with_for_update()
    return {row["id"]: load(Duty, row) for row in await tx.all(asked)}


async def find_alike(tx: Tx, post_ids: Collection[UUID], area_codes: Collection[str]) -> list[Duty]:
    """The duties, past ones too, of these posts on these areas: those that rows without an id may mean."""
    asked = known(duties).where(duties.c.post_id.in_(post_ids), duties.c.area_code.in_(area_codes))
    return [load(Duty, row) for row in await tx.all(asked.order_by(duties.c.id.desc()).limit(MOST_ALIKE))]


class Held(NamedTuple):
    """A duty with no more than a chain needs: a question reads dozens of them."""

    id: UUID
    post_id: UUID
    area_code: str
    sectors: list[str]
    role: str
    categories: list[str]
    clause: str
    valid_from: datetime
    valid_to: datetime | None


class Holder(NamedTuple):
    """The post that holds a duty, as a chain and its readers need it; `post_changed_at`: since when it stands so."""

    vacant: bool
    substitute_post_id: UUID | None
    name_zh: str
    name_en: str
    kind: str
    post_changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """Duties around a place, and the posts that hold them; `truncated` where there are more than were read.
    `moved`: one of the areas was merged, split or given another code, or nothing was found that could say."""

    duties: Sequence[Held]
    holders: dict[UUID, Holder]
    truncated: bool
    moved: bool


_COLUMNS = ", ".join((*Held._fields, *Holder._fields))
_LATEST = "ORDER BY valid_to DESC NULLS FIRST, id LIMIT :most"
_NEAR = "ANY (CAST(:area_codes AS text[]))"
# Whether any of the areas was merged, split or given another code is told with the rows: it is asked every time, and
# nearly always none was.
_AROUND = text(
    f"SELECT {_COLUMNS}, (SELECT EXISTS (SELECT FROM area_successions WHERE from_code = {_NEAR}"
    f" OR to_code = {_NEAR})) AS moved FROM duties_held WHERE area_code = {_NEAR} {_LATEST}"
)
_ON_EACH = text(
    f"SELECT held.* FROM unnest(CAST(:area_codes AS text[])) AS near (code) CROSS JOIN LATERAL"
    f' (SELECT {_COLUMNS} FROM duties_held WHERE area_code = near.code COLLATE "C" {_LATEST}) AS held'
)


async def find_around(tx: Tx, area_codes: Sequence[str], most: int = MOST_AROUND) -> Around:
    """The duties, past ones too, on an area or on one of those that it lies in, with their posts.

    Those that hold or will hold come first, then those that ended last: what is cut off is long over.
    """
    rows = await tx.all(_AROUND, {"area_codes": list(area_codes), "most": most + 1})
    width, found = len(Held._fields), rows[:most]
    return Around(
        duties=[Held._make(row[:width]) for row in found],
        holders={row["post_id"]: Holder._make(row[width:-1]) for row in found}, truncated=len(rows) > most,
        moved=not rows or rows[0]["moved"],
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class OnAreas:
    """Duties by the very area on which they lie, and their posts; `truncated`: areas with more than were read."""

    by_area: dict[str, list[Held]]
    holders: dict[UUID, Holder]
    truncated: frozenset[str]


async def find_on_each(tx: Tx, area_codes: Sequence[str], most: int = MOST_AROUND) -> OnAreas:
    """The duties, past ones too, on each of these areas, with their posts; of each as `find_around` picks them."""
    width = len(Held._fields)
    by_area: dict[str, list[Held]] = {}
    holders: dict[UUID, Holder] = {}
    for row in await tx.all(_ON_EACH, {"area_codes": list(area_codes), "most": most + 1}):
        by_area.setdefault(row["area_code"], []).append(Held._make(row[:width]))
        holders[row["post_id"]] = Holder._make(row[width:])
    more = frozenset(code for code, found in by_area.items() if len(found) > most)
    return OnAreas(by_area={code: found[:most] for code, found in by_area.items()}, holders=holders, truncated=more)


# unscoped because duties are reference data that every caller with a scope reads, by their policy
_WITHIN = text(
    "SELECT asked.role, asked.code FROM unnest("
    "CAST(:roles AS text[]), CAST(:codes AS text[]), CAST(:lasts AS text[])) AS asked (role, code, last)"
    " WHERE EXISTS (SELECT FROM duties d WHERE d.role = asked.role"
    ' AND d.area_code > asked.code COLLATE "C" AND d.area_code <= asked.last COLLATE "C"'
    " AND d.valid_from <= :at AND (d.valid_to IS NULL OR d.valid_to > :at))"
)

_ONE_TRIAL = text("SELECT pg_try_advisory_xact_lock(hashtextextended('duties: a trial of ' || :subject, 0))")


async def roles_within(tx: Tx, asked: Sequence[tuple[str, str]], at: datetime) -> frozenset[tuple[str, str]]:
    """Those of the (role, area) of which a duty is in force on some narrower area within."""
    values = {
        "roles": [role for role, _ in asked], "codes": [code for _, code in asked],
        "lasts": [area_range(code)[1] for _, code in asked], "at": at,
    }  # fmt: skip
    return frozenset((row["role"], row["code"]) for row in await tx.all(_WITHIN, values))


async def is_only_trial(tx: Tx, subject: str) -> bool:
    """Whether no other transaction tries changes for this subject; none may until this one ends."""
    return bool(await tx.scalar(_ONE_TRIAL, {"subject": subject}))


async def firsts_beside(tx: Tx, duty: Duty) -> list[Duty]:
    """The duties of the same role on the same area that hold at some time of a duty's, for the rule to judge."""
    lasts = or_(duties.c.valid_to.is_(None), duties.c.valid_to > duty.valid_from)
    asked = known(duties).where(duties.c.area_code == duty.area_code, duties.c.role == duty.role, lasts)
    return [load(Duty, row) for row in await tx.all(asked.order_by(duties.c.id).limit(MOST_AROUND))]


async def firsts_on(tx: Tx, area_codes: Collection[str], roles: Collection[str]) -> list[Duty]:
    """The duties of these roles on these areas, past ones too: beside which the rows of an import have to stand."""
    asked = known(duties).where(duties.c.area_code.in_(area_codes), duties.c.role.in_(roles))
    latest = asked.order_by(duties.c.valid_to.desc().nulls_first(), duties.c.id)
    return [load(Duty, row) for row in await tx.all(latest.limit(MOST_ALIKE))]


async def offices_of(tx: Tx, post_ids: Sequence[UUID], area_code: str, at: datetime) -> dict[UUID, Offices]:
    """What the duties of these posts say of an area at an instant; nothing of a post that never had one."""
    in_force = and_(duties.c.valid_from <= at, or_(duties.c.valid_to.is_(None), duties.c.valid_to > at))
    near = or_(duties.c.area_code.in_([area_code, *parents(area_code)]), in_range(duties, area_range(area_code)))
    counted = known(duties).with_only_columns(
        duties.c.post_id, func.bool_or(in_force).label("any_in_force"),
        func.bool_or(and_(in_force, near)).label("any_near"),
    )  # fmt: skip
    rows = await tx.all(counted.where(duties.c.post_id.in_(post_ids)).group_by(duties.c.post_id))
    return {
        row["post_id"]: Offices(any_in_force=row["any_in_force"], any_near=row["any_near"]) for row in rows
    }  # fmt: skip


async def in_force_of(tx: Tx, post_ids: Sequence[UUID], at: datetime) -> list[Duty]:
    """The duties of these posts that are in force at an instant, by area."""
    in_force = and_(duties.c.valid_from <= at, or_(duties.c.valid_to.is_(None), duties.c.valid_to > at))
    asked = known(duties).where(duties.c.post_id.in_(post_ids), in_force).order_by(duties.c.area_code, duties.c.id)
    return [load(Duty, row) for row in await tx.all(asked.limit(MOST_ALIKE))]


async def add_duties(tx: Tx, added: Sequence[tuple[Duty, Event]]) -> Sequence[Duty]:
    """Write new duties, each with its event, in a few round trips."""
    return await record_new(tx, duties, added)


async def record_duty(tx: Tx, duty: Duty, event: Event, *, why: str = "") -> Duty:
    """Write the duty's next version with its event."""
    return await record(tx, duties, duty, event, why=why)


def list_duties(*, areas: Sequence[tuple[str, str]] | None, post_id: UUID | None, role: str | None) -> Select[Any]:
    """Duties, filtered; the door pages through them."""
    asked = known(duties)
    if areas is not None:
        asked = asked.where(in_ranges(duties, areas))
    if post_id is not None:
        asked = asked.where(duties.c.post_id == post_id)
    if role is not None:
        asked = asked.where(duties.c.role == role)
    return asked


ORDER: Sequence[Key] = ((duties.c.area_code, "asc"), (duties.c.id, "asc"))
