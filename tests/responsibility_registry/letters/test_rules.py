"""A letter is signed over its exact text by whom it binds, once, and nothing of it can be changed unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.letters import rules
from services.responsibility_registry.letters.rules import Letter, LetterState, SignedHow
from services.responsibility_registry.letters.rules_progress import Count, RoundLight, by_tier

NOW = datetime(2026, 12, 20, 1, tzinfo=UTC)
UPPER, LOWER, PARTY = UUID(int=11), UUID(int=12), UUID(int=13)
TITLE, TEXT = "2027年度消防安全责任书", "一、每季度至少走访一次。\n二、发现飞线充电当日上报。"
DRAFT = Letter(
    id=UUID(int=1), version=0, area_code="331002004000", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=1), title=TITLE, text=TEXT,
    text_sha256="", from_post_id=UPPER, to_post_id=LOWER, to_tier="township", entity="", entity_party_id=None,
    under_letter_id=None, valid_from=NOW + timedelta(days=12), valid_to=NOW + timedelta(days=377),
    sign_by=NOW + timedelta(days=42), state=LetterState.OFFERED, signatures=(),
)  # fmt: skip
OFFERED = rules.issue(DRAFT, upper=None, now=NOW)
_FAMILY = replace(DRAFT, to_post_id=None, to_tier="entity", entity="独居老人子女", entity_party_id=PARTY)
TO_FAMILY = rules.issue(_FAMILY, upper=None, now=NOW)


def signed(letter: Letter = OFFERED) -> Letter:
    return rules.sign(letter, text_hash=letter.text_sha256, by_post=LOWER, parties=frozenset(), now=NOW)


def test_the_hash_is_over_the_title_and_the_exact_text() -> None:
    by_hand = sha256((TITLE + "\n\n" + TEXT).encode()).hexdigest()
    assert OFFERED.text_sha256 == by_hand
    [first] = OFFERED.signatures
    lines = f"{OFFERED.id}\n{by_hand}\n{UPPER}\n{NOW.isoformat()}"
    assert (first.post_id, first.digest) == (UPPER, sha256(lines.encode()).hexdigest())


def test_both_signatures_prove_the_letter_and_it_stays_as_it_is() -> None:
    both = signed()
    assert [one.post_id for one in both.signatures] == [UPPER, LOWER]
    assert all(rules.proves(both, one) for one in both.signatures)
    assert rules.open_moves(both) == ()
    with pytest.raises(rules.LetterNotOffered):
        signed(both)
    with pytest.raises(rules.LetterNotOffered):
        rules.return_letter(both, reason="片区已调整", by_post=LOWER, parties=frozenset())
    with pytest.raises(rules.LetterNotOffered):
        rules.withdraw(both, reason="文本有误", by_post=UPPER)


@given(title=st.text(max_size=40), text=st.text(max_size=200))
def test_no_other_text_is_proved_by_its_signatures(title: str, text: str) -> None:
    other = replace(signed(), title=title, text=text)
    same = (title, text) == (DRAFT.title, DRAFT.text)
    assert all(rules.proves(other, one) is same for one in other.signatures)


@pytest.mark.parametrize("changed", [{"at": NOW + timedelta(seconds=1)}, {"post_id": PARTY}, {"digest": "0" * 64}])
def test_a_signature_that_was_changed_proves_nothing(changed: dict[str, object]) -> None:
    both = signed()
    assert not rules.proves(both, replace(both.signatures[1], **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(("by_post", "party"), [(UPPER, PARTY), (None, LOWER), (None, PARTY)])
def test_a_post_signs_by_its_holder_alone(by_post: UUID | None, party: UUID) -> None:
    with pytest.raises(rules.NotYoursToSign):
        rules.sign(OFFERED, text_hash=OFFERED.text_sha256, by_post=by_post, parties=frozenset({party}), now=NOW)


def test_another_text_than_the_one_that_was_read_is_refused() -> None:
    with pytest.raises(rules.TextDiffers):
        rules.sign(OFFERED, text_hash="0" * 64, by_post=LOWER, parties=frozenset(), now=NOW)


def test_an_entity_signs_by_its_party_or_on_paper_through_the_issuer() -> None:
    here = rules.sign(TO_FAMILY, text_hash=TO_FAMILY.text_sha256, by_post=None, parties=frozenset({PARTY}), now=NOW)
    assert (here.state, here.signatures[1].party_id) == (LetterState.SIGNED, PARTY)
    page = (UUID(int=9),)
    paper = rules.sign_on_paper(TO_FAMILY, by_post=UPPER, evidence=page, now=NOW)
    assert (paper.signatures[1].how, paper.signatures[1].evidence) == (SignedHow.ON_PAPER, page)
    assert rules.proves(paper, paper.signatures[1])
    for letter, by in ((TO_FAMILY, LOWER), (OFFERED, UPPER)):
        with pytest.raises(rules.NotYoursToSign):
            rules.sign_on_paper(letter, by_post=by, evidence=page, now=NOW)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"to_post_id": None}, "/to_post_id", "one_of_two"),
        ({"entity": "甲厂"}, "/to_post_id", "one_of_two"),
        ({"entity_party_id": PARTY}, "/entity_party_id", "one_of_two"),
        ({"to_post_id": UPPER}, "/to_post_id", "itself"),
        ({"valid_to": DRAFT.valid_from}, "/valid_to", "before_its_beginning"),
        ({"sign_by": NOW}, "/sign_by", "too_early"),
        ({"sign_by": DRAFT.valid_to + timedelta(days=1)}, "/sign_by", "too_late"),
    ],
)
def test_what_is_wrong_with_a_letter_is_said_with_its_place(
    changes: dict[str, object], pointer: str, code: str
) -> None:
    with pytest.raises(rules.LetterWrong) as refused:
        rules.issue(replace(DRAFT, **changes), upper=None, now=NOW)  # type: ignore[arg-type]
    assert (pointer, code) in {one[:2] for one in refused.value.errors}


def test_a_letter_hangs_on_a_signed_one_that_binds_its_issuer() -> None:
    above = replace(signed(), to_post_id=UPPER, from_post_id=PARTY)
    assert rules.issue(DRAFT, upper=above, now=NOW).state is LetterState.OFFERED
    for upper, code in (
        (replace(above, state=LetterState.OFFERED), "not_signed"),
        (replace(above, to_post_id=PARTY), "binds_another"),
    ):
        with pytest.raises(rules.LetterWrong) as refused:
            rules.issue(DRAFT, upper=upper, now=NOW)
        assert [one[1] for one in refused.value.errors] == [code]


def test_late_is_what_waits_past_its_day_and_of_which_nobody_was_told() -> None:
    assert not rules.is_late(OFFERED, OFFERED.sign_by - timedelta(microseconds=1))
    assert rules.is_late(OFFERED, OFFERED.sign_by)
    assert not rules.is_late(signed(), OFFERED.sign_by)
    assert not rules.is_late(replace(OFFERED, late_told_at=NOW), OFFERED.sign_by)


def test_the_lights_of_a_round() -> None:
    counts = [
        Count(tier="entity", state="offered", late=False, letters=3),
        Count(tier="county", state="signed", late=False, letters=9),
        Count(tier="township", state="signed", late=False, letters=130),
        Count(tier="township", state="offered", late=True, letters=6),
        Count(tier="village", state="withdrawn", late=False, letters=1),
    ]
    county, township, village, entity = by_tier(counts)
    assert [one.light for one in (county, township, village, entity)] == [
        RoundLight.GREEN, RoundLight.RED, RoundLight.GREEN, RoundLight.YELLOW,
    ]  # fmt: skip
    assert (township.issued, township.signed, township.late) == (136, 130, 6)
    assert (county.signed_share, village.signed_share) == (1.0, None), "nothing of nothing is not everything"
