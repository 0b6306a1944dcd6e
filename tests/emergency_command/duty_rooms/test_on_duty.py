"""Who is on duty around a place, from the copy: the nearest room first, cancelled shifts and others' hours apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.clocks import CITY_ZONE, system_now
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.contracts.contacts import ContactChanged, ContactEntered, ContactState, ContactWay
from libs.contracts.emergency_command import AlarmUnjudged
from libs.contracts.event import Event, Heard
from libs.contracts.rosters import ShiftCancelled, ShiftPlanned, ShiftReassigned, ShiftState
from services.emergency_command.copies.store_duty import CONTACT_COPY, SHIFT_COPY
from services.emergency_command.duty_rooms import actions
from services.emergency_command.duty_rooms.actions import OnDuty, Reached
from services.emergency_command.duty_rooms.rules import is_open
from tests.cluster import FreshDatabase
from tests.emergency_command.night import (
    COUNTY,
    DUTY,
    IOT,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    Night,
    at,
    detector,
    opened,
    post,
    put_clock,
)

DEPUTY = post("township_deputy", TOWNSHIP)


@pytest.fixture
async def night(fresh_database: FreshDatabase) -> AsyncIterator[Night]:
    async with opened(fresh_database, teams=False) as made:
        yield made


def shift(area: str, of: UUID, **changes: object) -> ShiftState:
    """The night from the second to the third of December."""
    usual = ShiftState(
        roster_id=UUID(int=1), roster_kind="duty_room", roster_name="值班室", place="101 室", role="duty_officer",
        area_code=area, post_id=of, subject=None, begins_at=at("17:30", "2026-12-02"), ends_at=at("08:30"),
        cancelled=False,
    )  # fmt: skip
    return usual.model_copy(update=changes)


async def told(night: Night, *events: Event, known: UUID | None = None, version: int = 1) -> UUID:
    """One shift's story, as the registry tells it."""
    about = known or new_id()
    for number, event in enumerate(events, start=version):
        heard = Heard(
            id=new_id(), type=event.type, aggregate_id=about, aggregate_version=number, correlation_id=about,
            causation_id=None, area_code=TOWNSHIP, sectors=(), actor_post=None, occurred_at=system_now(),
            recorded_at=system_now(), policy_version="", exercise=False, sensitivity="internal", traceparent=None,
            data=event,
        )  # fmt: skip
        async with night.database.unit_of_work(SYSTEM) as tx:
            await (CONTACT_COPY if event.type.split(".")[1] == "contact" else SHIFT_COPY).take(heard, tx)
    return about


async def reached(night: Night, by: Scope, hours: float = 0) -> Sequence[Reached]:
    async with night.database.unit_of_work(by) as tx:
        return await actions.who_is_on_duty(tx, VILLAGE, at("02:14") + timedelta(hours=hours), None)


async def on_duty(night: Night, area: str, hours: float = 0, kind: str | None = None) -> Sequence[OnDuty]:
    async with night.database.unit_of_work(SYSTEM) as tx:
        found = await actions.who_is_on_duty(tx, area, at("02:14") + timedelta(hours=hours), kind)
        return [one.standing for one in found]


async def test_the_nearest_room_comes_first_with_the_posts_names(night: Night) -> None:
    await told(night, ShiftPlanned(state=shift(COUNTY, post("county_emergency_duty_office", COUNTY))))
    await told(night, ShiftPlanned(state=shift(TOWNSHIP, DEPUTY)))
    await told(night, ShiftPlanned(state=shift("331003000000", new_id())))
    found = await on_duty(night, VILLAGE)
    assert [one.area_code for one in found] == [TOWNSHIP, COUNTY]
    assert found[0].name_zh
    assert [one.area_code for one in await on_duty(night, COUNTY)] == [COUNTY]
    assert await on_duty(night, VILLAGE, kind="school_gate") == []


async def test_a_shift_is_stood_from_its_begin_to_its_end_by_who_was_told_last(night: Night) -> None:
    about = await told(night, ShiftPlanned(state=shift(TOWNSHIP, DEPUTY)))
    assert len(await on_duty(night, VILLAGE, -8.7)) == 1
    assert await on_duty(night, VILLAGE, -8.8) == []
    assert await on_duty(night, VILLAGE, 6.3) == []
    other = new_id()
    moved = ShiftReassigned(state=shift(TOWNSHIP, other), from_post_id=DEPUTY, reason="病假")
    await told(night, moved, known=about, version=2)
    assert [one.post_id for one in await on_duty(night, VILLAGE)] == [other]
    gone = ShiftCancelled(state=shift(TOWNSHIP, other, cancelled=True), reason="病假")
    await told(night, gone, known=about, version=3)
    assert await on_duty(night, VILLAGE) == []


async def test_an_alarm_that_nobody_judges_is_addressed_to_who_stands_in_the_nearest_room(night: Night) -> None:
    await told(night, ShiftPlanned(state=shift(TOWNSHIP, DEPUTY, role="leader_on_duty")))
    await told(night, ShiftPlanned(state=shift(COUNTY, new_id())))
    await told(night, ShiftPlanned(state=shift(VILLAGE, new_id(), roster_kind="volunteers", role="volunteer")))
    await night.raised(IOT, detector(1), time="02:14:00")
    put_clock(at("02:15:02"))
    assert await night.sweep("escalate_unjudged_alarms") == 1
    assert (await night.last(AlarmUnjudged)).addressed_posts == (DUTY.post_id, DEPUTY)


async def test_who_may_call_is_told_the_ways_that_are_open_in_their_order(night: Night) -> None:
    await told(night, ShiftPlanned(state=shift(TOWNSHIP, DEPUTY)))
    by_day = ContactWay(kind="telephone", value="0576-8888 0001", begins="08:30", ends="17:30")
    at_night = by_day.model_copy(update={"value": "0576-8888 0002", "begins": "17:30", "ends": "08:30"})
    radio = ContactWay(kind="radio", value="防汛 3 频道", begins=None, ends=None)
    state = ContactState(post_id=DEPUTY, area_code=TOWNSHIP, ways=(by_day, at_night, radio))
    about = await told(night, ContactEntered(state=state))
    (found,) = await reached(night, DUTY)
    assert [way.value for way in found.ways] == ["0576-8888 0002", "防汛 3 频道"]
    (unseen,) = await reached(night, Scope(subject="clerk", client_id="clerk"))
    assert (unseen.standing.post_id, unseen.ways) == (DEPUTY, ())
    gone = ContactChanged(state=state.model_copy(update={"ways": ()}), reason="搬迁")
    await told(night, gone, known=about, version=2)
    assert (await reached(night, DUTY))[0].ways == ()


@pytest.mark.parametrize(
    ("begins", "ends", "hour", "opened_then"),
    [
        (None, None, "03:00", True), ("08:30", "17:30", "08:30", True), ("08:30", "17:30", "17:30", False),
        ("17:30", "08:30", "03:00", True), ("17:30", "08:30", "08:30", False), ("17:30", "08:30", "12:00", False),
        ("08:00", "08:00", "03:00", True),
    ],
)  # fmt: skip
def test_a_way_is_open_from_its_begin_on_and_at_its_end_no_more(
    begins: str | None, ends: str | None, hour: str, opened_then: bool
) -> None:
    assert is_open(begins, ends, at(hour), CITY_ZONE) is opened_then
