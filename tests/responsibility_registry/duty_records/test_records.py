"""Pairings and duty records on a real database: who may, what counts, what a missed period leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, now
from libs.common.ids import new_id
from libs.common.problems import NotFound, PostUnsaid, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.responsibility_registry.duty_records import actions, actions_cadence, rules
from services.responsibility_registry.duty_records.rules import DutyRecord
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.pairings import actions as pairings
from services.responsibility_registry.pairings.rules import PairingAlreadyEnded, PairingHeld, PairingWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.duty_records.yard import MONDAY, Yard, at, check, yard
from tests.responsibility_registry.organizations.units import NEXT_COUNTY
from tests.responsibility_registry.stage import COUNTY, SYSTEM, TOWNSHIP, VILLAGE, administrator

DAY = timedelta(days=1)


@pytest.fixture
async def place(fresh_database: FreshDatabase) -> AsyncIterator[Yard]:
    async with yard(fresh_database) as made:
        yield made


async def test_who_may_pair_and_with_what(place: Yard) -> None:
    for by in (
        place.town.acting("township_deputy", "leader", TOWNSHIP, ("fire",)),
        place.town.acting("county_government_first", "inspector", COUNTY),
        place.town.acting("county_government_first", "leader", NEXT_COUNTY, ("chemicals",)),
    ):
        with pytest.raises((RoleMissing, PairingWrong)):
            await place.pair(by)
    for changes, pointer in (
        ({"kind": "friendship"}, "/kind"), ({"object_id": new_id()}, "/object_id"),
        ({"post_id": new_id()}, "/post_id"),
        ({"home_key": "H-1"}, "/home_key"), ({"area_code": TOWNSHIP}, "/area_code"),
        ({"kind": "vulnerable_home", "area_code": VILLAGE}, "/object_id"),
    ):  # fmt: skip
        with pytest.raises(PairingWrong) as wrong:
            await place.pair(**changes)
        assert wrong.value.errors[0][0] == pointer


async def test_what_one_post_has_alone_is_not_given_to_two_not_even_at_once(place: Yard) -> None:
    other = place.town.posts["police_station"]
    tried = await asyncio.gather(place.pair(), place.pair(post_id=other), place.pair(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tried) == ["Pairing", "PairingHeld", "PairingHeld"]
    (held,) = [one for one in tried if isinstance(one, pairings.Pairing)]
    assert held.sectors == ("chemicals",)
    ends = datetime(2026, 4, 1, tzinfo=CITY_ZONE)
    async with place.town.database.unit_of_work(place.head) as tx:
        with pytest.raises(StaleVersion):
            await pairings.end_pairing(tx, held.id, 9, ends, "轮岗")
        await pairings.end_pairing(tx, held.id, 1, ends, "轮岗")
        with pytest.raises(PairingAlreadyEnded):
            await pairings.end_pairing(tx, held.id, None, ends, "轮岗")
    with pytest.raises(PairingHeld):
        await place.pair(post_id=other)
    assert (await place.pair(post_id=other, valid_from=date(2026, 4, 1))).post_id == other
    # Several posts may be linked to one firm; the same post once.
    for post in ("police_station", "township_deputy"):
        await place.pair(kind="linked_firm", post_id=place.town.posts[post])
    with pytest.raises(PairingHeld):
        await place.pair(kind="linked_firm")


async def test_a_record_is_its_posts_own_and_reaches_where_the_post_does(place: Yard) -> None:
    pairing = await place.pair()
    done = await place.enter(pairing_id=pairing.id)
    assert (done.area_code, done.sectors, done.correlation_id) == (VILLAGE, ("chemicals",), pairing.correlation_id)
    assert done.late is False
    stranger = replace(place.town.acting("police_station"), grants=place.head.grants)
    with pytest.raises(rules.NotYourDuty):
        await place.enter(stranger, pairing_id=pairing.id)
    with pytest.raises(NotFound):
        await place.enter(place.town.acting("police_station", area=NEXT_COUNTY), pairing_id=pairing.id)
    with pytest.raises(PostUnsaid):
        await place.enter(replace(place.deputy, post_id=None), pairing_id=pairing.id)
    for changes, code in (
        ({"area_code": NEXT_COUNTY}, "beyond_post"), ({"object_id": new_id()}, "unknown_object"),
        ({"duty_code": "no_such_duty"}, "not_borne"),
        ({"pairing_id": pairing.id, "object_id": new_id()}, "not_of_pairing"),
        ({"pairing_id": pairing.id, "done_at": MONDAY - 30 * DAY}, "not_yours_then"),
    ):  # fmt: skip
        with pytest.raises(rules.DutyRecordWrong, match=code):
            await place.enter(**changes)
    nobody = new_id()
    with pytest.raises(rules.DutyRecordWrong, match="unknown_post"):
        await place.enter(replace(place.deputy, posts=frozenset({nobody}), post_id=nobody))
    assert (await place.enter(duty_code="deputy_portfolio")).duty_code == "deputy_portfolio"
    async with place.town.database.unit_of_work(place.deputy) as tx:
        told = {one.code: one.records for one in await actions.fulfilment_of(tx, done.post_id, 2026)}
        assert (told["deputy_portfolio"], told["leader_year_end_report"]) == (1, 0)
        with pytest.raises(NotFound):
            await actions.fulfilment_of(tx, new_id(), 2026)


async def test_who_stands_in_records_for_the_post(place: Yard) -> None:
    pairing, other = await place.pair(), place.town.posts["police_station"]
    stands_in = replace(place.town.acting("police_station"), parties=frozenset({pairing.post_id}), grants=())
    done = await place.enter(stands_in, pairing_id=pairing.id)
    assert (done.post_id, done.by_post) == (pairing.post_id, other)


async def test_a_correction_stands_beside_and_of_two_at_once_one_wins(place: Yard) -> None:
    pairing = await place.pair()
    first = await place.enter(pairing_id=pairing.id)

    async def try_correct(words: str) -> DutyRecord:
        async with place.town.database.unit_of_work(place.deputy) as tx:
            return await actions.correct_record(tx, first.id, 1, check(pairing_id=pairing.id, words=words))

    tried = await asyncio.gather(try_correct("一"), try_correct("二"), return_exceptions=True)
    (better,) = [one for one in tried if isinstance(one, DutyRecord)]
    assert (better.corrects, better.entered_at) == (first.id, first.entered_at)
    async with place.town.database.unit_of_work(place.deputy) as tx:
        before = await actions.find_record(tx, first.id)
        assert (before.corrected_by, before.words) == (better.id, "检查罐区")
        with pytest.raises(rules.DutyRecordStands):
            await actions.withdraw_record(tx, first.id, None, "误登")
        counted = await actions.counted_of(tx, [first.post_id], MONDAY - DAY, MONDAY + DAY)
        assert len(counted) == 1
        await actions.withdraw_record(tx, better.id, 1, "误登")
        assert await actions.counted_of(tx, [first.post_id], MONDAY - DAY, MONDAY + DAY) == []
    async with place.town.database.unit_of_work(place.head) as tx:
        with pytest.raises(rules.NotYourDuty):
            await actions.withdraw_record(tx, better.id, None, "误登")


async def test_a_missed_week_is_told_once_also_after_a_standstill(place: Yard) -> None:
    """Nothing ran for three weeks; the second week was kept."""
    pairing = await place.pair()
    at(MONDAY + 10 * DAY)
    await place.enter(pairing_id=pairing.id)
    at(MONDAY + 29 * DAY)
    async with place.town.database.unit_of_work(SYSTEM) as tx:
        assert await actions_cadence.unlooked(now(), tx) == [pairing.id]
    await asyncio.gather(place.sweep(), place.sweep())
    await place.sweep()
    # Counted from the morning on which it was entered: the week that had begun then is not asked for.
    assert await place.missed() == ["2026-03-16", "2026-03-23"]
    async with place.town.database.unit_of_work(SYSTEM) as tx:
        assert await actions_cadence.unlooked(now(), tx) == []
    async with place.town.database.unit_of_work(place.deputy) as tx:
        shown = await actions_cadence.periods_of(tx, pairing.id)
    assert [one.state for one in shown] == ["kept", "missed", "missed", "running"]


async def test_what_is_entered_afterwards_mends_nothing_and_is_shown(place: Yard) -> None:
    pairing = await place.pair()
    at(MONDAY + 15 * DAY)
    await place.sweep()
    late = await place.enter(pairing_id=pairing.id, done_at=MONDAY + 9 * DAY)
    assert late.late
    await place.sweep()
    assert await place.missed() == ["2026-03-09"]
    async with place.town.database.unit_of_work(place.deputy) as tx:
        shown = await actions_cadence.periods_of(tx, pairing.id)
    assert [one.state for one in shown] == ["entered_late", "running"]


async def test_a_record_that_is_withdrawn_leaves_its_period_missed(place: Yard) -> None:
    pairing = await place.pair()
    at(MONDAY + 9 * DAY)
    done = await place.enter(pairing_id=pairing.id)
    at(MONDAY + 15 * DAY)
    await place.sweep()
    assert await place.missed() == []
    async with place.town.database.unit_of_work(place.deputy) as tx:
        await actions.withdraw_record(tx, done.id, None, "误登")
    await place.sweep()
    assert await place.missed() == ["2026-03-09"]


async def test_after_its_end_nothing_more_is_asked(place: Yard) -> None:
    pairing = await place.pair()
    async with place.town.database.unit_of_work(place.head) as tx:
        await pairings.end_pairing(tx, pairing.id, None, MONDAY + 14 * DAY, "轮岗")
    at(MONDAY + 60 * DAY)
    await place.sweep()
    assert await place.missed() == ["2026-03-09"]
    async with place.town.database.unit_of_work(SYSTEM) as tx:
        assert await tx.scalar(text("SELECT look_at FROM pairings")) is None


async def test_that_nobody_held_the_post_is_told_with_the_miss(place: Yard) -> None:
    await place.pair()
    async with place.town.database.unit_of_work(administrator()) as tx:
        await posts.vacate_post(tx, place.town.posts["township_deputy"], None, None, "调离")
    at(MONDAY + 15 * DAY)
    await place.sweep()
    async with place.town.database.unit_of_work(SYSTEM) as tx:
        assert await tx.scalar(text("SELECT post_vacant FROM missed_periods"))


async def test_of_a_home_nobody_but_its_post_and_administrators_sees_the_key(place: Yard) -> None:
    home = await place.home()
    assert pairings.shows_key(home, place.deputy.takes_part_as, administers=False)
    assert not pairings.shows_key(home, place.head.takes_part_as, administers=False)
    visit: dict[str, Any] = {"kind": "home_visit", "words": "", "values": {"outcome": "in_order"}, "evidence": ()}
    done = await place.enter(pairing_id=home.id, **visit)
    assert (done.object_id, done.lon, done.words) == (None, None, "")
    async with place.town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT data FROM outbox WHERE event_type ~ 'pairing|duty_record'"))
        kept = await tx.all(text("SELECT CAST(details AS text) AS data FROM timeline_details"))
    assert rows
    assert not any("H-1" in row["data"] for row in (*rows, *kept))


async def test_records_are_seen_where_they_were_done_and_by_who_did_them(place: Yard) -> None:
    pairing = await place.pair()
    done = await place.enter(pairing_id=pairing.id)
    chemist = Grant(area_from=TOWNSHIP, area_to="331002004999", sectors=("chemicals",), role="inspector")
    for grant, seen in (
        (chemist, True), (replace(chemist, sectors=("fire",)), False),
        (replace(chemist, area_from=NEXT_COUNTY, area_to="331003999999"), False),
    ):  # fmt: skip
        async with place.town.database.unit_of_work(Scope(subject="other", grants=(grant,))) as tx:
            if seen:
                assert (await actions.find_record(tx, done.id)).id == done.id
                continue
            with pytest.raises(NotFound):
                await actions.find_record(tx, done.id)
            with pytest.raises(NotFound):
                await actions_cadence.periods_of(tx, pairing.id)
