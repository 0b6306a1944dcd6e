"""Which area a code means on a day, and whose duties count there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from libs.common.places import parents
from services.responsibility_registry.areas.rules_grounds import Ground, came_of, ground_of
from services.responsibility_registry.areas.rules_successions import Succession

T1, T2, T3, T4 = "331002001000", "331002002000", "331002003000", "331002004000"
V1, V2 = "331002001201", "331002002201"
EVER, BEFORE, DAY, AFTER = date(2020, 1, 1), date(2025, 6, 1), date(2026, 1, 1), date(2026, 6, 1)


def became(old: str, *new: str, at: date = DAY, goes_on: bool = False) -> list[Succession]:
    return [Succession(from_code=old, to_code=one, at=at, goes_on=goes_on, document="批复") for one in new]


def ground(asked: str, told: Iterable[Succession], on: date, *new: str) -> Ground:
    """`new` are areas that began on the day of the succession."""
    known = [*told]
    codes = {asked, *(code for one in known for code in (one.from_code, one.to_code))}
    since = {code: DAY if code in new else EVER for code in codes}
    return ground_of(asked, known, since, on, {code: parents(code) for code in codes})


def test_a_code_that_was_replaced_is_the_new_one_from_its_day_on_and_the_old_one_before() -> None:
    told = became(T1, T2)
    for asked in (T1, T2):
        after, before = ground(asked, told, AFTER, T2), ground(asked, told, BEFORE, T2)
        assert (after.code, dict(after.counts_as), after.one_of) == (T2, {T1: T2}, ())
        assert (before.code, before.one_of) == (T1, ())
    assert ground(T1, told, DAY, T2).code == T2


def test_what_was_merged_into_a_neighbour_takes_nothing_of_the_neighbours_past() -> None:
    told = became(T1, T2)
    assert ground(T1, told, BEFORE) == Ground(code=T1, counts_as={}, one_of=())
    assert ground(T2, told, BEFORE) == Ground(code=T2, counts_as={}, one_of=())
    # The merged one's duties count for who asks by its code, and not for the neighbour's own ground.
    assert ground(T1, told, AFTER) == Ground(code=T2, counts_as={T1: T2}, one_of=())
    assert ground(T2, told, AFTER) == Ground(code=T2, counts_as={}, one_of=())


def test_of_two_that_became_one_nobody_knows_from_which_side_a_place_came() -> None:
    told = [*became(T1, T3), *became(T2, T3)]
    assert ground(T3, told, BEFORE, T3) == Ground(code=T3, counts_as={}, one_of=(T1, T2))
    assert ground(T1, told, AFTER, T3) == Ground(code=T3, counts_as={T1: T3}, one_of=())


def test_of_a_split_nobody_knows_the_part_but_each_part_knows_where_it_came_from() -> None:
    told = became(T1, T2, T3)
    assert ground(T1, told, AFTER, T2, T3) == Ground(code=T1, counts_as={}, one_of=(T2, T3))
    assert ground(T2, told, BEFORE, T2, T3).code == T1
    assert ground(T2, told, AFTER, T2, T3) == Ground(code=T2, counts_as={}, one_of=())
    # A part that was cut off lay in what goes on; what goes on is itself.
    cut = became(T1, T2, goes_on=True)
    assert (ground(T2, cut, BEFORE, T2).code, ground(T1, cut, AFTER, T2).code) == (T1, T1)


def test_a_village_that_keeps_its_code_is_answered_for_by_the_township_that_took_its_own() -> None:
    told = became(T1, T2)
    assert ground(V1, told, AFTER) == Ground(code=V1, counts_as={T2: T1}, one_of=())
    both = [*told, *became(V1, V2)]
    assert ground(V1, both, AFTER, V2).counts_as == {V1: V2}
    assert ground(V2, both, BEFORE, V2).code == V1


def test_the_way_back_is_the_whole_way() -> None:
    told = [*became(T1, T2, at=BEFORE), *became(T2, T3), *became(T3, T4, at=AFTER)]
    assert came_of(T4, told, AFTER) == (T3, T2, T1)
    assert came_of(T3, told, DAY) == (T2, T1)
    assert came_of(T2, told, date(2024, 1, 1)) == ()


_CODES = st.sampled_from([T1, T2, T3, T4])
_TOLD = st.lists(
    st.builds(
        Succession, from_code=_CODES, to_code=_CODES, at=st.sampled_from([BEFORE, DAY, AFTER]),
        goes_on=st.booleans(), document=st.just("批复"),
    ),
    max_size=8,
)  # fmt: skip


@given(_CODES, _TOLD, st.sampled_from([BEFORE, DAY, AFTER]), st.lists(_CODES))
def test_whatever_was_told_the_way_ends_and_no_area_counts_as_itself(
    asked: str, told: list[Succession], on: date, new: list[str]
) -> None:
    found = ground(asked, told, on, *new)
    assert found.code not in found.counts_as
    assert set(found.counts_as.values()) <= {found.code, *parents(found.code)}
    assert found.code not in came_of(found.code, told, on)
