"""Pauses on a real database: who asks and decides, what the sweeps leave alone, and that each ends by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.orders import actions, actions_pauses, rules_pauses, store
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.rules import NotTheAssignee, Order, OrderCannotMove
from services.responsibility_registry.orders.rules_kept import PauseState
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.stage import SYSTEM, Stage, put_clock

DAY = timedelta(days=1)
Town = tuple[Stage, Order]


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with served(fresh_database) as made:
        # The day on which a clock starts does not count.
        put_clock(DAY)
        yield made


def police(town: Stage) -> Scope:
    """Who has the order."""
    return town.acting("police_station")


def deputy(town: Stage) -> Scope:
    """Who decides."""
    return town.acting("township_deputy", "leader")


async def asked(town: Stage, order: Order, *, by: Scope | None = None, days: int = 4) -> Order:
    async with town.database.unit_of_work(by or police(town)) as tx:
        return await actions_pauses.ask_pause(
            tx, order.id, order.version, ground="disaster", words="台风", evidence=(new_id(),), from_at=None,
            until=tx.now + days * DAY,
        )  # fmt: skip


async def decided(town: Stage, order: Order, *, by: Scope | None = None, approved: bool = True) -> Order:
    async with town.database.unit_of_work(by or deputy(town)) as tx:
        return await actions_pauses.decide_pause(tx, order.id, order.version, approved=approved, words="属实")


async def resumed(town: Stage, order: Order, by: Scope) -> Order:
    async with town.database.unit_of_work(by) as tx:
        return await actions_pauses.resume_order(tx, order.id, order.version, words="复工")


async def current(town: Stage, order: Order) -> Order:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return await store.find_order(tx, order.id)


async def told_of(tx: Tx, order: Order) -> list[str]:
    rows = await tx.all(
        text("SELECT event_type FROM outbox WHERE aggregate_id = :id ORDER BY position"), {"id": order.id}
    )
    return [row["event_type"].split(".", 1)[1] for row in rows]


def due(order: Order) -> datetime:
    assert order.due_at is not None
    return order.due_at


async def test_a_pause_moves_the_due_time_and_ends_by_itself(town: Town) -> None:
    stage, order = town
    paused = await decided(stage, await asked(stage, order))
    assert due(paused) - due(order) == 4 * DAY
    put_clock(6 * DAY)
    await sweep_all(stage.database, SERVICE.watches)
    after = await current(stage, order)
    assert (after.pauses[0].state, after.due_at) == (PauseState.ENDED, paused.due_at)
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert (await told_of(tx, order))[-3:] == ["order.pause_asked.v1", "order.paused.v1", "order.resumed.v1"]
        assert await actions_pauses.unended(tx.now, tx) == []


async def test_a_paused_order_is_neither_reminded_nor_escalated(town: Town) -> None:
    """Eleven days on it would be late, and warned of before; with twenty days of pause it is neither."""
    stage, order = town
    await decided(stage, await asked(stage, order, days=20))
    put_clock(11 * DAY)
    await sweep_all(stage.database, SERVICE.watches)
    after = await current(stage, order)
    assert (after.escalations, after.version) == ((), order.version + 2)
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await tx.all(text("SELECT 1 FROM order_reminders")) == []
    assert show(after, police(stage)).paused
    put_clock(due(after) - now() + 11 * DAY + timedelta(minutes=1))
    await sweep_all(stage.database, SERVICE.watches)
    assert [one.step for one in (await current(stage, order)).escalations] == ["supervise"]


async def test_a_pause_that_nobody_ended_is_seen_by_the_watchdog(town: Town) -> None:
    stage, order = town
    paused = await decided(stage, await asked(stage, order))
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions_pauses.unended(paused.pauses[0].until + timedelta(minutes=6), tx) == [order.id]


async def test_who_may_ask_decide_and_resume(town: Town) -> None:
    stage, order = town
    with pytest.raises(NotTheAssignee):
        await asked(stage, order, by=deputy(stage))
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    with pytest.raises(NotFound):
        await asked(stage, order, by=Scope(subject="stranger", grants=(beyond,)))
    waiting = await asked(stage, order)
    with pytest.raises(OrderCannotMove):
        await asked(stage, waiting)
    with pytest.raises(RoleMissing):
        await decided(stage, waiting, by=stage.acting("township_deputy", "grid_member"))
    for by in (police(stage), replace(deputy(stage), subject="police_station")):
        with pytest.raises(rules_pauses.AnotherMustDecide):
            await decided(stage, waiting, by=by)
    with pytest.raises(StaleVersion):
        await decided(stage, order)
    paused = await decided(stage, waiting)
    with pytest.raises(NotTheAssignee):
        await resumed(stage, paused, stage.acting("grid_post", "grid_member"))
    back = await resumed(stage, paused, police(stage))
    assert due(back) == due(order)


async def test_a_refused_pause_moves_nothing_and_another_may_be_asked_for(town: Town) -> None:
    stage, order = town
    refused = await decided(stage, await asked(stage, order), approved=False)
    assert due(refused) == due(order)
    assert len((await asked(stage, refused)).pauses) == 2


async def test_reported_done_it_is_paused_no_longer(town: Town) -> None:
    stage, order = town
    paused = await decided(stage, await asked(stage, order))
    async with stage.database.unit_of_work(police(stage)) as tx:
        done = await actions.rectify_order(tx, order.id, paused.version, "done", (new_id(),), ())
    assert (done.pauses[0].state, due(done)) == (PauseState.ENDED, due(order))
    put_clock(6 * DAY)
    await sweep_all(stage.database, SERVICE.watches)
    assert (await current(stage, order)).version == done.version


async def test_what_is_on_offer_follows_the_pause(town: Town) -> None:
    stage, order = town
    assert "ask_pause" in show(order, police(stage)).actions
    waiting = await asked(stage, order)
    assert "ask_pause" not in show(waiting, police(stage)).actions
    assert "decide_pause" in show(waiting, deputy(stage)).actions
    assert "decide_pause" not in show(waiting, stage.acting("police_station", "leader")).actions
    paused = await decided(stage, waiting)
    assert {"resume"} <= set(show(paused, police(stage)).actions)
    assert "extend" not in show(paused, deputy(stage)).actions


async def test_the_doors_ask_and_decide_once(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    body = {
        "ground": "disaster", "words": "台风", "evidence": [str(new_id())], "until": (now() + 2 * DAY).isoformat(),
    }  # fmt: skip
    told = {"If-Match": f'"{order.version}"', "Idempotency-Key": "a-pause-of-the-notice"}
    async with asking(fresh_database, police(stage)) as client:
        for _ in range(2):
            answer = await client.post(f"/v1/orders/{order.id}/ask-pause", json=body, headers=told)
            assert answer.status_code == 200, answer.text
        assert len(answer.json()["pauses"]) == 1
        wrong = body | {"ground": "holiday", "until": "9999-12-31T23:59:59Z"}
        again = {"If-Match": "*"}
        assert (await client.post(f"/v1/orders/{order.id}/ask-pause", json=wrong, headers=again)).status_code == 409
        gone = await client.post(f"/v1/orders/{UUID(int=1)}/ask-pause", json=body, headers=again)
        assert gone.status_code == 404
    async with asking(fresh_database, deputy(stage)) as client:
        said = {"approved": True, "words": "属实"}
        stale = await client.post(f"/v1/orders/{order.id}/decide-pause", json=said, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        done = await client.post(f"/v1/orders/{order.id}/decide-pause", json=said, headers=again)
        assert done.json()["paused"] is True
