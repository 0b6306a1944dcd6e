"""Scopes: grants are united and never multiplied, and what is new needs more of one than what is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.problems import RoleMissing
from libs.common.scope import Grant, Scope

HERE, THERE = "331002004000", "331003004000"
_sectors = st.lists(st.sampled_from(["fire", "gas", "water"]), max_size=3, unique=True).map(tuple)


def grant(*sectors: str, role: str = "inspector", area: str = HERE) -> Grant:
    """One grant over one area; no sectors means every sector."""
    return Grant(area_from=area, area_to=area, sectors=sectors or None, role=role)


def holder(*grants: Grant) -> Scope:
    """Somebody with these grants."""
    return Scope(subject="zhang", grants=grants)


def test_a_joint_thing_that_is_there_is_handled_by_each_of_its_sectors() -> None:
    fire = holder(grant("fire"))
    fire.require("inspector", area_code=HERE, sectors=["gas", "fire"])
    assert not fire.holds("inspector", area_code=HERE, sectors=["gas"])
    assert not fire.holds("inspector", area_code=THERE, sectors=["fire"])


def test_what_is_to_bind_several_sectors_needs_them_all() -> None:
    fire = holder(grant("fire"))
    with pytest.raises(RoleMissing):
        fire.require_every("inspector", area_code=HERE, sectors=["fire", "gas"])
    fire.require_every("inspector", area_code=HERE, sectors=["fire"])
    holder(grant("gas", "fire")).require_every("inspector", area_code=HERE, sectors=["fire", "gas"])
    holder(grant()).require_every("inspector", area_code=HERE, sectors=["fire", "gas"])


def test_two_grants_do_not_add_up_to_every_sector() -> None:
    both = holder(grant("fire"), grant("gas"), grant("fire", "gas", role="leader"), grant("fire", "gas", area=THERE))
    assert not both.holds_every("inspector", area_code=HERE, sectors=["fire", "gas"])
    assert both.holds_every("leader", area_code=HERE, sectors=["fire", "gas"])


def test_what_has_no_sector_is_made_by_grants_over_every_sector_and_by_triage() -> None:
    assert holder(grant()).holds_every("inspector", area_code=HERE, sectors=())
    assert not holder(grant("fire")).holds_every("inspector", area_code=HERE, sectors=())
    assert holder(grant("fire", role="call_taker")).holds_every("call_taker", area_code=HERE, sectors=())
    assert not grant().sees(HERE, ())
    assert grant("fire", role="duty_officer").sees(HERE, ())


@given(held=_sectors, asked=_sectors, role=st.sampled_from(["inspector", "duty_officer"]))
def test_whoever_may_make_a_thing_may_also_handle_it(
    held: tuple[str, ...], asked: tuple[str, ...], role: str
) -> None:
    scope = holder(grant(*held, role=role))
    if scope.holds_every(role, area_code=HERE, sectors=asked):
        assert scope.holds(role, area_code=HERE, sectors=asked)
    if scope.holds(role, area_code=HERE, sectors=asked) and asked:
        assert scope.grants[0].sees(HERE, asked)


def test_a_named_system_scope_holds_everything() -> None:
    assert Scope.of_system("sweep").holds_every("inspector", area_code=HERE, sectors=["fire", "gas"])
