"""The verbs of measures: proposed by a met trigger, decided by their authority, objected to, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.common.problems import NotFound
from libs.contracts import accountability as told
from services.responsibility_registry.accountability import rules_measures, rules_proposals, rules_resting, store
from services.responsibility_registry.accountability.policies import FINES, TRIGGERS
from services.responsibility_registry.accountability.rules import Case
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureState, NotTheAuthority
from services.responsibility_registry.accountability.rules_triggers import Fact, MeasureRule, Outcome
from services.responsibility_registry.organizations import actions as organizations

DECIDES = ("leader",)
"""The role in which an authority's post decides, receives an objection, and revokes."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What the authority decided, as it is entered. An accepted measure has a first day; a fine has an amount."""

    accepted: bool
    words: str
    starts_on: date | None = None
    amount_fen: int | None = None


async def propose_measures(
    tx: Tx, outcome: Outcome, fact: Fact, known: Mapping[UUID, Fact], case: Case, *, subject_name: str
) -> None:
    """Propose what a met trigger asks for, each once; a fine that nobody decided yet follows the accident's level."""
    keys = {f"{outcome.key}:{rule.kind}": rule for rule in outcome.measures}
    made = await store.lock_keys(tx, list(keys))
    for key, rule in keys.items():
        if key in made and made[key].state is MeasureState.WITHDRAWN:
            await _propose_again(tx, outcome, made[key], known)
        elif key in made:
            await _amend(tx, made[key], rule, fact)
        else:
            await _propose(tx, outcome, rule, fact, known, case, subject_name)


async def decide_measure(
    tx: Tx, case_id: UUID, measure_id: UUID, expected: int | None, decision: Decision
) -> Measure:
    """The authority's decision is entered by its own post. Raises NotTheAuthority, DecisionImpossible (422),
    MeasureAlreadyDecided (409)."""
    measure = await _lock(tx, case_id, measure_id, expected)
    authority = await _authority(tx, measure)
    post = tx.caller.acting_post()
    if not decision.accepted:
        after = rules_measures.refuse(measure, by_post=post, authority=authority, at=tx.now, words=decision.words)
    elif decision.starts_on is None:
        raise rules_measures.DecisionImpossible(
            "采纳措施须写明起始日 starts_on。", "an accepted measure has a first day: say starts_on"
        )
    else:
        after = rules_measures.accept(
            measure, by_post=post, authority=authority, at=tx.now, words=decision.words,
            starts_on=decision.starts_on, tz=CITY_ZONE, amount_fen=decision.amount_fen,
        )  # fmt: skip
    event = told.MeasureDecided(
        measure=facts_of(after), accepted=decision.accepted, decided_by=post, words=decision.words,
        valid_from=None if after.starts_at is None else decision.starts_on, valid_to=last_day(after),
    )  # fmt: skip
    return await store.record_measure(tx, after, event, why=decision.words)


async def object_to_measure(tx: Tx, case_id: UUID, measure_id: UUID, expected: int | None, objection: str) -> Measure:
    """An objection came in, once and in time; the measure stands until it is revoked. Raises MeasureNotInForce."""
    measure = await _lock(tx, case_id, measure_id, expected)
    after = rules_measures.object_to(measure, tx.now, objection=objection)
    event = told.MeasureObjected(measure=facts_of(after), objection=objection)
    return await store.record_measure(tx, after, event, why=objection)


async def revoke_measure(tx: Tx, case_id: UUID, measure_id: UUID, expected: int | None, words: str) -> Measure:
    """Taken back by its authority: it ends now. Raises NotTheAuthority (422), MeasureNotInForce (409)."""
    measure = await _lock(tx, case_id, measure_id, expected)
    after = rules_measures.revoke(measure, tx.now, authority=await _authority(tx, measure), words=words)
    event = told.MeasureRevoked(measure=facts_of(after), words=words)
    return await store.record_measure(tx, after, event, why=words)


async def measure_of_case(tx: Tx, case_id: UUID, measure_id: UUID) -> Measure:
    """The measure, if it is this case's; NotFound otherwise."""
    return _of_case(await store.find_measure(tx, measure_id), case_id)


def facts_of(measure: Measure) -> told.MeasureFacts:
    """The measure as its events carry it."""
    return told.MeasureFacts(
        case_id=measure.case_id, kind=measure.kind, state=measure.state, trigger=measure.trigger_id,
        subject_kind=measure.subject_kind, subject_id=measure.subject_id, subject_name=measure.subject_name,
        authority=measure.authority, starts_at=measure.starts_at, ends_at=measure.ends_at,
        amount_fen=measure.amount_fen, objection_until=measure.objection_until,
        effects=tuple(
            told.MeasureEffect(code=one.code, follows=one.follows, post_kinds=one.post_kinds)
            for one in measure.effects
        ),
    )  # fmt: skip


def last_day(measure: Measure) -> date | None:
    """The last day that counts; None without an end of its own, and for what was never accepted."""
    return None if measure.ends_at is None else (measure.ends_at.astimezone(CITY_ZONE) - _DAY).date()


async def _propose(
    tx: Tx, outcome: Outcome, rule: MeasureRule, fact: Fact, known: Mapping[UUID, Fact], case: Case, name: str
) -> None:
    zh, en = rules_proposals.why(outcome)
    proposed = replace(
        rules_proposals.proposal(
            outcome, rule, fact, measure_id=new_id(), correlation_id=case.correlation_id, case_id=case.id,
            sectors=case.sectors, at=tx.now, fines=FINES, policy_version=TRIGGERS.version,
        ),
        subject_name=name, why_zh=zh, why_en=en, grounds=rules_proposals.grounds_of(outcome, known),
    )  # fmt: skip
    event = told.MeasureProposed(
        measure=facts_of(proposed), facts=proposed.facts, explanation_zh=zh, explanation_en=en, source=rule.source
    )
    await store.record_measure(tx, proposed, event, why=outcome.trigger.source)


async def _propose_again(tx: Tx, outcome: Outcome, withdrawn: Measure, known: Mapping[UUID, Fact]) -> None:
    """Its grounds had gone, and are there again by other facts."""
    after = rules_resting.ground_anew(withdrawn, outcome, known, tx.now)
    event = told.MeasureProposed(
        measure=facts_of(after), facts=after.facts, explanation_zh=after.why_zh, explanation_en=after.why_en,
        source=after.source,
    )  # fmt: skip
    await store.record_measure(tx, after, event, why=outcome.trigger.source)


async def _amend(tx: Tx, made: Measure, rule: MeasureRule, fact: Fact) -> None:
    if rule.fines is None or fact.level_ordinal is None or made.state is not MeasureState.PROPOSED:
        return
    after = rules_measures.at_level(made, fact.level_ordinal, FINES[rule.fines])
    if after != made and after.min_fen is not None and after.max_fen is not None:
        event = told.MeasureAmended(measure=facts_of(after), min_fen=after.min_fen, max_fen=after.max_fen)
        await store.record_measure(tx, after, event, why=f"level {fact.level_ordinal}")


async def _lock(tx: Tx, case_id: UUID, measure_id: UUID, expected: int | None) -> Measure:
    measure = _of_case(await store.lock_measure(tx, measure_id), case_id)
    tx.caller.require(*DECIDES, area_code=measure.area_code, sectors=measure.sectors)
    require_version(measure, expected)
    return measure


def _of_case(measure: Measure, case_id: UUID) -> Measure:
    if measure.case_id != case_id:
        raise NotFound("measures", measure.id)
    return measure


async def _authority(tx: Tx, measure: Measure) -> str:
    """The kind of the acting post, whose area holds the measure's: another county's bureau decides nothing here."""
    post_id = tx.caller.acting_post()
    post = (await organizations.posts_by_id(tx, [post_id])).get(post_id)
    if post is None:
        raise NotTheAuthority(
            f"该措施由 {measure.authority} 决定，而经办岗位不在登记册中。",
            f"{measure.authority} decides this measure, and the acting post is unknown",
        )
    first, last = area_range(post.area_code)
    if not first <= measure.area_code <= last:
        raise NotTheAuthority(
            f"其他区划的 {measure.authority} 无权决定此处的措施。",
            f"{measure.authority} of another area decides nothing here",
        )
    return post.kind
