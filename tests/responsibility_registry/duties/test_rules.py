"""Duties and the chain policy: validity, areas by their codes, and what a policy must be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.responsibility_registry.duties import rules
from services.responsibility_registry.duties.rules import ChainPolicy, Tier
from tests.responsibility_registry.duties.cases import (
    CITY,
    COUNTY,
    DATA,
    EVENING,
    NEXT_VILLAGE,
    POLICY,
    TOWNSHIP,
    VILLAGE,
    YEAR_START,
    duty,
)

GRID = duty("grid_post", VILLAGE)


@pytest.mark.parametrize(
    ("code", "tier"),
    [
        (VILLAGE, Tier.VILLAGE),
        (TOWNSHIP, Tier.TOWNSHIP),
        (COUNTY, Tier.COUNTY),
        (CITY, Tier.CITY),
        ("330000000000", Tier.PROVINCE),
    ],
)
def test_the_level_of_an_area_is_in_its_trailing_zeros(code: str, tier: Tier) -> None:
    assert rules.level_of(code) is tier


@pytest.mark.parametrize(
    "code", ["", "33100200420", "3310020042080", "33100200420x", "０31002004208", "031002004208"]
)
def test_anything_else_is_no_area_code(code: str) -> None:
    with pytest.raises(ValueError, match="12-digit"):
        rules.level_of(code)


def test_an_area_covers_itself_and_what_lies_in_it() -> None:
    for wide in (VILLAGE, TOWNSHIP, COUNTY, CITY):
        assert rules.covers(wide, VILLAGE)
    assert not rules.covers(NEXT_VILLAGE, VILLAGE)
    assert not rules.covers(VILLAGE, TOWNSHIP)
    assert not rules.covers("331002000000", "331003001000")


codes = st.from_regex(r"33[01][0-9]00[0-9]00[0-9]00[0-9]", fullmatch=True).map(lambda c: c[:12])


@given(codes, codes, codes)
def test_covering_is_a_partial_order(a: str, b: str, c: str) -> None:
    assert rules.covers(a, a)
    if rules.covers(a, b) and rules.covers(b, a):
        assert a == b
    if rules.covers(a, b) and rules.covers(b, c):
        assert rules.covers(a, c)


def test_a_duty_holds_from_its_beginning_up_to_its_end() -> None:
    ended = rules.end_duty(GRID, at=EVENING, reason="网格调整")
    assert rules.holds(ended, YEAR_START)
    assert rules.holds(ended, EVENING - timedelta(microseconds=1))
    assert not rules.holds(ended, EVENING)
    assert not rules.holds(ended, YEAR_START - timedelta(microseconds=1))
    assert rules.holds(GRID, EVENING + timedelta(days=3650))


def test_a_duty_ends_once_with_a_reason_and_after_it_began() -> None:
    assert rules.open_moves(GRID) == ("end", "reassign")
    ended = rules.end_duty(GRID, at=EVENING, reason="网格调整")
    with pytest.raises(rules.DutyAlreadyEnded) as refused:
        rules.end_duty(ended, at=EVENING, reason="再次")
    assert (refused.value.status, refused.value.state, refused.value.open_moves) == (409, "ended", ())
    for at, reason in ((YEAR_START, "网格调整"), (EVENING, " ")):
        with pytest.raises(rules.DutyWrong):
            rules.end_duty(GRID, at=at, reason=reason)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"area_code": "3310"}, "/area_code"),
        ({"role": "emperor"}, "/link"),
        ({"clause": ""}, "/clause"),
        ({"valid_to": YEAR_START}, "/valid_to"),
    ],
)
def test_a_duty_names_area_role_clause_and_times(changes: dict[str, Any], pointer: str) -> None:
    assert rules.check_duty(GRID, POLICY) is GRID
    with pytest.raises(rules.DutyWrong) as refused:
        rules.check_duty(replace(GRID, **changes), POLICY)
    assert [p for p, _, _ in refused.value.errors] == [pointer]


def test_the_shipped_policy_covers_fifteen_categories_and_loses_nothing_when_read() -> None:
    assert TypeAdapter(ChainPolicy).dump_python(POLICY, mode="json") == DATA
    assert len(POLICY.categories) == 15
    assert rules.policy_faults(POLICY) == ()


def test_every_category_of_the_policy_has_a_supervisor_of_one_of_its_sectors() -> None:
    for rule in POLICY.categories:
        required = [link for link in rule.supervisors if link.required and link.role == "sector_supervisor"]
        assert required, rule.category
        assert all(link.sector in rule.sectors for link in rule.supervisors), rule.category


def test_an_unknown_category_is_a_blind_spot() -> None:
    assert rules.category_rule(POLICY, "drones") is None
    assert rules.links_of(POLICY, "drones") == (*POLICY.below, *POLICY.above)


GRID_LINK = DATA["below"][0]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"below": [*DATA["below"], GRID_LINK]}, "link is said twice"),
        ({"categories": [DATA["categories"][0]] * 2}, "category is said twice"),
        ({"categories": [DATA["categories"][0] | {"sectors": []}]}, "no sector"),
        ({"acts": {"issue": []}}, "the acts are"),
        ({"acts": DATA["acts"] | {"issue": [{"role": "emperor", "sector": None}]}}, "unknown roles: emperor"),
        ({"below": [GRID_LINK | {"source": "somebody said"}]}, "source"),
        ({"below": [GRID_LINK | {"down_to": "county"}]}, "down_to"),
    ],
)
def test_a_policy_with_a_fault_is_refused_and_the_fault_named(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        TypeAdapter(ChainPolicy).validate_python(DATA | changes)
