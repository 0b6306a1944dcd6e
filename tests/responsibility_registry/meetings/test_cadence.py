"""A body that meets too seldom is told: once before, once after, and never for what was held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, system_now
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.bodies.rules import Body, BodyKind
from services.responsibility_registry.meetings.actions_cadence import YearOfMeetings, year_of_body
from services.responsibility_registry.meetings.watch import WATCHES
from tests.cluster import FreshDatabase
from tests.responsibility_registry.meetings.hall import Hall, hall
from tests.responsibility_registry.stage import put_clock


def new_year(ahead: int = 1) -> datetime:
    """The city's new year to come, as UTC."""
    return datetime(system_now().astimezone(CITY_ZONE).year + ahead, 1, 1, tzinfo=CITY_ZONE).astimezone(UTC)


def go_to(instant: datetime) -> None:
    put_clock(instant - system_now() + timedelta(minutes=1))


async def told(place: Hall, body: Body) -> list[tuple[Any, ...]]:
    asked = text("SELECT number, missed FROM meeting_reminders WHERE body_id = :body ORDER BY told_at")
    async with place.town.database.unit_of_work(Scope.of_system("test")) as tx:
        return [(row["number"], row["missed"]) for row in await tx.all(asked, {"body": body.id})]


async def year(place: Hall, body: Body) -> YearOfMeetings:
    async with place.town.database.unit_of_work(place.stranger) as tx:
        return await year_of_body(tx, body.id, None)


async def test_a_committee_of_the_party_is_told_of_each_half_year_without_a_meeting(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        go_to(new_year() - timedelta(days=3))
        body = await place.found(kind=BodyKind.PARTY_COMMITTEE)
        await sweep_all(place.town.database, WATCHES)
        assert await told(place, body) == []
        go_to(datetime(new_year().astimezone(CITY_ZONE).year, 6, 2, tzinfo=CITY_ZONE))
        for _ in range(2):
            await sweep_all(place.town.database, WATCHES)
        assert await told(place, body) == [(1, False)]
        go_to(datetime(new_year().astimezone(CITY_ZONE).year, 7, 2, tzinfo=CITY_ZONE))
        for _ in range(2):
            await sweep_all(place.town.database, WATCHES)
        assert await told(place, body) == [(1, False), (1, True)]
        now = await year(place, body)
        assert (now.held, now.due_by_now, now.rule and now.rule.a_year) == ((), 1, 2)


async def test_what_was_held_is_counted_and_what_was_an_exercise_or_cancelled_is_not(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        go_to(new_year() - timedelta(days=3))
        body = await place.found(kind=BodyKind.PARTY_COMMITTEE)
        go_to(new_year() + timedelta(days=10))
        await place.plan(body)
        await place.hold(await place.plan(body, exercise=True))
        assert (await year(place, body)).held == ()
        await place.hold(await place.plan(body))
        assert len((await year(place, body)).held) == 1
        go_to(new_year() + timedelta(days=190))
        await sweep_all(place.town.database, WATCHES)
        assert await told(place, body) == []


async def test_a_task_force_is_asked_for_no_number_of_meetings(fresh_database: FreshDatabase) -> None:
    async with hall(fresh_database) as place:
        force = await place.found(kind=BodyKind.TASK_FORCE, valid_to=new_year(3))
        go_to(new_year(2))
        await sweep_all(place.town.database, WATCHES)
        assert await told(place, force) == []
        assert (await year(place, force)).rule is None
