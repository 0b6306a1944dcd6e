"""Who is on duty and how to reach them, as the registry told it: known here also when the registry is away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from libs.common.copies import Copy
from libs.common.db import Tx
from libs.common.places import parents
from libs.contracts.contacts import ContactChanged, ContactEntered, ContactState, ContactStated, ContactWay
from libs.contracts.rosters import (
    ShiftCancelled,
    ShiftHandedOver,
    ShiftPlanned,
    ShiftReassigned,
    ShiftState,
    ShiftStated,
    ShiftTakenOver,
)
from services.emergency_command.copies.model import contact_copies, post_copies, shift_copies

SHIFT_COPY = Copy(
    table=shift_copies, state=ShiftState,
    events=(ShiftStated, ShiftPlanned, ShiftReassigned, ShiftCancelled, ShiftHandedOver, ShiftTakenOver),
)  # fmt: skip
CONTACT_COPY = Copy(table=contact_copies, state=ContactState, events=(ContactStated, ContactEntered, ContactChanged))
MOST_ON_DUTY = 200
"""So many at most are on duty around one place: an area of each tier, with its rooms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnDuty:
    """Who stands a role where, until when; the post's names are None where the registry never told of it."""

    shift_id: UUID
    role: str
    post_id: UUID
    name_zh: str | None
    name_en: str | None
    organization: str | None
    roster_kind: str
    roster_name: str
    place: str
    area_code: str
    begins_at: datetime
    ends_at: datetime


async def on_duty(
    tx: Tx, area_code: str, at: datetime, *, kind: str | None = None, roles: Collection[str] = ()
) -> Sequence[OnDuty]:
    """Who is on duty at an instant in an area and those that it lies in, the narrowest area first."""
    asked = (
        select(shift_copies, post_copies.c.name_zh, post_copies.c.name_en, post_copies.c.organization)
        .select_from(shift_copies.outerjoin(post_copies, post_copies.c.id == shift_copies.c.post_id))
        .where(
            shift_copies.c.area_code.in_((area_code, *parents(area_code))), shift_copies.c.cancelled.is_(False),
            shift_copies.c.begins_at <= at, shift_copies.c.ends_at > at,
        )
    )  # fmt: skip
    if kind is not None:
        asked = asked.where(shift_copies.c.roster_kind == kind)
    if roles:
        asked = asked.where(shift_copies.c.role.in_(roles))
    ordered = asked.order_by(shift_copies.c.area_code.desc(), shift_copies.c.roster_id, shift_copies.c.role)
    rows = await tx.all(ordered.order_by(shift_copies.c.id).limit(MOST_ON_DUTY))
    plain = [name for name in OnDuty.__dataclass_fields__ if name != "shift_id"]
    return [OnDuty(shift_id=row["id"], **{name: row[name] for name in plain}) for row in rows]


async def ways_to(tx: Tx, posts: Collection[UUID]) -> Mapping[UUID, tuple[ContactWay, ...]]:
    """How these posts are reached, the way to be tried first first; nothing of a post that says none."""
    rows = await tx.all(select(contact_copies).where(contact_copies.c.post_id.in_(posts)).limit(MOST_ON_DUTY))
    return {row["post_id"]: tuple(ContactWay.model_validate(one) for one in row["ways"]) for row in rows}


async def posts_of_duty_room(tx: Tx, area_code: str, at: datetime) -> Sequence[UUID]:
    """Whose telephone rings: who stands in the duty room nearest above a place, leader and officer; none where no
    room is staffed."""
    found = await on_duty(tx, area_code, at, kind="duty_room")
    return list(dict.fromkeys(one.post_id for one in found if one.area_code == found[0].area_code))
