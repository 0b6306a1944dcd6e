"""A record is put together of what its slices show the caller: nothing is kept here, and nothing is seen through it
that the caller would not see there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from libs.common.db import Tx
from libs.common.problems import NotFound
from services.responsibility_registry.accountability import actions_ends as accountability
from services.responsibility_registry.accountability.rules_measures import Measure
from services.responsibility_registry.commendations import actions as commendations
from services.responsibility_registry.commendations.rules import Commendation
from services.responsibility_registry.enforcement import actions as enforcement
from services.responsibility_registry.enforcement.rules import EnforcementFact
from services.responsibility_registry.organizations import actions as posts

MOST_SHOWN = 50
"""So many of each are shown, the latest first; the lists have all of them."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown(Generic[T]):
    """The first of them, and whether there are more."""

    rows: tuple[T, ...]
    truncated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingRecord:
    """What stands about one firm or one post, of what the caller sees."""

    enforcement_facts: Shown[EnforcementFact]
    measures: Shown[Measure]
    commendations: Shown[Commendation]


async def record_of_firm(tx: Tx, firm_id: str) -> StandingRecord:
    """Of a firm by its credit code; one of which nothing is known has an empty record."""
    return StandingRecord(
        enforcement_facts=_shown(await enforcement.facts_standing(tx, MOST_SHOWN + 1, firm_id=firm_id)),
        measures=_shown(await accountability.in_force_against(tx, firm_id, MOST_SHOWN + 1)),
        commendations=_shown(await commendations.worn_by(tx, firm_id)),
    )


async def record_of_post(tx: Tx, post_id: UUID) -> StandingRecord:
    """Of a post: what was decided against it, and which measures its present holders brought along. NotFound (404)
    where the registry has no such post."""
    if not await posts.posts_by_id(tx, [post_id]):
        raise NotFound("posts", post_id)
    return StandingRecord(
        enforcement_facts=_shown(await enforcement.facts_standing(tx, MOST_SHOWN + 1, post_id=post_id)),
        measures=_shown(await accountability.in_force_on_post(tx, post_id, MOST_SHOWN + 1)),
        commendations=_shown(await commendations.worn_by(tx, str(post_id))),
    )


def _shown(found: Sequence[T]) -> Shown[T]:
    return Shown(rows=tuple(found[:MOST_SHOWN]), truncated=len(found) > MOST_SHOWN)
