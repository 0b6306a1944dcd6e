"""The chain: the tour's links in order, vacancies, gaps, overlaps, and exactly one post a link."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.responsibility_registry.duties import rules, rules_chain
from services.responsibility_registry.duties.rules import Duty, Tier
from services.responsibility_registry.duties.rules_chain import Chain, Why, chain
from tests.responsibility_registry.duties import plain_chain
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
    YEAR_START,
    SomePost,
    duty,
    post_id,
)


def found(category: str = "rental_house_fire", *extra: Duty, without: tuple[str, ...] = ()) -> Chain:
    duties = [each for each in DUTIES if each.role not in without] + list(extra)
    posts = POSTS | {each.post_id: SomePost(id=each.post_id) for each in extra}
    return chain(category, VILLAGE, EVENING, duties, posts, POLICY, entity="房屋出租人")


def why(over: Chain, role: str, duty_id: UUID) -> Why:
    (link,) = rules_chain.select(over, role)
    return next(each.why for each in link.passed_over if each.duty_id == duty_id)


def test_the_tour_chain_goes_from_the_landlord_up_to_the_city() -> None:
    over = found()
    assert over.entity == "房屋出租人"
    assert [link.role for link in over.links] == [
        "grid_post",
        "village_head",
        "linked_contact",
        "linked_contact",
        "township_party_first",
        "township_government_first",
        "township_deputy",
        "police_station",
        "township_fire_office",
        "sector_supervisor",
        "county_executive_deputy",
        "county_party_first",
        "county_government_first",
        "city_leading_group",
    ]
    assert over.gaps == ()
    assert all(link.clause and link.source and link.duty_clause for link in over.links)


def test_the_order_of_the_duties_changes_nothing() -> None:
    turned = chain("rental_house_fire", VILLAGE, EVENING, DUTIES[::-1], POSTS, POLICY, entity="房屋出租人")
    assert turned.links == found().links


def test_the_police_station_issues_and_holds_the_landlord_and_then_the_sector_supervisor() -> None:
    over = found()
    assert rules_chain.issuer(over) == rules_chain.assignee(over) == rules_chain.select(over, "police_station")[0]
    gas = found("gas")
    issuing = rules_chain.issuer(gas)
    assert issuing is not None
    assert issuing.post_id == post_id("housing bureau")


def test_supervision_goes_to_the_police_station_the_county_brigade_and_the_deputy_in_charge() -> None:
    assert [link.role for link in rules_chain.supervisors(found())] == [
        "police_station",
        "sector_supervisor",
        "township_deputy",
    ]


def test_the_hands_that_helped_are_not_among_the_inspectors() -> None:
    everybody = rules_chain.inspectors(found())
    helper = everybody[0].post_id
    assert helper not in {link.post_id for link in rules_chain.inspectors(found(), hands=(helper,))}
    assert len(rules_chain.inspectors(found(), hands=(helper,))) == len(everybody) - 1


def test_a_vacant_post_shows_who_stands_in_for_it() -> None:
    vacant, neighbour = post_id(f"linked_contact {VILLAGE}"), post_id("neighbour")
    posts = POSTS | {
        vacant: SomePost(id=vacant, vacant=True, substitute_post_id=neighbour),
        neighbour: SomePost(id=neighbour),
    }
    over = chain("rental_house_fire", VILLAGE, EVENING, DUTIES, posts, POLICY)
    contact = rules_chain.select(over, "linked_contact")[0]
    assert (contact.post_id, contact.vacant_post_id) == (neighbour, vacant)


@pytest.mark.parametrize("ring", [True, False])
def test_a_vacant_post_without_a_substitute_is_a_gap_that_says_so(ring: bool) -> None:
    grid, other = post_id(f"grid_post {VILLAGE}"), post_id("other")
    posts = POSTS | {
        grid: SomePost(id=grid, vacant=True, substitute_post_id=other if ring else None),
        other: SomePost(id=other, vacant=True, substitute_post_id=grid),
    }
    over = chain("rental_house_fire", VILLAGE, EVENING, DUTIES, posts, POLICY)
    (gap,) = over.gaps
    assert (gap.role, gap.why) == ("grid_post", Why.VACANT)


def test_an_unknown_post_does_not_answer() -> None:
    posts = {known: post for known, post in POSTS.items() if known != post_id(f"village_head {VILLAGE}")}
    over = chain("rental_house_fire", VILLAGE, EVENING, DUTIES, posts, POLICY)
    (gap,) = over.gaps
    assert (gap.role, gap.why, gap.passed_over[0].why) == ("village_head", Why.NOBODY, Why.UNKNOWN_POST)


def test_the_canteen_that_nobody_took_falls_to_the_county() -> None:
    low = ("grid_post", "village_head", "linked_contact", "township_party_first", "township_government_first",
           "township_deputy", "sector_supervisor")  # fmt: skip
    over = found("gas", without=low)
    assert rules_chain.assignee(over) is None
    assert {gap.role for gap in over.gaps} == set(low)
    next_tier = rules_chain.takes_over(over)
    assert next_tier is not None
    assert next_tier.role == "county_executive_deputy"
    higher = rules_chain.takes_over(over, beyond=Tier.COUNTY)
    assert higher is not None
    assert higher.role == "city_leading_group"
    assert rules_chain.takes_over(over, beyond=Tier.CITY) is None


def test_a_category_that_nobody_mapped_is_a_blind_spot_with_a_chain_of_the_place() -> None:
    over = found("drones")
    assert over.sectors == ("comprehensive",)
    assert [gap.why for gap in over.gaps] == [Why.UNMAPPED_CATEGORY]
    handler = rules_chain.assignee(over)
    assert handler is not None
    assert handler.role == "township_deputy"


def test_a_missing_optional_link_is_no_gap() -> None:
    assert found(without=("township_fire_office",)).gaps == ()


def test_what_was_passed_over_says_why() -> None:
    old = duty("grid_post", VILLAGE, post="old grid", since=YEAR_START - timedelta(days=900), until=YEAR_START)
    wide = duty("grid_post", TOWNSHIP, post="township grid")
    forest = duty("grid_post", VILLAGE, post="forest grid", sectors=("forestry",))
    gas = duty("grid_post", VILLAGE, post="gas grid", categories=("gas",))
    away = duty("grid_post", NEXT_VILLAGE, post="next grid")
    over = found("rental_house_fire", old, wide, forest, gas, away)
    assert why(over, "grid_post", old.id) is Why.NOT_IN_FORCE
    assert why(over, "grid_post", forest.id) is Why.OTHER_SECTOR
    assert why(over, "grid_post", gas.id) is Why.OTHER_CATEGORY
    (link,) = rules_chain.select(over, "grid_post")
    assert not {wide.id, away.id} & {each.duty_id for each in link.passed_over}


def test_the_narrower_area_then_the_named_category_then_the_named_sector_wins() -> None:
    narrow = duty("police_station", VILLAGE, post="railway police", sectors=("fire",))
    over = found("rental_house_fire", narrow)
    (link,) = rules_chain.select(over, "police_station")
    assert link.post_id == post_id("railway police")
    named = duty("township_deputy", TOWNSHIP, post="fire deputy", categories=("rental_house_fire",))
    (link,) = rules_chain.select(found("rental_house_fire", named), "township_deputy")
    assert link.post_id == post_id("fire deputy")
    sector = duty("township_deputy", TOWNSHIP, post="sector deputy", sectors=("fire",))
    (link,) = rules_chain.select(found("rental_house_fire", sector), "township_deputy")
    assert link.post_id == post_id("sector deputy")
    assert rules_chain.overlaps(found("rental_house_fire", sector)) == ()


def test_two_equal_claims_are_an_overlap_and_the_later_one_acts() -> None:
    second = duty("village_head", VILLAGE, post="second head", since=YEAR_START + timedelta(days=1))
    over = found("rental_house_fire", second)
    (link,) = rules_chain.overlaps(over)
    assert link.post_id == post_id("second head")
    assert [each.why for each in link.passed_over] == [Why.EQUAL_CLAIM]


def test_two_supervisors_of_different_sectors_stand_side_by_side() -> None:
    brigade = duty("sector_supervisor", COUNTY, post="brigade for workshops", sectors=("fire",))
    over = found("mixed_use_workshop", brigade)
    assert [link.sector for link in rules_chain.select(over, "sector_supervisor")] == ["fire", "industry"]
    assert len(rules_chain.select(over, "sector_supervisor", "industry")) == 1


def test_the_chain_of_a_past_instant_is_the_chain_of_its_time() -> None:
    ended = [replace(each, valid_to=EVENING) for each in DUTIES]
    before = chain("gas", VILLAGE, EVENING - timedelta(seconds=1), ended, POSTS, POLICY)
    after = chain("gas", VILLAGE, EVENING, ended, POSTS, POLICY)
    assert before.gaps == ()
    assert after.links == ()
    assert len(after.gaps) == sum(link.required for link in rules.links_of(POLICY, "gas"))


some_duties = st.lists(
    st.builds(
        duty,
        st.sampled_from(sorted({link.role for link in rules.all_links(POLICY)})),
        st.sampled_from([VILLAGE, NEXT_VILLAGE, TOWNSHIP, COUNTY, CITY]),
        post=st.sampled_from(["a", "b", "c", "d"]),
        sectors=st.sampled_from([(), ("fire",), ("gas",), ("industry", "fire")]),
        categories=st.sampled_from([(), ("gas",), ("rental_house_fire", "gas")]),
        since=st.sampled_from([YEAR_START, EVENING, EVENING + timedelta(days=1)]),
    ),
    max_size=30,
    unique_by=lambda each: each.id,
)
some_posts = st.fixed_dictionaries(
    {}, optional={n: st.tuples(st.booleans(), st.sampled_from(["a", "b", "c", "d", "e"])) for n in "abcd"}
)
some_category = st.sampled_from([rule.category for rule in POLICY.categories] + ["drones"])


@given(some_duties, some_posts, some_category)
@settings(deadline=None, max_examples=200)
def test_every_link_has_exactly_one_acting_post_or_is_a_named_gap(
    duties: list[Duty], posts: dict[str, tuple[bool, str]], category: str
) -> None:
    known = {
        post_id(name): SomePost(id=post_id(name), vacant=vacant, substitute_post_id=post_id(other))
        for name, (vacant, other) in posts.items()
    }
    over = chain(category, VILLAGE, EVENING, duties, known, POLICY)
    wanted = rules.links_of(POLICY, category)
    filled = Counter((link.role, link.tier, link.sector) for link in over.links)
    open_ = Counter((gap.role, gap.tier, gap.sector) for gap in over.gaps if gap.why is not Why.UNMAPPED_CATEGORY)
    for rule in wanted:
        count = filled[rules.key_of(rule)] + open_[rules.key_of(rule)]
        assert count == 1 if rule.required else count <= 1
    assert set(filled) | set(open_) <= {rules.key_of(rule) for rule in wanted}
    by_id = {each.id: each for each in duties}
    for link in over.links:
        chosen = by_id[link.duty_id]
        assert rules.holds(chosen, EVENING)
        assert rules.covers(chosen.area_code, VILLAGE)
        assert not known[link.post_id].vacant
        assert (link.vacant_post_id or link.post_id) == chosen.post_id
        assert link.duty_id not in {each.duty_id for each in link.passed_over}


@given(some_duties, some_posts, some_category, st.sampled_from([VILLAGE, TOWNSHIP, COUNTY]))
@settings(deadline=None, max_examples=300)
def test_the_chain_is_the_one_that_looking_through_every_duty_for_each_link_finds(
    duties: list[Duty], posts: dict[str, tuple[bool, str]], category: str, place: str
) -> None:
    known = {
        post_id(name): SomePost(id=post_id(name), vacant=vacant, substitute_post_id=post_id(other))
        for name, (vacant, other) in posts.items()
    }
    plain = plain_chain.chain(category, place, EVENING, duties, known, POLICY)
    assert chain(category, place, EVENING, duties, known, POLICY) == plain
