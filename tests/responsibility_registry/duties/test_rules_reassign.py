"""A duty passes on, and two first-responsible posts contradict each other."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.duties import rules, rules_reassign
from tests.responsibility_registry.duties.cases import COUNTY, EVENING, TOWNSHIP, YEAR_START, duty, post_id

FIRST = duty("county_party_first", COUNTY)
NEW = UUID(int=77)


def test_a_duty_ends_where_the_next_one_begins() -> None:
    ended, begun = rules_reassign.reassign(FIRST, post_id("successor"), NEW, at=EVENING, reason="换届", clause="")
    assert (ended.valid_to, begun.valid_from) == (EVENING, EVENING)
    assert (ended.ended_reason, begun.id, begun.version, begun.valid_to) == ("换届", NEW, 0, None)
    assert (begun.post_id, begun.clause) == (post_id("successor"), FIRST.clause)
    assert not rules_reassign.contradicts(ended, begun)


def test_a_duty_passes_to_another_post_and_only_while_it_holds() -> None:
    with pytest.raises(rules.DutyWrong) as refused:
        rules_reassign.reassign(FIRST, FIRST.post_id, NEW, at=EVENING, reason="x", clause="")
    assert [pointer for pointer, _, _ in refused.value.errors] == ["/post_id"]
    ended = rules.end_duty(FIRST, at=EVENING, reason="x")
    with pytest.raises(rules.DutyAlreadyEnded):
        rules_reassign.reassign(ended, post_id("successor"), NEW, at=EVENING, reason="x", clause="")


@pytest.mark.parametrize(
    ("change", "contradicts"),
    [
        ({}, True),
        ({"role": "county_government_first"}, False),
        ({"area_code": TOWNSHIP}, False),
        ({"categories": ("gas",)}, False),
        ({"sectors": ("gas",)}, False),
        ({"valid_from": YEAR_START - timedelta(days=9), "valid_to": YEAR_START}, False),
        ({"valid_from": YEAR_START - timedelta(days=9), "valid_to": YEAR_START + timedelta(days=1)}, True),
    ],
)
def test_two_posts_are_first_for_the_same_only_in_one_area_role_category_sector_and_time(
    change: dict[str, object], contradicts: bool
) -> None:
    other = replace(FIRST, id=NEW, post_id=post_id("another"), **change)  # type: ignore[arg-type]
    assert rules_reassign.contradicts(FIRST, other) is contradicts
    if contradicts:
        with pytest.raises(rules_reassign.FirstResponsibleHeld, match=str(FIRST.id)):
            rules_reassign.require_first(other, [FIRST])
    else:
        assert rules_reassign.require_first(other, [FIRST]) is other


words = st.sets(st.sampled_from(["gas", "mine", "crowd"])).map(tuple)


@given(words, words, st.integers(0, 5), st.integers(1, 5))
def test_contradiction_is_mutual_and_no_duty_contradicts_itself(
    one: tuple[str, ...], other: tuple[str, ...], after: int, days: int
) -> None:
    first = replace(FIRST, categories=one, valid_to=YEAR_START + timedelta(days=3))
    begins = YEAR_START + timedelta(days=after)
    second = replace(FIRST, id=NEW, categories=other, valid_from=begins, valid_to=begins + timedelta(days=days))
    assert rules_reassign.contradicts(first, second) == rules_reassign.contradicts(second, first)
    assert not rules_reassign.contradicts(first, first)


def test_other_links_may_be_held_by_several() -> None:
    grid = duty("grid_post", TOWNSHIP)
    assert not rules_reassign.contradicts(grid, replace(grid, id=NEW))
