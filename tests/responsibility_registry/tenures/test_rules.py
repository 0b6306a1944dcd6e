"""A tenure ends where it is said and never in the past; whoever gives a post administers all that it reaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.tenures.rules import (
    PostBeyondOwn,
    Tenure,
    TenureAlreadyEnded,
    TenureWrong,
    check,
    end,
    open_moves,
    require_reach,
)

NOW = datetime(2026, 10, 12, 4, tzinfo=UTC)
HELD = Tenure(
    id=UUID(int=1), version=1, area_code="331002004000", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=1), post_id=UUID(int=2), subject="person-1", sole=True,
    valid_from=NOW - timedelta(days=9), valid_to=None,
    document="任命",
)  # fmt: skip
TOWNSHIP = ("331002004000", "331002004999")


@dataclass(frozen=True)
class Own:
    """What a caller administers."""

    area_from: str = "331002000000"
    area_to: str = "331002999999"
    sectors: tuple[str, ...] | None = None
    role: str = "security_administrator"


@given(minutes=st.integers(-(10**5), 10**5))
def test_a_tenure_ends_now_or_later_and_what_was_held_stays(minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    if minutes < 0:
        with pytest.raises(TenureWrong):
            end(HELD, at=at, now=NOW, reason="调离")
        return
    ended = end(HELD, at=at, now=NOW, reason="调离")
    assert (ended.valid_from, ended.valid_to) == (HELD.valid_from, at)
    assert open_moves(ended, at) == ()
    with pytest.raises(TenureAlreadyEnded):
        end(ended, at=at, now=at, reason="again")


def test_one_that_has_not_begun_ends_where_it_would_begin() -> None:
    coming = replace(HELD, valid_from=NOW + timedelta(days=3))
    assert end(coming, at=NOW, now=NOW, reason="撤销").valid_to == coming.valid_from


@pytest.mark.parametrize(
    ("changes", "known", "pointer"),
    [
        ({}, None, "/subject"),
        ({}, False, "/subject"),
        ({"valid_to": HELD.valid_from}, True, "/valid_to"),
    ],
)
def test_what_is_wrong_with_a_tenure_is_said_with_its_place(
    changes: dict[str, datetime], known: bool | None, pointer: str
) -> None:
    with pytest.raises(TenureWrong) as refused:
        check(replace(HELD, **changes), known=known)  # type: ignore[arg-type]
    assert refused.value.errors[0][0] == pointer


def test_a_post_is_given_by_one_grant_that_covers_all_of_it() -> None:
    require_reach([Own()], "security_administrator", TOWNSHIP, ("fire",))
    require_reach([Own(sectors=("fire", "gas"))], "security_administrator", TOWNSHIP, ("fire",))
    halves = [Own(area_to="331002004500"), Own(area_from="331002004400"), Own(sectors=("gas",))]
    for grants, sectors in (
        (halves, ("fire",)),
        ([Own(sectors=("fire",))], ()),
        ([Own(sectors=("fire",))], ("fire", "gas")),
        ([Own(role="administrator")], ("fire",)),
        ([], ("fire",)),
    ):
        with pytest.raises(PostBeyondOwn):
            require_reach(grants, "security_administrator", TOWNSHIP, sectors)
