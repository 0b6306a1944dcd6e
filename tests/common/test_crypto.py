"""Seals: what is closed opens again with its own key and purpose only, in both suites, also after a rotation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.crypto import SealBroken, Seals, Suite

OLD = Seals(current_id="1", current="an-old-secret-of-256-random-bits-in-text")
SUITES = pytest.mark.parametrize("suite", list(Suite))


@SUITES
@given(plain=st.binary(max_size=200), about=st.text(max_size=40))
def test_what_is_closed_opens_again(suite: Suite, plain: bytes, about: str) -> None:
    seals = Seals(current_id="1", current="s" * 43, suite=suite)
    sealed = seals.close("totp", about, plain)
    assert seals.open("totp", about, sealed) == plain
    assert not seals.is_stale(sealed)
    assert len(plain) < 8 or plain not in sealed


@SUITES
def test_another_purpose_owner_or_secret_opens_nothing(suite: Suite) -> None:
    seals = Seals(current_id="1", current="s" * 43, suite=suite)
    sealed = seals.close("totp", "person-1", b"secret")
    for purpose, about in (("webhook", "person-1"), ("totp", "person-2")):
        with pytest.raises(SealBroken):
            seals.open(purpose, about, sealed)
    with pytest.raises(SealBroken, match="put the old value back"):
        Seals(current_id="1", current="t" * 43, suite=suite).open("totp", "person-1", sealed)


@SUITES
def test_any_changed_byte_is_noticed(suite: Suite) -> None:
    seals = Seals(current_id="1", current="s" * 43, suite=suite)
    sealed = seals.close("totp", "person-1", b"secret")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            seals.open("totp", "person-1", bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            seals.open("totp", "person-1", sealed[:length])


def test_after_a_rotation_the_old_opens_and_is_stale_until_it_is_sealed_again() -> None:
    sealed = OLD.close("totp", "person-1", b"secret")
    new = Seals(current_id="2", current="n" * 43, retired={"1": OLD.current}, suite=Suite.SM4_SM3)
    assert new.open("totp", "person-1", sealed) == b"secret"
    assert new.is_stale(sealed)
    again = new.close("totp", "person-1", new.open("totp", "person-1", sealed))
    assert not new.is_stale(again)
    alone = Seals(current_id="2", current="n" * 43, suite=Suite.SM4_SM3)
    assert alone.open("totp", "person-1", again) == b"secret"
    with pytest.raises(SealBroken, match="key 1"):
        alone.open("totp", "person-1", sealed)


def test_secrets_are_in_no_representation() -> None:
    assert OLD.current not in repr(OLD)
