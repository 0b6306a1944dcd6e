"""The log: each event once, an aggregate's versions in order, nothing skipped, and shown to whom it may be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import orjson
import pytest

from gateway.feed import actions, rules, store
from gateway.feed.rules import Cursor, Wanted, Why
from gateway.feed.watch import WATCHES
from libs.common.clocks import system_now
from libs.common.scope import Scope
from libs.common.watches import sweep
from tests.cluster import Cluster, FreshDatabase
from tests.gateway.feed.facts import (
    CLOSED,
    COUNTY,
    OTHER_COUNTY,
    SYSTEM,
    Log,
    caller,
    ids_of,
    log_of,
    names,
    told,
)


async def head(log: Log) -> Cursor:
    async with log.database.unit_of_work(SYSTEM) as tx:
        state = await actions.log_state(tx)
    return state.at(state.head)


async def test_what_is_told_is_handed_out_whole_and_in_order(log: Log) -> None:
    start = await head(log)
    hazard = uuid4()
    facts = [told(aggregate=hazard, version=number) for number in (1, 2, 3)]
    await log.keep(*facts)
    page = await log.read(start)
    assert ids_of(page) == names(*facts)
    event = orjson.loads(page.items[0].event)
    assert event["aggregateversion"] == 1
    assert event["exercise"] is False
    assert event["time"].endswith("Z")
    assert event["data"] == {"words": "隐患已消除"}
    assert not page.more
    assert page.gap is None


async def test_a_page_goes_on_exactly_where_the_last_one_ended(log: Log) -> None:
    start = await head(log)
    facts = [told() for _ in range(7)]
    await log.keep(*facts)
    found: list[str] = []
    after, more = start, True
    while more:
        page = await log.read(after, limit=3)
        found += ids_of(page)
        after, more = page.next, page.more
    assert found == names(*facts)
    assert (await log.read(after)).items == []


async def test_an_event_that_comes_twice_is_kept_once(log: Log) -> None:
    start = await head(log)
    fact = told()
    await log.keep(fact, fact)
    await log.keep(fact)
    assert await log.ids(start) == names(fact)


async def test_a_version_before_its_predecessor_waits_and_is_kept_after_it(log: Log) -> None:
    start = await head(log)
    hazard = uuid4()
    first, second, third = (told(aggregate=hazard, version=number) for number in (1, 2, 3))
    assert await log.keep(third, second) == [third.event_id, second.event_id]
    assert await log.keep(first) == []
    assert await log.keep(second, third) == []
    assert await log.ids(start) == names(first, second, third)


async def test_what_is_waited_for_in_vain_holds_nothing_up(log: Log) -> None:
    start = await head(log)
    fact = told(version=9)
    assert await log.keep(fact, times=rules.PATIENCE - 1) == [fact.event_id]
    assert await log.keep(fact, times=rules.PATIENCE) == []
    assert await log.ids(start) == names(fact)


async def test_what_comes_late_is_kept_late_and_never_lost(log: Log) -> None:
    start = await head(log)
    hazard = uuid4()
    late, early = told(aggregate=hazard, version=1), told(aggregate=hazard, version=2)
    await log.keep(early, times=rules.PATIENCE)
    await log.keep(late)
    assert await log.ids(start) == names(early, late)


async def test_what_stays_in_the_house_is_counted_and_not_shown(log: Log) -> None:
    start = await head(log)
    thing = uuid4()
    inside = told(aggregate=thing, version=1, sensitivity="internal")
    outside = told(aggregate=thing, version=2)
    stated = told("risk_grading.risk_object.stated.v1", 7)
    assert await log.keep(inside, outside, stated) == []
    assert await log.ids(start) == names(outside)


async def test_what_cannot_be_handed_out_is_buried_and_its_neighbours_go_on(
    log: Log, database: FreshDatabase
) -> None:
    start = await head(log)
    broken, whole = told(), told()
    for bad in (
        {**broken.headers, "ce-areacode": "33"},
        {name: value for name, value in broken.headers.items() if name != "ce-sensitivity"},
        {**broken.headers, "ce-parties": "nobody"},
    ):
        object.__setattr__(broken, "headers", bad)
        await log.keep(broken)
    unjson = told()
    object.__setattr__(unjson, "data", "{")
    assert await log.keep(unjson, whole) == []
    assert await log.ids(start) == names(whole)
    connection = await asyncpg.connect(database.superuser_url)
    buried = await connection.fetch("SELECT event_id FROM gateway.dead_letters")
    await connection.close()
    assert {row["event_id"] for row in buried} >= {broken.event_id, unjson.event_id}


async def test_a_cursor_never_passes_an_event_that_commits_late(log: Log) -> None:
    """Writers take turns, so whoever reads between two of them misses nothing afterwards."""
    start = await head(log)
    writing, may_commit = asyncio.Event(), asyncio.Event()
    slow, quick = told(), told()

    async def write_slowly() -> None:
        async with log.database.unit_of_work(SYSTEM) as tx:
            await actions.keep_events(tx, [("gateway-keeps-risk_grading", slow, 1)])
            writing.set()
            await may_commit.wait()

    first = asyncio.create_task(write_slowly())
    await writing.wait()
    second = asyncio.create_task(log.keep(quick))
    between = await log.read(start)
    assert between.items == []
    may_commit.set()
    await asyncio.gather(first, second)
    assert ids_of(await log.read(between.next)) == names(slow, quick)


WANTED = {
    "a whole type": (Wanted(types=(CLOSED,)), {"closed", "elsewhere", "drill", "gas"}),
    "a noun": (Wanted(types=("risk_grading.hazard.*",)), {"closed", "verified", "elsewhere", "drill", "gas"}),
    "a service": (Wanted(types=("emergency_command.*",)), {"alarm"}),
    "several": (Wanted(types=("emergency_command.*", CLOSED)), {"alarm", "closed", "elsewhere", "drill", "gas"}),
    "a county": (Wanted(areas=(("331003000000", "331003999999"),)), {"elsewhere"}),
    "a sector": (Wanted(sectors=("gas",)), {"gas"}),
    "no drill": (Wanted(exercise=False), {"closed", "verified", "alarm", "elsewhere", "gas"}),
    "drills": (Wanted(exercise=True), {"drill"}),
}


@pytest.mark.parametrize("what", WANTED)
async def test_only_what_is_wanted_is_shown(log: Log, what: str) -> None:
    wanted, expected = WANTED[what]
    start = await head(log)
    facts = {
        "closed": told(),
        "verified": told("risk_grading.hazard.verified.v1"),
        "alarm": told("emergency_command.alarm.received.v1"),
        "elsewhere": told(area=OTHER_COUNTY),
        "drill": told(exercise=True),
        "gas": told(sectors="gas,fire"),
    }
    await log.keep(*facts.values())
    found = set(await log.ids(start, wanted))
    assert found == {str(facts[name].event_id) for name in expected}
    in_memory = {
        name
        for name, one in facts.items()
        if wanted.takes(
            one.event_type,
            one.headers["ce-areacode"],
            rules.listed(one.headers["ce-sectors"]),
            one.headers["ce-exercise"] == "true",
        )
    }
    assert in_memory == expected


async def test_a_page_looks_at_so_much_and_no_further(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "WINDOW", 4)
    start = await head(log)
    facts = [told() for _ in range(9)] + [told(sectors="gas")]
    await log.keep(*facts)
    after, more, pages, found = start, True, 0, list[str]()
    while more:
        page = await log.read(after, Wanted(sectors=("gas",)), limit=2)
        found += ids_of(page)
        after, more, pages = page.next, page.more, pages + 1
    assert found == names(facts[-1])
    assert pages == 3


async def test_a_caller_sees_its_area_and_sector_and_nothing_else(log: Log) -> None:
    start = await head(log)
    own, gas, elsewhere = told(), told(sectors="gas"), told(area=OTHER_COUNTY)
    untriaged = told("public_reporting.report.accepted.v1", sectors="")
    area = told("responsibility_registry.area.changed.v1", sectors="", area=OTHER_COUNTY)
    await log.keep(own, gas, elsewhere, untriaged, area)
    assert await log.ids(start, scope=caller(COUNTY, "fire")) == names(own, area)
    assert await log.ids(start, scope=caller(COUNTY)) == names(own, gas, area)
    assert await log.ids(start, scope=caller(OTHER_COUNTY)) == names(elsewhere, area)
    assert await log.ids(start, scope=caller(COUNTY, "fire", role="duty_officer")) == names(own, untriaged, area)
    assert await log.ids(start, scope=Scope(subject="nobody", client_id="nobody")) == names(area)


async def test_who_takes_part_sees_the_whole_story_from_then_on_and_before(log: Log) -> None:
    start = await head(log)
    order, post = uuid4(), uuid4()
    issued = told("responsibility_registry.order.issued.v1", 1, aggregate=order, parties=[post])
    closed = told("responsibility_registry.order.closed.v1", 2, aggregate=order)
    await log.keep(issued, closed, told())
    far_away = caller(OTHER_COUNTY, "gas", posts=[post])
    assert await log.ids(start, scope=far_away) == names(issued, closed)
    assert await log.ids(start, scope=caller(OTHER_COUNTY, "gas", posts=[uuid4()])) == []
    assert "parties" not in orjson.loads((await log.read(start)).items[0].event)


async def test_the_second_wall_stands_without_the_first(log: Log) -> None:
    own, elsewhere = told(), told(area=OTHER_COUNTY)
    await log.keep(own, elsewhere)
    async with log.database.unit_of_work(caller(COUNTY, "fire")) as tx:
        rows = await tx.all(store.text("SELECT DISTINCT area_code FROM feed_events WHERE NOT of_reference"))
        assert [row["area_code"] for row in rows] == [COUNTY]


async def test_what_is_older_than_promised_is_forgotten_and_the_gap_said(cluster: Cluster) -> None:
    async with cluster.fresh_database() as database, log_of(database) as log:
        old, new = told(), told()
        await log.keep(old)
        await _age(database, rules.KEPT + timedelta(days=1))
        await log.keep(new)
        assert await sweep(log.database, WATCHES[0]) == 1
        async with log.database.unit_of_work(SYSTEM) as tx:
            state = await actions.log_state(tx)
        lost = state.at(state.kept_from - 5)
        page = await log.read(lost)
        assert page.gap is not None
        assert page.gap.why is Why.RETENTION
        assert ids_of(page) == names(new)
        assert (await log.read(page.next)).gap is None
        assert (await log.read(state.at(state.kept_from - 1))).gap is None


async def _age(database: FreshDatabase, by: timedelta) -> None:
    """As if everything had been written down so long ago."""
    connection = await asyncpg.connect(database.superuser_url)
    micros = by // timedelta(microseconds=1)
    await connection.execute("UPDATE gateway.feed_events SET position = position - $1", micros)
    await connection.execute(
        "UPDATE gateway.feed_state SET head = head - $1, begun = begun - $1, kept_from = kept_from - $1", micros
    )
    await connection.close()


async def test_after_a_restore_a_client_is_told_and_misses_nothing(cluster: Cluster) -> None:
    async with cluster.fresh_database() as database, log_of(database) as log:
        before = told()
        await log.keep(before)
        shown = await log.read()
        connection = await asyncpg.connect(database.superuser_url)
        await connection.execute(
            "INSERT INTO gateway.cluster_epochs (epoch, system_identifier, resumes_after, lost_until, reason,"
            " opened_by, opened_at) SELECT epoch + 1, system_identifier, 0, 0, 'restored', 'test', clock_timestamp()"
            " FROM gateway.cluster_epochs ORDER BY epoch DESC LIMIT 1"
        )
        await connection.close()
        after = told()
        await log.keep(after)
        page = await log.read(shown.next)
        assert page.gap is not None
        assert page.gap.why is Why.RESTORED
        assert page.gap.from_at <= page.gap.to_at
        assert ids_of(page) == names(after)
        assert (await log.read(page.next)).gap is None


async def test_a_log_that_was_built_anew_says_so_and_shows_everything_again(cluster: Cluster) -> None:
    async with cluster.fresh_database() as database, log_of(database) as log:
        fact = told()
        await log.keep(fact)
        shown = await log.read()
        connection = await asyncpg.connect(database.superuser_url)
        await connection.execute(
            "TRUNCATE gateway.feed_events; DELETE FROM gateway.inbox; DELETE FROM gateway.heard_versions;"
            "UPDATE gateway.feed_state SET begun = head + 1, head = head + 1, kept_from = head + 2"
        )
        await connection.close()
        await log.keep(fact)
        page = await log.read(shown.next)
        assert page.gap is not None
        assert page.gap.why is Why.REBUILT
        assert ids_of(page) == names(fact)


async def test_since_begins_at_what_was_written_down_then(log: Log) -> None:
    await log.keep(told())
    instant = system_now()
    fact = told()
    await log.keep(fact)
    async with log.database.unit_of_work(SYSTEM) as tx:
        cursor = await actions.cursor_since(tx, instant)
        long_ago = await actions.cursor_since(tx, datetime(2001, 1, 1, tzinfo=UTC))
    assert await log.ids(cursor) == names(fact)
    assert (await log.read(long_ago, limit=1)).gap is None


def test_positions_and_times_are_the_same_thing() -> None:
    instant = datetime(2026, 11, 29, 8, 30, 15, 123456, tzinfo=UTC)
    assert rules.time_of(rules.position_of(instant)) == instant
