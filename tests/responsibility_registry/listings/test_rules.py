"""Listings: who may list and inspect, what is promised and told, what the public reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.listings import (
    rules,
    rules_consequences,
    rules_counts,
    rules_follow,
    rules_public,
    rules_steps,
    rules_who,
)
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import (
    ConsequenceState,
    Inspection,
    ListedUnitKind,
    Listing,
    ListingCannotMove,
    ListingState,
    ListingWrong,
    Plan,
    Visit,
)
from services.responsibility_registry.listings.rules_follow import Happened
from services.responsibility_registry.listings.rules_policy import Clock, ListingStep, ListingTrigger
from services.responsibility_registry.listings.rules_steps import Notice, Shown
from services.responsibility_registry.listings.rules_who import Actor, OrderSeen

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
DAY = timedelta(days=1)
UNIT, SUPERVISOR, LEADER, BUREAU = (UUID(int=number) for number in (11, 12, 13, 14))
COUNTY = Actor(post=LEADER, tier="county", subject="leader")
ORDER = OrderSeen(
    id=UUID(int=4), state="served", presses=False, major=True, round=1, due_at=NOW + 10 * DAY,
    assignee_post_id=UNIT, at_work=True,
    done=False, closed=False, ended=False, overdue=False, merged_into=None,
)  # fmt: skip
DONE = replace(ORDER, state="rectified", done=True, hands=(UNIT,), hand_subjects=("worker",))
CLOSED = replace(DONE, state="closed", closed=True, at_work=False)
NOTICE = Notice(
    level="county", unit="某加工场", unit_kind=ListedUnitKind.FIRM, content="外迁宿舍", document="3号",
    supervisor_post_id=SUPERVISOR,
)  # fmt: skip
PLAN = Plan(
    responsible="厂长", measures="外迁", funds_fen=0, until=NOW + 9 * DAY, contingency="值守", filed_at=NOW,
    filed_by=UNIT,
)  # fmt: skip
ASKED = Inspection(asked_at=NOW, asked_by=UNIT, asked_subject="worker", words="申请验收")


def count(clock: Clock, start: datetime) -> tuple[datetime, bool]:
    return start + clock.amount * DAY, False


def proposed(level: str = "county") -> Listing:
    blank = Listing(
        id=UUID(int=1), version=0, area_code="331002004208", sectors=("fire",), exercise=False,
        correlation_id=UUID(int=2), order_id=ORDER.id, state=ListingState.PROPOSED, trigger=ListingTrigger.BY_HAND,
        level=level, words="重大隐患", policy_version="", proposed_at=NOW,
    )  # fmt: skip
    return rules_steps.propose(blank, ORDER, POLICY, count, NOW)


def listed(notice: Notice = NOTICE, by: Actor = COUNTY) -> Listing:
    return rules_steps.issue(proposed(), notice, ORDER, by, POLICY, count, NOW)


def shown(words: str = "限期整改", at: datetime = NOW) -> Shown:
    return Shown(published_at=at, where="区政府网站", number="3号", words=words)


def planned() -> Listing:
    return rules_steps.file_plan(listed(), ORDER.due_at, PLAN, NOW)


def waiting() -> Listing:
    return rules_steps.ask_inspection(planned(), ASKED, DONE, POLICY, count)


def passed(listing: Listing | None = None) -> Listing:
    return rules_steps.inspect(
        listing or waiting(), CLOSED, COUNTY, passed=True, words="", policy=POLICY, count=count, at=NOW
    )


def delisted(listing: Listing | None = None) -> Listing:
    return rules_steps.delist(passed(listing), COUNTY, "摘牌", POLICY, count, NOW)


def waits(listing: Listing) -> set[ListingStep]:
    return {one.step for one in listing.promises if one.met_at is None}


def test_each_step_keeps_its_promise_and_begins_the_next() -> None:
    assert waits(proposed()) == {ListingStep.ISSUE}
    assert waits(listed()) == {ListingStep.PUBLISH, ListingStep.FILE_PLAN, ListingStep.SUPERVISE}
    public = rules_steps.publish(waiting(), shown(), COUNTY, POLICY, NOW)
    assert waits(public) == {ListingStep.SUPERVISE, ListingStep.INSPECT}
    assert waits(passed(public)) == {ListingStep.DELIST}
    off = delisted(public)
    assert waits(off) == {ListingStep.PUBLISH_DELISTING, ListingStep.LOOK_BACK}
    told = rules_steps.publish(off, shown("摘牌"), COUNTY, POLICY, NOW)
    later = NOW + POLICY.look_back_after_days * DAY
    right = rules_steps.look_back(told, CLOSED, COUNTY, gone=True, words="", at=later)
    assert (right.state, waits(right), rules.open_moves(right)) == (ListingState.PUT_RIGHT, set(), ())
    assert all(one.source and one.policy_version for one in right.promises)


def test_what_was_never_published_has_no_end_to_publish() -> None:
    assert waits(delisted()) == {ListingStep.LOOK_BACK}


@pytest.mark.parametrize("level", [one.code for one in POLICY.levels])
def test_each_level_lists_what_is_its_own(level: str) -> None:
    found = POLICY.level(level)
    assert found is not None
    for tier in ("village", "township", "county", "city", ""):
        by = Actor(post=LEADER, tier=tier, subject="leader")
        if tier == found.decided_by:
            assert listed(replace(NOTICE, level=level), by).level == level
        else:
            with pytest.raises(rules_who.NotOfThisLevel):
                listed(replace(NOTICE, level=level), by)


def test_only_major_hazards_and_what_failed_again_and_again_is_listed() -> None:
    ordinary = replace(ORDER, major=False)
    assert not rules_who.may_list(ordinary, POLICY)
    assert rules_who.may_list(replace(ordinary, round=POLICY.ordinary_from_round), POLICY)
    for refused in (ordinary, CLOSED, replace(ORDER, presses=True)):
        with pytest.raises(rules_who.OrderNotListable):
            rules_who.require_listable(refused, POLICY)


def test_who_has_the_order_does_not_supervise_it() -> None:
    with pytest.raises(ListingWrong, match="is_the_assignee"):
        listed(replace(NOTICE, supervisor_post_id=UNIT))


@pytest.mark.parametrize(
    ("by", "order"),
    [
        (replace(COUNTY, post=UNIT), CLOSED), (replace(COUNTY, subject="worker"), CLOSED),
        (COUNTY, replace(CLOSED, hands=(LEADER,))), (COUNTY, replace(CLOSED, assignee_post_id=LEADER)),
    ],
)  # fmt: skip
def test_nobody_inspects_their_own_work(by: Actor, order: OrderSeen) -> None:
    with pytest.raises(rules_who.OwnWorkNotInspected):
        rules_steps.inspect(
            waiting(), order, by, passed=True, words="", policy=POLICY, count=count, at=NOW
        )  # fmt: skip


def test_it_passes_only_with_an_order_that_is_closed_and_fails_back_to_work() -> None:
    look = {"words": "", "policy": POLICY, "count": count, "at": NOW}
    with pytest.raises(rules_who.OrderNotClosed):
        rules_steps.inspect(waiting(), DONE, COUNTY, passed=True, **look)  # type: ignore[arg-type]
    failed = rules_steps.inspect(waiting(), DONE, COUNTY, passed=False, **look)  # type: ignore[arg-type]
    assert (failed.state, failed.inspections[-1].passed) == (ListingState.LISTED, False)
    again = rules_steps.ask_inspection(failed, ASKED, DONE, POLICY, count)
    assert len(again.inspections) == 2
    with pytest.raises(rules_who.OrderNotDone):
        rules_steps.ask_inspection(failed, ASKED, ORDER, POLICY, count)


def test_before_the_plan_nobody_asks_to_be_inspected() -> None:
    with pytest.raises(ListingCannotMove, match="先报送整改方案"):
        rules_steps.ask_inspection(listed(), ASKED, DONE, POLICY, count)


def test_the_plan_lies_within_the_limit() -> None:
    with pytest.raises(ListingWrong, match="after_the_limit"):
        rules_steps.file_plan(listed(), PLAN.until - DAY, PLAN, NOW)
    assert rules_steps.file_plan(listed(), PLAN.until, PLAN, NOW).plan == PLAN


def test_a_visit_brings_the_next_one() -> None:
    seen = rules_steps.supervise(listed(), Visit(at=NOW + DAY, by=SUPERVISOR, words="在改"), POLICY, count)
    due = [one.due_at for one in seen.promises if one.step is ListingStep.SUPERVISE and one.met_at is None]
    assert due == [NOW + DAY + POLICY.clock(ListingStep.SUPERVISE).amount * DAY]


def test_the_look_back_has_its_time_and_may_find_it_there_again() -> None:
    off = delisted()
    with pytest.raises(rules.ListingTooEarly):
        rules_steps.look_back(off, CLOSED, COUNTY, gone=True, words="", at=NOW + DAY)
    opens = NOW + POLICY.look_back_after_days * DAY
    assert rules_follow.next_thing(off, CLOSED, opens - DAY) is None
    assert rules_follow.next_thing(off, CLOSED, opens) is Happened.LOOK_BACK_DUE
    told = rules_follow.tell_open(off, opens)
    assert rules_follow.next_thing(told, CLOSED, opens) is None
    there = rules_steps.look_back(told, CLOSED, COUNTY, gone=False, words="又住人了", at=opens)
    assert there.state is ListingState.RECURRED
    assert rules.look_at(there, opens, DAY) is None


@pytest.mark.parametrize("verb", sorted(rules.MOVES))
def test_what_is_over_does_not_move(verb: str) -> None:
    for state in (ListingState.REFUSED, ListingState.LAPSED, ListingState.PUT_RIGHT, ListingState.RECURRED):
        with pytest.raises(ListingCannotMove) as refused:
            rules.require_open(replace(planned(), state=state), verb)
        assert (refused.value.state, refused.value.open_moves) == (state, ())


@pytest.mark.parametrize(
    ("order", "happened"),
    [
        (ORDER, None), (replace(ORDER, due_at=NOW + 30 * DAY), Happened.FOLLOWED),
        (replace(ORDER, assignee_post_id=BUREAU), Happened.FOLLOWED),
        (replace(ORDER, overdue=True), Happened.OVERDUE),
        (replace(ORDER, state="withdrawn", ended=True), Happened.LAPSED),
        (replace(ORDER, state="merged_into", ended=True, merged_into=UUID(int=9)), Happened.FOLLOWED),
    ],
)  # fmt: skip
def test_a_listing_goes_with_its_order(order: OrderSeen, happened: Happened | None) -> None:
    assert rules_follow.next_thing(listed(), order, NOW) is happened
    if happened is Happened.FOLLOWED and order.merged_into is None:
        assert rules_follow.next_thing(rules_follow.follow(listed(), order), order, NOW) is None


def test_a_limit_that_passed_is_told_once_and_proposes_what_the_policy_says() -> None:
    late = replace(ORDER, overdue=True)
    assert late.due_at is not None
    told = rules_consequences.overdue(listed(), late.due_at, POLICY, NOW)
    assert tuple(one.code for one in told.consequences) == POLICY.when_overdue
    assert all(one.state is ConsequenceState.PROPOSED and one.proposed_by is None for one in told.consequences)
    assert rules_follow.next_thing(told, late, NOW) is None
    # A later limit that passes too is told again; what waits for a decision is not proposed twice.
    moved = rules_consequences.overdue(told, late.due_at + DAY, POLICY, NOW)
    assert moved.consequences == told.consequences


def test_another_decides_on_a_consequence() -> None:
    by = replace(COUNTY, post=SUPERVISOR, subject="supervisor")
    made = rules_consequences.propose(listed(), "stop", words="拒不整改", by=by, at=NOW, policy=POLICY)
    decide: Callable[..., Listing] = rules_consequences.decide
    said = {"accepted": True, "words": "同意", "at": NOW, "policy": POLICY}
    for same in (by, replace(COUNTY, subject="supervisor"), replace(COUNTY, post=SUPERVISOR)):
        with pytest.raises(rules_consequences.AnotherMustDecideConsequence):
            decide(made, 1, by=same, **said)
    with pytest.raises(rules_who.NotOfThisLevel):
        decide(made, 1, by=replace(COUNTY, tier="township"), **said)
    done = decide(made, 1, by=COUNTY, **said)
    assert done.consequences[0].state is ConsequenceState.ACCEPTED
    with pytest.raises(ListingCannotMove):
        decide(done, 1, by=COUNTY, **said)
    for code, fault in (("stop", "proposed_already"), ("fly", "unknown_consequence")):
        with pytest.raises(ListingWrong, match=fault):
            rules_consequences.propose(made, code, words="", by=by, at=NOW, policy=POLICY)


@given(st.integers(0, 40))
def test_every_missed_step_is_told_once(days: int) -> None:
    now, listing = NOW + days * DAY, listed()
    late = {one.step for one in listing.promises if one.met_at is None and one.due_at <= now}
    missed = rules_follow.tell_missed(listing, now)
    assert set(missed.steps) == late
    assert rules_follow.tell_missed(missed.listing, now).steps == ()
    follow = timedelta(minutes=1)
    looked = rules.look_at(missed.listing, now, follow)
    assert looked is not None
    assert now < looked <= now + follow


@pytest.mark.parametrize(
    "words",
    ["电话13800138000", "电话 138 0013 8000", "座机0576-88880000", "身份证33100219800101123X", "张三的加工场"],
)  # fmt: skip
def test_no_person_goes_public(words: str) -> None:
    person = listed(replace(NOTICE, unit="张三", unit_kind=ListedUnitKind.PERSON))
    with pytest.raises(ListingWrong, match="personal_data"):
        rules_steps.publish(person, shown(words), COUNTY, POLICY, NOW)
    public = rules_steps.publish(person, shown("编号20261120003的隐患限期整改"), COUNTY, POLICY, NOW)
    assert "张三" not in str(rules_public.for_public(public, None).unit)


def test_the_public_forgets_what_was_taken_off() -> None:
    days, public = POLICY.public_days_after_delisting, rules_steps.publish(waiting(), shown(), COUNTY, POLICY, NOW)
    assert not rules_public.is_public(waiting(), NOW, days)
    assert rules_public.is_public(public, NOW + 1000 * DAY, days)
    assert not rules_public.is_public(replace(public, exercise=True), NOW, days)
    off = delisted(public)
    assert rules_public.is_public(off, NOW + (days - 1) * DAY, days)
    assert not rules_public.is_public(off, NOW + days * DAY, days)
    assert rules_public.for_public(off, None).over


def test_nothing_is_published_before_it_is_listed_or_in_the_future() -> None:
    for at in (NOW - DAY, NOW + DAY):
        with pytest.raises(ListingWrong, match="out_of_range"):
            rules_steps.publish(listed(), shown(at=at), COUNTY, POLICY, NOW)


def test_every_level_has_an_archive_and_a_quarter_its_day() -> None:
    kept = rules_counts.archives({("county", "listed"): (3, 1), ("county", "lapsed"): (2, 0)}, POLICY)
    county = next(one for one in kept if one.level.code == "county")
    assert (county.standing, county.overdue, county.by_state[ListingState.LAPSED]) == (3, 1, 2)
    assert len(kept) == len(POLICY.levels)
    assert str(rules_counts.due_on(2026, 3, POLICY)) == "2026-10-15"
    assert str(rules_counts.due_on(2026, 4, POLICY)) == "2027-01-15"
    assert str(rules_counts.first_day(2026, 5)) == "2027-01-01"
