"""The database counts by the same conditions as the rules: fact by fact, for every formula and many instants."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.telling import tell
from libs.contracts import duty_records as deeds
from libs.contracts import responsibility_registry as registry
from services.responsibility_registry.evaluations import actions_own, store_counting, store_facts
from services.responsibility_registry.evaluations.policies import SHIPPED
from services.responsibility_registry.evaluations.rules_facts import (
    Fact,
    FactKind,
    Filter,
    Formula,
    Window,
    counts,
    fits,
)
from services.responsibility_registry.evaluations.rules_packs import Direction, Indicator, Pack, Span
from services.responsibility_registry.orders.actions import Drafted, draft_order
from services.responsibility_registry.orders.rules import OrderKind
from tests.cluster import FreshDatabase
from tests.responsibility_registry.evaluations.scene import (
    AFTER,
    BEGAN,
    HERE,
    OTHER_VILLAGE,
    THERE,
    VILLAGE,
    Thing,
    at,
    order,
    scene,
)
from tests.responsibility_registry.stage import SYSTEM

_DAY = timedelta(days=1)
_FROM = datetime(2027, 1, 1, tzinfo=UTC)
_WINDOW = Window(from_at=_FROM, to_at=_FROM + 9 * _DAY, as_of=_FROM + 8 * _DAY)
_YEAR = replace(_WINDOW, from_at=_FROM - 3 * _DAY)
_DRAWN = random.Random(20270101)
_FILTERS = (
    Filter(kind=FactKind.ORDER),
    Filter(kind=FactKind.ORDER, tags=("ta", "rect"), sectors=("fire", "gas")),
    Filter(kind=FactKind.INCIDENT, tags=("12_G", "12%"), worst_ordinal=3),
)


def _instant(*, never: bool) -> datetime | None:
    """Every half day from a little before to a little after the window: borders are met often."""
    return None if never and _DRAWN.random() < 0.3 else _FROM + _DRAWN.randrange(-6, 24) * _DAY / 2


def _fact() -> Fact:
    begun = _instant(never=False)
    assert begun is not None
    return Fact(
        kind=_DRAWN.choice([FactKind.ORDER, FactKind.INCIDENT]), id=new_id(), version=1,
        area_code=_DRAWN.choice([VILLAGE, OTHER_VILLAGE]), sectors=_DRAWN.choice([(), ("fire",), ("gas", "housing")]),
        post_id=None, tag=_DRAWN.choice(["task", "rectification_notice", "12G01", "12_G", "12%", ""]),
        ordinal=_DRAWN.choice([None, 1, 2, 3, 4]), at=begun,
        due_at=_instant(never=True), done_at=_instant(never=True),
        first_done_at=_instant(never=True), reopened_at=_instant(never=True), void=_DRAWN.random() < 0.1,
        event_id=new_id(),
    )  # fmt: skip


def _pack() -> Pack:
    indicators = [
        Indicator(
            id=f"{formula}_{number}", zh="一", en="one", formula=formula, facts=wanted,
            hours=36 if formula is Formula.WITHIN_HOURS_SHARE else None, weight=1, direction=Direction.HIGHER,
            target=10, none_at=0, source="[DEF] test",
        )
        for formula in Formula
        for number, wanted in enumerate(_FILTERS)
    ]  # fmt: skip
    return replace(SHIPPED[0], indicators=tuple(indicators))


async def _keep(tx: Tx, facts: list[Fact]) -> None:
    for fact in facts:
        await store_facts.keep(tx, fact)


def _key(fact: Fact) -> str:
    return HERE if fact.area_code == VILLAGE else THERE


async def test_the_database_counts_as_the_rules_do(fresh_database: FreshDatabase) -> None:
    facts, pack = [_fact() for _ in range(300)], _pack()
    windows = {Span.PERIOD: _WINDOW, Span.YEAR: _YEAR}
    async with scene(fresh_database) as there:
        evaluation = await there.open()
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            await _keep(tx, facts)
            source = store_counting.source_of(evaluation)
            found = await store_counting.count(tx, source, pack, windows)
    for one in pack.indicators:
        below, above = Counter[str](), Counter[str]()
        for fact in facts:
            if fits(fact, one.facts):
                counted = counts(one.formula, fact, _WINDOW, one.hours)
                below[_key(fact)] += counted.below
                above[_key(fact)] += counted.above
        for body in (HERE, THERE):
            assert (found[body].below[one.id], found[body].above[one.id]) == (below[body], above[body]), one.id
    for body in (HERE, THERE):
        sampled = {
            fact.id for fact in facts for one in pack.indicators
            if _key(fact) == body and fits(fact, one.facts) and counts(one.formula, fact, _WINDOW, one.hours).below
        }  # fmt: skip
        assert found[body].sample == len(sampled)


async def test_an_older_word_about_a_fact_changes_nothing_and_what_is_frozen_stays(
    fresh_database: FreshDatabase,
) -> None:
    fact = replace(_fact(), kind=FactKind.ORDER, version=3, tag="task", area_code=VILLAGE, void=False, at=_FROM)
    fact = replace(fact, due_at=_FROM + _DAY, done_at=None)
    async with scene(fresh_database) as there:
        evaluation = await there.open()
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            await _keep(tx, [fact, replace(fact, version=2, tag="older"), replace(fact, version=3, tag="same")])
            kept = await store_facts.find(tx, FactKind.ORDER, fact.id)
            assert kept == fact
        submitted = await there.submit(evaluation)
        before = await there.results(submitted)
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            await _keep(tx, [replace(fact, version=9, void=True)])
        assert await there.results(submitted) == before
        assert (before[HERE].figures[1].denominator, submitted.submission) == (1, 1)


async def test_the_registrys_own_verbs_are_counted_and_two_versions_read_the_wrong_way_round_too(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        evaluation = await there.open()
        order_id, due = new_id(), BEGAN + 10 * _DAY
        closed = registry.OrderClosed(order=order(due), closed_at=due, on_time=True)
        issued = registry.OrderIssued(order=order(due + _DAY), issued_at=BEGAN)
        for event, version in ((closed, 2), (issued, 1)):
            async with there.town.database.unit_of_work(SYSTEM) as tx:
                thing = Thing(id=order_id, version=version, area_code=VILLAGE, correlation_id=order_id)
                await tell(tx, event, thing)
            await there.gather()
        async with there.town.database.unit_of_work(there.acting("committee")) as tx:
            drafted = await draft_order(
                tx,
                Drafted(
                    kind=OrderKind.TASK, category="electrical", words="查", entity="", area_code=VILLAGE,
                    sectors=("fire",), object_id=None, major=False, exercise=False,
                ),
            )  # fmt: skip
        await there.gather()
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            kept = await store_facts.find(tx, FactKind.ORDER, order_id)
            assert kept is not None
            assert (kept.version, kept.done_at, kept.due_at, kept.at < due) == (2, due, due, True)
            own = await store_facts.find(tx, FactKind.ORDER, drafted.id)
            assert own is not None
            assert (own.tag, own.due_at) == ("task", None)
        at(AFTER)
        figures = (await there.results(evaluation))[HERE].figures
        assert (figures[1].numerator, figures[1].denominator) == (1, 1)


async def test_what_posts_did_and_left_undone_are_facts(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        post, record_id, missed_id, vacant_id = (there.town.posts["secretary"], new_id(), new_id(), new_id())
        told = deeds.DutyRecordFacts(
            kind="visit", post_id=post, by_post=post, pairing_id=None, object_id=None, grid_id=None, duty_item=None,
            done_at=BEGAN, late=False, corrects=None,
        )  # fmt: skip
        missed = deeds.PeriodMissed(
            pairing_id=new_id(), post_id=post, kind="resident_supervisor", begins_at=BEGAN, due_at=BEGAN + _DAY,
            asked=1, done=0, post_vacant=False,
        )  # fmt: skip
        await there.hear(deeds.DutyRecorded(record=told), record_id)
        await there.hear(missed, missed_id)
        await there.hear(missed.model_copy(update={"post_vacant": True}), vacant_id)
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            kept = await store_facts.find(tx, FactKind.DUTY_RECORD, record_id)
            charged = await store_facts.find(tx, FactKind.MISSED_PERIOD, missed_id)
            spared = await store_facts.find(tx, FactKind.MISSED_PERIOD, vacant_id)
        assert kept is not None
        assert charged is not None
        assert spared is not None
        assert (kept.tag, kept.post_id, kept.at, kept.void) == ("visit", post, BEGAN, False)
        assert (charged.tag, charged.post_id, charged.at) == ("resident_supervisor", post, BEGAN + _DAY)
        assert spared.post_id is None
        await there.hear(deeds.DutyRecordWithdrawn(record=told, reason="误登"), record_id)
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            gone = await store_facts.find(tx, FactKind.DUTY_RECORD, record_id)
        assert gone is not None
        assert gone.void


async def test_what_was_told_before_anybody_counted_is_read_from_the_first_row_on(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            told = await tx.scalar(text("SELECT count(*) FROM timeline"))
            first = await actions_own.gather_own_facts(tx, 5)
            assert (first, told > 5) == (5, True)
            assert await actions_own.ungathered(BEGAN, tx) == []
        await there.gather()
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            assert await actions_own.gather_own_facts(tx, 5) == 0
