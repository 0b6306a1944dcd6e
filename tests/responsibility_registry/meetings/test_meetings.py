"""A body meets: its seats see it whatever their area, its decisions are orders, and the board follows these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.bodies import actions as bodies
from services.responsibility_registry.bodies.rules import BodyAlreadyEnded
from services.responsibility_registry.meetings import actions, actions_cadence, store
from services.responsibility_registry.meetings.rules import Meeting, MeetingCannotMove, MeetingState, MeetingWrong
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders import store as order_store
from services.responsibility_registry.orders.rules import OrderIncomplete, OrderKind, OrderState
from tests.cluster import FreshDatabase
from tests.responsibility_registry.meetings.hall import Hall, hall, task
from tests.responsibility_registry.organizations.units import NEXT_COUNTY


async def seen(place: Hall, meeting: Meeting, by: Scope) -> Meeting:
    async with place.town.database.unit_of_work(by) as tx:
        return await store.find_meeting(tx, meeting.id)


async def decide(place: Hall, meeting: Meeting, by: Scope | None = None, **changes: object) -> Meeting:
    async with place.town.database.unit_of_work(by or place.leader) as tx:
        return await actions.decide_task(tx, meeting.id, None, task(**changes))


async def test_everybody_who_sits_in_the_body_sees_its_meeting_and_nobody_else_does(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        meeting = await place.plan(await place.found())
        for by in (place.chair, place.of_the_bureau, place.town.acting("grid_post", "inspector")):
            assert (await seen(place, meeting, by)).state is MeetingState.PLANNED
        of_gas = place.town.acting("grid_post", "leader", sectors=("gas",))
        for by in (place.stranger, of_gas):
            with pytest.raises(NotFound):
                await seen(place, meeting, by)


async def test_the_chair_the_office_and_who_leads_there_move_a_meeting_on_and_a_member_does_not(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        body = await place.found()
        for by in (place.chair, place.town.acting("police_station", "operator"), place.leader):
            await place.plan(body, by)
        for by in (place.of_the_bureau, place.stranger, place.town.acting("grid_post", "inspector")):
            with pytest.raises(RoleMissing):
                await place.plan(body, by)
        meeting = await place.plan(body)
        with pytest.raises(RoleMissing):
            await place.hold(meeting, by=place.of_the_bureau)


async def test_a_body_that_has_ended_plans_nothing_and_still_holds_what_was_planned(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        body = await place.found()
        meeting = await place.plan(body)
        async with place.town.database.unit_of_work(place.leader) as tx:
            await bodies.end_body(tx, body.id, None, "撤销")
        with pytest.raises(BodyAlreadyEnded):
            await place.plan(body)
        assert (await place.hold(meeting)).state is MeetingState.HELD


async def test_a_meeting_is_put_off_held_and_written_up_and_an_old_version_is_refused(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        meeting = await place.plan(await place.found())
        later = system_now() + timedelta(days=3)

        async def act(verb: Callable[[Tx], Awaitable[Meeting]]) -> Meeting:
            async with place.town.database.unit_of_work(place.chair) as tx:
                return await verb(tx)

        with pytest.raises(StaleVersion):
            await act(lambda tx: actions.postpone_meeting(tx, meeting.id, 7, later, "冲突"))
        moved = await act(lambda tx: actions.postpone_meeting(tx, meeting.id, 1, later, "冲突"))
        with pytest.raises(MeetingCannotMove):
            await act(lambda tx: actions.minute_meeting(tx, meeting.id, moved.version, "纪要", ()))
        nobody = new_id()
        with pytest.raises(MeetingWrong) as refused:
            await act(lambda tx: actions.hold_meeting(tx, meeting.id, None, None, nobody, ()))
        assert refused.value.errors[0][:2] == ("/chaired_by", "unknown_post")
        held = await place.hold(meeting)
        paper = new_id()
        minuted = await act(lambda tx: actions.minute_meeting(tx, meeting.id, held.version, "纪要", (paper,)))
        assert (minuted.version, minuted.minutes[0].files) == (4, (paper,))
        with pytest.raises(MeetingCannotMove):
            await act(lambda tx: actions.cancel_meeting(tx, meeting.id, None, "晚了"))


async def test_a_decision_is_a_task_order_at_once_in_the_meetings_trace_that_the_body_sees(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        held = await place.hold(await place.plan(await place.found()))
        decided = await decide(place, held)
        (decision,) = decided.decisions
        async with place.town.database.unit_of_work(place.of_the_bureau) as tx:
            order = await order_store.find_order(tx, decision.order_id)
        assert (order.kind, order.state, order.correlation_id) == (
            OrderKind.TASK, OrderState.ISSUED, held.correlation_id,
        )  # fmt: skip
        assert (order.words, order.five and order.five.measures) == ("一周内清零楼梯间充电点", "逐栋清查")
        with pytest.raises(NotFound):
            async with place.town.database.unit_of_work(place.stranger) as tx:
                await order_store.find_order(tx, decision.order_id)


async def test_nothing_is_decided_before_the_meeting_beyond_the_body_or_without_the_role_for_orders(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        body = await place.found()
        planned = await place.plan(body)
        with pytest.raises(MeetingCannotMove):
            await decide(place, planned)
        held = await place.hold(planned)
        with pytest.raises(RoleMissing):
            await decide(place, held, place.chair)
        of_gas = place.town.acting("police_station", "leader", sectors=("fire",))
        with pytest.raises(RoleMissing):
            await decide(place, held, of_gas, sectors=("fire", "gas"))
        wide = place.town.acting("police_station", "leader", "331000000000")
        with pytest.raises(MeetingWrong) as beyond:
            await decide(place, held, wide, area_code=NEXT_COUNTY)
        assert beyond.value.errors[0][:2] == ("/area_code", "beyond_body")
        with pytest.raises(OrderIncomplete):
            await decide(place, held, category="unheard_of")
        # Nothing of what was refused is left behind.
        assert (await seen(place, held, place.leader)).decisions == ()


async def test_the_board_follows_the_orders_without_anybody_typing(fresh_database: FreshDatabase) -> None:
    async with hall(fresh_database) as place:
        held = await place.hold(await place.plan(await place.found()))
        police = place.town.posts["police_station"]
        chosen = task().chosen
        for _ in range(2):
            held = await decide(place, held)

        async def board() -> list[OrderState | None]:
            async with place.town.database.unit_of_work(place.of_the_bureau) as tx:
                tasks = await actions_cadence.board_of(tx, await store.find_meeting(tx, held.id))
            return [one.progress.state if one.progress else None for one in tasks]

        assert (await board(), chosen.limit_days, police in place.town.posts.values()) == (["issued"] * 2, 7, True)
        async with place.town.database.unit_of_work(place.leader) as tx:
            await orders.withdraw_order(tx, held.decisions[1].order_id, None, "重复")
        assert await board() == [OrderState.ISSUED, OrderState.WITHDRAWN]


async def test_that_a_body_met_is_known_and_what_it_decided_only_to_who_sees_the_meeting(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        body = await place.found()
        await decide(place, await place.hold(await place.plan(body)))
        found = {}
        for by in (place.of_the_bureau, place.stranger):
            async with place.town.database.unit_of_work(by) as tx:
                year = await actions_cadence.year_of_body(tx, body.id, None)
            found[by.subject] = (len(year.held), len(year.tasks))
        assert found == {place.of_the_bureau.subject: (1, 1), place.stranger.subject: (1, 0)}
