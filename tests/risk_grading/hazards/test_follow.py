"""How hazards follow the facts of their orders."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.contracts import responsibility_registry as registry
from libs.contracts.risk_grading import HazardClosed, HazardOrderWithdrawn, HazardRectifying
from services.risk_grading.hazards import actions, listen
from services.risk_grading.hazards.rules import HazardCannotMove, HazardState
from tests.risk_grading.hazards.orders_told import (
    EARLIER,
    NOW,
    ORDER,
    in_work,
    said,
    tell,
)
from tests.risk_grading.hazards.test_verbs import LIMITED
from tests.risk_grading.village import (
    GRID_MEMBER,
    POLICE,
    Village,
    finding,
    heard,
    order_of,
)


async def test_the_whole_life_of_an_order_moves_its_hazard(village: Village) -> None:
    hazard = await village.reported(findings=[finding()])
    steps = [
        (registry.OrderDrafted, HazardState.RECTIFYING), (registry.OrderIssued, HazardState.RECTIFYING),
        (registry.OrderRectified, HazardState.PENDING_REVIEW),
        (registry.OrderInspectionFailed, HazardState.RECTIFYING),
        (registry.OrderRectified, HazardState.PENDING_REVIEW), (registry.OrderClosed, HazardState.CLOSED),
    ]  # fmt: skip
    for kind, state in steps:
        await tell(village, hazard.id, kind, hands=(POLICE,) if kind is registry.OrderRectified else ())
        assert (await village.hazard(hazard.id)).state is state
    after = await village.hazard(hazard.id)
    assert (after.order_id, after.closed_at, POLICE in after.hands) == (ORDER, NOW, True)
    told = await village.last(HazardClosed)
    assert told.look_back_at == after.look_back_due_at
    assert (await village.told("hazard"))[2:] == [
        "hazard.rectifying", "hazard.pending_review", "hazard.rectifying", "hazard.pending_review", "hazard.closed",
    ]  # fmt: skip


async def test_a_gap_is_followed_like_any_order_and_says_when_it_is_due(village: Village) -> None:
    hazard = await village.reported(findings=[finding()])
    await tell(village, hazard.id, registry.OrderUnassigned, assigned_post=None, due_at=None)
    await tell(village, hazard.id, registry.OrderIssued)
    told = await village.last(HazardRectifying)
    assert (told.order_id, told.hazard.due_at) == (ORDER, datetime(2027, 1, 1, tzinfo=UTC))
    assert (await village.hazard(hazard.id)).version == 4


async def test_an_extension_moves_the_due_time_and_no_state(village: Village) -> None:
    hazard = await in_work(village)
    await tell(village, hazard.id, registry.OrderExtended, due_at=EARLIER)
    await tell(village, hazard.id, registry.OrderRectified, due_at=EARLIER)
    await tell(village, hazard.id, registry.OrderBroughtForward, due_at=NOW)
    after = await village.hazard(hazard.id)
    assert (after.due_at, after.state) == (NOW, HazardState.PENDING_REVIEW)


async def test_orders_about_no_hazard_and_those_that_press_others_move_nothing(village: Village) -> None:
    hazard = await in_work(village)
    await tell(village, hazard.id, registry.OrderIssued, order=new_id(), kind="supervision_notice")
    event = said(registry.OrderClosed, hazard.id).model_copy(update={"order": order_of(hazard.id, hazard_id=None)})
    await village.hear(heard(event), listen.on_order_closed)
    assert await village.hazard(hazard.id) == hazard


async def test_what_cannot_be_is_a_named_error(village: Village) -> None:
    hazard = await village.reported(findings=[finding()])
    for kind in (registry.OrderClosed, registry.OrderRectified, registry.OrderWithdrawn):
        with pytest.raises(HazardCannotMove):
            await tell(village, hazard.id, kind)
    with pytest.raises(NotFound):
        await tell(village, new_id(), registry.OrderIssued)
    unseen = await village.reported()
    with pytest.raises(HazardCannotMove):
        await tell(village, unseen.id, registry.OrderIssued)


async def test_a_withdrawn_order_leaves_a_hazard_that_is_verified_anew_and_leads_to_another(village: Village) -> None:
    hazard = await in_work(village)
    old = "UPDATE hazards SET verify_due_at = now() - interval '10 days' WHERE id = $1"
    await village.superuser.execute(old, hazard.id)
    await tell(village, hazard.id, registry.OrderWithdrawn)
    after = await village.hazard(hazard.id)
    assert (after.state, after.order_id, after.due_at) == (HazardState.REGISTERED, None, None)
    assert (await village.last(HazardOrderWithdrawn)).verify_by_at == after.verify_due_at > datetime.now(UTC)
    await village.act(GRID_MEMBER, lambda tx: actions.verify_hazard(tx, hazard.id, after.version, LIMITED))
    assert (await village.told("hazard"))[-2:] == ["hazard.order_withdrawn", "hazard.verified"]
    await tell(village, hazard.id, registry.OrderIssued, order=UUID(int=43))
    assert (await village.hazard(hazard.id)).order_id == UUID(int=43)
