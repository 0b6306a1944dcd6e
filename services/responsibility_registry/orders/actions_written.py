"""What every verb of orders ends with: the next version, its event, its participants and its sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.calendars import BusinessCalendar, load_calendar
from libs.common.clocks import CITY_ZONE, DeadlinePolicy, Due, Standstill, due_at
from libs.common.db import Tx
from libs.contracts.event import Event
from libs.contracts.responsibility_registry import OrderDrafted, OrderFacts, OrderIssued, OrderUnassigned
from libs.contracts.values import Entity
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duties import rules_chain
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.orders import (
    rules,
    rules_clock,
    rules_delivery,
    rules_pauses,
    rules_sweep,
    store,
)
from services.responsibility_registry.orders.rules import FiveItems, Order, OrderState
from services.responsibility_registry.orders.rules_clock import DeadlineTable, Ladder
from services.responsibility_registry.orders.rules_extension import ExtensionPolicy
from services.responsibility_registry.orders.rules_kept import Deadline, Unit
from services.responsibility_registry.orders.rules_pauses import Days, PausePolicy

_POLICIES = Path(__file__).parent / "policies"
DEADLINES = TypeAdapter(DeadlineTable).validate_json((_POLICIES / "deadlines-1.json").read_bytes())
EXTENSIONS = TypeAdapter(ExtensionPolicy).validate_json((_POLICIES / "extensions-1.json").read_bytes())
PAUSES = TypeAdapter(PausePolicy).validate_json((_POLICIES / "pauses-1.json").read_bytes())
LADDER = TypeAdapter(Ladder).validate_json((_POLICIES / "escalation-1.json").read_bytes())
_COUNTED = {Unit.DAY: "day", Unit.WORKDAY: "workday", Unit.HOUR: "hour"}


async def write(
    tx: Tx, order: Order, event: Event, *, why: str = "", parts: Iterable[tuple[UUID, str]] = ()
) -> Order:
    """Record the order, let its posts and its entity take part, and note when the sweeps look at it again."""
    return await store.record_order(
        tx, order, event, why=why, parts=[*parts_of(order), *parts],
        next_step_at=rules_sweep.next_step_at(order, LADDER), remind_at=rules_sweep.reminder_at(order, LADDER),
        resume_at=rules_pauses.resume_at(order),
    )  # fmt: skip


def parts_of(order: Order) -> list[tuple[UUID, str]]:
    """Who takes part in an order by what it is: who issued it, has it or assists, and the entity of a notice."""
    posts = {
        "issuer": order.issuer_post_id, "assignee": order.assignee_post_id, "entity": rules.entity_object(order)
    }  # fmt: skip
    assist = [(one.post_id, "assistant") for one in order.assistants]
    return [*((post, part) for part, post in posts.items() if post is not None), *assist]


def facts(order: Order, tx: Tx) -> OrderFacts:
    """The order as its events carry it."""
    return OrderFacts(
        state=order.state, kind=order.kind, hazard_id=order.hazard_id, risk_object_id=order.object_id,
        round=order.round, category=order.category,
        entity=Entity(name=order.entity, kind="entity") if order.entity else None,
        issuing_post=order.issuer_post_id, assigned_post=order.assignee_post_id, due_at=order.due_at,
        due_provisional=bool(order.deadline and order.deadline.provisional),
        overdue=rules_clock.overdue(order, tx.now), hands=order.hands, hazard_round=order.hazard_round,
    )  # fmt: skip


def told(order: Order, tx: Tx, found: Chain) -> Event:
    """The event of a new order, by the state that it was born in."""
    if order.state is OrderState.ISSUED:
        return OrderIssued(order=facts(order, tx), issued_at=order.issued_at or tx.now)
    if order.state is OrderState.UNASSIGNED:
        gaps = "; ".join(f"{gap.tier} {gap.role}: {gap.why}" for gap in found.gaps)
        return OrderUnassigned(order=facts(order, tx), gap=gaps or "no post of the chain takes orders")
    return OrderDrafted(order=facts(order, tx), missing=rules_delivery.missing_items(order.five or FiveItems()))


async def deadline(tx: Tx, order: Order, limit_days: int | None = None) -> Deadline:
    """The frozen rule of the order's clock: the table's, or the limit that was proposed on site."""
    calendar = await load_calendar(tx)
    rule = rules_clock.deadline_for(DEADLINES, order.kind, major=order.major, calendar_version=calendar.version)
    if limit_days is None:
        return rule
    return Deadline(
        amount=limit_days, unit=Unit.DAY, policy_version=rule.policy_version,
        source="[P] 五落实: the limit fixed on site",
        calendar_version=calendar.version,
    )  # fmt: skip


async def starts_clock(tx: Tx, order: Order, limit_days: int | None = None) -> tuple[Deadline, Order]:
    """The deadline rule as it holds now, and the order with the instant at which it is due.

    N days count from the next day and end at 24:00 of day N in the city's time (domain rule 0.2.4 [M-M]).
    """
    rule = await deadline(tx, order, limit_days)
    due = count(rule, tx.now, await load_calendar(tx))
    frozen = replace(
        rule, calendar_version=due.calendar_version, provisional=due.provisional, started_at=tx.now,
        counted_due_at=due.at,
    )  # fmt: skip
    return frozen, replace(order, due_at=due.at, deadline=frozen)


def count(rule: Deadline, start: datetime, calendar: BusinessCalendar, pauses: Sequence[Standstill] = ()) -> Due:
    """When a rule that started at an instant is due by a calendar, past the pauses in which its clock stood."""
    counted = _COUNTED[rule.unit]
    policy = DeadlinePolicy(
        amount=rule.amount, unit=counted, ends="instant" if counted == "hour" else "end_of_day",  # type: ignore[arg-type]
        version=rule.policy_version, source=rule.source,
    )  # fmt: skip
    return due_at(start, policy, calendar, pauses=pauses)


async def city_days(tx: Tx) -> Days:
    """The city's days as pauses are counted in them."""
    return Days(zone=CITY_ZONE, is_workday=(await load_calendar(tx)).is_workday)


async def chain_of(tx: Tx, order: Order) -> Chain:
    """Who answers for the order's place and category now."""
    async with tx.system("orders:responsible"):
        return await duties.who(tx, order.category, order.area_code, tx.now, order.entity)


async def issue_by_chain(tx: Tx, order: Order, found: Chain, limit_days: int | None = None) -> Order:
    """Issue the order to whom the chain names; without a post it is `unassigned`, lacking items it stays a draft."""
    _, clocked = await starts_clock(tx, order, limit_days)
    assignee, issuer = rules_chain.assignee(found), rules_chain.issuer(found)
    if assignee is not None and rules_delivery.missing_items(_with_due(clocked)):
        return order
    return rules_delivery.issue(
        order, issuer=issuer.post_id if issuer else None, assignee=assignee.post_id if assignee else None,
        five=order.five, deadline=clocked.deadline, due_at=clocked.due_at, at=tx.now,
    )  # fmt: skip


def inspectors(found: Chain, order: Order) -> list[tuple[UUID, str]]:
    """The posts that may inspect, as participants of the order."""
    return [(link.post_id, "inspector") for link in rules_chain.inspectors(found, order.hands)]


def _with_due(order: Order) -> FiveItems:
    return replace(order.five or FiveItems(), due_at=order.due_at)
