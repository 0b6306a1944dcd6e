"""An ended client stays ended, and a client never has more than two working secrets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.rules import (
    LIVE_SECRETS,
    OVERLAP,
    Client,
    ClientAlreadyEnded,
    Secret,
    end,
    hash_secret,
    is_live,
    make_room,
    matches,
)

NOW = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)


def client() -> Client:
    return Client(
        id=uuid4(),
        version=1,
        area_code="331002000000",
        sectors=(),
        exercise=False,
        correlation_id=uuid4(),
        client_id="police-app",
        name="Police app",
        subject="police-331002004000",
        agency_id=None,
        ended_at=None,
        ended_reason=None,
    )


def secret(age_hours: float, expires_at: datetime | None = None) -> Secret:
    created = NOW - timedelta(hours=age_hours)
    return Secret(id=uuid4(), hash=hash_secret(str(age_hours)), created_at=created, expires_at=expires_at)


def test_an_ended_client_stays_ended() -> None:
    ended = end(client(), NOW, "contract over")
    assert ended.ended_at == NOW
    with pytest.raises(ClientAlreadyEnded) as refused:
        end(ended, NOW, "again")
    assert refused.value.state == "ended"


def test_only_a_live_secret_opens() -> None:
    live, over = secret(1), secret(50, expires_at=NOW - timedelta(seconds=1))
    assert matches((live, over), "1", NOW)
    assert not matches((live, over), "50", NOW)
    assert not matches((live, over), "guess", NOW)
    assert not matches((), "1", NOW)


def test_a_rotation_keeps_the_youngest_secret_for_the_overlap_and_ends_the_others() -> None:
    old, young = secret(48), secret(1)
    assert make_room((old, young), NOW, OVERLAP) == ((young, NOW + OVERLAP), (old, NOW))


def test_a_rotation_never_lengthens_a_secrets_life() -> None:
    soon = NOW + timedelta(minutes=5)
    leaving = secret(1, expires_at=soon)
    assert make_room((leaving,), NOW, OVERLAP) == ((leaving, soon),)


@given(
    ages=st.lists(st.integers(min_value=0, max_value=500), max_size=6, unique=True),
    overlap_hours=st.integers(min_value=0, max_value=168),
)
def test_after_any_rotation_at_most_two_secrets_work(ages: list[int], overlap_hours: int) -> None:
    before = tuple(secret(age) for age in ages)
    ends = {one.id: ends for one, ends in make_room(before, NOW, timedelta(hours=overlap_hours))}
    limited = (replace(one, expires_at=ends.get(one.id, one.expires_at)) for one in before)
    after = [*limited, replace(secret(0), created_at=NOW)]
    assert len([one for one in after if is_live(one, NOW)]) <= LIVE_SECRETS
