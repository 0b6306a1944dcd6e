"""What each verb makes of a stop measure, and what time does to one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.responsibility_registry.stop_measures.rules import (
    IN_FORCE,
    OPEN,
    Execution,
    NoticeTooShort,
    NotNotified,
    StopMeasure,
    StopState,
    StopWrong,
    WrittenNotice,
    notice_to,
    owed,
    require_open,
)
from services.responsibility_registry.stop_measures.rules_policy import StopCounts, StopPolicy, StopStep
from services.responsibility_registry.stop_measures.rules_who import Actor, require_another, require_tier

MOST_AHEAD = timedelta(days=30)
"""[DEF] A measure takes effect within thirty days: what is further off needs a decision of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What was decided: the number of the written decision, when it takes effect, and why its notice is short."""

    document: str
    words: str
    effect_at: datetime
    imminent: str


def propose(measure: StopMeasure, stop: StopMeasure | None) -> StopMeasure:
    """A measure against a firm; a cut of supply enforces a stop of the same order that was defied ([S] Art 70).

    Raises StopWrong (422).
    """
    faults = []
    if measure.supply and (stop is None or stop.order_id != measure.order_id or stop.supply):
        said = (
            "请写明本指令单上被拒不执行的停产停业等决定。",
            "name the defied stop of the same order that it enforces",
        )
        faults.append(("/about_measure_id", "no_stop", said))
    elif measure.supply and stop is not None and stop.state is not StopState.DEFIED:
        said = ("该决定尚未登记为拒不执行。", "that decision is not reported as defied")
        faults.append(("/about_measure_id", "not_defied", said))
    if measure.supply != (measure.supplier_organization_id is not None):
        said = ("停止供应须写明供应单位，其他措施不写。", "a cut of supply names its supplier, another measure none")
        faults.append(("/supplier_organization_id", "supplier", said))
    if not measure.supply and measure.about_measure_id is not None:
        said = ("只有停止供应的措施写明所执行的决定。", "only a cut of supply enforces another measure")
        faults.append(("/about_measure_id", "not_a_cut", said))
    if faults:
        raise StopWrong(*faults)
    return measure


def decide(
    measure: StopMeasure, decision: Decision, by: Actor, policy: StopPolicy, count: StopCounts, at: datetime
) -> StopMeasure:
    """Decided in writing by another post and person of the tier, to take effect after the hours of notice.

    Raises NotOfThisTier (403), AnotherMustDecideStop, NoticeTooShort, StopCannotMove (409), StopWrong (422).
    """
    require_tier(by, policy)
    require_open(measure, "decide")
    require_another(measure, by)
    decided = replace(
        measure, state=StopState.DECIDED, document=decision.document, decided_at=at, decided_by=by.post,
        decision=decision.words, imminent=decision.imminent,
    )  # fmt: skip
    return _with_effect(decided, decision.effect_at, at, policy, count)


def refuse(measure: StopMeasure, words: str, by: Actor, policy: StopPolicy, at: datetime) -> StopMeasure:
    """Not decided, and why. Raises NotOfThisTier (403), AnotherMustDecideStop, StopCannotMove (409)."""
    require_tier(by, policy)
    require_open(measure, "decide")
    require_another(measure, by)
    return replace(
        measure, state=StopState.REFUSED, decided_at=at, decided_by=by.post, decision=words, ended=words
    )  # fmt: skip


def notify(
    measure: StopMeasure, notice: WrittenNotice, effect_at: datetime | None, policy: StopPolicy, count: StopCounts,
    at: datetime,
) -> StopMeasure:  # fmt: skip
    """Told in writing, so many hours before its effect; where that is too short, `effect_at` says a later one.

    Raises NoticeTooShort, StopCannotMove (409), StopWrong (422).
    """
    require_open(measure, "notify")
    if notice.to not in owed(measure) or notice_to(measure, notice.to) is not None:
        said = ("不须通知，或者已通知。", "not to be told, or told already")
        raise StopWrong(("/to", "not_owed", said))
    begun = measure.decided_at or at
    if not begun <= notice.given_at <= at:
        said = (f"须在 {begun.isoformat()} 与现在之间。", f"between {begun.isoformat()} and now")
        raise StopWrong(("/given_at", "out_of_range", said))
    if effect_at is not None and measure.effect_at is not None and effect_at < measure.effect_at:
        said = ("生效时间只能推后。", "the effect moves later only")
        raise StopWrong(("/effect_at", "earlier", said))
    told = replace(measure, notices=(*measure.notices, notice))
    return _with_effect(told, effect_at or measure.effect_at or at, notice.given_at, policy, count)


def acknowledge(measure: StopMeasure, words: str, by: UUID, at: datetime) -> StopMeasure:
    """The supplier has the notice and will act on it. Raises StopCannotMove (409)."""
    require_open(measure, "acknowledge")
    return replace(measure, acknowledged_at=at, acknowledged_by=by, acknowledgement=words)


def execute(measure: StopMeasure, done: Execution) -> StopMeasure:
    """Carried out or defied, after everybody was told and not before its effect. A supplier does not defy: what it
    does not carry out is late. Raises NotNotified, StopCannotMove (409), StopWrong (422)."""
    require_open(measure, "execute")
    untold = [to for to in owed(measure) if notice_to(measure, to) is None]
    if untold:
        zh = "、".join(f"「NoticeTo.{to}」" for to in untold)
        raise NotNotified(measure, f"请先书面通知：{zh}。", f"give the written notice first: {', '.join(untold)}")
    if measure.effect_at is not None and done.at < measure.effect_at:
        at = measure.effect_at.isoformat()
        raise NoticeTooShort(measure, f"自 {at} 起生效，不得提前执行。", f"it takes effect at {at} and not before")
    if measure.supply and not done.carried_out:
        said = ("停止供应由供应单位执行，不登记为拒不执行。", "a cut is the supplier's to carry out, not defied")
        raise StopWrong(("/carried_out", "supply", said))
    state = StopState.EXECUTED if done.carried_out else StopState.DEFIED
    return replace(measure, state=state, executions=(*measure.executions, done))


def ask_lift(
    measure: StopMeasure, words: str, by: UUID | None, policy: StopPolicy, count: StopCounts, at: datetime
) -> StopMeasure:
    """The firm has removed the hazard and asks; or the order was closed (`by` None). Raises StopCannotMove (409)."""
    if by is not None:
        require_open(measure, "ask_lift")
    until = count(policy.clock(StopStep.LIFT), at)
    return replace(measure, lift_asked_at=at, lift_asked_by=by, lift_asked=words, lift_by=until)


def lift(
    measure: StopMeasure, words: str, by: Actor, *, cut_stands: bool, policy: StopPolicy, at: datetime
) -> StopMeasure:
    """Lifted by a post of the tier; a cut of supply goes before the stop that it enforced.

    Raises NotOfThisTier (403), StopCannotMove (409).
    """
    require_tier(by, policy)
    require_open(measure, "lift")
    if cut_stands:
        raise StopWrong(("", "cut_stands", ("请先解除停止供应的措施。", "lift the cut of supply first")))
    return replace(measure, state=StopState.LIFTED, lifted_at=at, lifted_by=by.post, ended=words)


def withdraw(measure: StopMeasure, words: str, by: Actor, policy: StopPolicy) -> StopMeasure:
    """Taken back before it was carried out, and why. Raises NotOfThisTier (403), StopCannotMove (409)."""
    require_tier(by, policy)
    require_open(measure, "withdraw")
    return replace(measure, state=StopState.WITHDRAWN, ended=words)


def late(measure: StopMeasure, now: datetime) -> tuple[StopStep, ...]:
    """What should be done and is not, and nobody was told of."""
    return tuple(step for step, due in _due(measure) if due <= now and step not in measure.late_told)


def look_at(measure: StopMeasure, now: datetime, follow: timedelta) -> datetime | None:
    """When the sweep looks at it next; while it is in force every so often, to see whether the order is closed."""
    waits = [due for step, due in _due(measure) if step not in measure.late_told]
    if measure.state in IN_FORCE and measure.lift_asked_at is None:
        waits.append(now + follow)
    return min(waits, default=None) if measure.state in OPEN else None


def _due(measure: StopMeasure) -> list[tuple[StopStep, datetime]]:
    due = []
    if measure.state is StopState.PROPOSED:
        due.append((StopStep.DECIDE, measure.decide_by))
    if measure.state is StopState.DECIDED and measure.execute_by is not None:
        due.append((StopStep.EXECUTE, measure.execute_by))
    if measure.state in IN_FORCE and measure.lift_by is not None:
        due.append((StopStep.LIFT, measure.lift_by))
    return due


def _with_effect(
    measure: StopMeasure, effect_at: datetime, told_at: datetime, policy: StopPolicy, count: StopCounts
) -> StopMeasure:
    """It takes effect then, and is to be carried out so long after. Raises NoticeTooShort, StopWrong."""
    if measure.imminent or measure.notice_hours == 0:
        # Without hours of notice it takes effect when it is said, not before.
        effect_at = max(effect_at, told_at)
    earliest = told_at if measure.imminent else told_at + timedelta(hours=measure.notice_hours)
    if effect_at < earliest:
        zh = f"须提前 {measure.notice_hours} 小时书面通知，最早 {earliest.isoformat()} 生效；紧急情形请写明理由。"
        en = (
            f"{measure.notice_hours} hours of notice: {earliest.isoformat()} at the earliest, or say what is imminent"
        )
        raise NoticeTooShort(measure, zh, en)
    if effect_at > told_at + MOST_AHEAD:
        raise StopWrong(("/effect_at", "too_late", ("须在三十日内生效。", "it takes effect within thirty days")))
    execute_by = count(policy.clock(StopStep.EXECUTE), effect_at)
    return replace(measure, effect_at=effect_at, execute_by=execute_by)
