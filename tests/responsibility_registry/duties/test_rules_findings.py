"""Gaps and overlaps, each said once at the area where it is true."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.duties import rules_chain, rules_findings
from services.responsibility_registry.duties.rules import Duty, Tier
from services.responsibility_registry.duties.rules_chain import Why
from services.responsibility_registry.duties.rules_findings import Finding, FindingKind
from tests.responsibility_registry.duties.cases import (
    CITY,
    COUNTY,
    DUTIES,
    EVENING,
    NEXT_VILLAGE,
    POLICY,
    POSTS,
    TOWNSHIP,
    VILLAGE,
    SomePost,
    duty,
)

EVERY = tuple(rule.category for rule in POLICY.categories)
FIRE = ("rental_house_fire", "ebike_charging")


def found(
    area: str, duties: tuple[Duty, ...] = DUTIES, categories: tuple[str, ...] = EVERY,
    split: frozenset[tuple[str, str]] = frozenset(), posts: dict[UUID, SomePost] | None = None,
) -> tuple[Finding, ...]:  # fmt: skip
    return rules_findings.findings(
        area, EVENING, duties, posts or POSTS, POLICY, categories=categories,
        split=lambda role, wide: (role, wide) in split,
    )  # fmt: skip


def without(*roles: str) -> tuple[Duty, ...]:
    return tuple(one for one in DUTIES if one.role not in roles)


def gaps(area: str, *missing: str, **more: object) -> dict[str, tuple[str, ...]]:
    told = found(area, without(*missing), **more)  # type: ignore[arg-type]
    return {one.role: one.categories for one in told if one.kind is FindingKind.GAP}


def test_what_is_missing_for_every_category_is_one_finding() -> None:
    assert gaps(VILLAGE, "grid_post") == {"grid_post": EVERY}
    assert gaps(COUNTY, "county_party_first")["county_party_first"] == EVERY


def test_a_township_without_a_deputy_is_one_gap_and_none_of_its_villages() -> None:
    assert gaps(TOWNSHIP, "township_deputy")["township_deputy"] == EVERY
    assert "township_deputy" not in gaps(VILLAGE, "township_deputy")


def test_a_link_that_is_given_out_village_by_village_is_missing_in_those_left_out() -> None:
    split = frozenset({("township_deputy", TOWNSHIP)})
    assert "township_deputy" not in gaps(TOWNSHIP, "township_deputy", split=split)
    assert gaps(NEXT_VILLAGE, "township_deputy", split=split)["township_deputy"] == EVERY
    own = (*without("township_deputy"), duty("township_deputy", VILLAGE))
    posts = {**POSTS, own[-1].post_id: SomePost(id=own[-1].post_id)}
    assert "township_deputy" not in {one.role for one in found(VILLAGE, own, split=split, posts=posts)}


def test_a_supervisor_is_missing_for_the_categories_that_nobody_supervises() -> None:
    county = {(one.role, one.sector): one.categories for one in found(COUNTY) if one.kind is FindingKind.GAP}
    assert county["sector_supervisor", "water"] == ("flood",)
    assert county["sector_supervisor", "fire"] == ("mixed_use_workshop", "electrical")


def test_a_category_that_no_sector_answers_for_is_a_blind_spot_of_the_county_alone() -> None:
    (one,) = [each for each in found(COUNTY, categories=("drones",)) if each.why is Why.UNMAPPED_CATEGORY]
    assert (one.role, one.categories) == ("sector_supervisor", ("drones",))
    for area in (VILLAGE, TOWNSHIP, CITY):
        assert all(each.why is not Why.UNMAPPED_CATEGORY for each in found(area, categories=("drones",)))


def test_a_vacant_post_without_a_substitute_is_a_gap_that_names_it() -> None:
    (held,) = [one for one in DUTIES if one.role == "grid_post"]
    posts = {**POSTS, held.post_id: SomePost(id=held.post_id, vacant=True)}
    (one,) = [each for each in found(VILLAGE, posts=posts) if each.role == "grid_post"]
    assert (one.kind, one.why, one.duty_ids, one.post_ids) == (
        FindingKind.GAP, Why.VACANT, (held.id,), (held.post_id,),
    )  # fmt: skip


def test_two_posts_that_claim_the_same_are_an_overlap_where_their_duties_lie() -> None:
    second = duty("township_deputy", TOWNSHIP, post="second")
    duties, posts = (*DUTIES, second), {**POSTS, second.post_id: SomePost(id=second.post_id)}
    (one,) = [each for each in found(TOWNSHIP, duties, posts=posts) if each.kind is FindingKind.OVERLAP]
    assert (one.role, one.categories, one.why) == ("township_deputy", EVERY, Why.EQUAL_CLAIM)
    assert len(one.duty_ids) == 2
    assert not [each for each in found(VILLAGE, duties, posts=posts) if each.kind is FindingKind.OVERLAP]


def test_a_narrower_duty_that_goes_before_is_no_overlap() -> None:
    own = duty("police_station", VILLAGE, post="own", categories=FIRE, sectors=("fire",))
    posts = {**POSTS, own.post_id: SomePost(id=own.post_id)}
    assert not [one for one in found(VILLAGE, (*DUTIES, own), posts=posts) if one.kind is FindingKind.OVERLAP]


roles = sorted({one.role for one in DUTIES})


@given(st.sets(st.sampled_from(roles)), st.sampled_from([VILLAGE, TOWNSHIP, COUNTY, CITY]))
def test_a_gap_that_is_found_is_a_gap_of_the_chain_there(missing: set[str], area: str) -> None:
    duties = without(*missing)
    for one in found(area, duties):
        for category in one.categories if one.kind is FindingKind.GAP else ():
            chain = rules_chain.chain(category, area, EVENING, duties, POSTS, POLICY)
            assert (one.role, one.link_tier, one.sector, one.why) in {
                (gap.role, gap.tier, gap.sector, gap.why) for gap in chain.gaps
            }


@given(st.sets(st.sampled_from(roles)), st.sampled_from(EVERY))
def test_every_gap_of_a_village_is_found_at_it_or_at_one_that_it_lies_in(missing: set[str], category: str) -> None:
    duties = without(*missing)
    chain = rules_chain.chain(category, VILLAGE, EVENING, duties, POSTS, POLICY)
    told = {
        (one.role, one.link_tier, one.sector)
        for area in (VILLAGE, TOWNSHIP, COUNTY, CITY)
        for one in found(area, duties, (category,))
        if one.kind is FindingKind.GAP
    }
    # A county's link may be given out below; the township's own linked contact is no link of a village's chain.
    assert {(gap.role, gap.tier, gap.sector) for gap in chain.gaps} == told


@pytest.mark.parametrize(
    ("tier", "wide"),
    [(Tier.VILLAGE, VILLAGE), (Tier.TOWNSHIP, TOWNSHIP), (Tier.COUNTY, COUNTY), (Tier.CITY, CITY)],
)
def test_an_area_lies_in_one_of_each_tier(tier: Tier, wide: str) -> None:
    assert rules_findings.wide_of(VILLAGE, tier) == wide


def test_findings_have_keys_of_their_own_in_order() -> None:
    keys = [one.key for one in found(COUNTY, (replace(DUTIES[0], role="oversight"),))]
    assert keys == sorted(set(keys))
