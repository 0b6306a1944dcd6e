"""Orders led by legal moves into every state, for the tests beside."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from services.responsibility_registry.orders import (
    rules,
    rules_clock,
    rules_delivery,
    rules_extension,
    rules_joint,
    rules_pauses,
    rules_rounds,
)
from services.responsibility_registry.orders.rules import FiveItems, Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_kept import Act, Deadline, Pause, PauseState, Unit

POLICIES = Path(rules.__file__).with_name("policies")
LADDER_DATA: dict[str, Any] = json.loads((POLICIES / "escalation-1.json").read_text("utf-8"))
TABLE_DATA: dict[str, Any] = json.loads((POLICIES / "deadlines-1.json").read_text("utf-8"))
LADDER = TypeAdapter(rules_clock.Ladder).validate_python(LADDER_DATA)
EXTENSIONS = TypeAdapter(rules_extension.ExtensionPolicy).validate_json((POLICIES / "extensions-1.json").read_bytes())
PAUSES = TypeAdapter(rules_pauses.PausePolicy).validate_json((POLICIES / "pauses-1.json").read_bytes())
DAYS = rules_pauses.Days(zone=ZoneInfo("Asia/Shanghai"), is_workday=lambda day: day.weekday() < 5)
TABLE = TypeAdapter(rules_clock.DeadlineTable).validate_python(TABLE_DATA)
ISSUED_AT = datetime(2026, 10, 12, 13, 20, tzinfo=UTC)  # Monday 21:20 in Taizhou
DUE = datetime(2026, 10, 22, 16, 0, tzinfo=UTC)  # Thursday 24:00 in Taizhou
POLICE, GRID_POST, FIRE_OFFICE, DEPUTY, BUREAU = (UUID(int=n) for n in (3, 2, 4, 6, 7))
HAZARD, ORDER, OTHER = UUID(int=11), UUID(int=41), UUID(int=42)
PHOTO = UUID(int=51)
TEN_DAYS = Deadline(amount=10, unit=Unit.DAY, policy_version="1", source="[DEF] ten calendar days")
FIVE = FiveItems(
    responsible="房屋出租人", measures="实体防火分隔、独立式烟感", funds_fen=1_200_000, contingency="断电并移车"
)


def drafted(kind: OrderKind = OrderKind.RECTIFICATION_NOTICE, **changes: Any) -> Order:
    order = Order(
        id=ORDER,
        version=0,
        area_code="331002004208",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=8),
        kind=kind,
        category="ebike_charging",
        words="楼梯口电瓶车飞线充电,限期整改",
        entity="房屋出租人",
        state=OrderState.DRAFTED,
        drafted_at=ISSUED_AT,
        hazard_id=HAZARD,
        about_order_id=OTHER if kind is OrderKind.SUPERVISION_NOTICE else None,
        five=FIVE,
    )
    return rules_delivery.draft(replace(order, **changes))


def issued(order: Order, assignee: UUID | None = POLICE, at: datetime = ISSUED_AT) -> Order:
    return rules_delivery.issue(
        order, issuer=POLICE, assignee=assignee, deadline=TEN_DAYS, due_at=max(DUE, at + timedelta(days=10)), at=at
    )


def delivered(order: Order) -> Order:
    if order.kind is OrderKind.RECTIFICATION_NOTICE:
        return rules_delivery.serve(order, Act(at=ISSUED_AT, by_posts=(POLICE,), words="当面送达"))
    return rules_delivery.sign_for(order, by_post=POLICE, at=ISSUED_AT)


def rectified(
    order: Order, *helpers: UUID, at: datetime = DUE + timedelta(days=2), persons: tuple[str, ...] = ()
) -> Order:
    done = Act(at=at, by_posts=helpers, words="已分隔", evidence=(PHOTO,))
    entered_by = None if order.kind is OrderKind.RECTIFICATION_NOTICE else POLICE
    return rules_rounds.rectify(
        order, done=done, entered_by=entered_by, inspect_due_at=rules_clock.inspect_due_at(TABLE, at), persons=persons
    )


def inspected(order: Order, *, passed: bool = True, by: tuple[UUID, ...] = (FIRE_OFFICE,)) -> Order:
    look = Act(at=DUE + timedelta(days=3), by_posts=by, words="现场复查", evidence=(PHOTO,))
    return rules_rounds.inspect(order, look=look, passed=passed, candidates=(GRID_POST, POLICE, FIRE_OFFICE))


def disputed(order: Order) -> Order:
    return rules_rounds.dispute(order, Act(at=DUE + timedelta(days=4), words="还在飞线"))


def in_state(state: OrderState, kind: OrderKind = OrderKind.RECTIFICATION_NOTICE) -> Order | None:
    """An order of that kind in that state; None where the kind has no such state."""
    out = issued(drafted(kind))
    ways: dict[OrderState, Callable[[], Order]] = {
        OrderState.DRAFTED: lambda: drafted(kind),
        OrderState.UNASSIGNED: lambda: issued(drafted(kind), None),
        OrderState.ISSUED: lambda: out,
        OrderState.SERVED: lambda: delivered(out),
        OrderState.SIGNED_FOR: lambda: delivered(out),
        OrderState.RETURNED: lambda: rules_delivery.return_order(out, by_post=POLICE, reason="非本所", at=ISSUED_AT),
        OrderState.RECTIFIED: lambda: rectified(delivered(out)),
        OrderState.CLOSED: lambda: inspected(rectified(delivered(out))),
        OrderState.MERGED_INTO: lambda: rules_rounds.merge(out, replace(out, id=OTHER), at=ISSUED_AT)[0],
        OrderState.WITHDRAWN: lambda: rules_delivery.withdraw(out, by_post=POLICE, reason="重复", at=ISSUED_AT),
    }
    served, returnable = kind is OrderKind.RECTIFICATION_NOTICE, kind is OrderKind.TASK
    impossible = {OrderState.SIGNED_FOR if served else OrderState.SERVED}
    impossible |= set() if returnable else {OrderState.RETURNED}
    return None if state in impossible else ways[state]()


CASES = [(state, kind) for state in OrderState for kind in OrderKind if in_state(state, kind) is not None]


def case(state: OrderState, kind: OrderKind = OrderKind.RECTIFICATION_NOTICE) -> Order:
    order = in_state(state, kind)
    assert order is not None
    return order


def extended(order: Order, at: datetime = ISSUED_AT + timedelta(days=1)) -> Order:
    later = (order.due_at or DUE) + timedelta(days=min(5, EXTENSIONS.of(order.kind).most_days))
    return rules_extension.extend(
        order, asked_by=BUREAU, approved_by=DEPUTY, reason="雨季", due_at=later, at=at, policy=EXTENSIONS
    )


def asked_pause(
    order: Order, *, from_at: datetime = ISSUED_AT + timedelta(days=2), days: float = 3, ground: str = "disaster"
) -> Order:
    asked = Pause(
        state=PauseState.ASKED, ground=ground, words="台风停工", evidence=(PHOTO,), from_at=from_at,
        until=from_at + timedelta(days=days), asked_at=from_at, asked_by=BUREAU, asked_subject="clerk",
        policy_version="1",
    )  # fmt: skip
    return rules_pauses.ask(order, asked, PAUSES)


def noted(order: Order, verb: str) -> Order:
    """A verb that leads to a row beside the order."""
    rules.require_open(order, verb)
    return replace(order, version=order.version + 1)


VERBS: dict[str, Callable[[Order], Order]] = {
    "issue": issued,
    "serve": lambda o: rules_delivery.serve(o, Act(at=ISSUED_AT, by_posts=(POLICE,))),
    "sign_for": lambda o: rules_delivery.sign_for(o, by_post=POLICE, at=ISSUED_AT),
    "return": lambda o: rules_delivery.return_order(o, by_post=POLICE, reason="非本所职责", at=ISSUED_AT),
    "extend": extended,
    "rectify": rectified,
    "inspect": inspected,
    "dispute": disputed,
    "raise_to_major": lambda o: rules_rounds.raise_to_major(o, deadline=TEN_DAYS, due_at=DUE - timedelta(days=5)),
    "merge": lambda o: rules_rounds.merge(o, replace(issued(drafted()), id=OTHER), at=ISSUED_AT)[0],
    "withdraw": lambda o: rules_delivery.withdraw(o, by_post=POLICE, reason="重复下达", at=ISSUED_AT),
    "ask_pause": asked_pause,
    "decide_pause": lambda o: rules_pauses.refuse(o, by=DEPUTY, person="deputy", words="不属实", at=ISSUED_AT),
    "resume": lambda o: rules_pauses.resume(o, at=ISSUED_AT, days=DAYS),
    "name_assistants": lambda o: rules_joint.name_assistants(o, [(FIRE_OFFICE, "断电")], ISSUED_AT),
    "sign_part": lambda o: (rules.require_open(o, "sign_part"), o)[1],
    "report_part": lambda o: (rules.require_open(o, "report_part"), o)[1],
    "plan_stages": lambda o: noted(o, "plan_stages"),
    "report_progress": lambda o: noted(o, "report_progress"),
}
