"""More time for an order: asked for by one, approved by another while there is still time, and not for ever.

How often and by how much is data. The days count from the instant that was due before the first extension: many
small ones come to no more than one large one.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.responsibility_registry.orders.rules import (
    Order,
    OrderCannotMove,
    OrderIncomplete,
    OrderKind,
    require_open,
    require_words,
)
from services.responsibility_registry.orders.rules_kept import Extension


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionRule:
    """How often an order of a kind is prolonged, and by how many calendar days in all."""

    kind: OrderKind
    most_times: int
    most_days: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionPolicy:
    """The bounds by kind of order, shaped like `policies/extensions-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    rules: tuple[ExtensionRule, ...]

    def __post_init__(self) -> None:
        kinds = [rule.kind for rule in self.rules]
        if sorted(kinds) != sorted(OrderKind) or not all(rule.source for rule in self.rules):
            raise ValueError(f"extension policy {self.version}: each kind of order has one bound, with its source")

    def of(self, kind: OrderKind) -> ExtensionRule:
        """The bound for a kind of order."""
        return next(rule for rule in self.rules if rule.kind is kind)


class ExtensionTooLate(OrderCannotMove):
    """More time is asked for and approved before it is due, never after."""

    code = "extension_too_late"


class AnotherMustApprove(OrderCannotMove):
    """Who asks for more time, or has the order, does not approve it."""

    code = "another_must_approve"


class ExtensionsUsedUp(OrderCannotMove):
    """The order was prolonged as often as its kind allows."""

    code = "extensions_used_up"


class ExtensionTooLong(OrderIncomplete):
    """All extensions together come to more days than the kind of order allows."""

    code = "extension_too_long"
    title = ("延期超过上限", "The extension is too long")


def extend(
    order: Order, *, asked_by: UUID, approved_by: UUID, reason: str, due_at: datetime, at: datetime,
    policy: ExtensionPolicy,
) -> Order:  # fmt: skip
    """延期, asked for with a reason and approved by another post while there is still time. The frozen rule stays;
    the date moves, within the policy's bounds. Raises ExtensionTooLate, AnotherMustApprove, ExtensionsUsedUp,
    ExtensionTooLong, OrderIncomplete."""
    require_open(order, "extend")
    if order.due_at is None or at >= order.due_at:
        raise ExtensionTooLate(order, "已到期，逾期的不再延期。", "it is due already; what is late stays late")
    if approved_by in {asked_by, order.assignee_post_id}:
        raise AnotherMustApprove(
            order, "请由申请岗位的上级岗位批准。", "let a post above the one that asks approve it"
        )
    require_words("/reason", reason)
    if due_at <= order.due_at:
        raise OrderIncomplete(
            (
                "/due_at",
                "not_later",
                (f"须晚于 {order.due_at.isoformat()}。", f"later than {order.due_at.isoformat()}"),
            )
        )
    _require_within(order, due_at, policy)
    more = Extension(
        at=at, asked_by=asked_by, approved_by=approved_by, reason=reason, from_due_at=order.due_at, to_due_at=due_at,
        policy_version=policy.version,
    )  # fmt: skip
    five = None if order.five is None else replace(order.five, due_at=due_at)
    return replace(order, due_at=due_at, five=five, extensions=(*order.extensions, more))


def latest_due_at(order: Order, policy: ExtensionPolicy) -> datetime | None:
    """Up to when the order can be prolonged at most; None while no clock runs."""
    if order.due_at is None:
        return None
    given = sum((one.to_due_at - one.from_due_at for one in order.extensions), timedelta())
    return order.due_at + timedelta(days=policy.of(order.kind).most_days) - given


def _require_within(order: Order, due_at: datetime, policy: ExtensionPolicy) -> None:
    rule, latest = policy.of(order.kind), latest_due_at(order, policy)
    if len(order.extensions) >= rule.most_times:
        zh = f"「OrderKind.{order.kind}」最多延期 {rule.most_times} 次：{rule.source}"
        raise ExtensionsUsedUp(
            order, zh, f"a {order.kind} is prolonged {rule.most_times} times at most: {rule.source}"
        )
    if latest is not None and due_at > latest:
        zh = f"最迟 {latest.isoformat()}，合计不超过 {rule.most_days} 天：{rule.source}"
        en = f"{latest.isoformat()} at the latest, {rule.most_days} days in all: {rule.source}"
        raise ExtensionTooLong(("/due_at", "too_long", (zh, en)))
