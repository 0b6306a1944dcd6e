"""Messages: what an owner may see and wants arrives, once it is taken and not before, and harms nobody else's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from svix.webhooks import Webhook as SvixVerifier
from svix.webhooks import WebhookVerificationError

from gateway.egress import Egress
from gateway.webhooks import actions, actions_lanes, store_lanes
from gateway.webhooks.rules import Disabled, Format
from gateway.webhooks.rules_delivery import SCHEDULE, Answer, ReplayEmpty, ReplayRunning
from libs.common.clocks import system_now
from libs.common.problems import NotFound
from libs.common.scope import Scope
from tests.gateway.feed.facts import CLOSED, COUNTY, OTHER_COUNTY, told
from tests.gateway.webhooks.stage import SEALS, PostOffice, Receiver, receiver, said


async def test_an_event_arrives_signed_and_is_read_by_two_independent_libraries(
    office: PostOffice, door: Receiver
) -> None:
    _, secret = await office.register(office.owner(), door.url)
    fact = told()
    await office.log.keep(fact)
    await office.deliver()
    [message] = door.verified(secret)
    assert message["type"] == CLOSED
    assert message["data"]["id"] == str(fact.event_id)
    assert message["data"]["data"] == {"words": "隐患已消除"}
    headers, body = door.came[0]
    SvixVerifier(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        SvixVerifier(secret).verify(body.replace(b"fire", b"gas!"), headers)
    assert headers["content-type"] == "application/json"
    assert "." not in headers["webhook-id"]


async def test_a_cloudevent_is_read_by_its_own_library(office: PostOffice, door: Receiver) -> None:
    _, secret = await office.register(office.owner(), door.url, format=Format.CLOUDEVENTS)
    fact = told()
    await office.log.keep(fact)
    await office.deliver()
    door.verified(secret)
    headers, body = door.came[0]
    event = from_http_event(HTTPMessage(headers=headers, body=body))
    assert (event.get_id(), event.get_type()) == (str(fact.event_id), CLOSED)


async def test_what_happened_before_it_was_registered_is_not_told(office: PostOffice, door: Receiver) -> None:
    await office.log.keep(told())
    await office.register(office.owner(), door.url)
    await office.deliver()
    assert door.came == []


async def test_only_what_is_wanted_and_in_sight_is_told(office: PostOffice, door: Receiver) -> None:
    await office.register(
        office.owner("fire"), door.url, types=("risk_grading.hazard.*",), areas=(COUNTY,), sectors=("fire",)
    )
    wanted = told()
    await office.log.keep(
        wanted,
        told("risk_grading.warning.raised.v1"),
        told(area=OTHER_COUNTY),
        told(sectors="gas"),
        told(exercise=True),
    )
    await office.deliver()
    assert [said(body)["data"]["id"] for _, body in door.came] == [str(wanted.event_id)]


async def test_an_exercise_is_told_to_who_wants_them_and_says_so(office: PostOffice, door: Receiver) -> None:
    await office.register(office.owner(), door.url, with_exercises=True)
    await office.log.keep(told(exercise=True))
    await office.deliver()
    assert said(door.came[0][1])["data"]["exercise"] is True


async def test_a_failure_is_tried_again_by_the_schedule_under_the_same_id(office: PostOffice, door: Receiver) -> None:
    door.status = lambda number: 500 if number < 3 else 200
    webhook, secret = await office.register(office.owner(), door.url)
    await office.log.keep(told())
    await office.deliver()
    assert await office.deliveries(webhook) == [("pending", 1, 500, None)]
    [row] = await office.rows("SELECT next_at FROM webhook_deliveries WHERE webhook = $1", webhook.id)
    assert timedelta(seconds=3) < row["next_at"] - system_now() <= SCHEDULE[1] * 1.1
    await office.deliver()
    assert len(door.came) == 1, "it is not due"
    for _ in range(2):
        await office.hurry(webhook)
        await office.deliver()
    assert await office.deliveries(webhook) == [("delivered", 3, 200, None)]
    assert len(set(door.ids)) == 1
    assert len(door.verified(secret)) == 3
    tries = await office.rows("SELECT status FROM webhook_attempts ORDER BY at DESC LIMIT 3")
    assert [row["status"] for row in tries] == [200, 500, 500]


async def test_a_message_that_is_never_taken_disables_and_nothing_is_lost(office: PostOffice, door: Receiver) -> None:
    door.status = lambda _: 500
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    await office.deliver()
    for _ in SCHEDULE[1:]:
        assert await office.state(webhook) == ("active", None)
        await office.hurry(webhook)
        await office.deliver()
    assert await office.state(webhook) == ("disabled", Disabled.EXHAUSTED)
    assert len(door.came) == len(SCHEDULE)
    later = told()
    await office.log.keep(later)
    await office.deliver()
    assert len(door.came) == len(SCHEDULE), "nothing goes out while it is disabled"
    door.status = lambda _: 200
    async with office.database.unit_of_work(owner) as tx:
        await actions.enable_webhook(tx, webhook.id, None)
    await office.deliver()
    assert [said(body)["data"]["id"] for _, body in door.came[len(SCHEDULE) :]] == [str(later.event_id)]


async def test_gone_disables_at_once(office: PostOffice, door: Receiver) -> None:
    door.status = lambda _: 410
    webhook, _ = await office.register(office.owner(), door.url)
    await office.log.keep(told())
    await office.deliver()
    assert await office.state(webhook) == ("disabled", Disabled.GONE)
    assert await office.deliveries(webhook) == [("failed", 1, 410, None)]


async def test_who_asks_for_rest_has_it_for_all_its_messages(office: PostOffice, door: Receiver) -> None:
    door.status, door.headers = lambda _: 429, {"Retry-After": "600"}
    webhook, _ = await office.register(office.owner(), door.url)
    await office.log.keep(told())
    await office.deliver()
    door.status = lambda _: 200
    await office.log.keep(told(), told())
    await office.deliver()
    assert len(door.came) == 1
    [lane] = await office.rows("SELECT paused_until FROM webhook_lanes WHERE webhook = $1", webhook.id)
    assert timedelta(seconds=590) < lane["paused_until"] - system_now() <= timedelta(seconds=600)
    await office.hurry(webhook)
    await office.deliver()
    assert [state for state, *_ in await office.deliveries(webhook)] == ["delivered"] * 3


async def test_a_redirection_is_followed_nowhere(office: PostOffice, door: Receiver) -> None:
    async with receiver() as elsewhere:
        door.status, door.headers = lambda _: 307, {"Location": elsewhere.url}
        webhook, _ = await office.register(office.owner(), door.url)
        await office.log.keep(told())
        await office.deliver()
        assert (elsewhere.came, (await office.deliveries(webhook))[0][2]) == ([], 307)


async def test_a_dead_and_a_slow_neighbour_harm_nobody(office: PostOffice, door: Receiver) -> None:
    async with receiver() as slow:
        slow.held = asyncio.Event()
        await office.register(office.owner(), slow.url)
        dead, _ = await office.register(office.owner(), "http://127.0.0.1:9/nobody")
        await office.register(office.owner(), door.url)
        await office.log.keep(*(told() for _ in range(20)))
        courier = office.courier()
        for _ in range(40):
            await courier.carry()
            await asyncio.wait(set(courier._out), timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
            if len(door.came) == 20:
                break
        assert len(door.came) == 20
        assert len(slow.came) == 4, "one receiver has four messages out at most"
        assert {error for *_, error in await office.deliveries(dead)} - {None} == {"nobody_there"}
        slow.held.set()
        await courier.home()


async def test_what_a_fallen_courier_had_out_goes_out_again_under_its_id(office: PostOffice, door: Receiver) -> None:
    webhook, _ = await office.register(office.owner(), door.url)
    await office.log.keep(told(), told())

    async def falls(_: object) -> Answer:
        raise asyncio.CancelledError

    fallen = office.courier(falls)
    await fallen.carry()
    await fallen.home()
    await office.deliver()
    assert door.came == [], "what is out is claimed"
    ids = {f"msg_{row['id'].hex}" for row in await office.rows(
        "SELECT id FROM webhook_deliveries WHERE webhook = $1", webhook.id
    )}  # fmt: skip
    await office.hurry(webhook)
    await office.deliver()
    assert set(door.ids) == ids
    assert len(door.came) == 2


async def test_two_couriers_send_nothing_twice(office: PostOffice, door: Receiver) -> None:
    await office.register(office.owner(), door.url)
    await office.log.keep(*(told() for _ in range(60)))
    await asyncio.gather(*(office.deliver(office.courier()) for _ in range(3)))
    assert len(door.came) == 60
    assert len(set(door.ids)) == 60


async def test_who_lost_sight_of_an_event_is_not_told_it_late(office: PostOffice, door: Receiver) -> None:
    door.status = lambda _: 500
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    await office.deliver()
    office.sights[owner.subject] = Scope(subject=owner.subject, client_id=owner.subject)
    await office.hurry(webhook)
    await office.deliver()
    assert len(door.came) == 1
    assert await office.deliveries(webhook) == [("dropped", 1, 500, "not_in_sight")]


async def test_an_owner_who_has_ended_is_told_nothing_more(office: PostOffice, door: Receiver) -> None:
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    office.ended.add(owner.subject)
    await office.log.keep(told())
    await office.deliver()
    assert door.came == []
    assert await office.state(webhook) == ("disabled", Disabled.OWNER_ENDED)


async def test_both_secrets_sign_until_the_old_one_ends(office: PostOffice, door: Receiver) -> None:
    owner = office.owner()
    webhook, old = await office.register(owner, door.url)
    async with office.database.unit_of_work(owner) as tx:
        new = (await actions.rotate_secret(tx, webhook.id, None, SEALS)).secret
    assert new is not None
    await office.log.keep(told())
    await office.deliver()
    assert door.verified(old) == door.verified(new)
    async with office.database.unit_of_work(owner) as tx:
        last = (await actions.rotate_secret(tx, webhook.id, None, SEALS, timedelta())).secret
    door.came.clear()
    await office.log.keep(told())
    await office.deliver()
    assert last is not None
    assert len(door.verified(last)) == 1
    for ended in (old, new):
        with pytest.raises(Exception, match="No matching signature"):
            door.verified(ended)


async def test_no_secret_rests_in_plain(office: PostOffice, door: Receiver) -> None:
    _, secret = await office.register(office.owner(), door.url)
    plain = secret.removeprefix("whsec_")
    for table in ("webhook_secrets", "webhooks", "outbox", "timeline_details"):
        rows = await office.rows(f"SELECT * FROM {table}")
        assert rows
        assert plain not in str(rows)


async def test_a_time_is_told_again_under_the_ids_that_it_had(office: PostOffice, door: Receiver) -> None:
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    since = system_now()
    within = [told(), told()]
    await office.log.keep(*within)
    until = system_now()
    await office.log.keep(told())
    await office.deliver()
    named = {said(body)["data"]["id"]: headers["webhook-id"] for headers, body in door.came}
    assert len(named) == 4
    async with office.database.unit_of_work(owner) as tx:
        await actions_lanes.replay(tx, webhook.id, since, until)
    with pytest.raises(ReplayRunning):
        async with office.database.unit_of_work(owner) as tx:
            await actions_lanes.replay(tx, webhook.id, since, None)
    await office.deliver()
    assert sorted(door.ids[4:]) == sorted(named[str(one.event_id)] for one in within)
    with pytest.raises(ReplayEmpty):
        async with office.database.unit_of_work(owner) as tx:
            await actions_lanes.replay(tx, webhook.id, until, since)


async def test_a_gap_of_the_feed_is_a_message(office: PostOffice, door: Receiver) -> None:
    webhook, secret = await office.register(office.owner(), door.url)
    # As after a restore from a backup: the database's epoch rose, the lane's cursor is of the one before.
    await office.rows(
        "UPDATE webhook_lanes SET after = replace(encode(convert_to($2, 'UTF8'), 'base64'), '=', '')"
        " WHERE webhook = $1", webhook.id, "0.1.1",
    )  # fmt: skip
    for _ in range(2):
        await office.deliver()
        gaps = [one for one in door.verified(secret) if one["type"] == actions_lanes.GAP_TYPE]
        assert [one["data"]["data"]["why"] for one in gaps] == ["restored"]


async def test_a_test_message_takes_the_same_way(office: PostOffice, door: Receiver) -> None:
    owner = office.owner()
    webhook, secret = await office.register(owner, door.url)
    async with office.database.unit_of_work(owner) as tx:
        await actions_lanes.send_test(tx, webhook.id)
    await office.deliver()
    assert [one["type"] for one in door.verified(secret)] == [actions_lanes.TEST_TYPE]


async def test_a_message_is_sent_again_by_hand_when_it_is_done(office: PostOffice, door: Receiver) -> None:
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    await office.deliver()
    [row] = await office.rows("SELECT id FROM webhook_deliveries WHERE webhook = $1", webhook.id)
    async with office.database.unit_of_work(owner) as tx:
        await actions_lanes.resend(tx, webhook.id, row["id"])
    await office.deliver()
    assert (len(door.came), len(set(door.ids))) == (2, 1)


async def test_ended_drops_what_waits(office: PostOffice, door: Receiver) -> None:
    door.status = lambda _: 500
    owner = office.owner()
    webhook, _ = await office.register(owner, door.url)
    await office.log.keep(told())
    await office.deliver()
    async with office.database.unit_of_work(owner) as tx:
        await actions.end_webhook(tx, webhook.id, None, "nobody listens")
    await office.hurry(webhook)
    await office.log.keep(told())
    await office.deliver()
    assert len(door.came) == 1
    assert [state for state, *_ in await office.deliveries(webhook)] == ["dropped"]


async def test_nobody_sees_anybody_elses_by_either_wall(office: PostOffice, door: Receiver) -> None:
    webhook, _ = await office.register(office.owner(), door.url)
    await office.log.keep(told())
    await office.deliver()
    stranger = office.owner()
    with pytest.raises(NotFound):
        async with office.database.unit_of_work(stranger) as tx:
            await actions.change_webhook(tx, webhook.id, None, {"description": "mine"}, plain=True)
    for table in ("webhooks", "webhook_deliveries", "webhook_attempts", "webhook_secrets", "webhook_lanes"):
        async with office.database.unit_of_work(stranger) as tx:
            found = await tx.ask(f"SELECT count(*) AS seen FROM {table}")
        assert found is not None
        assert found["seen"] == 0, table


@pytest.mark.parametrize("address", ["10.0.0.8", "127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.8"])
async def test_an_address_in_the_citys_own_network_is_never_called(office: PostOffice, address: str) -> None:
    async def leads_inside(_: str, __: int) -> list[str]:
        return [address]

    before, office.egress = office.egress, Egress(resolver=leads_inside)
    try:
        webhook, _ = await office.register(office.owner(), "https://looks-harmless.example/in")
        await office.log.keep(told())
        await office.deliver()
    finally:
        office.egress = before
    assert await office.deliveries(webhook) == [("pending", 1, None, "address_not_public")]


async def test_a_full_lane_waits_in_the_feed_and_goes_on(
    office: PostOffice, door: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_lanes, "MOST_WAITING", 5)
    monkeypatch.setattr(actions_lanes, "_BATCH", 5)
    webhook, _ = await office.register(office.owner(), door.url)
    await office.log.keep(*(told(aggregate=uuid4()) for _ in range(12)))

    async def refuses(_: object) -> Answer:
        return Answer(status=500, error=None, seconds=0)

    courier = office.courier(refuses)
    await courier.carry()
    await courier.home()
    assert len(await office.deliveries(webhook)) == 5
    while len(door.came) < 12:
        await office.hurry(webhook)
        await office.deliver()
    assert len({said(body)["data"]["id"] for _, body in door.came}) == 12
