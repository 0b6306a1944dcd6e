"""A key is published before it signs and kept after it: at no instant does a good token fail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.signing.rules import (
    KEPT_AFTER,
    PUBLISHED_BEFORE,
    SIGNS_FOR,
    SigningKey,
    Steps,
    next_steps,
    published,
    signing_key,
    withdrawal,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN_LIFE = timedelta(minutes=10)
VERIFIERS_KEEP_A_SET = timedelta(minutes=5)


def apply(keys: list[SigningKey], at: datetime) -> list[SigningKey]:
    """What the watch does, in memory."""
    while (steps := next_steps(keys, at)).due:
        keys = step(keys, steps, at)
    return keys


def step(keys: list[SigningKey], steps: Steps, at: datetime) -> list[SigningKey]:
    keys = [replace(key, retired_at=at) if key.kid in steps.retire else key for key in keys]
    keys = [replace(key, gone_at=at) if key.kid in steps.remove else key for key in keys]
    if steps.make_from is not None:
        fresh = SigningKey(
            kid=f"k{len(keys)}",
            public={},
            sealed=b"",
            published_at=at,
            signs_from=steps.make_from,
            retired_at=None,
            gone_at=None,
        )
        keys.append(fresh)
    return keys


def test_the_first_key_signs_at_once() -> None:
    keys = apply([], START)
    current = signing_key(keys, START)
    assert current is not None
    assert current.kid == "k0"


def test_a_step_done_twice_does_nothing_more() -> None:
    for days in (0, 29, 30, 31, 65):
        keys: list[SigningKey] = []
        for hour in range(days * 24 + 1):
            keys = apply(keys, START + timedelta(hours=hour))
        at = START + timedelta(days=days)
        assert apply(keys, at) == keys


def test_over_a_year_every_token_verifies_with_what_verifiers_may_hold() -> None:
    keys: list[SigningKey] = []
    step = timedelta(minutes=20)
    at = START
    signers: set[str] = set()
    while at < START + timedelta(days=200):
        keys = apply(keys, at)
        signer = signing_key(keys, at)
        assert signer is not None
        signers.add(signer.kid)
        if at - START > VERIFIERS_KEEP_A_SET:
            stale = published(keys, at - VERIFIERS_KEEP_A_SET)
            assert signer.kid in {key.kid for key in stale} or signer.published_at == START
        later = apply(keys, at + TOKEN_LIFE)
        assert signer.kid in {key.kid for key in published(later, at + TOKEN_LIFE)}
        at += step
    assert len(signers) == 7


def test_the_next_key_is_in_the_set_long_before_its_time() -> None:
    keys = apply([], START)
    assert [key.signs_from - START for key in published(keys, START)] == [timedelta(), SIGNS_FOR]
    worn = START + SIGNS_FOR
    keys = apply(keys, worn)
    assert signing_key(keys, worn) == keys[1]
    assert [key.signs_from - worn for key in published(keys, worn)] == [-SIGNS_FOR, timedelta(), SIGNS_FOR]
    gone = apply(keys, worn + KEPT_AFTER)
    assert [key.kid for key in published(gone, worn + KEPT_AFTER)] == ["k1", "k2"]


def test_a_process_that_slept_through_rotations_signs_with_what_is_known() -> None:
    keys, late = apply([], START), START + 3 * SIGNS_FOR
    keys = apply(keys, late)
    current = signing_key(keys, late)
    assert current is not None
    assert (current.kid, current.published_at) == ("k1", START)
    (following,) = [key for key in keys if key.signs_from > late]
    assert following.signs_from == late + PUBLISHED_BEFORE


def test_a_leaked_key_goes_at_once_and_the_next_one_which_all_know_signs() -> None:
    at = START + SIGNS_FOR + timedelta(minutes=5)
    keys = apply(apply([], START), at)
    found = withdrawal(keys, at, also_next=False)
    assert (found.kids, found.successor) == (("k0", "k1"), "k2"), "the retired one could sign as well"
    everything = withdrawal(keys, at, also_next=True)
    assert (everything.kids, everything.successor) == (("k0", "k1", "k2"), None)
    assert withdrawal([], at, also_next=False).successor is None


def test_a_key_that_leaked_is_told_from_one_that_came_to_its_end() -> None:
    (key, _), at = apply([], START), START + SIGNS_FOR
    assert key.withdrawn_at is None
    assert replace(key, retired_at=at, gone_at=at + KEPT_AFTER).withdrawn_at is None
    assert replace(key, retired_at=at, gone_at=at + timedelta(minutes=9)).withdrawn_at is not None
