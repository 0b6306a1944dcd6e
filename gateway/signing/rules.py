"""When a signing key is published, signs, retires and goes: always published before use, kept after it.

Beside the key that signs there is always the next one, in the set long before its time: where a key has leaked, it
can be withdrawn at once, and the next one signs tokens that every verifier knows already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

ALGORITHM = "ES256"
SIGNS_FOR = timedelta(days=30)
"""[DEF] How long one key signs."""
PUBLISHED_BEFORE = timedelta(hours=1)
"""[DEF] A new key is in the set for so long before it signs: far longer than any verifier keeps a set."""
KEPT_AFTER = timedelta(hours=2)
"""[DEF] A retired key stays in the set for so long: longer than any token lives, and its leeway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKey:
    """One key pair; the private half is sealed and is opened only in memory."""

    kid: str
    public: dict[str, Any]
    sealed: bytes
    published_at: datetime
    signs_from: datetime
    retired_at: datetime | None
    gone_at: datetime | None

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was taken out of the set because it leaked; None where it came to its end in peace."""
        if self.gone_at is None or self.retired_at is None or self.gone_at >= self.retired_at + KEPT_AFTER:
            return None
        return self.gone_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """What a rotation does now: make a key that signs from then on, retire some, take some out."""

    make_from: datetime | None
    retire: tuple[str, ...]
    remove: tuple[str, ...]

    @property
    def due(self) -> int:
        """How many keys change."""
        return len(self.retire) + len(self.remove) + (self.make_from is not None)


def signing_key(keys: Iterable[SigningKey], at: datetime) -> SigningKey | None:
    """The key that signs now: the one that began last; None when there is none."""
    ready = [key for key in keys if key.signs_from <= at and key.retired_at is None]
    return max(ready, key=lambda key: key.signs_from, default=None)


def published(keys: Iterable[SigningKey], at: datetime) -> tuple[SigningKey, ...]:
    """The keys of the set: those to come, the one that signs, and those whose tokens may still run."""
    kept = [key for key in keys if key.published_at <= at and (key.gone_at is None or at < key.gone_at)]
    return tuple(sorted(kept, key=lambda key: key.published_at))


def next_steps(keys: Iterable[SigningKey], at: datetime) -> Steps:
    """What is due at this instant; doing it twice does nothing more."""
    known = tuple(keys)
    current = signing_key(known, at)
    if current is None:
        return Steps(make_from=at, retire=(), remove=_over(known, at))
    outlived = tuple(key.kid for key in known if key.retired_at is None and key.signs_from < current.signs_from)
    waiting = any(key.signs_from > at and key.gone_at is None for key in known)
    make_from = None if waiting else max(current.signs_from + SIGNS_FOR, at + PUBLISHED_BEFORE)
    return Steps(make_from=make_from, retire=outlived, remove=_over(known, at))


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """What leaves the set at once because it leaked, and which key signs now; None where one has to be made."""

    kids: tuple[str, ...]
    successor: str | None


def withdrawal(keys: Iterable[SigningKey], at: datetime, *, also_next: bool) -> Withdrawal:
    """Every key that has signed goes, and the next one signs; with `also_next` that one goes too."""
    present = [key for key in keys if key.gone_at is None]
    to_come = sorted((key for key in present if key.signs_from > at), key=lambda key: key.published_at)
    kept = () if also_next else tuple(key.kid for key in to_come[:1])
    gone = tuple(key.kid for key in present if key.kid not in kept)
    return Withdrawal(kids=gone, successor=kept[0] if kept else None)


def _over(keys: tuple[SigningKey, ...], at: datetime) -> tuple[str, ...]:
    return tuple(
        key.kid
        for key in keys
        if key.gone_at is None and key.retired_at is not None and key.retired_at + KEPT_AFTER <= at
    )
