"""What every verb of stop measures begins and ends with: the measure, who acts, and the next version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import due_at
from libs.common.db import Tx
from libs.contracts.event import Event
from libs.contracts.stop_measures import StopFacts
from services.responsibility_registry.orders import actions_major as orders
from services.responsibility_registry.orders.actions_work import orders_of, worker_of, works_on
from services.responsibility_registry.orders.rules import LIVE, NotTheAssignee, Order, OrderKind, OrderState
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.stop_measures import rules_steps, rules_who, store
from services.responsibility_registry.stop_measures.policies import POLICY
from services.responsibility_registry.stop_measures.rules import StopMeasure
from services.responsibility_registry.stop_measures.rules_policy import StopClock, StopCounts
from services.responsibility_registry.stop_measures.rules_who import Actor

__all__ = ["NotTheAssignee", "orders_of", "worker_of", "works_on"]
_FOLLOW = timedelta(seconds=POLICY.follow_seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class StopOfOrder:
    """A measure, and the order that it is about. `id`, `version` and trace are the measure's."""

    measure: StopMeasure
    order: Order

    @property
    def id(self) -> UUID:
        """The measure's id."""
        return self.measure.id

    @property
    def version(self) -> int:
        """The measure's version."""
        return self.measure.version

    @property
    def correlation_id(self) -> UUID:
        """The trace that both belong to."""
        return self.measure.correlation_id


async def find_measure(tx: Tx, measure_id: UUID) -> StopOfOrder:
    """One measure within the scope, with its order as it stands; NotFound (404) otherwise."""
    measure = await store.find_measure(tx, measure_id)
    return (await with_orders(tx, [measure]))[0]


async def lock_measure(tx: Tx, measure_id: UUID) -> StopOfOrder:
    """The same, locked; the version is asked for after the right."""
    measure = await store.lock_measure(tx, measure_id)
    return (await with_orders(tx, [measure]))[0]


async def lock_for(tx: Tx, measure_id: UUID, expected: int | None, roles: Sequence[str]) -> tuple[StopOfOrder, Actor]:
    """The measure, locked, for somebody with one of the roles there. Raises NotFound (404), RoleMissing (403)."""
    found = await lock_measure(tx, measure_id)
    tx.caller.require(*roles, area_code=found.measure.area_code, sectors=found.measure.sectors)
    require_version(found.measure, expected)
    return found, await actor_of(tx)


async def lock_for_tier(
    tx: Tx, measure_id: UUID, expected: int | None, roles: Sequence[str]
) -> tuple[StopOfOrder, Actor]:
    """The same, for a post of a tier that decides: others learn no version. Raises NotOfThisTier (403) as well."""
    found, by = await lock_for(tx, measure_id, None, roles)
    rules_who.require_tier(by, POLICY)
    require_version(found.measure, expected)
    return found, by


async def actor_of(tx: Tx) -> Actor:
    """Who acts, by the post that they act for; a post that the registry does not know is of no tier."""
    own = tx.caller.acting_post()
    post = (await organizations.posts_by_id(tx, [own])).get(own)
    return Actor(
        post=own, tier="" if post is None else post.tier, organization=None if post is None else post.organization_id,
        subject=tx.caller.subject,
    )  # fmt: skip


async def counting(tx: Tx) -> StopCounts:
    """How the city's calendar counts the clocks of measures."""
    calendar = await load_calendar(tx)

    def count(clock: StopClock, start: datetime) -> datetime:
        return due_at(start, clock, calendar).at

    return count


def is_stoppable(order: Order) -> bool:
    """Whether it is a firm's with a major hazard, and at work ([S] Art 70)."""
    of_firm = order.kind is OrderKind.RECTIFICATION_NOTICE and bool(order.entity)
    return of_firm and order.major and order.state in LIVE and order.state is not OrderState.DRAFTED


def is_over(order: Order) -> bool:
    """Whether nothing is left that the measure could press for."""
    return order.state is OrderState.CLOSED


async def write(
    tx: Tx, found: StopOfOrder, after: StopMeasure, event: Event, *, why: str = "",
    parts: Sequence[tuple[UUID, str]] = (),
) -> StopOfOrder:  # fmt: skip
    """Record the measure; who has the order and the supplier's posts take part in it, and its entity once it was
    decided: a proposal is not for who is to be stopped."""
    look = rules_steps.look_at(after, tx.now, _FOLLOW)
    decided = after.effect_at is not None
    every = [*(one for one in orders.parts_of(found.order) if decided or one[1] != "entity"), *parts]
    written = await store.record_measure(tx, after, event, look_at=look, why=why, parts=every)
    return replace(found, measure=written)


async def look_again(tx: Tx, measure: StopMeasure, now: datetime) -> None:
    """Nothing is to be told now."""
    await store.look_again(tx, measure, rules_steps.look_at(measure, now, _FOLLOW))


async def with_orders(tx: Tx, measures: Sequence[StopMeasure]) -> list[StopOfOrder]:
    """Measures with their orders as they stand."""
    known = await orders_of(tx, [one.order_id for one in measures])
    return [StopOfOrder(measure=one, order=known[one.order_id]) for one in measures]


def facts(measure: StopMeasure) -> StopFacts:
    """The measure as its events carry it."""
    return StopFacts(
        order_id=measure.order_id, kind=measure.kind, state=measure.state, about_measure_id=measure.about_measure_id,
        supplier_organization_id=measure.supplier_organization_id, effect_at=measure.effect_at,
        imminent=bool(measure.imminent),
    )  # fmt: skip
