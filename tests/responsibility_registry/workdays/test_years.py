"""A year is announced by the city's administrator, corrected by a later document, and dues are counted again once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.aggregates import dump
from libs.common.calendars import BusinessCalendar, load_calendar
from libs.common.clocks import CITY_ZONE, now
from libs.common.ids import new_id
from libs.common.problems import RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from libs.contracts.risk_grading import HazardVerified
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.areas.rules import Area, Level
from services.responsibility_registry.orders import rules_recount, store
from services.responsibility_registry.orders.actions_recount import Recounted, recount_dues
from services.responsibility_registry.orders.actions_written import count
from services.responsibility_registry.orders.model import orders
from services.responsibility_registry.orders.rules import Order, OrderState
from services.responsibility_registry.orders.rules_kept import Deadline, Unit
from services.responsibility_registry.workdays import actions, rules
from services.responsibility_registry.workdays.rules import ExceptionalDay
from tests.cluster import FreshDatabase, eventually
from tests.responsibility_registry.orders.cases import case
from tests.responsibility_registry.stage import SYSTEM, Stage, administrator, hazard, stage

CITY = "331000000000"
YEAR = BusinessCalendar().announced_until.year + 1
SOURCE = "[P] 国务院办公厅年度放假安排通知"
NEW_YEAR = tuple(ExceptionalDay(day=date(YEAR, 1, day), workday=False) for day in (1, 2, 3))


async def announce(town: Stage, scope: Scope, days: tuple[ExceptionalDay, ...] = NEW_YEAR) -> rules.AnnouncedYear:
    async with town.database.unit_of_work(scope) as tx:
        return await actions.announce_year(tx, YEAR, days, SOURCE)


async def calendar_of(town: Stage) -> BusinessCalendar:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return await load_calendar(tx)


async def guessed(town: Stage) -> Order:
    """A live order of three working days from the last day of the last announced year on: a guess."""
    hazard_id = new_id()
    await town.hear(HazardVerified(hazard=hazard(), verified_by=None, verified_at=now()), hazard_id)
    rule = Deadline(
        amount=3, unit=Unit.WORKDAY, policy_version="test", source="[DEF] test",
        started_at=datetime(YEAR - 1, 12, 31, 10, 0, tzinfo=CITY_ZONE),
    )  # fmt: skip
    assert rule.started_at is not None
    due = count(rule, rule.started_at, BusinessCalendar())
    assert due.provisional
    known = replace(rule, provisional=True, calendar_version=due.calendar_version, counted_due_at=due.at)
    async with town.database.unit_of_work(SYSTEM) as tx:
        order = await store.lock_of_hazard(tx, hazard_id)
        assert order is not None
        after = replace(order, due_at=due.at, deadline=known)
        values = {name: value for name, value in dump(orders, after).items() if name in _SET}
        await tx.execute(orders.update().where(orders.c.id == order.id).values(values))
    return after


_SET = ("due_at", "deadline")


async def order_of(town: Stage, order_id: UUID) -> Order:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return await store.find_order(tx, order_id)


async def test_an_announced_year_is_known_and_told(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        year = await announce(town, administrator())
        calendar = await calendar_of(town)
        assert calendar.announced_until == date(YEAR, 12, 31)
        assert not any(calendar.is_workday(one.day) for one in NEW_YEAR)
        async with town.database.unit_of_work(SYSTEM) as tx:
            told = await tx.all(text("SELECT event_type FROM outbox WHERE aggregate_id = :id"), {"id": year.id})
        assert [row["event_type"] for row in told] == ["responsibility_registry.calendar_year.announced.v1"]
        with pytest.raises(rules.YearAlreadyAnnounced) as again:
            await announce(town, administrator())
        assert (again.value.state, again.value.open_moves) == ("announced", ("correct",))


async def test_a_correction_gives_dropped_days_back_to_the_week(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        year = await announce(town, administrator())
        with pytest.raises(StaleVersion):
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.correct_year(tx, year.id, 99, NEW_YEAR[:1], SOURCE, "later notice")
        async with town.database.unit_of_work(administrator()) as tx:
            after = await actions.correct_year(tx, year.id, year.version, NEW_YEAR[:1], SOURCE, "later notice")
        calendar, plain = await calendar_of(town), BusinessCalendar()
        assert after.days == NEW_YEAR[:1]
        assert [calendar.is_workday(one.day) for one in NEW_YEAR[1:]] == [
            plain.is_workday(one.day) for one in NEW_YEAR[1:]
        ]


async def test_who_administers_less_than_the_city_moves_nobodys_deadlines(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        city = Area(
            id=new_id(), version=0, area_code=CITY, sectors=(), exercise=False, correlation_id=new_id(), code=CITY,
            name="台州市", level=Level.CITY, parent_code="330000000000", valid_from=date(2020, 1, 1),
        )  # fmt: skip
        async with town.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [city])
        county = Grant(area_from="331002000000", area_to="331002999999", sectors=None, role="administrator")
        with pytest.raises(RoleMissing):
            await announce(town, Scope(subject="county", grants=(county,)))
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(Scope(subject="county", grants=(county,))) as tx:
                await recount_dues(tx, "x")
        of_city = Grant(area_from=CITY, area_to="331099999999", sectors=None, role="administrator")
        assert (await announce(town, Scope(subject="city", grants=(of_city,)))).area_code == CITY


async def test_a_guessed_due_time_is_counted_again_once_when_its_year_is_announced(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        order = await guessed(town)
        assert await recounted(town) == Recounted(recounted=0, more=False)
        await announce(town, administrator())
        assert await recounted(town) == Recounted(recounted=1, more=False)
        assert await recounted(town) == Recounted(recounted=0, more=False)
        after = await order_of(town, order.id)
        assert after.deadline is not None
        assert order.deadline is not None
        calendar = await calendar_of(town)
        assert order.deadline.started_at is not None
        assert after.due_at == count(after.deadline, order.deadline.started_at, calendar).at
        assert (after.deadline.provisional, after.deadline.calendar_version) == (False, calendar.version)
        assert after.version == order.version + 1
        async with town.database.unit_of_work(SYSTEM) as tx:
            why = text(
                "SELECT d.why FROM timeline t JOIN timeline_details d ON d.id = t.id"
                " WHERE t.aggregate_id = :id AND t.event_type LIKE '%.due_recounted.v1'"
            )
            assert [row["why"] for row in await tx.all(why, {"id": order.id})] == ["announced"]


async def test_an_order_that_another_verb_holds_is_waited_for_and_not_called_done(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        order = await guessed(town)
        await announce(town, administrator())
        async with town.database.unit_of_work(SYSTEM) as holding:
            await store.lock_order(holding, order.id)
            recounting = asyncio.create_task(recounted(town))
            await eventually(lambda: _waits(town, recounting), what="recounting waits for the order")
        assert await recounting == Recounted(recounted=1, more=False)


async def _waits(town: Stage, recounting: asyncio.Task[Recounted]) -> bool:
    async with town.database.unit_of_work(SYSTEM) as tx:
        waiting = await tx.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    return recounting.done() or waiting > 0


async def recounted(town: Stage) -> Recounted:
    async with town.database.unit_of_work(administrator()) as tx:
        return await recount_dues(tx, "announced")


def test_a_date_that_people_set_stays_theirs_and_a_final_one_is_not_counted_again() -> None:
    served = case(OrderState.SERVED)
    assert served.deadline is not None
    assert served.due_at is not None
    earlier = served.due_at - timedelta(days=1)
    prolonged = replace(served, deadline=replace(served.deadline, provisional=True, counted_due_at=earlier))
    after = rules_recount.recount(prolonged, due_at=earlier + timedelta(days=3), calendar_version="v")
    assert (after.due_at, after.deadline is not None and after.deadline.provisional) == (served.due_at, False)
    with pytest.raises(rules_recount.DueNotProvisional):
        rules_recount.recount(after, due_at=earlier, calendar_version="v")


def test_a_year_says_its_days_once_and_its_source() -> None:
    wrong = rules.AnnouncedYear(
        id=new_id(), version=0, area_code=CITY, sectors=(), exercise=False, correlation_id=new_id(), year=YEAR,
        days=(NEW_YEAR[0], NEW_YEAR[0], ExceptionalDay(day=date(YEAR + 1, 1, 1), workday=False)), source="hearsay",
    )  # fmt: skip
    with pytest.raises(rules.YearWrong) as refused:
        rules.check(wrong)
    assert [error[:2] for error in refused.value.errors] == [
        ("/source", "unsourced"), ("/days/1/day", "named_twice"), ("/days/2/day", "other_year"),
    ]  # fmt: skip
