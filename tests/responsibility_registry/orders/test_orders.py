"""Orders on a real database: given by the chain, held by clocks, closed by another pair of eyes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from libs.contracts.public_reporting import ReportDisputed
from libs.contracts.risk_grading import HazardDismissed, HazardMerged, HazardRegraded, HazardReopened, HazardVerified
from libs.contracts.values import FiveItems
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.duties.actions import import_duties
from services.responsibility_registry.orders import actions, store
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.model import orders
from services.responsibility_registry.orders.rules import NotTheAssignee, Order, OrderCannotBeReturned, OrderKind
from services.responsibility_registry.orders.rules_chosen import Chosen
from services.responsibility_registry.orders.rules_rounds import RectifierMayNotInspect
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import (
    SYSTEM,
    TOWNSHIP,
    Stage,
    administrator,
    duty_of,
    hazard,
    put_clock,
    stage,
)

PHOTO = (new_id(),)


async def verified(town: Stage, hazard_id: UUID, **changes: object) -> None:
    facts = hazard(**changes)
    await town.hear(HazardVerified(hazard=facts, verified_by=None, verified_at=_now()), hazard_id)


def _now():
    from libs.common.clocks import now

    return now()


async def order_of(town: Stage, hazard_id: UUID) -> Order:
    async with town.database.unit_of_work(SYSTEM) as tx:
        found = await store.lock_of_hazard(tx, hazard_id)
    assert found is not None
    return found


async def events(town: Stage) -> list[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT event_type FROM outbox WHERE event_type LIKE '%order%' ORDER BY position"))
    return [row["event_type"].split(".", 1)[1] for row in rows]


async def rectified(town: Stage, order: Order) -> Order:
    async with town.database.unit_of_work(town.acting("police_station")) as tx:
        served = await actions.serve_order(tx, order.id, order.version, "receipt", PHOTO)
        return await actions.rectify_order(tx, order.id, served.version, "done", PHOTO, (town.posts["grid_post"],))


async def inspected(town: Stage, order: Order, *, passed: bool = True) -> Order:
    async with town.database.unit_of_work(town.acting("sector_supervisor", area=TOWNSHIP)) as tx:
        return await actions.inspect_order(tx, order.id, order.version, passed=passed, words="seen", evidence=PHOTO)


async def test_a_verified_hazard_becomes_an_order_of_the_post_that_the_chain_names(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        order = await order_of(town, hazard_id)
        assert (order.state, order.kind, order.assignee_post_id) == (
            "issued", "rectification_notice", town.posts["police_station"],
        )  # fmt: skip
        assert order.deadline is not None
        assert order.deadline.amount == 10
        assert await events(town) == ["order.issued.v1"]


async def test_without_all_five_items_the_order_stays_a_draft_until_a_post_issues_it(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id, five_items=FiveItems(measures="separate"))
        order = await order_of(town, hazard_id)
        assert order.state == "drafted"
        chosen = Chosen(responsible="landlord", funds_fen=0, contingency="evacuate")
        async with town.database.unit_of_work(town.acting("police_station")) as tx:
            issued = await actions.issue_order(tx, order.id, order.version, chosen)
        assert issued.state == "issued"
        assert issued.five is not None
        assert issued.five.measures == "separate"


async def test_an_order_without_a_post_is_a_visible_gap_and_given_when_a_duty_appears(fresh_database: FreshDatabase):
    nobody = (
        "police_station",
        "sector_supervisor",
        "township_deputy",
        "township_government_first",
        "township_party_first",
    )
    async with stage(fresh_database, without=nobody) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        order = await order_of(town, hazard_id)
        assert order.state == "unassigned"
        await sweep_all(town.database, SERVICE.watches)
        assert [one.step for one in (await order_of(town, hazard_id)).escalations] == ["take_over"]
        put_clock(timedelta(hours=1))
        async with town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty_of(town.posts["police_station"], "police_station", TOWNSHIP)])
        await sweep_all(town.database, SERVICE.watches)
        given = await order_of(town, hazard_id)
        assert (given.state, given.assignee_post_id) == ("issued", town.posts["police_station"])
        assert given.unassigned_seconds >= 3599
        assert "order.assigned.v1" in await events(town)


async def test_overdue_order_reminds_then_climbs_the_ladder_once_a_rung(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        put_clock(timedelta(days=8))
        await sweep_all(town.database, SERVICE.watches)
        assert "order_reminder.told.v1" in await events(town)
        version = (await order_of(town, hazard_id)).version
        put_clock(timedelta(days=30))
        await sweep_all(town.database, SERVICE.watches)
        await sweep_all(town.database, SERVICE.watches)
        order = await order_of(town, hazard_id)
        steps = [one.step for one in order.escalations]
        assert steps == ["supervise", "supervise_head", "circular_notice", "regulatory_talk"]
        assert order.version == version + 4


async def test_who_rectified_or_helped_is_refused_and_told_who_may_inspect(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        order = await rectified(town, await order_of(town, hazard_id))
        for link in ("police_station", "grid_post"):
            with pytest.raises(RectifierMayNotInspect) as refused:
                async with town.database.unit_of_work(town.acting(link)) as tx:
                    await actions.inspect_order(tx, order.id, None, passed=True, words="ok", evidence=PHOTO)
            assert town.posts["sector_supervisor"] in refused.value.may
        closed = await inspected(town, order)
        assert closed.state == "closed"
        assert await events(town) == [
            "order.issued.v1", "order.served.v1", "order.rectified.v1", "order.closed.v1",
        ]  # fmt: skip


async def test_the_entity_of_the_object_sees_its_own_notice_and_reports_it_done(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id, house = new_id(), new_id()
        await verified(town, hazard_id, risk_object_id=house)
        order = await order_of(town, hazard_id)
        async with town.database.unit_of_work(town.acting("police_station")) as tx:
            await actions.serve_order(tx, order.id, None, "", ())
        neighbour = Scope(subject="neighbour", posts=frozenset({new_id()}))
        with pytest.raises(NotFound):
            async with town.database.unit_of_work(neighbour) as tx:
                await actions.rectify_order(tx, order.id, None, "done", PHOTO, ())
        landlord = Scope(subject="landlord", parties=frozenset({house}))
        async with town.database.unit_of_work(landlord) as tx:
            assert show(await store.find_order(tx, order.id), landlord).actions == (
                "rectify", "ask_pause", "report_progress",
            )  # fmt: skip
            done = await actions.rectify_order(tx, order.id, None, "done", PHOTO, ())
        assert (done.state, done.hands) == ("rectified", ())


async def test_a_dispute_before_closure_fails_the_inspection_of_the_same_order(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        order = await rectified(town, await order_of(town, hazard_id))
        await town.hear(ReportDisputed(words="still there", hazard_ids=(hazard_id,)), new_id())
        again = await order_of(town, hazard_id)
        assert (again.id, again.round, again.state) == (order.id, 2, "served")


async def test_a_dispute_after_closure_leads_to_a_new_linked_order(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        closed = await inspected(town, await rectified(town, await order_of(town, hazard_id)))
        report_id = new_id()
        await town.hear(ReportDisputed(words="it is back", hazard_ids=(hazard_id,)), report_id)
        assert "order.dispute_decided.v1" in await events(town)
        reopened = HazardReopened(hazard=hazard(state="reopened", round=2), reason="it is back")
        await town.hear(reopened, hazard_id)
        second = await order_of(town, hazard_id)
        assert (second.follows_order_id, second.hazard_round, second.state) == (closed.id, 2, "issued")
        await town.hear(ReportDisputed(words="and again", hazard_ids=(hazard_id,)), report_id)
        assert (await events(town))[-1] == "order.dispute_joined.v1"
        assert (await order_of(town, hazard_id)).id == second.id


async def test_a_merged_hazard_s_order_ends_in_the_survivor_which_keeps_the_earlier_deadline(
    fresh_database: FreshDatabase,
):
    async with stage(fresh_database) as town:
        early, late = new_id(), new_id()
        await verified(town, early)
        first = await order_of(town, early)
        put_clock(timedelta(days=3))
        await verified(town, late)
        await town.hear(HazardMerged(hazard=hazard(state="merged"), into=late), early)
        survivor = await order_of(town, late)
        async with town.database.unit_of_work(SYSTEM) as tx:
            ended = await store.find_order(tx, first.id)
        assert (ended.state, ended.merged_into) == ("merged_into", survivor.id)
        assert survivor.due_at == first.due_at


async def test_a_hazard_raised_to_major_is_due_at_the_earlier_of_the_two(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        before = await order_of(town, hazard_id)
        raised = HazardRegraded(hazard=hazard(is_major=True), raised=True, reason="GB 35181")
        await town.hear(raised, hazard_id)
        after = await order_of(town, hazard_id)
        assert after.major
        assert before.due_at is not None
        assert after.due_at == before.due_at - timedelta(days=5)


async def test_an_order_outside_the_scope_is_not_found_and_inside_without_the_role_refused(
    fresh_database: FreshDatabase,
):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        order = await order_of(town, hazard_id)
        elsewhere = town.acting("grid_post", area="331003000000")
        gas_only = town.acting("county_government_first", sectors=("gas",))
        for scope in (elsewhere, gas_only):
            with pytest.raises(NotFound):
                async with town.database.unit_of_work(scope) as tx:
                    await actions.serve_order(tx, order.id, order.version, "", ())
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(town.acting("grid_post", "auditor")) as tx:
                await actions.serve_order(tx, order.id, order.version, "", ())
        with pytest.raises(StaleVersion):
            async with town.database.unit_of_work(town.acting("police_station")) as tx:
                await actions.serve_order(tx, order.id, 99, "", ())


async def test_a_notice_is_never_returned_and_a_task_only_by_its_department(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        notice_of, task_of = new_id(), new_id()
        await verified(town, notice_of)
        await verified(town, task_of, entity=None)
        notice, task = await order_of(town, notice_of), await order_of(town, task_of)
        police = town.acting("police_station")
        with pytest.raises(OrderCannotBeReturned):
            await _returned(town, police, notice)
        with pytest.raises(NotTheAssignee):
            await _returned(town, town.acting("township_deputy"), task)
        async with town.database.unit_of_work(police) as tx:
            back = await actions.return_order(tx, task.id, task.version, "not ours")
        assert (back.state, back.assignee_post_id) == ("returned", None)


async def _returned(town: Stage, scope: object, order: Order) -> None:
    async with town.database.unit_of_work(scope) as tx:  # type: ignore[arg-type]
        assert isinstance(tx, Tx)
        await actions.return_order(tx, order.id, order.version, "not ours")


async def test_a_repeated_fact_gives_no_second_order(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id, event_id = new_id(), new_id()
        fact = HazardVerified(hazard=hazard(), verified_by=None, verified_at=_now())
        await town.hear(fact, hazard_id, event_id=event_id)
        await town.hear(fact, hazard_id, event_id=event_id)
        await town.hear(fact, hazard_id)
        assert await events(town) == ["order.issued.v1"]


async def test_a_late_supervision_notice_is_swept_once_and_not_for_ever(fresh_database: FreshDatabase):
    async with stage(fresh_database) as town:
        hazard_id = new_id()
        await verified(town, hazard_id)
        put_clock(timedelta(days=30))
        await sweep_all(town.database, SERVICE.watches)
        put_clock(timedelta(days=40))
        await sweep_all(town.database, SERVICE.watches)
        async with town.database.unit_of_work(SYSTEM) as tx:
            waiting = await store.ids_unswept(tx, tx.now)
            late = await tx.all(store.list_orders(
                tx, state=None, kind=OrderKind.SUPERVISION_NOTICE, hazard_id=None, post_id=None,
                areas=[("331002004000", "331002004999")], overdue_at=tx.now,
            ))  # fmt: skip
        assert waiting == []
        assert len(late) == 3


async def test_what_a_fact_of_the_hazard_ends_was_done_by_no_post(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        nobody_had, somebody_had = new_id(), new_id()
        await verified(town, nobody_had, five_items=FiveItems())
        await verified(town, somebody_had)
        for hazard_id in (nobody_had, somebody_had):
            await town.hear(HazardDismissed(hazard=hazard(state="dismissed"), reason="nothing there"), hazard_id)
            ended = await order_of(town, hazard_id)
            assert ended.state == "withdrawn"
            assert ended.withdrawal is not None
            assert (ended.withdrawal.by_posts, ended.withdrawal.words) == ((), "nothing there")


async def test_who_issues_binds_every_sector_and_needs_them_all_from_one_grant(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        hazard_id, both = new_id(), ("fire", "gas")
        await verified(town, hazard_id, five_items=FiveItems(measures="separate"))
        drafted = await order_of(town, hazard_id)
        async with town.database.unit_of_work(SYSTEM) as tx:
            await tx.execute(orders.update().where(orders.c.id == drafted.id).values(sectors=list(both)))
        chosen = Chosen(responsible="landlord", funds_fen=0, contingency="evacuate")
        of_fire, of_both = (town.acting("police_station", sectors=some) for some in (("fire",), both))
        async with town.database.unit_of_work(of_fire) as tx:
            assert "issue" not in show(await store.find_order(tx, drafted.id), of_fire).actions
            with pytest.raises(RoleMissing):
                await actions.issue_order(tx, drafted.id, None, chosen)
        async with town.database.unit_of_work(of_both) as tx:
            assert "issue" in show(await store.find_order(tx, drafted.id), of_both).actions
            assert (await actions.issue_order(tx, drafted.id, None, chosen)).state == "issued"
