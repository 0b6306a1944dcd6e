"""Tracking codes: random, shown once, kept as a hash."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from secrets import token_bytes

_BYTES = 15


def new_code() -> str:
    """A fresh code of 120 random bits in groups of four, easy to read out."""
    letters = b32encode(token_bytes(_BYTES)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def hash_of(code: str) -> str:
    """What is stored: 120 random bits cannot be guessed, so a plain hash needs no salt and can be looked up."""
    return sha256(code.replace("-", "").strip().upper().encode()).hexdigest()
