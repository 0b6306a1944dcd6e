"""Five searches read as one: in one order, in pages that skip nobody, also not who was away for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.timeline.rules import Part, Place, Row, digest_of, missing, page, place_of

BEGUN = datetime(2026, 10, 12, tzinfo=UTC)


def row(number: int, minute: int | None = None) -> Row:
    at = BEGUN + timedelta(minutes=number if minute is None else minute)
    return {"id": str(UUID(int=number)), "recorded_at": at.isoformat().replace("+00:00", "Z")}


def after(rows: list[Row], place: Place | None, limit: int) -> tuple[Row, ...]:
    """What a service answers: its rows beyond a place, newest first, one more than the page has."""
    found = sorted((one for one in rows if place is None or place_of(one) < place), key=place_of, reverse=True)
    return tuple(found[: limit + 1])


def test_rows_stand_newest_first_and_by_id_where_the_instant_is_the_same() -> None:
    parts = [Part(service="a", items=(row(1), row(9, 5))), Part(service="b", items=(row(7, 5), row(3)))]
    paged = page(parts, {"a": None, "b": None}, 10)
    assert paged.items == (row(9, 5), row(7, 5), row(3), row(1))
    assert paged.places is None


@given(
    st.dictionaries(st.sampled_from("abcde"), st.sets(st.integers(1, 60)), min_size=1),
    st.integers(1, 7),
    st.lists(st.sampled_from("abcde"), max_size=8),
)
def test_every_row_is_shown_once_whoever_is_away_meanwhile(
    owned: dict[str, set[int]], limit: int, away: list[str]
) -> None:
    taken: set[int] = set()
    rows: dict[str, list[Row]] = {}
    for service, numbers in owned.items():
        rows[service] = [row(number) for number in numbers - taken]
        taken |= numbers
    places: dict[str, Place | None] = dict.fromkeys(rows)
    absences, seen, asked = iter(away), list[str](), 0
    while True:
        absent = next(absences, None)
        parts = [
            Part(service=one, items=after(own, places[one], limit))
            if one != absent
            else Part(service=one, missing="x")
            for one, own in rows.items()
        ]
        paged = page(parts, places, limit)
        seen += [str(one["id"]) for one in paged.items]
        assert len(paged.items) <= limit
        if paged.places is None:
            break
        places, asked = dict(paged.places), asked + 1
        assert asked < 200
    assert sorted(seen) == sorted(str(UUID(int=number)) for number in taken)


def test_a_part_that_was_away_comes_first_once_it_is_back() -> None:
    first = page([Part(service="a", items=(row(8), row(6))), Part(service="b", missing="timeout")], {}, 1)
    assert first.items == (row(8),)
    assert first.places == {"a": place_of(row(8)), "b": None}
    second = page([Part(service="a", items=(row(6),)), Part(service="b", items=(row(9), row(7)))], first.places, 2)
    assert second.items == (row(9), row(7))
    assert second.places == {"a": place_of(row(7)), "b": place_of(row(7))}


def test_who_is_missing_is_named() -> None:
    assert missing([Part(service="a"), Part(service="b", missing="timeout")]) == [
        {"service": "b", "reason": "timeout"}
    ]


def test_the_words_of_a_correction_cannot_move_between_its_parts() -> None:
    assert digest_of("ab", "c", "d") != digest_of("a", "bc", "d")
