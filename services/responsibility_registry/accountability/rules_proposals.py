"""What a met trigger proposes, and the account of it: what was counted of what is needed, fact by fact."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.accountability.rules_measures import (
    Counted,
    FinePolicy,
    Ground,
    Measure,
    fine_band,
)
from services.responsibility_registry.accountability.rules_triggers import Fact, MeasureRule, Outcome, Subject


def why(outcome: Outcome) -> tuple[str, str]:
    """What was counted of what is needed, in words (Chinese, English), whether it is met or not."""
    zh = ";".join(f"{c.condition.zh} {len(c.facts)}/{c.condition.at_least}" for c in outcome.counts)
    en = "; ".join(f"{c.condition.en}: {len(c.facts)} of {c.condition.at_least}" for c in outcome.counts)
    return (f"{zh}:已触发", f"{en}: met") if outcome.met else (f"{zh}:未达到", f"{en}: not met")


def grounds_of(outcome: Outcome, known: Mapping[UUID, Fact]) -> tuple[Ground, ...]:
    """What was counted, fact by fact with its place and time, in which window: the account of a proposal."""
    return tuple(
        Ground(
            zh=count.condition.zh, en=count.condition.en, met=count.met, needed=count.condition.at_least,
            from_at=count.from_at, to_at=count.to_at,
            facts=tuple(Counted(id=one, at=known[one].at, area_code=known[one].area_code) for one in count.facts),
        )
        for count in outcome.counts
    )  # fmt: skip


def proposal(
    outcome: Outcome, rule: MeasureRule, fact: Fact, *, measure_id: UUID, correlation_id: UUID, case_id: UUID | None,
    sectors: tuple[str, ...], at: datetime, fines: Mapping[str, FinePolicy], policy_version: str,
) -> Measure:  # fmt: skip
    """The measure as it is proposed; its key (trigger, subject, window, kind) lets it be proposed once."""
    band = fine_band(fact.level_ordinal or 4, fines[rule.fines]) if rule.fines else (None, None)
    of_firm = outcome.trigger.subject is Subject.FIRM
    return Measure(
        id=measure_id, version=0, area_code=fact.area_code if of_firm else outcome.subject_id, sectors=sectors,
        exercise=False, correlation_id=correlation_id, key=f"{outcome.key}:{rule.kind}", kind=rule.kind, zh=rule.zh,
        en=rule.en, subject_kind=outcome.trigger.subject.value, subject_id=outcome.subject_id, case_id=case_id,
        trigger_id=outcome.trigger.id, facts=tuple(f for count in outcome.counts if count.met for f in count.facts),
        authority=rule.authority, months=rule.months, effects=rule.effects, objection_days=rule.objection_days,
        min_fen=band[0], max_fen=band[1], proposed_at=at, source=rule.source, policy_version=policy_version,
    )  # fmt: skip
