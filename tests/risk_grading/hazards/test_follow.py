"""How hazards follow the facts of their orders and the disputes of reporters; the races have stated winners."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.contracts import responsibility_registry as registry
from libs.contracts.event import Event
from libs.contracts.public_reporting import ReportDisputed
from libs.contracts.risk_grading import HazardClosed, HazardOrderWithdrawn, HazardRectifying, HazardReopened
from services.risk_grading.hazards import actions, listen
from services.risk_grading.hazards.rules import Hazard, HazardCannotMove, HazardState
from tests.risk_grading.hazards.test_verbs import LIMITED
from tests.risk_grading.village import (
    GRID_MEMBER,
    NIGHT_PATROL,
    PATROL,
    PHOTO,
    PHOTO_AFTER,
    POLICE,
    Village,
    finding,
    heard,
    order_of,
)

HANDLERS = {listener.event: listener.handle for listener in listen.LISTENS}
ORDER = UUID(int=41)
EARLIER = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 10, 26, 2, 30, tzinfo=UTC)


def said(fact: type[Event], hazard_id: UUID, /, **changed: Any) -> Event:
    more = {
        registry.OrderDrafted: {"missing": ("funds",)},
        registry.OrderUnassigned: {"gap": "没有岗位"},
        registry.OrderIssued: {"issued_at": NOW},
        registry.OrderRectified: {"evidence": (PHOTO,), "rectified_at": NOW},
        registry.OrderInspectionFailed: {"reason": "仍有飞线"},
        registry.OrderClosed: {"closed_at": NOW, "on_time": False},
        registry.OrderWithdrawn: {"reason": "对象有误"},
        registry.OrderExtended: {"reason": "雨季"},
        registry.OrderBroughtForward: {"reason": "提级"},
        registry.OrderMerged: {"into": UUID(int=42)},
        registry.OrderAssigned: {"unassigned_seconds": 60},
        registry.OrderDisputeDecided: {"words": "又在充电"},
    }[fact]
    return fact(order=order_of(hazard_id, **changed), **more)


async def tell(village: Village, hazard_id: UUID, *facts: type[Event], order: UUID = ORDER, **says: Any) -> None:
    for fact in facts:
        event = heard(said(fact, hazard_id, **says), about=order, at=NOW)
        await village.hear(event, HANDLERS[fact])


async def in_work(village: Village) -> Hazard:
    hazard = await village.reported(findings=[finding()])
    await tell(village, hazard.id, registry.OrderIssued)
    return await village.hazard(hazard.id)


async def closed_by_order(village: Village) -> Hazard:
    hazard = await in_work(village)
    await tell(village, hazard.id, registry.OrderRectified, registry.OrderClosed)
    return await village.hazard(hazard.id)


async def dispute(village: Village, *hazard_ids: UUID) -> None:
    event = heard(ReportDisputed(words="楼梯口又停满了", hazard_ids=hazard_ids))
    await village.hear(event, listen.on_report_disputed)


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


async def test_a_reopened_hazard_that_is_dismissed_loses_the_order_that_was_on_its_way(village: Village) -> None:
    hazard = await closed_by_order(village)
    await tell(village, hazard.id, registry.OrderDisputeDecided)
    await village.act(
        NIGHT_PATROL, lambda tx: actions.dismiss_hazard(tx, hazard.id, None, reason="未见充电", evidence=())
    )
    before = await village.hazard(hazard.id)
    await tell(village, hazard.id, registry.OrderIssued, registry.OrderWithdrawn, order=UUID(int=43))
    assert await village.hazard(hazard.id) == before
    assert await noted(village) == 2
    await dispute(village, hazard.id)
    assert (await village.hazard(hazard.id)).round == 3


async def test_dispute_before_closure_fails_the_inspection_of_the_same_order(village: Village) -> None:
    hazard = await in_work(village)
    await dispute(village, hazard.id)
    await tell(village, hazard.id, registry.OrderInspectionFailed)
    assert await village.hazard(hazard.id) == hazard
    assert await noted(village) == 1
    await tell(village, hazard.id, registry.OrderRectified)
    await dispute(village, hazard.id)
    await tell(village, hazard.id, registry.OrderInspectionFailed)
    after = await village.hazard(hazard.id)
    assert (after.state, after.round, after.order_id) == (HazardState.RECTIFYING, 1, ORDER)


async def test_dispute_after_closure_reopens_and_a_second_one_joins_the_round(village: Village) -> None:
    hazard = await closed_by_order(village)
    await dispute(village, hazard.id)
    # The registry decides, under the order's lock.
    assert (await village.hazard(hazard.id)).state is HazardState.CLOSED
    await tell(village, hazard.id, registry.OrderDisputeDecided)
    told = await village.last(HazardReopened)
    assert (told.cause, told.reason, told.hazard.round) == ("dispute", "又在充电", 2)
    await dispute(village, hazard.id)
    again = heard(said(registry.OrderDisputeDecided, hazard.id).model_copy(update={"words": "还在充"}), about=ORDER)
    await village.hear(again, listen.on_dispute_decided)
    await tell(village, hazard.id, registry.OrderIssued, order=UUID(int=43))
    await tell(village, hazard.id, registry.OrderDisputeDecided)
    after = await village.hazard(hazard.id)
    assert (after.round, len(after.reopenings), after.order_id) == (2, 2, UUID(int=43))
    assert (await village.told("hazard")).count("hazard.reopened") == 1


async def test_facts_of_the_older_order_are_harmless_once_a_newer_one_is_linked(village: Village) -> None:
    hazard = await closed_by_order(village)
    await tell(village, hazard.id, registry.OrderDisputeDecided)
    await tell(village, hazard.id, registry.OrderIssued, order=UUID(int=43))
    before = await village.hazard(hazard.id)
    await tell(village, hazard.id, registry.OrderRectified, registry.OrderClosed)
    assert await village.hazard(hazard.id) == before
    assert await noted(village) == 2


async def test_what_was_fixed_on_the_spot_reopens_by_the_reporters_word(village: Village) -> None:
    spot = await village.reported(findings=[finding(fix_at_once=True, after_evidence=(PHOTO_AFTER,))])
    await dispute(village, spot.id)
    await dispute(village, spot.id)
    after = await village.hazard(spot.id)
    assert (after.state, after.round, len(after.reopenings)) == (HazardState.REOPENED, 2, 1)


async def test_what_was_dismissed_reopens_and_what_nobody_has_seen_yet_does_not(village: Village) -> None:
    seen, unseen = await village.reported(), await village.reported()
    await village.act(
        GRID_MEMBER, lambda tx: actions.dismiss_hazard(tx, seen.id, 1, reason="未发现", evidence=())
    )
    await dispute(village, seen.id, unseen.id)
    assert (await village.hazard(seen.id)).state is HazardState.REOPENED
    assert (await village.hazard(unseen.id)).version == 1


async def test_a_look_back_joins_the_round_that_a_dispute_began(village: Village) -> None:
    hazard = await closed_by_order(village)
    await tell(village, hazard.id, registry.OrderDisputeDecided)
    with pytest.raises(HazardCannotMove):
        await village.act(
            NIGHT_PATROL,
            lambda tx: actions.look_back(tx, hazard.id, None, gone=False, words="仍在", evidence=(PHOTO,)),
        )
    joined = await village.act(NIGHT_PATROL, lambda tx: actions.reopen_hazard(tx, hazard.id, None, "仍在充电"))
    assert (joined.round, joined.reopenings[-1].by_post) == (2, PATROL)


async def test_the_order_of_a_merged_hazard_ends_in_the_survivors(village: Village) -> None:
    gone, kept = await in_work(village), await village.reported(findings=[finding()])
    await tell(village, kept.id, registry.OrderIssued, order=UUID(int=42), due_at=EARLIER)
    await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))
    before = await village.hazard(kept.id)
    assert (before.order_id, before.due_at) == (UUID(int=42), EARLIER)
    await tell(village, gone.id, registry.OrderRectified, registry.OrderMerged)
    assert await village.hazard(kept.id) == before
    assert (await village.hazard(gone.id)).state is HazardState.MERGED
    assert await noted(village) == 1


async def test_a_survivor_without_an_order_goes_on_under_that_of_the_merged_one(village: Village) -> None:
    gone, kept = await in_work(village), await village.reported()
    await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))
    assert (await village.hazard(kept.id)).order_id == ORDER
    await tell(village, gone.id, registry.OrderRectified)
    assert (await village.hazard(kept.id)).state is HazardState.PENDING_REVIEW
    await tell(village, gone.id, registry.OrderMerged)
    relinked = await village.hazard(kept.id)
    assert (relinked.order_id, relinked.state) == (UUID(int=42), HazardState.PENDING_REVIEW)
    await tell(village, kept.id, registry.OrderClosed, order=UUID(int=42))
    assert (await village.hazard(kept.id)).state is HazardState.CLOSED


async def test_an_order_that_comes_after_the_merge_moves_to_the_survivor(village: Village) -> None:
    gone, kept = await village.reported(findings=[finding()]), await village.reported()
    await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))
    after = await village.hazard(kept.id)
    assert (after.state, after.verification) == (HazardState.VERIFIED, gone.verification)
    await tell(village, gone.id, registry.OrderUnassigned)
    assert (await village.hazard(kept.id)).order_id is None
    await move(village, gone.id, kept.id)
    await tell(village, kept.id, registry.OrderAssigned)
    moved = await village.hazard(kept.id)
    assert (moved.state, moved.order_id, moved.version) == (HazardState.RECTIFYING, ORDER, 3)


async def move(village: Village, gone: UUID, kept: UUID, **says: Any) -> None:
    event = registry.OrderMoved(order=order_of(kept, **says), from_hazard_id=gone)
    await village.hear(heard(event, about=ORDER), listen.on_order_moved)


async def test_a_survivor_whose_own_order_has_ended_meanwhile_goes_on_under_the_moved_one(village: Village) -> None:
    gone, kept = await village.reported(findings=[finding()]), await village.reported(findings=[finding()])
    own = UUID(int=42)
    await tell(village, kept.id, registry.OrderIssued, registry.OrderRectified, order=own)
    await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))
    await tell(village, kept.id, registry.OrderClosed, order=own)
    await move(village, gone.id, kept.id, state="rectified")
    after = await village.hazard(kept.id)
    assert (after.state, after.order_id, after.round) == (HazardState.PENDING_REVIEW, ORDER, 2)
    await tell(village, kept.id, registry.OrderClosed)
    assert (await village.hazard(kept.id)).state is HazardState.CLOSED


async def test_the_late_end_of_the_survivors_own_order_changes_nothing_under_the_moved_one(village: Village) -> None:
    gone, kept = await village.reported(findings=[finding()]), await village.reported(findings=[finding()])
    own = UUID(int=42)
    await tell(village, kept.id, registry.OrderIssued, registry.OrderRectified, order=own)
    await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))
    await move(village, gone.id, kept.id)
    await tell(village, kept.id, registry.OrderClosed, registry.OrderDisputeDecided, order=own)
    after = await village.hazard(kept.id)
    assert (after.state, after.order_id) == (HazardState.RECTIFYING, ORDER)
    assert await noted(village) == 2


async def test_an_order_moved_from_a_hazard_that_was_not_merged_is_noted(village: Village) -> None:
    other, kept = await village.reported(), await in_work(village)
    await move(village, other.id, kept.id)
    assert (await village.hazard(kept.id), await noted(village)) == (kept, 1)


async def test_a_decided_dispute_of_a_merged_hazard_finds_the_survivor_at_work(village: Village) -> None:
    gone, kept = await closed_by_order(village), await village.reported(findings=[finding()])
    await tell(village, kept.id, registry.OrderIssued, order=UUID(int=42))
    await tell(village, gone.id, registry.OrderDisputeDecided)
    await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))
    before = await village.hazard(kept.id)
    await tell(village, gone.id, registry.OrderDisputeDecided)
    assert await village.hazard(kept.id) == before
    assert await noted(village) == 1


async def noted(village: Village) -> int:
    asked = "SELECT count(*) FROM timeline WHERE event_type = 'risk_grading.hazard.noted.v1'"
    return int(await village.superuser.fetchval(asked))
