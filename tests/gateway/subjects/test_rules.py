"""Grants are united and never multiplied, dated and never lost; each follows from one post or was given by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.subjects.actions import state_of
from gateway.subjects.rules import (
    GivenGrant,
    GivenParty,
    Kind,
    Subject,
    add_party,
    end_grant,
    give,
    hold,
    roles_at,
    settled,
)
from gateway.subjects.rules_names import skeleton
from gateway.subjects.rules_posts import KnownPost, Tenure, area_range, held_by
from gateway.subjects.rules_refusals import MOST_LIVE, TooManyGiven
from gateway.subjects.rules_roles import SEPARATED, OfficesJoined, Role
from gateway.subjects.rules_tables import PostRole
from libs.common import places

NOW = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)
SECTORS = ("fire", "gas", "police", "water")
AREAS = ("330000000000", "331000000000", "331002000000", "331002004000", "331002004208")


def subject(kind: Kind = Kind.PERSON) -> Subject:
    return Subject(
        id=uuid4(), version=1, area_code="331002000000", sectors=(), exercise=False, correlation_id=uuid4(),
        subject="person-1", kind=kind, skeleton="person-l", grants=(), past_grants=(), parties=(), past_parties=(),
        held=(), follows=(), ended_at=None, ended_reason=None,
    )  # fmt: skip


def grant(
    role: Role = Role.INSPECTOR, *, begins: int = 0, lasts: int | None = None, at: datetime = NOW
) -> GivenGrant:
    start = NOW + timedelta(hours=begins)
    return GivenGrant(
        id=uuid4(), role=role, area_from="331002000000", area_to="331002999999", sectors=None, valid_from=start,
        valid_to=None if lasts is None else start + timedelta(hours=lasts), reason="x", given_by="y", given_at=at,
    )  # fmt: skip


def post(kind: str, area: str, sectors: tuple[str, ...], **changes: object) -> KnownPost:
    made = KnownPost(
        id=uuid4(), name_zh=kind, name_en=kind, kind=kind, area_code=area, sectors=sectors, vacant=False,
        substitute_post_id=None,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def tenure(of: KnownPost) -> Tenure:
    return Tenure(id=uuid4(), post_id=of.id, valid_from=NOW, valid_to=None)


POSTS = st.builds(
    post, st.sampled_from(["a", "b", "c"]), st.sampled_from(AREAS),
    st.lists(st.sampled_from(SECTORS), unique=True, max_size=3).map(tuple),
)  # fmt: skip
ROLES = st.lists(
    st.builds(PostRole, kind=st.sampled_from(["a", "b", "c"]), role=st.sampled_from(["inspector", "leader"]),
              every_sector=st.booleans()),
    max_size=6, unique_by=lambda row: (row.kind, row.role),
)  # fmt: skip


@given(posts=st.lists(POSTS, max_size=5), roles=ROLES)
def test_each_grant_is_one_posts_own_area_and_sectors_and_nothing_is_joined(
    posts: list[KnownPost], roles: list[PostRole]
) -> None:
    held = held_by([tenure(one) for one in posts], {one.id: one for one in posts}, roles)
    told = {
        (one.post_id, one.role, one.area_from, one.area_to, one.sectors)
        for one in state_of(hold(subject(), held, (), NOW)).grants
    }
    assert told == {
        (one.id, row.role, *area_range(one.area_code), None if row.every_sector or not one.sectors else one.sectors)
        for one in posts
        for row in roles
        if row.kind == one.kind
    }


@given(posts=st.lists(POSTS, min_size=1, max_size=5), roles=ROLES)
def test_a_vacant_post_gives_its_holder_nothing_and_its_substitutes_holder_its_grants(
    posts: list[KnownPost], roles: list[PostRole]
) -> None:
    own, *others = posts
    vacant = [replace(one, vacant=True, substitute_post_id=own.id) for one in others]
    known = {one.id: one for one in (own, *vacant)}
    state = state_of(hold(subject(), held_by([tenure(own)], known, roles), (), NOW))
    assert [one.post_id for one in state.posts] == [own.id]
    assert {one.party_id for one in state.parties} == {one.id for one in vacant}
    assert {one.post_id for one in state.grants} <= set(known)
    assert held_by([tenure(one) for one in vacant], {one.id: one for one in vacant}, roles) == ()


@given(code=st.sampled_from(AREAS))
def test_a_post_reaches_as_far_as_its_area_does_everywhere_else(code: str) -> None:
    assert area_range(code) == places.area_range(code)


@given(begins=st.integers(-50, 50), lasts=st.none() | st.integers(1, 50), later=st.integers(0, 100))
def test_what_was_given_is_among_the_present_or_the_past_and_counts_only_between_its_instants(
    begins: int, lasts: int | None, later: int
) -> None:
    one = grant(begins=begins, lasts=lasts)
    given_to, at = give(subject(), one), NOW + timedelta(hours=later)
    after = settled(given_to, at)
    assert [kept.id for kept in (*after.grants, *after.past_grants)] == [one.id]
    holds = one.valid_from <= at and (one.valid_to is None or at < one.valid_to)
    assert roles_at(after, at) == ({"inspector"} if holds else set())
    if after.grants:
        ended = end_grant(after, one.id, at, "somebody", "over")
        assert (roles_at(ended, at), len(ended.past_grants)) == (set(), 1)
        assert state_of(ended).grants == ()


@given(first=st.sampled_from(sorted(SEPARATED)), second=st.sampled_from(sorted(SEPARATED)))
def test_no_hand_joins_two_of_the_three_offices_unless_the_first_is_over(first: Role, second: Role) -> None:
    holding = give(subject(), grant(first))
    if first is second:
        assert len(give(holding, grant(second)).grants) == 2
        return
    with pytest.raises(OfficesJoined):
        give(holding, grant(second))
    over = end_grant(holding, holding.grants[0].id, NOW, "somebody", "over")
    assert roles_at(give(over, grant(second)), NOW) == {second}


def test_one_hand_holds_only_so_much() -> None:
    full = replace(subject(), grants=tuple(grant() for _ in range(MOST_LIVE)))
    with pytest.raises(TooManyGiven):
        give(full, grant())
    party = GivenParty(
        id=uuid4(), party_id=UUID(int=1), valid_from=NOW, valid_to=None, reason="x", given_by="y", given_at=NOW
    )
    assert len(add_party(full, party).parties) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("police-1", "Police_l"),
        ("Admin", "adm1n"),
        ("corner", "comer"),
        ("bootstrap-security-administrator", "b00tstrap.security@administrator"),
        ("\uff41pp", "app"),
    ],
)
def test_names_that_a_reader_takes_for_one_another_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_names_that_differ_by_what_is_read_stay_apart() -> None:
    names = ["grid-331002004208", "grid-331002004209", "police-331002004000", "police-331002004002", "app-2", "app-3"]
    assert len({skeleton(name) for name in names}) == len(names)
