"""All SQL about links of liability; every read takes a scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.liability_links.model import links
from services.responsibility_registry.liability_links.rules import LiabilityLink, Party

_LINKING = 4_207_031
"""The advisory lock of who links: two ends must not be linked twice at a time."""


async def lock_linking(tx: Tx) -> None:
    """Nobody else registers a link until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_LINKING)))


async def find_link(tx: Tx, link_id: UUID) -> LiabilityLink:
    """One link within the scope; NotFound otherwise."""
    return await find(tx, links, LiabilityLink, link_id)


async def lock_link(tx: Tx, link_id: UUID) -> LiabilityLink:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, links, LiabilityLink, link_id)


async def alike(tx: Tx, link: LiabilityLink) -> LiabilityLink | None:
    """The link of the same ends and relation that is there meanwhile; under a system scope."""
    meanwhile = or_(links.c.valid_to.is_(None), links.c.valid_to > link.valid_from)
    ends = and_(links.c.relation == link.relation, links.c.from_id == link.from_id, links.c.to_id == link.to_id)
    asked = selected(links, tx.scope).where(ends, meanwhile)
    if link.valid_to is not None:
        asked = asked.where(links.c.valid_from < link.valid_to)
    row = await tx.one_or_none(asked.order_by(links.c.valid_from).limit(1))
    return None if row is None else load(LiabilityLink, row)


async def record_link(tx: Tx, link: LiabilityLink, event: Event, *, why: str) -> LiabilityLink:
    """Write the link's next version with its event."""
    return await record(tx, links, link, event, why=why)


async def links_of(tx: Tx, parties: Collection[Party], day: date, most: int) -> Sequence[LiabilityLink]:
    """The links that these parties have on a day, so many at most, the oldest first; under a system scope."""
    there = (links.c.valid_from <= day, or_(links.c.valid_to.is_(None), links.c.valid_to > day))
    asked = selected(links, tx.scope).where(_at_an_end(parties), *there).order_by(links.c.valid_from, links.c.id)
    return [load(LiabilityLink, row) for row in await tx.all(asked.limit(most))]


async def lock_new(tx: Tx, limit: int) -> Sequence[LiabilityLink]:
    """Links that nobody has looked for past facts of, locked."""
    asked = selected(links, tx.scope).where(~links.c.followed).order_by(links.c.created_at, links.c.id).limit(limit)
    return [load(LiabilityLink, row) for row in await tx.all(asked.with_for_update(skip_locked=True, of=links))]


async def mark_followed(tx: Tx, link_ids: Collection[UUID]) -> None:
    """Their past facts have been looked for: a mark of the sweep, and no change of the links."""
    await tx.execute(links.update().where(links.c.id.in_(link_ids)).values(followed=True))


def list_links(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, relation: str | None, party_id: str | None, on: date | None
) -> Select[Any]:
    """Links, filtered; the door pages through them."""
    asked = selected(links, tx.scope)
    if relation is not None:
        asked = asked.where(links.c.relation == relation)
    if party_id is not None:
        asked = asked.where(or_(links.c.from_id == party_id, links.c.to_id == party_id))
    if on is not None:
        asked = asked.where(links.c.valid_from <= on, or_(links.c.valid_to.is_(None), links.c.valid_to > on))
    return asked if areas is None else asked.where(in_ranges(links, areas))


def _at_an_end(parties: Collection[Party]) -> ColumnElement[bool]:
    named = [(party.kind.value, party.id) for party in parties]
    return or_(
        tuple_(links.c.from_kind, links.c.from_id).in_(named), tuple_(links.c.to_kind, links.c.to_id).in_(named)
    )


ORDER: Sequence[Key] = ((links.c.id, "desc"),)
