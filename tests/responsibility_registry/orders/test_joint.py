"""Joint orders: parts that others do; the lead reports the whole, and none of the hands inspects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.responsibility_registry.orders import actions, actions_joint, rules_joint, rules_rounds, store
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.rules import Order, OrderCannotMove, OrderIncomplete, OrderState
from services.responsibility_registry.orders.rules_kept import Act
from services.responsibility_registry.orders.rules_present import PostNotThere
from services.responsibility_registry.orders.rules_rounds import RectifierMayNotInspect
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.orders.cases import BUREAU, DUE, FIRE_OFFICE, ISSUED_AT, OTHER, PHOTO, POLICE, case
from tests.responsibility_registry.orders.test_pauses import deputy, police
from tests.responsibility_registry.orders.test_presence import far_post, served
from tests.responsibility_registry.stage import Stage

Town = tuple[Stage, Order]
SERVED = case(OrderState.SERVED)
JOINT = rules_joint.name_assistants(SERVED, [(FIRE_OFFICE, "断电"), (BUREAU, "巡查")], ISSUED_AT)
DONE = Act(at=ISSUED_AT, by_posts=(FIRE_OFFICE,), words="已断电", evidence=(PHOTO,))


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with served(fresh_database) as made:
        yield made


def test_a_part_is_signed_for_and_reported_once_by_its_own_post() -> None:
    signed = rules_joint.sign_part(JOINT, by=FIRE_OFFICE, at=ISSUED_AT)
    assert rules_joint.hands(signed) == (FIRE_OFFICE,)
    with pytest.raises(rules_joint.PartAlreadyThere):
        rules_joint.sign_part(signed, by=FIRE_OFFICE, at=ISSUED_AT)
    done = rules_joint.report_part(JOINT, by=FIRE_OFFICE, person="fireman", done=DONE)
    assert (rules_joint.unfinished(done), rules_joint.persons(done)) == ((BUREAU,), {"fireman"})
    assert done.assistants[0].signed_at == ISSUED_AT
    with pytest.raises(rules_joint.PartAlreadyThere):
        rules_joint.report_part(done, by=FIRE_OFFICE, person="fireman", done=DONE)
    with pytest.raises(rules_joint.NotAnAssistant):
        rules_joint.sign_part(JOINT, by=POLICE, at=ISSUED_AT)
    with pytest.raises(OrderIncomplete):
        rules_joint.report_part(JOINT, by=FIRE_OFFICE, person="fireman", done=replace(DONE, evidence=()))


def test_the_whole_is_done_when_each_part_is_or_somebody_says_why_not() -> None:
    with pytest.raises(rules_joint.PartsUnfinished):
        rules_joint.require_parts(JOINT, " ")
    rules_joint.require_parts(JOINT, "巡查改由物业承担")
    rules_joint.require_parts(SERVED, "")


def test_nobody_assists_twice_nor_the_lead_nor_more_than_twenty() -> None:
    for asked, code in (([(POLICE, "x")], "leads_itself"), ([(BUREAU, "x")], "named_twice")):
        with pytest.raises(OrderIncomplete, match=code):
            rules_joint.name_assistants(JOINT, asked, ISSUED_AT)
    many = [(UUID(int=1000 + number), "x") for number in range(rules_joint.MOST_ASSISTANTS - 1)]
    with pytest.raises(OrderIncomplete, match="too_many"):
        rules_joint.name_assistants(JOINT, many, ISSUED_AT)
    with pytest.raises(OrderCannotMove):
        rules_joint.name_assistants(case(OrderState.CLOSED), [(FIRE_OFFICE, "x")], ISSUED_AT)


def test_a_merged_order_leaves_its_assistants_to_the_survivor() -> None:
    survivor = replace(SERVED, id=OTHER, assignee_post_id=BUREAU)
    _, kept = rules_rounds.merge(JOINT, survivor, at=DUE)
    assert [one.post_id for one in kept.assistants] == [FIRE_OFFICE]


async def named(town: Stage, order: Order, *posts: UUID, by: Scope | None = None) -> Order:
    async with town.database.unit_of_work(by or deputy(town)) as tx:
        return await actions_joint.name_assistants(tx, order.id, order.version, [(post, "断电") for post in posts])


async def rectified(town: Stage, order: Order, why: str = "") -> Order:
    async with town.database.unit_of_work(police(town)) as tx:
        return await actions.rectify_order(tx, order.id, None, "done", (new_id(),), (), why)


async def test_an_assistant_beyond_the_area_sees_the_order_and_does_its_part(town: Town) -> None:
    stage, order = town
    far = await far_post(stage)
    neighbour = Scope(subject="neighbour", client_id="test", posts=frozenset({far}), post_id=far)
    async with stage.database.unit_of_work(neighbour) as tx:
        with pytest.raises(NotFound):
            await store.find_order(tx, order.id)
    joint = await named(stage, order, stage.posts["sector_supervisor"])
    assert joint.assistants[0].words == "断电"
    supervisor = replace(stage.acting("sector_supervisor"), grants=())
    async with stage.database.unit_of_work(supervisor) as tx:
        assert set(show(await store.find_order(tx, order.id), supervisor).actions) == {"sign_part", "report_part"}
        signed = await actions_joint.sign_part(tx, order.id, joint.version)
        reported = await actions_joint.report_part(tx, order.id, signed.version, "已断电", (new_id(),))
    assert rules_joint.unfinished(reported) == ()
    done = await rectified(stage, order)
    assert stage.posts["sector_supervisor"] in done.hands
    async with stage.database.unit_of_work(stage.acting("sector_supervisor")) as tx:
        with pytest.raises(RectifierMayNotInspect):
            await actions.inspect_order(tx, order.id, done.version, passed=True, words="x", evidence=(new_id(),))


async def test_the_lead_waits_for_the_parts_or_says_why_not(town: Town) -> None:
    stage, order = town
    await named(stage, order, stage.posts["sector_supervisor"])
    with pytest.raises(rules_joint.PartsUnfinished):
        await rectified(stage, order)
    assert (await rectified(stage, order, "断电改由物业承担")).state is OrderState.RECTIFIED


async def test_who_may_name_assistants_and_whom(town: Town) -> None:
    stage, order = town
    post = stage.posts["sector_supervisor"]
    with pytest.raises(RoleMissing):
        await named(stage, order, post, by=stage.acting("township_deputy", "grid_member"))
    with pytest.raises(PostNotThere):
        await named(stage, order, new_id())
    with pytest.raises(StaleVersion):
        await named(stage, replace(order, version=7), post)
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    with pytest.raises(NotFound):
        await named(stage, order, post, by=Scope(subject="stranger", grants=(beyond,)))
    async with stage.database.unit_of_work(deputy(stage)) as tx:
        with pytest.raises(rules_joint.NotAnAssistant):
            await actions_joint.sign_part(tx, order.id, None)


async def test_the_doors_take_a_part_once(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    await named(stage, order, stage.posts["sector_supervisor"])
    told = {"If-Match": "*", "Idempotency-Key": "the-part-of-the-supervisor"}
    async with asking(fresh_database, stage.acting("sector_supervisor")) as client:
        for _ in range(2):
            answer = await client.post(f"/v1/orders/{order.id}/sign-part", headers=told)
            assert answer.status_code == 200, answer.text
        again = await client.post(f"/v1/orders/{order.id}/sign-part", headers={"If-Match": "*"})
        assert (again.status_code, again.json()["code"]) == (409, "order_cannot_move")
        part = {"words": "已断电", "evidence": [str(new_id())]}
        done = await client.post(f"/v1/orders/{order.id}/report-part", json=part, headers={"If-Match": "*"})
        assert done.json()["assistants"][0]["done_words"] == "已断电"
