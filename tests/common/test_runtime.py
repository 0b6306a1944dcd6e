"""A running service: it begins without its bus and its database, says truly how it is, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest
from nats.js.errors import NotFoundError

from infra.bus import Declaration, declare
from libs.common import loops, outbox
from libs.common.copies import WHOLE_CITY
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.loops import Loops, until_stopped
from libs.common.runtime import Runtime
from libs.common.scope import Scope
from libs.contracts.event import Heard
from libs.contracts.gateway import ClockSet
from libs.contracts.plumbing import DOUBTED
from services.public_reporting.app import SERVICE
from tests.cluster import Cluster, FreshDatabase, eventually
from tests.common.acting import headers_of
from tests.common.plumbed import thing
from tests.settled import settings_of

SYSTEM = Scope.of_system("test")
STREAM = "PUBLIC_REPORTING"


@asynccontextmanager
async def nothing_is_left() -> AsyncIterator[None]:
    """Whatever was begun in the block has ended with it."""
    before = asyncio.all_tasks()
    yield

    def left() -> set[asyncio.Task[object]]:
        return asyncio.all_tasks() - before - {asyncio.current_task()}

    try:
        await eventually(lambda: not left())
    except AssertionError:
        pytest.fail(f"these go on: {left()}")


@pytest.fixture
async def runtime(cluster: Cluster, fresh_database: FreshDatabase) -> AsyncIterator[Runtime]:
    """A service that has not begun, over an empty bus; both servers run again at the end."""
    await cluster.fresh_bus(Declaration(consumers=SERVICE.consumers()))
    async with nothing_is_left():
        made = Runtime(SERVICE, settings_of(cluster, fresh_database, SERVICE.name))
        try:
            yield made
        finally:
            for server in (cluster.postgres, cluster.nats):
                if not server.child.is_alive():
                    await asyncio.to_thread(server.start)
            await made.stop()


async def tell(runtime: Runtime) -> None:
    """A verb of this service, at its doors' pool."""
    async with runtime.database.unit_of_work(SYSTEM) as tx:
        await outbox.add(tx, DOUBTED[SERVICE.name](producer="gateway", noun="nothing"), thing(area_code=WHOLE_CITY))


async def is_ready(runtime: Runtime) -> dict[str, bool]:
    """Each readiness check as the health door asks it: what raises is not well."""
    found = {}
    for name, check in runtime.checks().items():
        try:
            found[name] = (await check()).ok
        except Exception:  # noqa: BLE001 — the health door answers for whatever a check raises
            found[name] = False
    return found


def ready(runtime: Runtime, **but: bool) -> Callable[[], Awaitable[bool]]:
    """Whether every check is well, except those named."""

    async def holds() -> bool:
        found = await is_ready(runtime)
        return all(ok is but.get(name, True) for name, ok in found.items())

    return holds


def told(runtime: Runtime) -> Callable[[], Awaitable[bool]]:
    """Whether everything that was told has gone out."""

    async def holds() -> bool:
        waiting, _ = await runtime.relay.lag()
        return waiting == 0

    return holds


@pytest.mark.parametrize("first", ["postgres", "nats"])
async def test_a_service_begins_without_both_servers_and_takes_up_each_as_it_comes(
    cluster: Cluster, runtime: Runtime, first: str
) -> None:
    for server in (cluster.postgres, cluster.nats):
        await asyncio.to_thread(server.kill)
    await runtime.start()
    found = await is_ready(runtime)
    assert (found["database"], found["bus"], found["relay"]) == (False, False, False)
    if first == "postgres":
        await asyncio.to_thread(cluster.postgres.start)
        await eventually(ready(runtime, bus=False), seconds=60)
        await tell(runtime)
        assert (await runtime.relay.lag())[0] >= 1, "requests go on and the outbox fills"
        await asyncio.to_thread(cluster.nats.start)
    else:
        await asyncio.to_thread(cluster.nats.start)
        await eventually(lambda: runtime.bus.is_connected, seconds=60)
        assert not (await is_ready(runtime))["database"]
        await asyncio.to_thread(cluster.postgres.start)
        await eventually(ready(runtime), seconds=60)
        await tell(runtime)
    await eventually(ready(runtime), seconds=60)
    await eventually(told(runtime), seconds=60)


@pytest.mark.parametrize("away", [(), ("nats",), ("postgres",), ("postgres", "nats")])
@pytest.mark.parametrize("phase", ["at once", "running"])
async def test_a_stop_ends_everything_whatever_is_away(
    cluster: Cluster, fresh_database: FreshDatabase, runtime: Runtime, away: tuple[str, ...], phase: str
) -> None:
    if phase == "running":
        await runtime.start()
        await eventually(ready(runtime), seconds=60)
        await tell(runtime)
    for name in away:
        await asyncio.to_thread(getattr(cluster, name).kill)
    if phase == "at once":
        await runtime.start()
    async with asyncio.timeout(60):
        await runtime.stop()
    assert "postgres" in away or await nobody_is_connected(fresh_database)


async def nobody_is_connected(database: FreshDatabase) -> bool:
    """Waits until no connection of the service is open any more."""
    superuser = await asyncpg.connect(database.superuser_url)
    asked = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = $1 AND usename LIKE $2"

    async def nobody() -> bool:
        return bool(await superuser.fetchval(asked, database.name, f"{SERVICE.name}%"))

    await eventually(nobody, what="the end of every connection")
    await superuser.close()
    return True


async def test_a_stop_before_any_start_and_a_second_stop_do_no_harm(runtime: Runtime) -> None:
    for _ in range(2):
        await runtime.stop()
        assert not runtime.bus.is_connected


async def test_readiness_says_when_the_stream_is_gone_the_bus_or_the_database(
    cluster: Cluster, runtime: Runtime
) -> None:
    await runtime.start()
    await eventually(ready(runtime), seconds=60)
    client = await cluster.connect_admin()
    js = client.jetstream()
    await js.delete_stream(STREAM)
    with pytest.raises(NotFoundError):
        await js.stream_info(STREAM)
    assert not (await is_ready(runtime))["bus"], "a server that runs is not yet a stream that answers"
    await declare(js, Declaration(consumers=SERVICE.consumers()))
    await eventually(ready(runtime))
    await client.close()
    await asyncio.to_thread(cluster.nats.kill)
    await eventually(ready(runtime, bus=False), seconds=10)
    await asyncio.to_thread(cluster.nats.start)
    await eventually(ready(runtime), seconds=60)
    await asyncio.to_thread(cluster.postgres.kill)
    found = await is_ready(runtime)
    assert (found["database"], found["relay"]) == (False, False)
    await asyncio.to_thread(cluster.postgres.start)
    await eventually(ready(runtime), seconds=60)


async def test_what_the_last_event_leads_to_is_told_before_the_service_ends(
    cluster: Cluster, fresh_database: FreshDatabase, runtime: Runtime
) -> None:
    """Hearers end first, then the relay drains: the last verb's event is not left for a successor."""
    entered, goes_on = asyncio.Event(), asyncio.Event()

    async def verb(_: Heard[object], tx: Tx) -> None:
        entered.set()
        await goes_on.wait()
        await outbox.add(tx, DOUBTED[SERVICE.name](producer="gateway", noun="last"), thing(area_code=WHOLE_CITY))

    [hearer] = [one for one in runtime.hearers if one.gated and one.spec.stream == "GATEWAY"]
    hearer.handlers = {**hearer.handlers, ClockSet.type: [verb]}
    await runtime.start()
    await eventually(ready(runtime), seconds=60)
    await eventually(told(runtime))
    await tell_the_time(cluster)
    await asyncio.wait_for(entered.wait(), 10)
    stopping = asyncio.create_task(runtime.stop())
    await eventually(lambda: not stopping.done())
    goes_on.set()
    await stopping
    superuser = await asyncpg.connect(fresh_database.superuser_url)
    left = "SELECT count(*) FROM public_reporting.outbox WHERE published_at IS NULL"
    last = "SELECT count(*) FROM public_reporting.outbox WHERE data LIKE '%last%'"
    assert (await superuser.fetchval(left), await superuser.fetchval(last)) == (0, 1)
    await superuser.close()


async def tell_the_time(cluster: Cluster) -> None:
    """Let every hearer of the gateway's clock hear that it was set."""
    event = ClockSet(offset_seconds=0.0)
    client = await cluster.connect_admin()
    subject = f"{event.type}.000000.00"
    await client.jetstream().publish(
        subject, event.model_dump_json().encode(), headers=headers_of(event, new_id(), 1)
    )
    await client.close()


async def test_a_loop_that_falls_is_begun_again_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_AGAIN_SECONDS", 0.01)
    begun: list[str] = []

    async def falls(stopping: asyncio.Event) -> None:
        begun.append("falls")
        if begun.count("falls") < 3:
            raise LookupError
        await stopping.wait()

    async def deaf(_: asyncio.Event) -> None:
        begun.append("deaf")
        try:
            await asyncio.Event().wait()
        finally:
            begun.append("cut off")

    async with nothing_is_left():
        group = Loops()
        group.start("falls", falls)
        group.start("deaf", deaf)
        await eventually(lambda: begun.count("falls") == 3)
        await group.stop(0.05)
    assert begun[-1] == "cut off"


async def test_work_that_knows_no_stopping_is_given_up() -> None:
    stopping = asyncio.Event()
    async with nothing_is_left():
        task = asyncio.create_task(until_stopped(_for_ever(), stopping))
        await eventually(lambda: not task.done())
        stopping.set()
        await task
    with pytest.raises(LookupError):
        await until_stopped(_falls(), asyncio.Event())


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _falls() -> None:
    raise LookupError
