"""No way leads onto the blacklist but through a served notice and the whole time for a defence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import CITY_ZONE
from services.responsibility_registry.blacklist import rules
from services.responsibility_registry.blacklist import rules_refusals as refusals
from services.responsibility_registry.blacklist.rules_kept import (
    Entry,
    EntryState,
    Ruling,
    Said,
    Served,
    ServedHow,
    Terms,
    open_moves,
)

NOW = datetime(2027, 1, 5, 1, tzinfo=UTC)
UNTIL = NOW + timedelta(days=14)
PROPOSER, SERVER, LEADER, PARTY = (UUID(int=one) for one in (11, 12, 13, 14))
PROPOSED = Entry(
    id=UUID(int=1), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=1), firm_id=UUID(int=2), credit_code="91331002MA2DEM000J", firm_name="甲", pack_number=0,
    terms=Terms(
        ground="orders_overdue", zh="逾期", en="overdue", source="[DEF] x", months=12, defence_days=10,
        defence_unit="workday", repair_after_months=6, removal_shown_days=30,
    ),
    facts=(), words="x", state=EntryState.PROPOSED, proposed_at=NOW, proposed_by=PROPOSER, hands=(PROPOSER,),
    hand_subjects=("proposer",),
)  # fmt: skip


def ruling(at: datetime = UNTIL, *, yes: bool = True, post: UUID = LEADER, subject: str = "leader") -> Ruling:
    return Ruling(at=at, by_post=post, by_subject=subject, yes=yes, document="决定书", words="x")


def said(at: datetime = NOW, *, post: UUID | None = None) -> Said:
    return Said(at=at, words="x", evidence=(), by_party=None if post else PARTY, by_post=post)


def noticed() -> Entry:
    notice = Served(at=NOW, by_post=SERVER, how=ServedHow.DIRECT, words="x", evidence=(UUID(int=5),))
    return rules.serve(PROPOSED, notice, until=UNTIL, subject="server")


def listed(at: datetime = UNTIL) -> Entry:
    return rules.decide(noticed(), ruling(at), tz=CITY_ZONE)


def test_from_a_proposal_to_a_listing() -> None:
    entry = listed()
    assert (entry.state, entry.listed_at) == (EntryState.LISTED, UNTIL)
    assert entry.ends_at == datetime(2028, 1, 19, 1, tzinfo=UTC)
    assert entry.repair_from == datetime(2027, 7, 19, 1, tzinfo=UTC)
    assert open_moves(entry) == ("ask-repair", "revoke")


def test_never_without_a_notice_nor_before_the_time_for_a_defence_is_over() -> None:
    with pytest.raises(refusals.EntryNotOpenToThis):
        rules.decide(PROPOSED, ruling(), tz=CITY_ZONE)
    with pytest.raises(refusals.DefenceRunning):
        listed(UNTIL - timedelta(microseconds=1))
    early = rules.decide(noticed(), ruling(NOW, yes=False), tz=CITY_ZONE)
    assert early.state is EntryState.DISMISSED, "not to list it needs no waiting"


def test_an_objection_in_time_stops_the_decision_until_it_is_reviewed() -> None:
    entry = rules.object_to(noticed(), said(UNTIL - timedelta(microseconds=1)))
    with pytest.raises(refusals.EntryNotOpenToThis):
        rules.decide(entry, ruling(), tz=CITY_ZONE)
    assert rules.review(entry, ruling(yes=True)).state is EntryState.DISMISSED
    reviewed = rules.review(entry, ruling(yes=False))
    assert (reviewed.state, open_moves(reviewed)) == (EntryState.NOTICED, ("decide", "withdraw"))
    assert rules.decide(reviewed, ruling(), tz=CITY_ZONE).state is EntryState.LISTED
    for late in (noticed(), reviewed, entry):
        with pytest.raises(refusals.ObjectionTooLate):
            rules.object_to(late, said(UNTIL))
    with pytest.raises(refusals.ObjectionTooLate):
        rules.object_to(reviewed, said(NOW))


@pytest.mark.parametrize(
    ("post", "subject"), [(PROPOSER, "x"), (SERVER, "x"), (LEADER, "proposer"), (LEADER, "server")]
)
def test_who_proposed_or_served_it_decides_nothing(post: UUID, subject: str) -> None:
    by = ruling(post=post, subject=subject)
    for verb in (
        lambda: rules.decide(noticed(), by, tz=CITY_ZONE),
        lambda: rules.review(rules.object_to(noticed(), said()), by),
        lambda: rules.revoke(listed(), by),
        lambda: rules.decide_repair(rules.ask_repair(listed(), said(UNTIL + timedelta(days=400))), by),
    ):
        with pytest.raises(refusals.AnotherMustDecide):
            verb()


def test_who_entered_it_for_the_firm_does_not_decide_about_it() -> None:
    entered = rules.object_to(noticed(), said(post=LEADER))
    with pytest.raises(refusals.AnotherMustDecide):
        rules.review(entered, ruling())
    asked = rules.ask_repair(listed(), said(UNTIL + timedelta(days=400), post=LEADER))
    with pytest.raises(refusals.AnotherMustDecide):
        rules.decide_repair(asked, ruling())


def test_repair_is_asked_for_after_its_time_one_at_a_time_and_again_after_a_refusal() -> None:
    entry = listed()
    assert entry.repair_from is not None
    with pytest.raises(refusals.RepairTooEarly):
        rules.ask_repair(entry, said(entry.repair_from - timedelta(microseconds=1)))
    asked = rules.ask_repair(entry, said(entry.repair_from))
    assert open_moves(asked) == ("decide-repair", "revoke")
    with pytest.raises(refusals.RepairTooEarly):
        rules.ask_repair(asked, said(entry.repair_from))
    refused = rules.decide_repair(asked, ruling(yes=False))
    assert (refused.state, refused.ended_at) == (EntryState.LISTED, None)
    with pytest.raises(refusals.EntryNotOpenToThis):
        rules.decide_repair(refused, ruling())
    again = rules.decide_repair(rules.ask_repair(refused, said(entry.repair_from)), ruling())
    assert (again.state, [one.ruling and one.ruling.yes for one in again.repairs]) == (
        EntryState.REPAIRED,
        [False, True],
    )


def test_it_is_over_when_it_was_due_whenever_that_is_noticed() -> None:
    entry = listed()
    assert entry.ends_at is not None
    with pytest.raises(refusals.EntryNotOpenToThis):
        rules.expire(entry, entry.ends_at - timedelta(microseconds=1))
    over = rules.expire(entry, entry.ends_at + timedelta(days=3))
    assert (over.state, over.ended_at) == (EntryState.EXPIRED, entry.ends_at)
    assert open_moves(over) == ()


@pytest.mark.parametrize("state", [one for one in EntryState if one not in ("proposed", "noticed", "objected")])
def test_what_is_decided_is_not_taken_back(state: EntryState) -> None:
    with pytest.raises(refusals.EntryNotOpenToThis):
        rules.withdraw(replace(PROPOSED, state=state), at=NOW)


_STEPS = ("serve", "object", "review", "decide", "withdraw", "ask", "repair", "revoke", "expire")


@given(steps=st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 30), st.booleans()), max_size=14))
def test_whatever_is_tried_nobody_is_listed_without_notice_and_defence(steps: list[tuple[str, int, bool]]) -> None:
    entry, at = PROPOSED, NOW
    for step, days, yes in steps:
        at += timedelta(days=days)
        entry = _tried(entry, step, at, yes=yes)
    if entry.listed_at is not None:
        assert entry.notice is not None
        assert entry.defence_until is not None
        assert entry.listed_at >= entry.defence_until > entry.notice.at
        assert entry.objection is None or entry.review is not None


def _tried(entry: Entry, step: str, at: datetime, *, yes: bool) -> Entry:
    notice = Served(at=at, by_post=SERVER, how=ServedHow.POST, words="x", evidence=(UUID(int=5),))
    by = ruling(at, yes=yes)
    verbs: dict[str, Any] = {
        "serve": lambda: rules.serve(entry, notice, until=at + timedelta(days=14), subject="server"),
        "object": lambda: rules.object_to(entry, said(at)), "review": lambda: rules.review(entry, by),
        "decide": lambda: rules.decide(entry, by, tz=CITY_ZONE), "withdraw": lambda: rules.withdraw(entry, at=at),
        "ask": lambda: rules.ask_repair(entry, said(at)), "repair": lambda: rules.decide_repair(entry, by),
        "revoke": lambda: rules.revoke(entry, by), "expire": lambda: rules.expire(entry, at),
    }  # fmt: skip
    try:
        after: Entry = verbs[step]()
    except (
        refusals.EntryNotOpenToThis, refusals.DefenceRunning, refusals.ObjectionTooLate, refusals.RepairTooEarly,
    ):  # fmt: skip
        return entry
    return after


@pytest.mark.parametrize(
    ("at", "months", "later"),
    [
        (datetime(2027, 1, 31, 2, tzinfo=UTC), 1, datetime(2027, 2, 28, 2, tzinfo=UTC)),
        (datetime(2028, 2, 29, 2, tzinfo=UTC), 12, datetime(2029, 2, 28, 2, tzinfo=UTC)),
        (datetime(2027, 1, 30, 17, tzinfo=UTC), 1, datetime(2027, 2, 27, 17, tzinfo=UTC)),
        (datetime(2027, 11, 5, 2, tzinfo=UTC), 36, datetime(2030, 11, 5, 2, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_city(at: datetime, months: int, later: datetime) -> None:
    assert rules.months_after(at, months, CITY_ZONE) == later
