"""What facts propose: what a trigger asks for, once while it lives, and grounded anew when the facts change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.places import AreaLevel, area_level, area_range, parents
from libs.contracts import accountability as told
from services.responsibility_registry.accountability import (
    rules_proposals,
    rules_resting,
    rules_triggers,
    store,
    store_resting,
)
from services.responsibility_registry.accountability.actions_cases import case_for
from services.responsibility_registry.accountability.actions_linked import still_reaches
from services.responsibility_registry.accountability.actions_measures import facts_of, propose_measures
from services.responsibility_registry.accountability.policies import FACTS, TRIGGERS
from services.responsibility_registry.accountability.rules_facts import Noted, as_fact
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureState
from services.responsibility_registry.accountability.rules_triggers import Fact, Outcome, Subject, Trigger

_YEAR = timedelta(days=366)
"""No window is longer: so far around a fact others are counted with it."""
_ALL = 5 * _YEAR
"""So far around a fact a later window may stand in place of its own: what comes very late moves nothing back."""
_GONE_ZH, _GONE_EN = "所依据的事实已撤销或更正", "the facts that it rests on were revoked or corrected"


async def facts_with(tx: Tx, fact: Fact, span: timedelta = _YEAR) -> tuple[dict[UUID, Fact], bool]:
    """The facts that may be counted together with this one: of its county, and of its firm; and whether there are
    more than were read."""
    codes = (fact.area_code, *parents(fact.area_code))
    county = next((code for code in codes if area_level(code) is AreaLevel.COUNTY), fact.area_code)
    around = await store.facts_around(tx, area_range(county), fact.firm_id, fact.at, span)
    return {one.id: as_fact(one, FACTS) for one in around.rows}, around.truncated


async def propose(tx: Tx, outcomes: Sequence[Outcome], fact: Fact, noted: Noted, around: Mapping[UUID, Fact]) -> None:
    """Propose what met triggers ask for. Of a window of days, which every further fact moves on, the latest stands
    for all of them, and nothing is proposed while the same is undecided or in force."""
    known = {**around, fact.id: fact}
    running: dict[str, Outcome] = {}
    for outcome in outcomes:
        if not (outcome.met and outcome.measures):
            continue
        if not rules_triggers.is_running(outcome):
            await _propose(tx, outcome, fact, noted, known)
        else:
            running[outcome.trigger.id] = outcome
    if running:
        known |= (await facts_with(tx, fact, _ALL))[0]
    for outcome in running.values():
        latest = rules_triggers.standing(outcome.trigger, outcome.subject_id, known.values(), CITY_ZONE) or outcome
        live = await _live(tx, latest, known)
        wanted = replace(latest, measures=tuple(rule for rule in latest.measures if rule.kind not in live))
        if wanted.measures:
            await _propose(tx, wanted, fact, noted, known)


async def look_again(tx: Tx, noted: Noted) -> None:
    """A fact was taken back or corrected: an undecided proposal that rests on it rests on what is left, or is
    withdrawn; of a decided one it is noted."""
    for measure in await store_resting.lock_resting(tx, noted.id):
        if measure.state is MeasureState.PROPOSED:
            await _rest_anew(tx, measure, noted)
        elif noted.void:
            await _doubt(tx, measure, noted.id)


async def _live(tx: Tx, outcome: Outcome, known: Mapping[UUID, Fact]) -> set[str]:
    """The kinds of measure that live already against the trigger's subject; what is undecided is grounded anew."""
    alike = await store_resting.lock_alike(tx, outcome.trigger.id, outcome.subject_id)
    live = [one for one in alike if rules_resting.is_live(one, tx.now)]
    for measure in live:
        if measure.state is MeasureState.PROPOSED and measure.renews is None:
            await _ground(tx, measure, outcome, known)
    return {one.kind for one in live}


async def _propose(tx: Tx, outcome: Outcome, fact: Fact, noted: Noted, known: Mapping[UUID, Fact]) -> None:
    """The case is that of the latest fact counted: whatever the order in which they were heard, it is the same."""
    counted = (known[one] for count in outcome.counts if count.met for one in count.facts)
    last = max(counted, key=lambda one: (one.at, one.id))
    of_last = noted if last.id == noted.id else await store.find_noted(tx, last.id, locked=True)
    case = None if of_last is None else await case_for(tx, of_last, trigger_id=outcome.trigger.id)
    if case is not None and of_last is not None:
        name = noted.firm_name if outcome.trigger.subject is Subject.FIRM else ""
        await propose_measures(tx, outcome, fact, known, case, subject_name=name)


async def _rest_anew(tx: Tx, measure: Measure, noted: Noted) -> None:
    """What is proposed by links rests on each fact that leads there, what a trigger proposes on all that meet it."""
    trigger = next((one for one in TRIGGERS.triggers if one.id == measure.trigger_id), None)
    if trigger is None:
        if not await still_reaches(tx, noted, measure):
            await _let_go(tx, measure, noted.id)
        return
    outcome, known = await _standing(tx, trigger, measure, noted)
    if outcome is None:
        await _withdraw(tx, measure)
    else:
        await _ground(tx, measure, outcome, known)


async def _let_go(tx: Tx, measure: Measure, fact_id: UUID) -> None:
    left = rules_resting.without(measure, fact_id)
    if not left.facts:
        await _withdraw(tx, measure)
        return
    event = told.MeasureProposed(
        measure=facts_of(left), facts=left.facts, explanation_zh=left.why_zh, explanation_en=left.why_en,
        source=left.source, link_ids=left.link_ids,
    )  # fmt: skip
    await store.record_measure(tx, left, event, why=_GONE_EN)


async def _withdraw(tx: Tx, measure: Measure) -> None:
    gone = rules_resting.withdraw(measure, f"{_GONE_ZH} {_GONE_EN}")
    event = told.MeasureWithdrawn(measure=facts_of(gone), why_zh=_GONE_ZH, why_en=_GONE_EN)
    await store.record_measure(tx, gone, event, why=_GONE_EN)


async def _standing(
    tx: Tx, trigger: Trigger, measure: Measure, noted: Noted
) -> tuple[Outcome | None, Mapping[UUID, Fact]]:
    """Whether the trigger is met for the measure's subject by what stands; of one window, where the measure is."""
    of_firm = measure.subject_id if trigger.subject is Subject.FIRM else None
    around = await store.facts_around(tx, area_range(measure.area_code), of_firm, noted.at, _ALL)
    known = {one.id: as_fact(one, FACTS) for one in around.rows}
    days = any(one.window is rules_triggers.Window.DAYS for one in trigger.any_of)
    key = None if days else measure.key.removesuffix(f":{measure.kind}")
    return rules_triggers.standing(trigger, measure.subject_id, known.values(), CITY_ZONE, key=key), known


async def _ground(tx: Tx, measure: Measure, outcome: Outcome, known: Mapping[UUID, Fact]) -> None:
    after = rules_resting.ground_anew(measure, outcome, known, tx.now)
    if after == measure:
        return
    zh, en = rules_proposals.why(outcome)
    event = told.MeasureProposed(
        measure=facts_of(after), facts=after.facts, explanation_zh=zh, explanation_en=en, source=after.source
    )
    await store.record_measure(tx, after, event, why=outcome.trigger.source)


async def _doubt(tx: Tx, measure: Measure, fact_id: UUID) -> None:
    after = rules_resting.doubt(measure, fact_id, tx.now)
    if after != measure:
        event = told.MeasureDoubted(measure=facts_of(after), void_facts=after.void_facts)
        await store.record_measure(tx, after, event, why=_GONE_EN)
