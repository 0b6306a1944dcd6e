"""A unit says what it is, is checked by its credit code, and names who answers for it or the gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.organizations.rules_organizations import (
    DEEPEST,
    FirstPost,
    Organization,
    OrganizationAlreadyEnded,
    OrganizationGap,
    OrganizationKind,
    OrganizationWrong,
    above_itself,
    check,
    end,
    gaps,
    is_credit_code,
    lies_in,
    open_moves,
    reaches,
    require_same_end,
)

TODAY = date(2026, 10, 12)
COUNTY, TOWNSHIP, VILLAGE, OTHER = "331002000000", "331002004000", "331002004208", "331003002000"
BUREAU = Organization(
    id=UUID(int=1), version=1, area_code=COUNTY, sectors=("fire",), exercise=False, correlation_id=UUID(int=1),
    code="bureau", name_zh="应急局", name_en="bureau", kind=OrganizationKind.DEPARTMENT, valid_from=date(2019, 1, 1),
)  # fmt: skip
ZONE = replace(BUREAU, kind=OrganizationKind.DEVELOPMENT_ZONE, area_codes=(TOWNSHIP, OTHER))
CREDIT = "11331002MB1234567J"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"credit_code": "11331002MB1234567W"}, "/credit_code", "not_a_credit_code"),
        ({"valid_to": date(2019, 1, 1)}, "/valid_to", "before_its_beginning"),
        ({"name_zh": " "}, "/name_zh", "length"),
        ({"code": "x" * 101}, "/code", "length"),
        ({"area_codes": (TOWNSHIP,)}, "/area_codes", "not_a_zone"),
        ({"kind": OrganizationKind.DEVELOPMENT_ZONE}, "/area_codes", "required"),
        ({"kind": OrganizationKind.DEVELOPMENT_ZONE, "area_codes": (TOWNSHIP, VILLAGE)}, "/area_codes/1", "overlaps"),
        ({"kind": OrganizationKind.DEVELOPMENT_ZONE, "area_codes": (OTHER, OTHER)}, "/area_codes/0", "overlaps"),
    ],
)
def test_what_is_wrong_with_a_unit_is_said_with_its_place(
    changes: dict[str, object], pointer: str, code: str
) -> None:
    with pytest.raises(OrganizationWrong) as refused:
        check(replace(BUREAU, **changes))  # type: ignore[arg-type]
    assert refused.value.errors[0][:2] == (pointer, code)


def test_a_unit_that_holds_together_is_taken_as_it_is() -> None:
    for one in (BUREAU, ZONE, replace(BUREAU, credit_code=CREDIT)):
        assert check(one) is one


@given(place=st.integers(0, 17), sign=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ"))
def test_one_wrong_sign_of_a_credit_code_is_always_noticed(place: int, sign: str) -> None:
    changed = CREDIT[:place] + sign + CREDIT[place + 1 :]
    assert is_credit_code(changed) == (changed == CREDIT)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.sampled_from((2, 4, 6, 9, 12)))
def test_an_area_lies_in_itself_and_in_what_is_above_it(code: str, length: int) -> None:
    above = code[:length].ljust(12, "0")
    assert lies_in(code, above)
    assert lies_in(code, code)


def test_a_zone_reaches_across_lines_and_a_department_only_its_own() -> None:
    assert [reaches(ZONE, code) for code in (VILLAGE, OTHER, "331003002201", "331003003000")] == [True] * 3 + [False]
    assert not reaches(BUREAU, OTHER)


def test_no_unit_stands_above_itself_nor_under_too_many() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    assert not above_itself(one, {one: two, two: three, three: None})
    assert above_itself(one, {one: one})
    assert above_itself(one, {one: two, two: one})
    # A ring further up, which it is no part of, is no way up either.
    assert above_itself(one, {one: two, two: three, three: two})
    deep: dict[UUID, UUID | None] = {UUID(int=number): UUID(int=number + 1) for number in range(1, DEEPEST + 3)}
    assert above_itself(one, deep)


@given(days=st.integers(-(10**4), 10**4))
def test_a_unit_ends_today_or_later_and_only_once(days: int) -> None:
    on = TODAY + timedelta(days=days)
    if days < 0:
        with pytest.raises(OrganizationWrong):
            end(BUREAU, on=on, today=TODAY, reason="撤并")
        return
    ended = end(BUREAU, on=on, today=TODAY, reason="撤并")
    assert (ended.valid_to, ended.ended_reason, open_moves(ended, on)) == (on, "撤并", ())
    with pytest.raises(OrganizationAlreadyEnded):
        end(ended, on=on, today=on, reason="again")


def test_an_end_that_is_past_is_moved_by_no_import() -> None:
    ended = replace(BUREAU, valid_to=TODAY)
    for again in (BUREAU, replace(BUREAU, valid_to=TODAY + timedelta(days=1))):
        with pytest.raises(OrganizationWrong):
            require_same_end(again, ended, TODAY)
    require_same_end(replace(ended, name_zh="另名"), ended, TODAY)
    require_same_end(BUREAU, replace(BUREAU, valid_to=TODAY + timedelta(days=1)), TODAY)
    require_same_end(BUREAU, None, TODAY)


def test_a_unit_without_anybody_who_answers_shows_the_gap_by_name_while_it_is_there() -> None:
    """[S] Work Safety Law 2021 Arts 5, 21."""
    held, vacant = (FirstPost(post_id=UUID(int=9), organization_id=BUREAU.id, answers=yes) for yes in (True, False))
    assert gaps(BUREAU, [held, vacant], TODAY) == ()
    assert gaps(BUREAU, [vacant], TODAY) == (OrganizationGap.FIRST_POST_VACANT,)
    assert gaps(BUREAU, [], TODAY) == (OrganizationGap.NO_FIRST_POST,)
    for gone in (replace(BUREAU, valid_to=TODAY), replace(BUREAU, valid_from=TODAY + timedelta(days=1))):
        assert gaps(gone, [], TODAY) == ()
