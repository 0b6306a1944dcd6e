"""Turns: who has much to catch up, many messages or bad days waits for nobody, and nobody waits for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway import courier
from gateway.webhooks import actions_lanes, store_lanes
from gateway.webhooks.rules import Webhook
from gateway.webhooks.rules_delivery import Answer
from libs.common.clocks import system_now
from libs.common.scope import Scope
from tests.cluster import eventually
from tests.gateway.feed.facts import told
from tests.gateway.webhooks.stage import PostOffice, Receiver, receiver, said

COURIER = Scope.of_system("courier")


async def refuses(_: object) -> Answer:
    return Answer(status=500, error=None, seconds=0)


async def waiting(office: PostOffice, webhook: Webhook) -> int:
    return len(await office.deliveries(webhook))


async def test_who_has_much_to_catch_up_gets_a_page_a_round_and_so_do_others(
    office: PostOffice, door: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_lanes, "_BATCH", 5)
    both = [(await office.register(office.owner(), door.url))[0] for _ in range(2)]
    await office.log.keep(*(told() for _ in range(12)))
    carrier = office.courier(refuses)
    for pages in ([5, 5], [10, 10], [12, 12]):
        assert await carrier.carry() > 0 or pages != [5, 5], "messages wait until everything is caught up"
        await carrier.home()
        assert [await waiting(office, one) for one in both] == pages
    assert not carrier.has_more


async def test_of_what_is_due_the_oldest_goes_first_whoever_it_is_for(office: PostOffice, door: Receiver) -> None:
    busy, patient = [(await office.register(office.owner(), door.url))[0] for _ in range(2)]
    await office.log.keep(*(told() for _ in range(4)))
    carrier = office.courier(refuses)
    await carrier.carry()
    await carrier.home()
    await office.hurry(busy)
    await office.hurry(patient)
    await office.rows("UPDATE webhook_lanes SET failing_since = NULL")
    await office.rows("UPDATE webhook_deliveries SET next_at = now() - interval '1 h' WHERE webhook = $1", patient.id)
    asked = {"lease": timedelta(minutes=1), "each": 4, "most": 4, "busy": (), "ailing": False}
    async with office.database.unit_of_work(COURIER) as tx:
        claimed = await store_lanes.claim_due(tx, system_now(), **asked)  # type: ignore[arg-type]
    assert {one.webhook for one in claimed} == {patient.id}


async def test_those_that_are_well_leave_places_for_one_that_ails(
    office: PostOffice, door: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "MOST_OUT", 4)
    async with receiver() as well:
        well.held = asyncio.Event()
        await office.register(office.owner(), well.url)
        ailing, _ = await office.register(office.owner(), door.url)
        await office.rows("UPDATE webhook_lanes SET slow = true WHERE webhook = $1", ailing.id)
        await office.log.keep(*(told() for _ in range(8)))
        carrier = office.courier()
        await carrier.carry()
        await eventually(lambda: bool(door.came), what="a message to the one that ails")
        well.held.set()
        await carrier.home()


async def test_a_message_that_is_sent_again_is_not_swept_as_an_old_one(office: PostOffice, door: Receiver) -> None:
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    await office.deliver()
    [row] = await office.rows(
        "UPDATE webhook_deliveries SET done_at = now() - interval '31 d' WHERE webhook = $1 RETURNING id", webhook.id
    )

    async def sweep() -> None:
        async with office.database.unit_of_work(COURIER) as tx:
            await actions_lanes.forget_old(tx)

    async def sweep_waits() -> bool:
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%deliveries%'"
        return bool(await office.rows(waits))

    async with office.database.unit_of_work(owner) as tx:
        await actions_lanes.resend(tx, webhook.id, row["id"])
        sweeping = asyncio.create_task(sweep())
        await eventually(sweep_waits, what="the sweep at the same row")
    await sweeping
    assert [state for state, *_ in await office.deliveries(webhook)] == ["pending"]


async def test_a_time_that_is_not_kept_any_more_is_said_where_it_was_to_be_told_again(
    office: PostOffice, door: Receiver
) -> None:
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    await office.deliver()
    since = system_now() - timedelta(hours=1)
    [before] = await office.rows("SELECT kept_from FROM feed_state")
    await office.rows("UPDATE feed_state SET kept_from = head")
    try:
        async with office.database.unit_of_work(owner) as tx:
            await actions_lanes.replay(tx, webhook.id, since, None)
        await office.deliver()
    finally:
        await office.rows("UPDATE feed_state SET kept_from = $1", before["kept_from"])
    gaps = [said(body) for _, body in door.came if said(body)["type"] == actions_lanes.GAP_TYPE]
    assert [one["data"]["data"]["why"] for one in gaps] == ["retention"]
