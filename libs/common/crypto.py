"""The one place where something is sealed: suites of cipher and hash, keys by id, and what was sealed before.

A suite is chosen by setting: AES-256-GCM with SHA-256 by default, SM4-GCM with SM3 (GB/T 32907-2016, GB/T 32905-2016)
where a city has to use domestic cryptography. What is sealed says in its header with which suite and key, so both can
change while everything sealed before still opens: the old keys stay, by id, until nothing stale is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from secrets import token_bytes
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MAGIC: Final = b"\x53\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class Suite(StrEnum):
    """A cipher and a hash that belong together."""

    AES_SHA2 = "aes-sha2"
    SM4_SM3 = "sm4-sm3"


_NUMBERS: Final = {Suite.AES_SHA2: 1, Suite.SM4_SM3: 2}
_SUITES: Final = {number: suite for suite, number in _NUMBERS.items()}


class SealBroken(Exception):
    """What was sealed cannot be opened: another key, an unknown key id, or bytes that somebody changed."""

    def __init__(self, purpose: str, key_id: str | None) -> None:
        self.purpose, self.key_id = purpose, key_id
        super().__init__(
            f"a sealed {purpose} (key {key_id or 'unreadable'}) cannot be opened: the key seal of the settings is not"
            " the one that sealed it; put the old value back, or name it under its id among the retired ones (a"
            " backup of the database needs the seals of its time)"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Seals:
    """Closes and opens small secrets (keys, second factors, identities). Secrets are 256 random bits in text.

    `purpose` parts what is sealed by kind: each has a key of its own, derived by HKDF. `about` names whose it is and
    is bound to the bytes, so that a row's secret moved into another row does not open.
    """

    current_id: str
    current: str = field(repr=False)
    retired: Mapping[str, str] = field(default_factory=dict, repr=False)
    suite: Suite = Suite.AES_SHA2

    def close(self, purpose: str, about: str, plain: bytes) -> bytes:
        """The sealed bytes: header, a random nonce, ciphertext and tag."""
        header = _header(self.suite, self.current_id)
        nonce = token_bytes(_NONCE_BYTES)
        key = _derived(self.suite, self.current, purpose)
        cipher = Cipher(_algorithm(self.suite, key), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(header + about.encode())
        return header + nonce + cipher.update(plain) + cipher.finalize() + cipher.tag

    def open(self, purpose: str, about: str, sealed: bytes) -> bytes:
        """The plain bytes; raises SealBroken."""
        suite, key_id, body = _read(purpose, sealed)
        secret = self.current if key_id == self.current_id else self.retired.get(key_id)
        if secret is None:
            raise SealBroken(purpose, key_id)
        nonce, text, tag = body[:_NONCE_BYTES], body[_NONCE_BYTES:-_TAG_BYTES], body[-_TAG_BYTES:]
        key = _derived(suite, secret, purpose)
        try:
            cipher = Cipher(_algorithm(suite, key), modes.GCM(nonce, tag)).decryptor()
            cipher.authenticate_additional_data(_header(suite, key_id) + about.encode())
            return cipher.update(text) + cipher.finalize()
        except (InvalidTag, ValueError):
            raise SealBroken(purpose, key_id) from None

    @property
    def header(self) -> bytes:
        """What everything that is sealed now begins with."""
        return _header(self.suite, self.current_id)

    def is_stale(self, sealed: bytes) -> bool:
        """Whether it was sealed with another key or suite than what seals now, and should be sealed again."""
        return not sealed.startswith(self.header)


def sealed_with(purpose: str, header: bytes) -> tuple[Suite, str]:
    """Suite and key id of a header; raises SealBroken where it is none."""
    if len(header) < 4 or not header.startswith(_MAGIC) or header[2] not in _SUITES:
        raise SealBroken(purpose, None)
    return _SUITES[header[2]], header[4 : 4 + header[3]].decode(errors="replace")


def _header(suite: Suite, key_id: str) -> bytes:
    name = key_id.encode()
    return _MAGIC + bytes((_NUMBERS[suite], len(name))) + name


def _read(purpose: str, sealed: bytes) -> tuple[Suite, str, bytes]:
    suite, key_id = sealed_with(purpose, sealed)
    end = 4 + sealed[3]
    if len(sealed) < end + _NONCE_BYTES + _TAG_BYTES:
        raise SealBroken(purpose, None)
    return suite, key_id, sealed[end:]


def _algorithm(suite: Suite, key: bytes) -> algorithms.AES | algorithms.SM4:
    return algorithms.SM4(key) if suite is Suite.SM4_SM3 else algorithms.AES(key)


@lru_cache(128)
def _derived(suite: Suite, secret: str, purpose: str) -> bytes:
    info = f"shoutu seal v1\0{suite}\0{purpose}".encode()
    if suite is Suite.SM4_SM3:
        return HKDF(hashes.SM3(), 16, None, info).derive(secret.encode())
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret.encode())
