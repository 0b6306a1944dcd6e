"""The end of measures: told once, followed by a proposal to renew one; and which effects hold now, and on whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import accountability as told
from services.responsibility_registry.accountability import rules_resting, store, store_resting
from services.responsibility_registry.accountability.actions_measures import facts_of, measure_of_case
from services.responsibility_registry.accountability.rules_measures import Effect, Follows, Measure
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.tenures import actions as tenures

RENEWS = store.READS
"""Who proposes that a measure goes on."""
MOST_HELD = 500
"""So many measures at most that follow holders are looked at for one post."""
MOST_POSTS = 50
"""So many posts of one kind at most are those of one place."""
_SWEPT = timedelta(minutes=5)
renewable = rules_resting.renewable


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """A measure that holds now, with the posts whose holders its effects follow: those of its place and kinds."""

    measure: Measure
    posts: tuple[UUID, ...]


async def tell_ended(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, of measures whose period is over."""
    ended = await store_resting.lock_ended(tx, now, limit)
    for measure in ended:
        event = told.MeasureEnded(measure=facts_of(measure))
        await store.record_measure(tx, replace(measure, ended_told_at=now), event)
    return len(ended)


async def ended_untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Measures that ended five minutes ago, and of which nobody was told: for the watchdog."""
    return await store_resting.ids_ended_untold(tx, now - _SWEPT, 20)


async def renew_measure(tx: Tx, case_id: UUID, measure_id: UUID, expected: int | None, words: str) -> Measure:
    """Propose that a measure with a period goes on; its authority decides it as any other.

    Raises RoleMissing (403), MeasureNotInForce (409) for one without a period, or that is renewed already.
    """
    await measure_of_case(tx, case_id, measure_id)
    measure = await store.lock_measure(tx, measure_id)
    tx.caller.require(*RENEWS, area_code=measure.area_code, sectors=measure.sectors)
    require_version(measure, expected)
    async with tx.system("accountability: renewals"):
        before = await store_resting.renewals_of(tx, measure.id)
    renewal = rules_resting.renew(measure, before, renewal_id=new_id(), at=tx.now, words=words)
    event = told.MeasureProposed(
        measure=facts_of(renewal), facts=(), explanation_zh=words, explanation_en=words, source=renewal.source,
        renews=measure.id,
    )  # fmt: skip
    return await store.record_measure(tx, renewal, event, why=words)


async def each_in_force(tx: Tx, measures: Sequence[Measure]) -> list[InForce]:
    """These measures with the posts whose holders they follow."""
    return [InForce(measure=one, posts=await _posts(tx, one)) for one in measures]


async def measures_on_holders(tx: Tx, post_id: UUID) -> list[UUID]:
    """The measures that hold now and follow whoever holds a post: they held a post of the measure's place and kinds
    when the last fact was that it rests on, and take the measure with them to the post that they hold now.

    What the caller sees of them is for the list to say; subjects are compared here, and told to nobody.
    """
    async with tx.system("accountability: holders"):
        here = (await tenures.holders_of(tx, [post_id])).get(post_id, frozenset())
        held = await store_resting.in_force_on_holders(tx, tx.now, MOST_HELD) if here else ()
        return [one.id for one in held if here & await _held_then(tx, one)]


async def in_force_against(tx: Tx, subject_id: str, most: int) -> Sequence[Measure]:
    """The measures that hold now against a firm or a place, of what the caller reads."""
    return await store_resting.first_in_force(tx, tx.now, most, subject_id=subject_id)


async def in_force_on_post(tx: Tx, post_id: UUID, most: int) -> Sequence[Measure]:
    """The measures that whoever holds a post now brought along, of what the caller reads."""
    return await store_resting.first_in_force(tx, tx.now, most, ids=await measures_on_holders(tx, post_id))


async def _held_then(tx: Tx, measure: Measure) -> frozenset[str]:
    posts = await _posts(tx, measure)
    holders = await tenures.holders_at(tx, posts, rules_resting.rests_until(measure))
    return frozenset(subject for subjects in holders.values() for subject in subjects)


async def _posts(tx: Tx, measure: Measure) -> tuple[UUID, ...]:
    kinds = sorted({kind for effect in measure.effects for kind in _kinds(effect)})
    found: list[UUID] = []
    for kind in kinds:
        posts = await organizations.posts_of_kind(tx, kind, measure.area_code, MOST_POSTS)
        # The posts of the place itself, and not of what lies in it: a village has its own.
        found += [post.id for post in posts if post.area_code == measure.area_code]
    return tuple(found)


def _kinds(effect: Effect) -> tuple[str, ...]:
    return effect.post_kinds if effect.follows is Follows.HOLDERS else ()
