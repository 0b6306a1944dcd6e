"""What a fact proposes against those that are linked with its parties, and what a new link proposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import accountability as told
from services.responsibility_registry.accountability import rules_linked, rules_resting, store, store_resting
from services.responsibility_registry.accountability.actions_cases import case_for
from services.responsibility_registry.accountability.actions_measures import facts_of
from services.responsibility_registry.accountability.actions_object import named_object
from services.responsibility_registry.accountability.policies import FACTS, LINKED
from services.responsibility_registry.accountability.rules import Case
from services.responsibility_registry.accountability.rules_facts import Noted, as_fact
from services.responsibility_registry.accountability.rules_linked import LinkedRule, Party, Reached, Tie
from services.responsibility_registry.accountability.rules_measures import Counted, Ground, Measure, MeasureState
from services.responsibility_registry.accountability.rules_triggers import MOMENT, MeasureRule
from services.responsibility_registry.liability_links import actions as links
from services.responsibility_registry.liability_links.rules import EndKind, LiabilityLink
from services.responsibility_registry.liability_links.rules import Party as LinkedParty

MOST_FACTS = 500
"""So many facts of a new link's parties are looked at, the latest where they are more."""


async def propose_linked(tx: Tx, noted: Noted) -> None:
    """What a fact proposes by links, each once while it lives; an exercise, or what was taken back, nothing."""
    for found in await _reached(tx, noted):
        for measure in found.rule.measures:
            await _propose(tx, noted, found, measure)


async def still_reaches(tx: Tx, noted: Noted, measure: Measure) -> bool:
    """Whether a fact, as it stands now, leads to the measure by its rule."""
    return any(
        (found.rule.id, found.party.id) == (measure.trigger_id, measure.subject_id)
        for found in await _reached(tx, noted)
    )


async def follow_new_links(tx: Tx, limit: int) -> int:
    """A link that was entered late: the facts of its own days count by it as if it had stood there."""
    new = await links.take_new(tx, limit)
    for link in new:
        for noted in await _facts_of(tx, link):
            await propose_linked(tx, noted)
    return len(new)


async def _reached(tx: Tx, noted: Noted) -> list[Reached]:
    rules = rules_linked.asking(as_fact(noted, FACTS).kind, LINKED)
    if not rules or noted.exercise or noted.void:
        return []
    parties = await _parties(tx, noted)
    ties = await _ties(tx, parties, city_day(noted.at), max(rule.hops for rule in rules))
    return [found for rule in rules for found in rules_linked.reached(rule, parties, ties)]


async def _parties(tx: Tx, noted: Noted) -> tuple[Party, ...]:
    """The firm of a fact, and the risk object that it names where that lies in its own county."""
    found = [Party(kind=EndKind.FIRM, id=noted.firm_id)] if noted.firm_id else []
    named = await named_object(tx, noted.object_id, noted.area_code)
    if noted.object_id is not None and named.known is not None:
        found.append(Party(kind=EndKind.OBJECT, id=str(noted.object_id)))
    return tuple(found)


async def _ties(tx: Tx, parties: Sequence[Party], day: date, hops: int) -> list[Tie]:
    """The links around the parties on a day, as far as some rule leads."""
    known: dict[UUID, Tie] = {}
    edge = set(parties)
    for _ in range(hops):
        asked = [LinkedParty(kind=EndKind(one.kind), id=one.id) for one in sorted(edge)]
        new = [_tie(link) for link in await links.links_of(tx, asked, day)]
        edge = {end for tie in new if tie.id not in known for end in (tie.from_party, tie.to_party)}
        known |= {tie.id: tie for tie in new}
    return list(known.values())


async def _propose(tx: Tx, noted: Noted, found: Reached, rule: MeasureRule) -> None:
    """Proposed once while it is undecided or in force; further facts ground the undecided one anew."""
    alike = [
        one
        for one in await store_resting.lock_alike(tx, found.rule.id, found.party.id)
        if one.kind == rule.kind and rules_resting.is_live(one, tx.now)
    ]
    for measure in alike:
        if measure.state is MeasureState.PROPOSED and noted.id not in measure.facts:
            await _ground(tx, measure, found, noted)
    if alike:
        return
    before = await store_resting.lock_with_key(tx, _key(noted, found, rule))
    case = await case_for(tx, noted, trigger_id=found.rule.id) if before is None else None
    if case is not None:
        new = _measure(noted, found, rule, case=case, at=tx.now)
        await _record(tx, new, found.rule)
    elif before is not None and before.state is MeasureState.WITHDRAWN:
        again = replace(before, state=MeasureState.PROPOSED, proposed_at=tx.now, words="", facts=(), grounds=())
        await _ground(tx, again, found, noted)


async def _ground(tx: Tx, measure: Measure, found: Reached, noted: Noted) -> None:
    paths = dict.fromkeys((*measure.link_ids, *found.path))
    after = replace(
        measure,
        facts=(*measure.facts, noted.id),
        link_ids=tuple(paths),
        grounds=_grounds(found.rule, noted, measure.grounds),
    )
    await _record(tx, after, found.rule)


async def _record(tx: Tx, measure: Measure, rule: LinkedRule) -> None:
    event = told.MeasureProposed(
        measure=facts_of(measure), facts=measure.facts, explanation_zh=measure.why_zh,
        explanation_en=measure.why_en, source=measure.source, link_ids=measure.link_ids,
    )  # fmt: skip
    await store.record_measure(tx, measure, event, why=rule.source)


def _measure(noted: Noted, found: Reached, rule: MeasureRule, *, case: Case, at: datetime) -> Measure:
    by = found.rule
    return Measure(
        id=new_id(), version=0, area_code=found.area_code, sectors=found.sectors, exercise=False,
        correlation_id=case.correlation_id, key=_key(noted, found, rule), kind=rule.kind, zh=rule.zh, en=rule.en,
        subject_kind=found.party.kind, subject_id=found.party.id, subject_name=found.name, case_id=case.id,
        trigger_id=by.id, facts=(noted.id,), authority=rule.authority, months=rule.months, effects=rule.effects,
        objection_days=rule.objection_days, proposed_at=at, source=rule.source,
        policy_version=LINKED.version, why_zh=by.zh, why_en=by.en, link_ids=found.path,
        grounds=_grounds(by, noted, ()),
    )  # fmt: skip


def _grounds(rule: LinkedRule, noted: Noted, before: Sequence[Ground]) -> tuple[Ground, ...]:
    """One ground: the facts, in the order in which they happened."""
    own = Counted(id=noted.id, at=noted.at, area_code=noted.area_code)
    earlier = (fact for ground in before for fact in ground.facts)
    facts = sorted((*earlier, own), key=lambda one: (one.at, one.id))
    return (
        Ground(
            zh=rule.zh, en=rule.en, met=True, needed=1, from_at=facts[0].at, to_at=facts[-1].at + MOMENT,
            facts=tuple(facts),
        ),
    )  # fmt: skip


def _key(noted: Noted, found: Reached, rule: MeasureRule) -> str:
    return f"{found.rule.id}:{found.party.id}:{noted.id}:{rule.kind}"


async def _facts_of(tx: Tx, link: LiabilityLink) -> Sequence[Noted]:
    firms = [one.id for one in link.parties() if one.kind is EndKind.FIRM]
    objects = [UUID(one.id) for one in link.parties() if one.kind is EndKind.OBJECT]
    return await store_resting.facts_of_parties(tx, firms, objects, link.valid_from, link.valid_to, MOST_FACTS)


def _tie(link: LiabilityLink) -> Tie:
    return Tie(
        id=link.id, relation=link.relation, from_party=Party(kind=link.from_kind, id=link.from_id),
        to_party=Party(kind=link.to_kind, id=link.to_id), from_name=link.from_name, to_name=link.to_name,
        area_code=link.area_code, sectors=link.sectors,
    )  # fmt: skip
