"""As of when a trace may be asked, and by what was known when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.liability_traces.rules import EARLIEST, InstantImpossible, instants

NOW = datetime(2026, 12, 3, tzinfo=UTC)
FIRE = NOW - timedelta(days=1)


def test_without_a_word_it_is_as_of_the_things_own_instant_and_known_then() -> None:
    assert instants(None, None, usual=FIRE, now=NOW) == (FIRE, FIRE)
    assert instants(None, NOW, usual=FIRE, now=NOW) == (FIRE, NOW)


@pytest.mark.parametrize(
    ("as_of", "known_at"),
    [(NOW + timedelta(seconds=1), None), (FIRE, FIRE - timedelta(seconds=1)), (FIRE, NOW + timedelta(seconds=1))],
)
def test_nothing_is_traced_that_is_still_to_come_or_was_known_before_it_was(
    as_of: datetime, known_at: datetime | None
) -> None:
    with pytest.raises(InstantImpossible):
        instants(as_of, known_at, usual=FIRE, now=NOW)


@given(st.datetimes(timezones=st.just(UTC)), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_any_instant_is_taken_in_order_or_refused(as_of: datetime, known_at: datetime | None) -> None:
    try:
        of, known = instants(as_of, known_at, usual=FIRE, now=NOW)
    except InstantImpossible:
        return
    assert EARLIEST <= of <= known <= NOW
