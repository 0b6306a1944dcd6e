"""What people are called at the door, which passwords are taken, and how guessing is slowed down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.people.policies import SECOND_FACTOR, common_passwords
from gateway.people.rules import (
    LoginNameMalformed,
    NoSecondFactor,
    Person,
    PersonEnded,
    PersonState,
    ended,
    enrolled,
    folded,
    is_login_name,
    login_name,
    needs_second_factor,
    skeleton,
    with_second_factor,
    without_second_factor,
)
from gateway.people.rules_attempts import (
    FORGOTTEN_AFTER,
    FREE,
    FREE_OF_ALL_STRANGERS,
    LONGEST_WAIT,
    Attempts,
    counted,
    is_locked,
)
from gateway.people.rules_passwords import LONGEST, PasswordRefused, check_password, normalized

AT = datetime(2026, 10, 12, 1, tzinfo=UTC)
PERSON = Person(
    id=UUID(int=1),
    version=3,
    area_code="331002000000",
    sectors=(),
    exercise=False,
    correlation_id=UUID(int=2),
    subject="person-1",
    login_name="guo.zz",
    state=PersonState.ACTIVE,
    epoch=4,
    second_factor=True,
    ended_at=None,
    ended_reason=None,
)


@pytest.mark.parametrize("typed", ["guo.zz", " GUO.ZZ ", "ｇｕｏ.ｚｚ"])
def test_width_and_case_make_no_other_login_name(typed: str) -> None:
    assert login_name(typed) == "guo.zz"


@pytest.mark.parametrize(
    "typed",
    [
        "gu",
        "gυo.zz",
        "guо.zz",
        "郭.zz",
        "guo zz",
        ".guo",
        "guo\u200bzz",
        "guo\x00zz",
        "g" * 65,
        "guo@zz",
        "",
        "ℊuo\n.zz",
    ],
)
def test_letters_of_other_scripts_and_what_cannot_be_typed_make_no_login_name(typed: str) -> None:
    with pytest.raises(LoginNameMalformed):
        login_name(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [("zhang1", "zhangl"), ("guo0", "guoo"), ("rnao", "mao"), ("zhang.san", "zhang_san"), ("vvu", "wu")],
)
def test_two_login_names_that_read_the_same_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_names_that_only_resemble_each_other_keep_apart() -> None:
    assert len({skeleton(name) for name in ("zhang1", "zhang2", "chang1", "zhangi")}) == 4


@given(st.text(max_size=80))
def test_a_login_name_folds_to_itself(typed: str) -> None:
    name = folded(typed)
    if is_login_name(name):
        assert login_name(name) == name == folded(name)


@pytest.mark.parametrize(
    "typed",
    [
        "short-one",
        "x" * (LONGEST + 1),
        "password1234",
        "P@ssw0rd12345!",
        "Qwertyuiop123!",
        "123456789012",
        "abcdefghijklm",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "passwordpassword",
        "iloveyou20262026",
        "woaini13145201314",
        "guo.zz123456",
        "1GUO.ZZ-2026",
        "correct\x00horse battery",
    ],
)
def test_a_password_that_would_be_guessed_is_refused(typed: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_password(normalized(typed), "guo.zz", common_passwords())
    assert all(refused.value.detail)
    assert typed not in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "correct horse battery staple",
        "kq7wzvm2xtpa",
        "安全生产人人有责从我做起",
        "Tr0ub4dor&3 at the sea",
        "x!" * 2 + "kestrel91~",
    ],
)
def test_a_long_password_of_any_composition_is_taken(typed: str) -> None:
    check_password(normalized(typed), "guo.zz", common_passwords())


def test_the_list_of_common_passwords_is_there_and_has_no_comment_in_it() -> None:
    common = common_passwords()
    assert len(common) > 10_000
    assert {"password", "123456789", "woaini", "shoutu"} <= common
    assert not [one for one in common if one.startswith("# ")]


def test_wrong_ones_are_free_up_to_five_and_then_wait_twice_as_long_each_time() -> None:
    count, waits = Attempts(), []
    for _ in range(FREE + 7):
        count = counted(count, AT)
        waits.append(None if count.locked_until is None else (count.locked_until - AT).total_seconds() / 60)
    assert waits == [None] * (FREE - 1) + [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_lock_passes_by_itself_and_a_count_is_forgotten_after_a_day() -> None:
    count = Attempts(failures=FREE, last_at=AT, locked_until=AT + timedelta(minutes=1))
    assert is_locked(count, AT)
    assert not is_locked(count, AT + timedelta(minutes=1))
    assert counted(count, AT + FORGOTTEN_AFTER).failures == 1


@given(st.integers(min_value=0, max_value=10**9))
def test_no_number_of_wrong_ones_locks_for_longer_than_half_an_hour(failures: int) -> None:
    count = counted(Attempts(failures=failures, last_at=AT), AT)
    assert count.locked_until is None or count.locked_until - AT <= LONGEST_WAIT


def test_all_strangers_together_have_fewer_than_a_hundred() -> None:
    assert FREE < FREE_OF_ALL_STRANGERS < 100


def test_a_new_password_ends_what_came_of_earlier_sign_ins() -> None:
    assert enrolled(PERSON).epoch == PERSON.epoch + 1
    assert without_second_factor(PERSON).epoch == PERSON.epoch + 1
    assert ended(PERSON, AT, "left").epoch == PERSON.epoch + 1
    assert with_second_factor(PERSON).epoch == PERSON.epoch


def test_who_has_ended_comes_back_by_no_move() -> None:
    gone = ended(PERSON, AT, "left")
    for move in (enrolled, with_second_factor, without_second_factor):
        with pytest.raises(PersonEnded):
            move(gone)
    with pytest.raises(PersonEnded):
        ended(gone, AT, "again")
    with pytest.raises(NoSecondFactor):
        without_second_factor(without_second_factor(PERSON))


def test_who_decides_needs_a_second_factor_and_who_only_reports_does_not() -> None:
    assert needs_second_factor(["grid_member", "leader"], SECOND_FACTOR.roles)
    assert not needs_second_factor(["grid_member"], SECOND_FACTOR.roles)
    assert not needs_second_factor([], SECOND_FACTOR.roles)
