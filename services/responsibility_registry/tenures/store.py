"""All SQL about tenures. Whoever looks sees those of the areas whose security they administer or audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, literal, or_, true

from libs.common.aggregates import find, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.tenures.model import tenures
from services.responsibility_registry.tenures.rules import Tenure

MOST_HOLDERS = 2000
"""So many tenures at most are looked at for the few dozen posts of one order."""

MOST_SUBJECTS = 20_000
"""So many people at most are looked at for the posts of a block of chains."""


async def find_tenure(tx: Tx, tenure_id: UUID) -> Tenure:
    """One tenure within the caller's scope; NotFound otherwise."""
    return await find(tx, tenures, Tenure, tenure_id)


async def lock_tenure(tx: Tx, tenure_id: UUID) -> Tenure:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, tenures, Tenure, tenure_id)


async def holders_at(tx: Tx, posts: Collection[UUID], at: datetime) -> dict[UUID, frozenset[str]]:
    """Who holds these posts at an instant, by post; under a system scope."""
    holding = (tenures.c.valid_from <= at, or_(tenures.c.valid_to.is_(None), tenures.c.valid_to > at))
    asked = selected(tenures, tx.scope).with_only_columns(tenures.c.post_id, tenures.c.subject)
    asked = asked.where(tenures.c.post_id.in_(posts), *holding).order_by(tenures.c.id)
    people: dict[UUID, set[str]] = {}
    for row in await tx.all(asked.limit(MOST_HOLDERS)):
        people.setdefault(row["post_id"], set()).add(row["subject"])
    return {post: frozenset(subjects) for post, subjects in people.items()}


async def posts_of_holders(tx: Tx, posts: Collection[UUID], at: datetime) -> list[tuple[UUID, ...]]:
    """Of each subject who holds any of these posts at an instant, every post that they hold then; under a system
    scope. Who it is stays here."""
    holding = (tenures.c.valid_from <= at, or_(tenures.c.valid_to.is_(None), tenures.c.valid_to > at))
    who = (
        selected(tenures, tx.scope).with_only_columns(tenures.c.subject).where(tenures.c.post_id.in_(posts), *holding)
    )
    asked = selected(tenures, tx.scope).with_only_columns(func.array_agg(tenures.c.post_id.distinct()).label("posts"))
    each = asked.where(tenures.c.subject.in_(who), *holding).group_by(tenures.c.subject).order_by(tenures.c.subject)
    return [tuple(row["posts"]) for row in await tx.all(each.limit(MOST_SUBJECTS))]


async def is_held(tx: Tx, tenure: Tenure) -> bool:
    """Whether somebody holds the post in that time, or its own subject does; under a system scope.

    The answer is for the caller's sake: who comes in between is refused by the table's own constraint.
    """
    others = or_(tenures.c.subject == tenure.subject, tenures.c.sole if tenure.sole else false())
    lasts = or_(
        tenures.c.valid_to.is_(None), tenures.c.valid_to > func.greatest(tenures.c.valid_from, tenure.valid_from)
    )
    begins = true() if tenure.valid_to is None else tenures.c.valid_from < tenure.valid_to
    meanwhile = selected(tenures, tx.scope).with_only_columns(literal(True))
    meanwhile = meanwhile.where(tenures.c.post_id == tenure.post_id, others, lasts, begins)
    return bool(await tx.scalar(meanwhile.limit(1)))


async def record_tenure(tx: Tx, tenure: Tenure, event: Event, *, why: str) -> Tenure:
    """Write the tenure's next version with its event."""
    return await record(tx, tenures, tenure, event, why=why)


def list_tenures(
    scope: Scope,
    *,
    areas: Sequence[tuple[str, str]] | None,
    post_id: UUID | None,
    subject: str | None,
    at: datetime | None,
) -> Select[Any]:
    """Tenures, filtered; the door pages through them."""
    asked = selected(tenures, scope)
    if areas is not None:
        asked = asked.where(in_ranges(tenures, areas))
    if post_id is not None:
        asked = asked.where(tenures.c.post_id == post_id)
    if subject is not None:
        asked = asked.where(tenures.c.subject == subject)
    if at is not None:
        asked = asked.where(tenures.c.valid_from <= at, or_(tenures.c.valid_to.is_(None), tenures.c.valid_to > at))
    return asked


ORDER: Sequence[Key] = ((tenures.c.id, "asc"),)
TABLE = tenures
"""What is announced."""
