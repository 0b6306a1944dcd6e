"""Circular notices: who decides, who signs, what is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.responsibility_registry.circular_notices import rules
from services.responsibility_registry.circular_notices.rules import (
    Addressed,
    CircularNotice,
    CircularState,
    Receipt,
)

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
DAY = timedelta(days=1)
HEAD, SECRETARY, DEPUTY, BUREAU, CLERK = (UUID(int=number) for number in range(11, 16))
PROPOSED = CircularNotice(
    id=UUID(int=1), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=2), order_id=UUID(int=3), step="circular_notice", state=CircularState.PROPOSED,
    words="逾期七日", source="[DEF]", policy_version="1", proposed_at=NOW, deciding=(DEPUTY,),
    receipts=tuple(Receipt(party_id=one, kind=Addressed.POST) for one in (HEAD, SECRETARY)), decide_by=NOW + DAY,
)  # fmt: skip


def issued(*more: Receipt) -> CircularNotice:
    return rules.issue(PROPOSED, by=DEPUTY, words="通报", also_to=more, at=NOW, sign_by=NOW + 3 * DAY)


def signed(notice: CircularNotice, post: UUID, organization: UUID | None = None) -> CircularNotice:
    return rules.sign(notice, post=post, organization=organization, words="收悉", at=NOW)


def test_only_whom_the_ladder_names_decides() -> None:
    with pytest.raises(rules.NotYoursToDecideOn):
        rules.require_decider(PROPOSED, HEAD)
    rules.require_decider(PROPOSED, DEPUTY)
    rules.require_decider(replace(PROPOSED, deciding=()), HEAD)


def test_it_is_decided_once() -> None:
    for over in (issued(), rules.refuse(PROPOSED, by=DEPUTY, words="已整改", at=NOW)):
        with pytest.raises(rules.CircularCannotMove):
            rules.issue(over, by=DEPUTY, words="", also_to=(), at=NOW, sign_by=NOW)
        with pytest.raises(rules.CircularCannotMove):
            rules.refuse(over, by=DEPUTY, words="", at=NOW)


def test_nobody_is_told_of_a_notice_that_is_addressed_to_nobody() -> None:
    with pytest.raises(rules.CircularWrong, match="how_many"):
        rules.issue(replace(PROPOSED, receipts=()), by=DEPUTY, words="", also_to=(), at=NOW, sign_by=NOW)


def test_each_of_those_addressed_signs_once_and_an_organisation_through_any_post() -> None:
    notice = issued(Receipt(party_id=BUREAU, kind=Addressed.ORGANIZATION), PROPOSED.receipts[0])
    assert {one.party_id for one in rules.missing(notice)} == {HEAD, SECRETARY, BUREAU}
    after = signed(signed(notice, HEAD), CLERK, BUREAU)
    assert [one.party_id for one in rules.missing(after)] == [SECRETARY]
    assert next(one for one in after.receipts if one.party_id == BUREAU).signed_by == CLERK
    with pytest.raises(rules.ReceiptThere):
        signed(after, HEAD)
    with pytest.raises(rules.NotAddressed):
        signed(after, CLERK)
    every = signed(after, SECRETARY)
    assert (rules.open_moves(every), rules.look_at(every)) == ((), None)


def test_before_it_is_issued_nobody_signs() -> None:
    with pytest.raises(rules.CircularCannotMove):
        signed(PROPOSED, HEAD)


def test_each_limit_is_looked_at_once() -> None:
    assert rules.look_at(PROPOSED) == NOW + DAY
    assert rules.look_at(replace(PROPOSED, late_told_for=PROPOSED.decide_by)) is None
    late = rules.issue(
        replace(PROPOSED, late_told_for=PROPOSED.decide_by), by=DEPUTY, words="", also_to=(), at=NOW,
        sign_by=NOW + 5 * DAY,
    )  # fmt: skip
    assert rules.look_at(late) == NOW + 5 * DAY
