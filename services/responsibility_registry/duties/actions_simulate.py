"""A reassignment or a vacancy tried out: which chains would change, which gaps open or close; nothing is saved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.scope import PLATFORM_ROLES
from libs.contracts.classification import SECTORS
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.duties import actions_findings, actions_who, rules_diff, rules_simulate, store
from services.responsibility_registry.duties.actions_findings import EVERY, splits_of
from services.responsibility_registry.duties.actions_register import POLICY, Posts, Register, give_way, register_of
from services.responsibility_registry.duties.actions_who import PostName
from services.responsibility_registry.duties.rules import category_rule
from services.responsibility_registry.duties.rules_diff import LinkChange
from services.responsibility_registry.duties.rules_findings import Finding, Split, given_out, wide_of
from services.responsibility_registry.duties.rules_simulate import (
    Affected,
    ChangeKind,
    NoPartThere,
    TrialRunning,
    Tried,
    World,
)
from services.responsibility_registry.organizations import actions as organizations

MOST_AREAS = 100
"""So many areas are tried at most: with fifteen categories that is 3,000 chains, half a second of work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulated:
    """What would become of chains and gaps; `whole` is false where only the first areas were tried."""

    area_codes: Sequence[str]
    categories: Sequence[str]
    at: datetime
    affected: Sequence[Affected]
    opened: Sequence[Finding]
    closed: Sequence[Finding]
    names: Mapping[UUID, PostName]
    whole: bool


async def simulate(
    tx: Tx, area_code: str, categories: Sequence[str], changes: Sequence[Tried], at: datetime
) -> Simulated:
    """Try changes on an area and all below it, for whoever has a part in that area; one trial of a caller at a time.

    Raises NoPartThere (403), TrialRunning (409), CannotTry (422). Others are answered between its areas. Whether a
    link is given out area by area is asked of the registry as it is, and of the duties that are tried.
    """
    _require_part(tx, area_code)
    if not await store.is_only_trial(tx, tx.caller.subject):
        raise TrialRunning
    codes = await areas.codes_in(tx, area_code, city_day(at), area_code, MOST_AREAS + 1)
    whole, codes = len(codes) <= MOST_AREAS, codes[:MOST_AREAS]
    before = await register_of(tx, codes or [area_code], at)
    posts = before.shown | await _more_posts(tx, changes, before.shown)
    world = World(by_area=before.by_area, posts=posts)
    after = _register(rules_simulate.tried(world, changes, at, [new_id() for _ in changes]), before)
    asked = [one for one in (categories or EVERY) if categories or category_rule(POLICY, one) is not None]
    affected = rules_simulate.grouped([one async for one in _changes(codes, asked, at, before, after)])
    split = await splits_of(tx, codes, at)
    old = await actions_findings.findings_of(tx, codes, at, before, asked, split)
    new = await actions_findings.findings_of(tx, codes, at, after, asked, _with(split, changes))
    opened, closed = rules_simulate.only_in(new, old), rules_simulate.only_in(old, new)
    return Simulated(
        area_codes=codes, categories=asked, at=at, affected=affected, opened=opened, closed=closed, whole=whole,
        names=actions_who.names_of(_named(affected, (*opened, *closed)), posts),
    )  # fmt: skip


async def _more_posts(tx: Tx, changes: Sequence[Tried], known: Posts) -> Posts:
    """The posts that changes name and that hold no duty around there."""
    named = {id_ for one in changes for id_ in (one.post_id, one.substitute_post_id) if id_ is not None}
    return {**await organizations.posts_by_id(tx, sorted(named - known.keys()))}


def _register(world: World, before: Register) -> Register:
    return Register(
        by_area=world.by_area, posts=world.posts, shown=before.shown, truncated=before.truncated,
        grounds=before.grounds,
    )  # fmt: skip


def _require_part(tx: Tx, area_code: str) -> None:
    """A trial is planning, and thousands of chains of work: it is for those who act or look in the area."""
    roles = {grant.role for grant in tx.caller.grants} - PLATFORM_ROLES
    if not tx.caller.holds(*roles, area_code=area_code, sectors=SECTORS):
        raise NoPartThere(area_code)


async def _changes(
    codes: Sequence[str], categories: Sequence[str], at: datetime, before: Register, after: Register
) -> AsyncIterator[tuple[str, str, LinkChange]]:
    for code in codes:
        for category in categories:
            for one in rules_diff.differences(before.chain(category, code, at), after.chain(category, code, at)):
                yield code, category, one
        await give_way()


def _with(split: Split, changes: Sequence[Tried]) -> Split:
    """A duty that is tried on a narrower area gives its link out there."""
    added = {
        (role, wide_of(one.area_code, tier)) for one in changes if one.kind is ChangeKind.ASSIGN
        for role, tier in given_out(POLICY) if role == one.role and wide_of(one.area_code, tier) != one.area_code
    }  # fmt: skip
    return lambda role, wide: (role, wide) in added or split(role, wide)


def _named(affected: Sequence[Affected], found: Sequence[Finding]) -> Iterator[UUID | None]:
    for one in affected:
        for holding in (one.before, one.after):
            if holding is not None:
                yield from (holding.post_id, holding.stands_in_for)
    for each in found:
        yield from each.post_ids
