"""The verbs by which people move hazards, on a real database: roles, scope, versions, separation of duties."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, PostUnsaid, RoleMissing, StaleVersion
from libs.contracts.risk_grading import HazardAbsorbed, HazardMerged, HazardReopened, HazardVerified
from services.risk_grading.hazards import actions
from services.risk_grading.hazards.actions import VerifyAsked
from services.risk_grading.hazards.rules import (
    Handling,
    Hazard,
    HazardCannotMove,
    HazardIncomplete,
    HazardMergedAway,
    HazardState,
    MajorPlan,
    Proposal,
    Severity,
)
from services.risk_grading.hazards.rules_rounds import AnotherPostMustLook, LookBackTooEarly
from services.risk_grading.objects import actions as objects
from tests.risk_grading.village import (
    ADMINISTRATOR,
    DUTY_OFFICER,
    ELSEWHERE,
    FIRE_INSPECTOR,
    GAS_INSPECTOR,
    GRID_MEMBER,
    GRID_POST,
    LEADER,
    NIGHT_PATROL,
    PATROL,
    PHOTO,
    PHOTO_AFTER,
    POLICE,
    POLICE_STATION,
    STRANGER,
    VILLAGE,
    Village,
    finding,
    holder,
    house,
)

PROPOSAL = Proposal(responsible="房屋出租人", measures="硬隔离", funds_fen=0, contingency="断电并移车")
LIMITED = VerifyAsked(
    severity=Severity.ORDINARY, basis="一般隐患", handling=Handling.WITHIN_LIMIT, words="一梯无隔离",
    proposal=PROPOSAL, limit_days=10, evidence=(PHOTO,),
)  # fmt: skip
ON_THE_SPOT = VerifyAsked(
    severity=Severity.ORDINARY, basis="一般隐患", handling=Handling.FIX_AT_ONCE, evidence=(PHOTO,)
)
PLAN = MajorPlan(
    goal="消除三合一", measures="搬离住宿", funds_fen=0, organisation="街道", until=date(2027, 1, 1),
    contingency="值守",
)  # fmt: skip
Verb = Callable[[Tx, UUID, int | None], Awaitable[Hazard]]


async def verified(village: Village, asked: VerifyAsked = LIMITED) -> Hazard:
    hazard = await village.reported()
    return await village.act(GRID_MEMBER, lambda tx: actions.verify_hazard(tx, hazard.id, 1, asked))


async def fixed(village: Village) -> Hazard:
    hazard = await verified(village, ON_THE_SPOT)
    return await village.act(GRID_MEMBER, lambda tx: _fix(tx, hazard.id, None))


def _fix(tx: Tx, hazard_id: UUID, expected: int | None, **changed: Any) -> Awaitable[Hazard]:
    said: dict[str, Any] = {"words": "断电移车", "before": (), "after": (PHOTO_AFTER,), "with_posts": (POLICE,)}
    return actions.fix_hazard(tx, hazard_id, expected, **(said | changed))


def _look(tx: Tx, hazard_id: UUID, expected: int | None, *, gone: bool = False) -> Awaitable[Hazard]:
    return actions.look_back(tx, hazard_id, expected, gone=gone, words="夜间巡查", evidence=(PHOTO,))


VERBS: dict[str, Verb] = {
    "verify": lambda tx, one, expected: actions.verify_hazard(tx, one, expected, LIMITED),
    "fix": _fix,
    "dismiss": lambda tx, one, expected: actions.dismiss_hazard(tx, one, expected, reason="无", evidence=()),
    "raise": lambda tx, one, expected: actions.raise_hazard(tx, one, expected, "重大判定"),
    "lower": lambda tx, one, expected: actions.lower_hazard(tx, one, expected, "复核"),
    "plan": lambda tx, one, expected: actions.file_plan(tx, one, expected, PLAN),
    "merge": lambda tx, one, expected: actions.merge_hazard(tx, one, expected, new_id()),
    "look back": _look,
    "reopen": lambda tx, one, expected: actions.reopen_hazard(tx, one, expected, "又在充电"),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
async def test_every_verb_takes_a_role_and_is_404_out_of_scope(village: Village, verb: Verb) -> None:
    hazard = await village.reported()
    for version in (1, 77):  # the role comes before the version: a stranger to it learns none
        with pytest.raises(RoleMissing):
            await village.act(LEADER, lambda tx, v=version: verb(tx, hazard.id, v))
    for caller in (STRANGER, GAS_INSPECTOR):
        with pytest.raises(NotFound):
            await village.act(caller, lambda tx: verb(tx, hazard.id, 1))
    assert (await village.hazard(hazard.id)).version == 1


async def test_grants_of_two_posts_give_nothing_together(village: Village) -> None:
    hazard = await village.reported()
    both = (*STRANGER.grants, *holder("inspector", sectors=("gas",)).grants, *LEADER.grants)
    caller = holder("leader", POLICE)
    multiplied = type(caller)(subject="both", grants=both, posts=caller.posts, post_id=POLICE)
    with pytest.raises(RoleMissing):
        await village.act(multiplied, lambda tx: actions.verify_hazard(tx, hazard.id, 1, LIMITED))


async def test_somebody_without_a_post_decides_nothing(village: Village) -> None:
    hazard = await village.reported()
    with pytest.raises(PostUnsaid):
        await village.act(holder("inspector"), lambda tx: actions.verify_hazard(tx, hazard.id, 1, LIMITED))


async def test_a_verified_hazard_tells_the_registry_all_that_an_order_needs(village: Village) -> None:
    known = house()
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [known]))
    hazard = await village.reported()
    asked = VerifyAsked(**{name: getattr(LIMITED, name) for name in LIMITED.__slots__} | {"object_id": known.id})
    after = await village.act(GRID_MEMBER, lambda tx: actions.verify_hazard(tx, hazard.id, 1, asked))
    told = await village.last(HazardVerified)
    assert (after.state, after.hands, told.verified_by) == (HazardState.VERIFIED, (GRID_POST,), GRID_POST)
    facts = told.hazard
    assert (facts.risk_object_id, facts.entity.kind, facts.description) == (known.id, "person", "一梯无隔离")
    assert (facts.five_items.limit_days, facts.five_items.contingency) == (10, "断电并移车")
    assert after.proposal is not None
    assert after.proposal.due_at is not None
    assert after.proposal.due_at.hour == 16  # 24:00 in the city


async def test_an_object_out_of_sight_is_not_linked(village: Village) -> None:
    hazard = await village.reported()
    asked = VerifyAsked(**{name: getattr(LIMITED, name) for name in LIMITED.__slots__} | {"object_id": new_id()})
    with pytest.raises(HazardIncomplete, match="no such risk object"):
        await village.act(GRID_MEMBER, lambda tx: actions.verify_hazard(tx, hazard.id, 1, asked))
    abroad = house(area_code=ELSEWHERE)
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [abroad]))
    wide = holder("inspector", POLICE, area_from="331002000000", area_to="331003999999")
    named = replace(LIMITED, object_id=abroad.id)
    with pytest.raises(HazardIncomplete) as refused:
        await village.act(wide, lambda tx: actions.verify_hazard(tx, hazard.id, 1, named))
    assert refused.value.errors[0][:2] == ("/risk_object_id", "unknown")


async def test_two_who_verify_at_once_do_so_once(village: Village) -> None:
    hazard = await verified(village)
    with pytest.raises(StaleVersion):
        await village.act(POLICE_STATION, lambda tx: actions.verify_hazard(tx, hazard.id, 1, LIMITED))
    with pytest.raises(HazardCannotMove) as wrong:
        await village.act(POLICE_STATION, lambda tx: actions.verify_hazard(tx, hazard.id, 2, LIMITED))
    assert (wrong.value.state, "merge" in wrong.value.open_moves) == ("verified", True)


async def test_fixed_on_the_spot_needs_another_photo_and_counts_every_hand(village: Village) -> None:
    hazard = await verified(village, ON_THE_SPOT)
    with pytest.raises(HazardIncomplete):
        await village.act(GRID_MEMBER, lambda tx: _fix(tx, hazard.id, 2, after=(PHOTO,)))
    after = await village.act(GRID_MEMBER, lambda tx: _fix(tx, hazard.id, 2))
    assert (after.state, after.hands) == (HazardState.CLOSED, (GRID_POST, POLICE))
    assert after.closed_at is not None
    assert after.look_back_due_at == after.closed_at + timedelta(days=30)


async def test_no_hand_looks_back_and_nobody_can_be_named_as_a_witness(village: Village) -> None:
    hazard = await fixed(village)
    for hand in (GRID_MEMBER, POLICE_STATION):
        with pytest.raises(AnotherPostMustLook):
            await village.act(hand, lambda tx: _look(tx, hazard.id, 3))
    with pytest.raises(LookBackTooEarly):
        await village.act(NIGHT_PATROL, lambda tx: _look(tx, hazard.id, 3, gone=True))


async def test_looked_back_on_in_time_it_is_archived(village: Village) -> None:
    hazard = await fixed(village)
    month_ago = "UPDATE hazards SET look_back_due_at = now() - interval '1 second' WHERE id = $1"
    await village.superuser.execute(month_ago, hazard.id)
    after = await village.act(NIGHT_PATROL, lambda tx: _look(tx, hazard.id, 3, gone=True))
    assert after.state is HazardState.ARCHIVED
    again = await village.act(DUTY_OFFICER, lambda tx: actions.reopen_hazard(tx, hazard.id, 4, "又在充电"))
    assert (again.state, again.round) == (HazardState.REOPENED, 2)


async def test_found_again_it_reopens_with_a_new_clock_and_a_second_finding_joins(village: Village) -> None:
    hazard = await fixed(village)
    old = "UPDATE hazards SET verify_due_at = now() - interval '10 days' WHERE id = $1"
    await village.superuser.execute(old, hazard.id)
    after = await village.act(NIGHT_PATROL, lambda tx: _look(tx, hazard.id, 3))
    assert (after.state, after.round) == (HazardState.REOPENED, 2)
    told = await village.last(HazardReopened)
    assert (told.cause, told.verify_by_at) == ("look_back", after.verify_due_at)
    assert after.verify_due_at > datetime.now(UTC) + timedelta(minutes=110)
    joined = await village.act(DUTY_OFFICER, lambda tx: actions.reopen_hazard(tx, hazard.id, 4, "又来一次"))
    assert (joined.round, len(joined.reopenings)) == (2, 2)
    assert (await village.told("hazard"))[-2:] == ["hazard.reopened", "hazard.reopening_joined"]


async def test_gravity_is_said_by_those_who_judge_and_a_major_one_gets_its_plan(village: Village) -> None:
    hazard = await verified(village, ON_THE_SPOT)
    with pytest.raises(RoleMissing):
        await village.act(GRID_MEMBER, lambda tx: actions.raise_hazard(tx, hazard.id, 2, "重大判定"))
    major = await village.act(FIRE_INSPECTOR, lambda tx: actions.raise_hazard(tx, hazard.id, 2, "重大判定"))
    assert (major.severity, major.handling, major.version) == (Severity.MAJOR, Handling.WITHIN_LIMIT, 4)
    planned = await village.act(FIRE_INSPECTOR, lambda tx: actions.file_plan(tx, hazard.id, 4, PLAN))
    assert planned.plan == PLAN
    lowered = await village.act(DUTY_OFFICER, lambda tx: actions.lower_hazard(tx, hazard.id, 5, "复核"))
    assert (lowered.severity, lowered.due_at) == (Severity.ORDINARY, planned.due_at)
    assert await village.told("hazard") == [
        "hazard.registered", "hazard.being_fixed", "hazard.regraded", "hazard.verified", "hazard.plan_filed",
        "hazard.regraded",
    ]  # fmt: skip


async def test_a_raised_hazard_that_waits_for_its_order_is_told_once(village: Village) -> None:
    hazard = await verified(village)
    await village.act(FIRE_INSPECTOR, lambda tx: actions.raise_hazard(tx, hazard.id, 2, "重大判定"))
    assert await village.told("hazard") == ["hazard.registered", "hazard.verified", "hazard.regraded"]


async def test_a_merged_hazard_lives_on_in_the_survivor_with_both_reports_and_one_trace(village: Village) -> None:
    first, second = await verified(village), await village.reported(findings=[finding(is_major=True)])
    gone = await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, second.id, 2, first.id))
    kept = await village.hazard(first.id)
    assert (gone.state, gone.merged_into) == (HazardState.MERGED, first.id)
    assert (kept.severity, kept.version) == (Severity.MAJOR, 3)
    assert set(kept.report_ids) == {*first.report_ids, *second.report_ids}
    assert (await village.last(HazardMerged)).into_state == kept.state
    assert (await village.last(HazardAbsorbed)).absorbed == second.id
    assert await village.superuser.fetchval("SELECT count(*) FROM trace_links") == 1
    with pytest.raises(HazardMergedAway):
        await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, second.id, None, first.id))
    with pytest.raises(HazardIncomplete):
        await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, first.id, None, first.id))


async def test_two_that_merge_into_each_other_at_once_leave_one_survivor(village: Village) -> None:
    one, two = await village.reported(), await village.reported()

    async def merge(gone: Hazard, kept: Hazard) -> Hazard:
        return await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, gone.id, None, kept.id))

    ended = await asyncio.gather(merge(one, two), merge(two, one), return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["Hazard", "HazardMergedAway"]
    states = sorted(each.state for each in await village.hazards())
    assert states == [HazardState.MERGED, HazardState.REGISTERED]


async def test_nobody_merges_into_what_they_cannot_see(village: Village) -> None:
    mine, hidden = await village.reported(), await village.reported()
    await village.superuser.execute("UPDATE hazards SET area_code = '331002004219' WHERE id = $1", hidden.id)
    with pytest.raises(NotFound):
        await village.act(GRID_MEMBER, lambda tx: actions.merge_hazard(tx, mine.id, 1, hidden.id))


async def test_in_a_later_round_another_post_has_to_say_that_there_is_nothing(village: Village) -> None:
    hazard = await fixed(village)
    await village.act(NIGHT_PATROL, lambda tx: _look(tx, hazard.id, 3))
    with pytest.raises(AnotherPostMustLook):
        await village.act(GRID_MEMBER, lambda tx: actions.dismiss_hazard(tx, hazard.id, 4, reason="无", evidence=()))
    back = await village.act(
        FIRE_INSPECTOR, lambda tx: actions.dismiss_hazard(tx, hazard.id, 4, reason="无", evidence=())
    )
    assert (back.state, PATROL in back.hands, back.area_code) == (HazardState.CLOSED, False, VILLAGE)
