"""From the bus into the log, through the running app."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import asyncpg
from nats.js import JetStreamContext

from libs.common.envelope import Delivery
from libs.contracts.event import subject_of
from tests.cluster import FreshDatabase, eventually
from tests.gateway.feed.facts import Log, names, told
from tests.gateway.running import Running


async def publish(bus: JetStreamContext, one: Delivery, resent: int = 0) -> None:
    """As a relay does, the second time under an id of its own."""
    headers = {name: value for name, value in one.headers.items() if name.startswith("ce-")}
    headers["Nats-Msg-Id"] = f"{one.event_id}.{resent}" if resent else str(one.event_id)
    subject = subject_of(one.event_type, one.headers["ce-areacode"], one.aggregate_id)
    await bus.publish(subject, one.data.encode(), headers=headers)


async def kept(log: Log, expected: Sequence[Delivery]) -> bool:
    return set(names(*expected)) <= set(await log.ids())


async def test_what_four_services_tell_stands_in_one_log_once(
    gateway: Running, log: Log, bus: JetStreamContext
) -> None:
    del gateway
    facts = [
        told(one)
        for one in (
            "public_reporting.report.accepted.v1",
            "risk_grading.hazard.registered.v1",
            "responsibility_registry.order.issued.v1",
            "emergency_command.alarm.received.v1",
        )
    ]
    for fact in facts:
        await publish(bus, fact)
        await publish(bus, fact, resent=1)
    await eventually(lambda: kept(log, facts), what="the log")
    found = await log.ids()
    assert sorted(found) == sorted(names(*facts))


async def test_an_aggregates_versions_stand_in_order_however_they_came(
    gateway: Running, log: Log, bus: JetStreamContext
) -> None:
    del gateway
    hazard = uuid4()
    story = [told(aggregate=hazard, version=number) for number in range(1, 6)]
    for number in (0, 2, 1, 4, 3):
        await publish(bus, story[number])
    await eventually(lambda: kept(log, story), what="the whole story", seconds=15)
    assert [one for one in await log.ids() if one in names(*story)] == names(*story)


async def test_a_message_that_is_no_event_stops_nothing(gateway: Running, log: Log, bus: JetStreamContext) -> None:
    del gateway
    await bus.publish("risk_grading.hazard.closed.v1.331002.01", b"nonsense")
    fact = told()
    await publish(bus, fact)
    await eventually(lambda: kept(log, [fact]), what="the event after it")


async def test_an_event_that_cannot_be_kept_becomes_a_dead_letter_and_its_neighbours_stand(
    gateway: Running, database: FreshDatabase, log: Log, bus: JetStreamContext
) -> None:
    del gateway
    owner = await asyncpg.connect(database.superuser_url)
    await owner.execute("ALTER TABLE gateway.feed_events ADD CHECK (event NOT LIKE '%poison%') NOT VALID")
    poison, facts = told(data={"words": "poison"}), [told() for _ in range(3)]
    for fact in (facts[0], poison, *facts[1:]):
        await publish(bus, fact)
    await eventually(lambda: kept(log, facts), what="the neighbours")

    async def buried() -> bool:
        query = "SELECT count(*) FROM gateway.dead_letters WHERE event_id = $1"
        return bool(await owner.fetchval(query, poison.event_id))

    await eventually(buried, what="the dead letter", seconds=40)
    await owner.close()
    assert not set(names(poison)) & set(await log.ids())
