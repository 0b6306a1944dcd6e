"""Disputes, merges and late facts: each race of hazards has a stated winner."""

from uuid import UUID

import pytest

from libs.contracts import responsibility_registry as registry
from libs.contracts.risk_grading import HazardReopened
from services.risk_grading.hazards import actions, listen
from services.risk_grading.hazards.rules import HazardCannotMove, HazardState
from tests.risk_grading.hazards.orders_told import (
    EARLIER,
    ORDER,
    closed_by_order,
    dispute,
    in_work,
    move,
    noted,
    said,
    tell,
)
from tests.risk_grading.village import (
    GRID_MEMBER,
    NIGHT_PATROL,
    PATROL,
    PHOTO,
    PHOTO_AFTER,
    Village,
    finding,
    heard,
)


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
    await village.act(GRID_MEMBER, lambda tx: actions.dismiss_hazard(tx, seen.id, 1, reason="未发现", evidence=()))
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
