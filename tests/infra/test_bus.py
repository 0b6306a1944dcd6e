"""The walls on the bus, and the declarations that come back when somebody removes them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from infra.bus import Declaration, connect, declare, keep_declared, raise_epoch
from libs.common.bus_names import ConsumerKind, ConsumerSpec, consumer_name
from tests.cluster import Cluster, eventually

HEARD = "public_reporting.report.accepted.v1"
SUBJECT = f"{HEARD}.331002.07"


def hearing(kind: ConsumerKind, *event_types: str) -> ConsumerSpec:
    """A consumer of risk_grading on the stream of public_reporting."""
    return ConsumerSpec(
        name=consumer_name("risk_grading", kind, "public_reporting"),
        stream="PUBLIC_REPORTING",
        filter_subjects=tuple(f"{event_type}.>" for event_type in event_types),
        kind=kind,
    )


ACTS = hearing(ConsumerKind.ACTS, HEARD)
COPIES = hearing(ConsumerKind.COPIES, HEARD)
WANTED = Declaration(consumers=(ACTS, COPIES))


@pytest.fixture
async def admin(cluster: Cluster) -> AsyncIterator[JetStreamContext]:
    client = await cluster.connect_admin()
    js = client.jetstream(timeout=5)
    for info in await js.streams_info():
        await js.delete_stream(str(info.config.name))
    yield js
    await client.close()


@asynccontextmanager
async def user(cluster: Cluster, name: str) -> AsyncIterator[tuple[Client, list[str]]]:
    """A connection as one service, with what the server complained about."""
    complaints: list[str] = []

    async def note(error: Exception) -> None:
        complaints.append(str(error))

    client = await nats.connect(
        cluster.nats.url, user=name, password=cluster.nats.password(name),
        inbox_prefix=f"_INBOX_{name}".encode(), error_cb=note,
    )  # fmt: skip
    try:
        yield client, complaints
    finally:
        await client.close()


async def count(js: JetStreamContext, spec: ConsumerSpec) -> int:
    return (await js.consumer_info(spec.stream, spec.name)).num_pending or 0


async def test_a_service_publishes_its_own_facts_and_hears_its_consumers(
    cluster: Cluster, admin: JetStreamContext
) -> None:
    await declare(admin, WANTED)
    async with user(cluster, "public_reporting") as (teller, _), user(cluster, "risk_grading") as (hearer, _):
        await teller.jetstream().publish(SUBJECT, b"one")
        pulled = await hearer.jetstream().pull_subscribe_bind(ACTS.name, stream=ACTS.stream)
        [message] = await pulled.fetch(1, timeout=5)
        assert message.data == b"one"
        await message.ack_sync(timeout=5)
        await teller.jetstream().stream_info("PUBLIC_REPORTING")
        await teller.jetstream().get_msg("PUBLIC_REPORTING", 1, direct=True)


async def test_a_service_cannot_tell_anothers_facts(cluster: Cluster, admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    async with user(cluster, "risk_grading") as (forger, complaints):
        await forger.publish(SUBJECT, b"forged")
        await forger.flush()
        await eventually(lambda: bool(complaints), what="the refusal")
    assert "permissions violation for publish" in complaints[0].lower()
    assert (await admin.stream_info("PUBLIC_REPORTING")).state.messages == 0


@pytest.mark.parametrize(
    "subject",
    [
        "$JS.API.CONSUMER.MSG.NEXT.PUBLIC_REPORTING.risk_grading-acts-public_reporting",
        "$JS.API.CONSUMER.CREATE.PUBLIC_REPORTING.emergency_command-acts-public_reporting",
        "$JS.API.CONSUMER.DELETE.PUBLIC_REPORTING.risk_grading-acts-public_reporting",
        "$JS.ACK.PUBLIC_REPORTING.risk_grading-acts-public_reporting.1.1.1.1.1",
        "$JS.API.DIRECT.GET.PUBLIC_REPORTING",
        "$JS.API.STREAM.MSG.GET.PUBLIC_REPORTING",
        "$JS.API.STREAM.DELETE.EMERGENCY_COMMAND",
        "$JS.API.STREAM.PURGE.EMERGENCY_COMMAND",
        "$JS.API.STREAM.CREATE.MINE",
    ],
)
async def test_a_service_reaches_nothing_that_is_not_its_own(
    cluster: Cluster, admin: JetStreamContext, subject: str
) -> None:
    await declare(admin, WANTED)
    async with user(cluster, "emergency_command") as (intruder, complaints):
        with pytest.raises(NatsTimeoutError):
            await intruder.request(subject, b"", timeout=0.3)
        assert complaints


@pytest.mark.parametrize("subject", ["public_reporting.>", ">", "_INBOX_risk_grading.>", "_INBOX.>"])
async def test_a_service_listens_to_its_own_inbox_only(cluster: Cluster, subject: str) -> None:
    async with user(cluster, "emergency_command") as (eavesdropper, complaints):
        await eavesdropper.subscribe(subject)
        await eavesdropper.flush()
        await eventually(lambda: bool(complaints), what="the refusal")
    assert "permissions violation for subscription" in complaints[0].lower()


async def test_nobody_connects_without_a_password(cluster: Cluster) -> None:
    with pytest.raises((nats.errors.Error, ConnectionError)):
        await nats.connect(cluster.nats.url, max_reconnect_attempts=0, allow_reconnect=False)


async def test_declaring_again_does_nothing(admin: JetStreamContext) -> None:
    assert len(await declare(admin, WANTED)) == 5 + 2
    assert await declare(admin, WANTED) == []


async def test_a_new_stream_is_heard_from_its_beginning(admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    await admin.publish(SUBJECT, b"first")
    assert [await count(admin, spec) for spec in WANTED.consumers] == [1, 1]


async def test_a_consumer_that_is_new_starts_at_now_if_it_acts_and_at_the_beginning_if_it_copies(
    admin: JetStreamContext,
) -> None:
    await declare(admin, Declaration())
    await admin.publish(SUBJECT, b"history")
    await declare(admin, WANTED)
    assert await count(admin, ACTS) == 0
    assert await count(admin, COPIES) == 1


async def test_a_consumer_that_vanished_hears_everything_again(admin: JetStreamContext) -> None:
    await declare(admin, Declaration())
    await declare(admin, WANTED)
    await admin.publish(SUBJECT, b"missed")
    await admin.delete_consumer(ACTS.stream, ACTS.name)
    await declare(admin, WANTED)
    assert await count(admin, ACTS) == 1


async def test_a_changed_filter_reaches_the_existing_consumer(admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    await admin.publish(SUBJECT, b"kept")
    wider = hearing(ConsumerKind.ACTS, HEARD, "public_reporting.report.merged.v1")
    done = await declare(admin, Declaration(consumers=(wider, COPIES)))
    assert done == [f"consumer {wider.name} updated"]
    info = await admin.consumer_info(wider.stream, wider.name)
    assert info.config.filter_subjects == list(wider.filter_subjects)
    assert info.num_pending == 1
    assert await declare(admin, Declaration(consumers=(wider, COPIES))) == []


async def test_deliveries_never_run_out(admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    config = (await admin.consumer_info(ACTS.stream, ACTS.name)).config
    assert config.max_deliver == -1
    assert config.ack_wait == 4.0


async def test_a_deleted_stream_comes_back_within_seconds_under_a_higher_epoch(
    cluster: Cluster, admin: JetStreamContext
) -> None:
    await declare(admin, WANTED)
    before = await epoch(admin)
    told: list[str] = []
    keeper = asyncio.create_task(keep_declared(admin, WANTED, tell=told.append))
    try:
        await admin.delete_stream("PUBLIC_REPORTING")
        await eventually(lambda: any(COPIES.name in sentence for sentence in told), what="the return")
        assert await epoch(admin) > before
        await admin.publish(SUBJECT, b"again")
        assert await count(admin, ACTS) == 1
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def test_the_keeper_shows_that_everything_is_declared_and_not_before(
    cluster: Cluster, admin: JetStreamContext
) -> None:
    shown: list[str] = []

    async def show() -> None:
        await admin.consumer_info(COPIES.stream, COPIES.name)
        shown.append(await epoch(admin))

    marks: list[asyncio.Task[None]] = []
    keeper = asyncio.create_task(
        keep_declared(admin, WANTED, tell=[].append, well=lambda: marks.append(asyncio.create_task(show())))
    )
    try:
        await eventually(lambda: bool(shown), what="a round that left everything declared")
        await marks[0]
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def test_declarations_outlive_a_killed_server(cluster: Cluster, admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    await admin.publish(SUBJECT, b"durable")
    before = await epoch(admin)
    cluster.nats.kill()
    cluster.nats.start()
    client = await connect(cluster.nats.url, cluster.nats.password("infra"))
    try:
        js = client.jetstream(timeout=5)
        assert await declare(js, WANTED) == []
        assert await epoch(js) == before
        assert (await js.stream_info("PUBLIC_REPORTING")).state.messages == 1
    finally:
        await client.close()


async def test_an_epoch_is_raised_by_hand_after_a_restore(admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    before = await epoch(admin)
    assert await raise_epoch(admin, "public_reporting") > before
    await declare(admin, WANTED)
    told = (await admin.consumer_info(ACTS.stream, ACTS.name)).config.metadata or {}
    assert told["epoch"] == await epoch(admin)


async def test_a_stream_remembers_whom_it_has_ever_served(admin: JetStreamContext) -> None:
    await declare(admin, WANTED)
    await declare(admin, Declaration(consumers=(ACTS,)))
    metadata = (await admin.stream_info("PUBLIC_REPORTING")).config.metadata or {}
    assert set(json.loads(metadata["declared"])) == {spec.name for spec in WANTED.consumers}


async def test_an_unknown_stream_is_not_made_by_asking(admin: JetStreamContext) -> None:
    with pytest.raises(NotFoundError):
        await admin.stream_info("NOBODY")


async def epoch(js: JetStreamContext) -> str:
    return ((await js.stream_info("PUBLIC_REPORTING")).config.metadata or {})["epoch"]
