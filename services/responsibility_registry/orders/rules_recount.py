"""A due time that rested on a guess is counted again, once, when the year it lies in has been announced."""

from dataclasses import replace
from datetime import datetime

from services.responsibility_registry.orders.rules import Order, OrderCannotMove


class DueNotProvisional(OrderCannotMove):
    """What is due is known for good: nothing is counted again."""

    code = "due_not_provisional"


def recount(order: Order, *, due_at: datetime, calendar_version: str) -> Order:
    """The due time by the announced calendar; the rule stays as it was frozen. A date that people or a merger set
    since then stays theirs, and is provisional no longer. Raises DueNotProvisional."""
    rule = order.deadline
    if rule is None or not rule.provisional:
        raise DueNotProvisional(order, "期限依据的日历已公布，不再重算。", "its due time rests on announced days")
    known = replace(rule, provisional=False, calendar_version=calendar_version, counted_due_at=due_at)
    if order.due_at != rule.counted_due_at:
        return replace(order, deadline=known)
    five = None if order.five is None else replace(order.five, due_at=due_at)
    return replace(order, deadline=known, due_at=due_at, five=five)
