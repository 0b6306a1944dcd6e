"""Hazards led by legal moves into every state, for the tests beside."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.risk_grading.hazards import rules, rules_rounds
from services.risk_grading.hazards.rules import Finding, Handling, Hazard, HazardState, Severity
from services.risk_grading.hazards.rules_rounds import OrderFact

POLICY = Path(rules.__file__).with_name("policies") / "clocks-1.json"
DATA: dict[str, Any] = json.loads(POLICY.read_text("utf-8"))
CLOCKS = TypeAdapter(rules.HazardClocks).validate_python(DATA)
MONDAY = datetime(2026, 10, 12, 12, 5, tzinfo=UTC)  # 20:05 in Taizhou
DUE = datetime(2026, 10, 22, 16, 0, tzinfo=UTC)  # Thursday 24:00 in Taizhou
LATER = MONDAY + timedelta(days=30)
GRID_POST, POLICE, FIRE_OFFICE, PATROL = UUID(int=2), UUID(int=3), UUID(int=4), UUID(int=5)
ORDER, PHOTO, PHOTO_AFTER = UUID(int=41), UUID(int=51), UUID(int=52)
PROPOSAL = rules.Proposal(
    responsible="房屋出租人", measures="实体防火分隔、独立式烟感", funds_fen=1_200_000, contingency="断电并移车"
)
PLAN = rules.MajorPlan(
    goal="消除三合一", measures="搬离住宿", funds_fen=0, organisation="街道", until=DUE.date(), contingency="专人值守"
)


def registered(number: int = 11, *, life_at_risk: bool = True, exercise: bool = False) -> Hazard:
    return rules.register_hazard(
        hazard_id=UUID(int=number),
        area_code="331002004208",
        sectors=("fire", "police"),
        exercise=exercise,
        correlation_id=UUID(int=8),
        category="ebike_charging",
        words="楼梯口4辆电瓶车飞线充电",
        place=rules.Place(lon=121.405, lat=28.615),
        report_ids=(UUID(int=100 + number),),
        life_at_risk=life_at_risk,
        now=MONDAY,
        clocks=CLOCKS,
    )


def seen(
    *posts: UUID, at: datetime = MONDAY, words: str = "现场核查", photos: tuple[UUID, ...] = (PHOTO,)
) -> Finding:
    return Finding(at=at, by_posts=posts or (GRID_POST,), words=words, evidence=photos)


def verified(
    hazard: Hazard, handling: Handling = Handling.WITHIN_LIMIT, severity: Severity = Severity.ORDINARY
) -> Hazard:
    proposal = PROPOSAL if handling is Handling.WITHIN_LIMIT else None
    return rules.verify(
        hazard, finding=seen(), severity=severity, basis="一般隐患", handling=handling, proposal=proposal
    )


def told(hazard: Hazard, *facts: OrderFact, order: UUID = ORDER, hands: tuple[UUID, ...] = ()) -> Hazard:
    for fact in facts:
        hazard = rules_rounds.follow_order(
            hazard, fact, order_id=order, due_at=DUE, hands=hands, at=MONDAY + timedelta(days=13), clocks=CLOCKS
        )
    return hazard


def fixed(hazard: Hazard) -> Hazard:
    fix = Finding(at=MONDAY, by_posts=(GRID_POST, POLICE), before=(PHOTO,), evidence=(PHOTO_AFTER,))
    return rules.fix_at_once(hazard, fix=fix, clocks=CLOCKS)


def reopened(hazard: Hazard, cause: rules.Cause = rules.Cause.DISPUTE) -> Hazard:
    return rules_rounds.reopen(hazard, rules.Reopening(cause=cause, at=LATER, words="又在充电"))


def closed() -> Hazard:
    return told(verified(registered()), OrderFact.ISSUED, OrderFact.RECTIFIED, OrderFact.CLOSED)


def archived() -> Hazard:
    far = closed().closed_at or MONDAY
    return rules_rounds.look_back(closed(), finding=seen(PATROL, at=far + timedelta(days=30)), gone=True)


def in_state(state: HazardState) -> Hazard:
    ways: dict[HazardState, Callable[[], Hazard]] = {
        HazardState.REGISTERED: registered,
        HazardState.VERIFIED: lambda: verified(registered()),
        HazardState.DISMISSED: lambda: rules_rounds.dismiss(registered(), finding=seen()),
        HazardState.RECTIFYING: lambda: told(verified(registered()), OrderFact.ISSUED),
        HazardState.PENDING_REVIEW: lambda: told(verified(registered()), OrderFact.ISSUED, OrderFact.RECTIFIED),
        HazardState.CLOSED: closed,
        HazardState.ARCHIVED: archived,
        HazardState.REOPENED: lambda: reopened(closed()),
        HazardState.MERGED: lambda: rules_rounds.merge(registered(), registered(12))[0],
    }
    return ways[state]()


VERBS: dict[str, Callable[[Hazard], Hazard]] = {
    "verify": verified,
    "dismiss": lambda h: rules_rounds.dismiss(h, finding=seen(FIRE_OFFICE)),
    "fix_at_once": fixed,
    "raise_to_major": lambda h: rules_rounds.raise_to_major(h, basis="消防重大隐患判定"),
    "lower_to_ordinary": lambda h: rules_rounds.lower_to_ordinary(h, basis="复核"),
    "file_plan": lambda h: rules_rounds.file_plan(h, PLAN),
    "merge": lambda h: rules_rounds.merge(h, registered(99))[0],
    "look_back": lambda h: rules_rounds.look_back(h, finding=seen(PATROL, at=LATER), gone=False),
    "reopen": reopened,
}
