"""What time makes due is told once, as a fact of its own, and the hazard's version stays."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import CITY_ZONE
from libs.common.watchdog import Promise
from libs.common.watches import sweep, sweep_all
from libs.contracts.risk_grading import FixOverdue, LookBackDue, VerificationOverdue
from services.risk_grading.hazards import actions
from services.risk_grading.hazards.rules_parts import due_of, limit_days_of
from services.risk_grading.hazards.rules_reminders import ReminderKind, due_at
from services.risk_grading.hazards.watch import PROMISES, WATCHES
from tests.risk_grading.hazards.cases import CLOCKS, LATER, MONDAY, closed, registered, reopened
from tests.risk_grading.hazards.orders_told import dispute
from tests.risk_grading.village import HEARING, NIGHT_PATROL, PHOTO_AFTER, Village, finding

CHASE, CHASE_FIX, LOOK_BACK = WATCHES
UNTOLD, UNORDERED = PROMISES


async def back_date(village: Village, column: str, hazard_id: UUID) -> None:
    moved = f"UPDATE hazards SET {column} = now() - interval '1 second' WHERE id = $1"
    await village.superuser.execute(moved, hazard_id)


async def test_an_unverified_hazard_is_told_once(village: Village) -> None:
    hazard = await village.reported()
    assert await sweep(village.database, CHASE) == 0
    await back_date(village, "verify_due_at", hazard.id)
    assert [await sweep(village.database, CHASE) for _ in range(2)] == [1, 0]
    told = await village.last(VerificationOverdue)
    assert (told.hazard_id, told.hazard.state) == (hazard.id, "registered")
    assert (await village.hazard(hazard.id)).version == 1


async def test_a_reopened_hazard_that_no_order_took_up_is_chased_again(village: Village) -> None:
    hazard = await village.reported(findings=[finding(fix_at_once=True, after_evidence=(PHOTO_AFTER,))])
    await dispute(village, hazard.id)
    assert await sweep(village.database, CHASE) == 0
    await back_date(village, "verify_due_at", hazard.id)
    assert [await sweep(village.database, CHASE) for _ in range(2)] == [1, 0]


async def test_what_was_to_be_fixed_on_the_spot_is_chased_once(village: Village) -> None:
    hazard = await village.reported(findings=[finding(fix_at_once=True)])
    assert await sweep(village.database, CHASE_FIX) == 0
    await back_date(village, "verify_due_at", hazard.id)
    assert [await sweep(village.database, one) for one in (CHASE, CHASE_FIX, CHASE_FIX)] == [0, 1, 0]
    assert (await village.last(FixOverdue)).hazard_id == hazard.id


async def test_the_watchdog_hears_of_a_due_time_that_nobody_told(village: Village) -> None:
    hazard = await village.reported()
    assert await unkept(village, UNTOLD) == []
    await village.superuser.execute("UPDATE hazards SET verify_due_at = now() - interval '6 minutes'")
    assert await unkept(village, UNTOLD) == [hazard.id]
    await sweep(village.database, CHASE)
    assert await unkept(village, UNTOLD) == []


async def test_the_watchdog_hears_of_a_verified_hazard_that_gets_no_order(village: Village) -> None:
    limited = await village.reported(findings=[finding()])
    await village.reported(findings=[finding(fix_at_once=True)])
    assert await unkept(village, UNORDERED) == []
    await village.superuser.execute("UPDATE hazards SET updated_at = now() - interval '6 minutes'")
    assert await unkept(village, UNORDERED) == [limited.id]


async def unkept(village: Village, asked: Promise) -> list[UUID]:
    return await village.act(HEARING, lambda tx: asked.find_unkept(tx.now, tx))


async def test_a_due_look_back_is_told_once_and_not_before(village: Village) -> None:
    hazard = await village.reported(findings=[finding(fix_at_once=True, after_evidence=(PHOTO_AFTER,))])
    assert await sweep_all(village.database, WATCHES) == 0
    await back_date(village, "look_back_due_at", hazard.id)
    assert [await sweep(village.database, LOOK_BACK) for _ in range(2)] == [1, 0]
    assert (await village.last(LookBackDue)).hazard_id == hazard.id


async def test_what_was_looked_back_on_is_due_no_more(village: Village) -> None:
    hazard = await village.reported(findings=[finding(fix_at_once=True, after_evidence=(PHOTO_AFTER,))])
    await back_date(village, "look_back_due_at", hazard.id)
    await village.act(
        NIGHT_PATROL,
        lambda tx: actions.look_back(tx, hazard.id, None, gone=True, words="无", evidence=(PHOTO_AFTER,)),
    )
    assert await sweep_all(village.database, WATCHES) == 0


async def test_two_replicas_that_sweep_at_once_tell_each_due_time_once(village: Village) -> None:
    for _ in range(4):
        await village.reported()
    await village.superuser.execute("UPDATE hazards SET verify_due_at = now() - interval '1 day'")
    moved = await asyncio.gather(sweep(village.database, CHASE), sweep(village.database, CHASE))
    assert sum(moved) == 4


async def test_a_sweep_that_was_down_catches_up_in_batches(village: Village) -> None:
    for _ in range(3):
        await village.reported()
    await village.superuser.execute("UPDATE hazards SET verify_due_at = now() - interval '1 day'")
    assert await sweep(village.database, CHASE) == 3
    assert (await village.told("hazard_reminder")) == ["hazard_reminder.verification_overdue"] * 3


def test_a_hazard_is_due_by_its_state_and_time_only() -> None:
    late = MONDAY + timedelta(hours=CLOCKS.verify_hours_life_at_risk)
    kind = ReminderKind.VERIFICATION_OVERDUE
    assert due_at(registered(), kind, late - timedelta(seconds=1)) is None
    assert due_at(registered(), kind, late) == late
    assert due_at(closed(), kind, LATER) is None
    assert due_at(reopened(closed()), kind, LATER) is not None


@given(st.integers(0, 3650), st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_days_become_24_oclock_of_the_last_day_and_days_again(days: int, start: datetime) -> None:
    due = due_of(days, start, CITY_ZONE)
    assert (due.astimezone(CITY_ZONE).hour, due > start, limit_days_of(due, start, CITY_ZONE)) == (0, True, days)


def test_ten_days_of_the_tour_end_on_thursday_at_midnight() -> None:
    assert due_of(10, MONDAY, CITY_ZONE) == datetime(2026, 10, 22, 16, 0, tzinfo=UTC)
