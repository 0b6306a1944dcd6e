"""All SQL about signing keys; every function runs under a system scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Update, func, select, text, update

from gateway.signing.model import signing_keys
from gateway.signing.rules import SigningKey
from libs.common.aggregates import load
from libs.common.db import Tx

_MOST_KEYS = 100
"""Far more than are published at once: a key leaves the set a while after it was retired."""
_MOST_KEYS_EVER = 1000
"""Eighty years of keys that sign for a month each."""
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway signing keys', 0))")


async def wait_for_turn(tx: Tx) -> None:
    """Two processes that start at once must not make two first keys."""
    await tx.execute(_ONE_AT_A_TIME)


async def find_keys(tx: Tx) -> tuple[SigningKey, ...]:
    """Every key that is not gone from the set."""
    present = select(signing_keys).where(signing_keys.c.gone_at.is_(None))
    rows = await tx.all(present.order_by(signing_keys.c.published_at.desc()).limit(_MOST_KEYS))
    return tuple(load(SigningKey, row) for row in rows)


async def find_every_key(tx: Tx) -> tuple[SigningKey, ...]:
    """Every key, those that are gone from the set too."""
    every = select(signing_keys).order_by(signing_keys.c.published_at.desc(), signing_keys.c.kid)
    return tuple(load(SigningKey, row) for row in await tx.all(every.limit(_MOST_KEYS_EVER)))


async def add_key(tx: Tx, key: SigningKey) -> None:
    """Keep a new key."""
    await tx.execute(signing_keys.insert().values(asdict(key)))


async def retire(tx: Tx, kids: Iterable[str], at: datetime) -> None:
    """These keys sign no more."""
    await tx.execute(_of(kids).values(retired_at=at))


async def remove(tx: Tx, kids: Iterable[str], at: datetime) -> None:
    """These keys leave the set."""
    await tx.execute(_of(kids).values(gone_at=at))


async def withdraw(tx: Tx, kids: Iterable[str], at: datetime) -> None:
    """These keys are out of the set, also those that have not signed yet."""
    began = func.least(signing_keys.c.signs_from, at)
    retired = func.coalesce(signing_keys.c.retired_at, at)
    await tx.execute(_of(kids).values(signs_from=began, retired_at=retired, gone_at=at))


async def begin(tx: Tx, kid: str, at: datetime) -> None:
    """This key signs from now on."""
    await tx.execute(_of([kid]).values(signs_from=at))


def _of(kids: Iterable[str]) -> Update:
    return update(signing_keys).where(signing_keys.c.kid.in_(list(kids)))
