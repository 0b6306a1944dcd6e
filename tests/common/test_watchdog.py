"""The watchdog: it finds what did not run and what was passed over, says it once, and takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.metrics import exposition
from libs.common.timeline import Entry, append_all
from libs.common.watchdog import Promise, Watchdog, promise
from libs.common.watches import WatchLoop, watch
from tests.common.plumbed import SCHEMA, Plumbed, inspector, thing


async def nothing(now: datetime, tx: Tx) -> int:
    return 0


IDLE = watch("chase_nothing", nothing, every_seconds=1)


@dataclass
class Loop:
    last_run_at: float


async def open_findings(plumbed: Plumbed) -> list[tuple[str, str]]:
    rows = await plumbed.superuser.fetch(
        "SELECT check_name, subject FROM watchdog_findings WHERE cleared_at IS NULL ORDER BY 1, 2"
    )
    return [(row["check_name"], row["subject"]) for row in rows]


async def age(plumbed: Plumbed, watchdog: Watchdog, seconds: int) -> None:
    """As if the service had been up, and the watches quiet, for so long."""
    watchdog._started_at -= timedelta(seconds=seconds)
    await plumbed.superuser.execute(
        "UPDATE watch_runs SET last_finished_at = last_finished_at - make_interval(secs => $1)", float(seconds)
    )


async def test_a_healthy_service_gives_no_finding(plumbed: Plumbed):
    await WatchLoop(plumbed.app, [IDLE]).run_once(IDLE)
    watchdog = Watchdog(plumbed.app, watches=[IDLE], runners={"relay": Loop(monotonic())})
    assert [await watchdog.look(), await watchdog.look()] == [0, 0]
    assert (await watchdog.check()).ok
    assert f'shoutu_watchdog_last_run_timestamp_seconds{{service="{SCHEMA}"}}' in exposition(SCHEMA).decode()


async def test_a_watch_that_stops_is_found_and_cleared_when_it_runs_again(plumbed: Plumbed):
    loop = WatchLoop(plumbed.app, [IDLE])
    await loop.run_once(IDLE)
    watchdog = Watchdog(plumbed.app, watches=[IDLE])
    await age(plumbed, watchdog, 120)
    assert [await watchdog.look(), await watchdog.look(), await watchdog.look()] == [0, 1, 1]
    assert await open_findings(plumbed) == [("watch", "chase_nothing")]
    assert b'check="watch",service="risk_grading"} 1.0' in exposition(SCHEMA)
    loop._noted_at.clear()
    await loop.run_once(IDLE)
    assert await watchdog.look() == 0
    assert await open_findings(plumbed) == []
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM watchdog_findings") == 1


async def test_a_watch_that_never_ran_is_found_after_a_while(plumbed: Plumbed):
    watchdog = Watchdog(plumbed.app, watches=[IDLE])
    assert [await watchdog.look(), await watchdog.look()] == [0, 0]
    await age(plumbed, watchdog, 120)
    await watchdog.look()
    assert await watchdog.look() == 1


async def test_a_loop_of_this_process_that_hangs_is_found(plumbed: Plumbed):
    relay = Loop(monotonic() - 3600)
    watchdog = Watchdog(plumbed.app, runners={"relay": relay, "hearer": Loop(monotonic())})
    await watchdog.look()
    assert await watchdog.look() == 1
    [(check, subject)] = await open_findings(plumbed)
    assert (check, subject.split("@")[0]) == ("runner", "relay")
    other = Watchdog(plumbed.app)
    other._process = "elsewhere:1"
    await other.look()
    assert len(await open_findings(plumbed)) == 1
    relay.last_run_at = monotonic()
    await watchdog.look()
    assert await open_findings(plumbed) == []


async def test_a_finding_of_a_process_that_died_is_forgotten(plumbed: Plumbed):
    await plumbed.superuser.execute(
        "INSERT INTO watchdog_findings VALUES (uuidv7(), 'runner', 'relay@gone:1', '', now(), now() - interval '1 h')"
    )
    await Watchdog(plumbed.app).look()
    assert await open_findings(plumbed) == []


async def test_events_parked_for_more_than_a_minute_are_found(plumbed: Plumbed):
    old, fresh = new_id(), new_id()
    for aggregate, seconds in ((old, 61), (fresh, 50)):
        await plumbed.superuser.execute(
            "INSERT INTO parked_events VALUES ('risk-copies', $1, 3, uuidv7(), '{}', '{}',"
            " clock_timestamp() - make_interval(secs => $2))",
            aggregate,
            float(seconds),
        )
    watchdog = Watchdog(plumbed.app)
    await watchdog.look()
    assert await watchdog.look() == 1
    assert await open_findings(plumbed) == [("parked", f"risk-copies:{old}")]


async def test_rows_that_nobody_seals_are_found(plumbed: Plumbed):
    async with plumbed.app.unit_of_work(inspector()) as tx:
        await append_all(tx, [Entry(event_type="risk_grading.kettle.boiled.v1", about=thing(), details={})])
    watchdog = Watchdog(plumbed.app)
    assert await watchdog.troubles() == []
    await plumbed.superuser.execute("UPDATE timeline SET recorded_at = recorded_at - interval '61 s'")
    assert [(one.check, one.subject) for one in await watchdog.troubles()] == [("seal_lag", SCHEMA)]


def overdue(*identifiers: UUID) -> Promise:
    async def find(now: datetime, tx: Tx) -> Sequence[UUID]:
        return identifiers

    return promise("orders_not_chased", find)


async def test_a_promise_passed_over_unseen_is_found_when_it_is_seen_twice(plumbed: Plumbed):
    late = new_id()
    watchdog = Watchdog(plumbed.app, promises=[overdue(late)])
    assert await watchdog.look() == 0
    assert await open_findings(plumbed) == []
    assert await watchdog.look() == 1
    assert await open_findings(plumbed) == [("orders_not_chased", str(late))]
    watchdog.promises = (overdue(),)
    await watchdog.look()
    assert await open_findings(plumbed) == []


async def test_a_question_that_fails_is_itself_a_finding_and_stops_no_other(plumbed: Plumbed):
    async def broken(now: datetime, tx: Tx) -> Sequence[UUID]:
        raise KeyError("due_at")

    late = new_id()
    watchdog = Watchdog(plumbed.app, promises=[promise("broken", broken), overdue(late)])
    await watchdog.look()
    await watchdog.look()
    assert await open_findings(plumbed) == [("check_failed", "broken"), ("orders_not_chased", str(late))]


async def test_its_own_silence_shows(plumbed: Plumbed):
    watchdog = Watchdog(plumbed.app)
    watchdog.last_run_at -= 60
    checked = await watchdog.check()
    assert not checked.ok
    assert checked.facts["silent_seconds"] >= 60
