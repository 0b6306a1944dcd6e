"""On what a measure rests once it was proposed: further facts, facts that were taken back, its end and what follows.

A proposal that nobody decided rests on the facts that stand: it is grounded anew as they change, and withdrawn where
they do not meet its trigger any more. A decided one stays as decided: that its grounds are void is noted, for its
authority to see.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.accountability import rules_proposals
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureNotInForce, MeasureState
from services.responsibility_registry.accountability.rules_triggers import Fact, Outcome


def is_live(measure: Measure, at: datetime) -> bool:
    """Whether a measure waits for its authority, or is in force or about to be: no second is proposed."""
    if measure.state is MeasureState.PROPOSED:
        return True
    accepted = measure.state is MeasureState.ACCEPTED
    return accepted and (measure.ends_at is None or at < measure.ends_at)


def ground_anew(measure: Measure, outcome: Outcome, known: Mapping[UUID, Fact], at: datetime) -> Measure:
    """The proposal on the grounds that stand now; one that was withdrawn is a proposal again."""
    zh, en = rules_proposals.why(outcome)
    again = measure.state is MeasureState.WITHDRAWN
    return replace(
        measure, state=MeasureState.PROPOSED, proposed_at=at if again else measure.proposed_at,
        words="" if again else measure.words, why_zh=zh, why_en=en,
        facts=tuple(fact for count in outcome.counts if count.met for fact in count.facts),
        grounds=rules_proposals.grounds_of(outcome, known),
    )  # fmt: skip


def without(measure: Measure, fact_id: UUID) -> Measure:
    """The proposal without one of the facts that it rests on; what they are of stays said."""
    grounds = (
        replace(ground, facts=tuple(fact for fact in ground.facts if fact.id != fact_id))
        for ground in measure.grounds
    )
    return replace(
        measure, facts=tuple(one for one in measure.facts if one != fact_id),
        grounds=tuple(ground for ground in grounds if ground.facts),
    )  # fmt: skip


def withdraw(measure: Measure, words: str) -> Measure:
    """The grounds of an undecided proposal are gone: it is none any more. What was decided is returned as it is."""
    if measure.state is not MeasureState.PROPOSED:
        return measure
    return replace(measure, state=MeasureState.WITHDRAWN, words=words)


def doubt(measure: Measure, fact_id: UUID, at: datetime) -> Measure:
    """A decided measure that is in force or about to be rests on what was taken back: noted once, and it stands."""
    decided = measure.state is MeasureState.ACCEPTED and is_live(measure, at)
    if not decided or fact_id in measure.void_facts:
        return measure
    return replace(measure, void_facts=(*measure.void_facts, fact_id))


def renewable(measure: Measure) -> bool:
    """Whether a measure may be followed by another of its kind: it was accepted for a period."""
    return measure.state is MeasureState.ACCEPTED and measure.ends_at is not None


def renew(
    measure: Measure, before: Collection[Measure], *, renewal_id: UUID, at: datetime, words: str
) -> Measure:  # fmt: skip
    """The proposal that a measure goes on, for the same period and by the same authority. `before` are the renewals
    of it that were proposed: a further one only once they were refused. Raises MeasureNotInForce."""
    if not renewable(measure):
        raise MeasureNotInForce(
            measure, "只有已采纳且有期限的措施可以续期。", "only an accepted measure with a period is renewed"
        )
    if any(one.state in (MeasureState.PROPOSED, MeasureState.ACCEPTED) for one in before):
        raise MeasureNotInForce(measure, "该措施已提请或已续期。", "its renewal is proposed already, or accepted")
    return replace(
        measure, id=renewal_id, version=0, key=f"{measure.key}:renewal:{measure.id}:{len(before) + 1}",
        state=MeasureState.PROPOSED, renews=measure.id, facts=(), grounds=(), void_facts=(), proposed_at=at,
        decided_at=None, decided_by=None, words="", starts_at=None, ends_at=None, amount_fen=None,
        objection_until=None, objected_at=None, objection="", why_zh=words, why_en=words, ended_told_at=None,
    )  # fmt: skip


def rests_until(measure: Measure) -> datetime:
    """When the last fact was that a measure rests on; of a renewal, which has none, when it began."""
    facts = [fact.at for ground in measure.grounds for fact in ground.facts if ground.met]
    return max(facts, default=measure.starts_at or measure.proposed_at)
