"""All SQL about wrong sign-ins, browsers that are known, and recovery codes; every one under a system scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from gateway.people.model import known_browsers, recovery_codes, sign_in_attempts
from gateway.people.rules_attempts import Attempts
from libs.common.aggregates import load
from libs.common.db import Tx

_MOST_BROWSERS = 20
"""[DEF] So many browsers of one person are known at a time; the oldest are forgotten first."""


async def lock_attempts(tx: Tx, account: bytes, places: Sequence[bytes]) -> dict[bytes, Attempts]:
    """The counts of an account at some places, locked in one order; those that are not there begin at nothing."""
    fresh = [{"account": account, "place": place, "failures": 0} for place in sorted(places)]
    await tx.execute(insert(sign_in_attempts).values(fresh).on_conflict_do_nothing())
    here = (sign_in_attempts.c.account == account) & sign_in_attempts.c.place.in_(places)
    ordered = select(sign_in_attempts).where(here).order_by(sign_in_attempts.c.place).limit(len(places))
    rows = await tx.all(ordered.with_for_update())
    return {row["place"]: load(Attempts, row) for row in rows}


async def write_attempts(tx: Tx, account: bytes, counts: Mapping[bytes, Attempts]) -> None:
    """Write counts that are locked."""
    for place, count in sorted(counts.items()):
        values = {"failures": count.failures, "last_at": count.last_at, "locked_until": count.locked_until}
        added = insert(sign_in_attempts).values({"account": account, "place": place, **values})
        keys = [sign_in_attempts.c.account, sign_in_attempts.c.place]
        await tx.execute(added.on_conflict_do_update(index_elements=keys, set_=values))


async def forget_attempts(tx: Tx, account: bytes, place: bytes | None = None) -> None:
    """Drop the counts of an account, at one place or everywhere."""
    gone = delete(sign_in_attempts).where(sign_in_attempts.c.account == account)
    await tx.execute(gone if place is None else gone.where(sign_in_attempts.c.place == place))


async def locked_until(tx: Tx, account: bytes, at: datetime) -> datetime | None:
    """Until when some place has to wait before it may try this account again; None where none has to."""
    waiting = (sign_in_attempts.c.account == account) & (sign_in_attempts.c.locked_until > at)
    found: datetime | None = await tx.scalar(select(func.max(sign_in_attempts.c.locked_until)).where(waiting))
    return found


async def purge(tx: Tx, idle_since: datetime, at: datetime, limit: int) -> int:
    """Forget counts that did not rise since then and browsers whose time is over; how many, a batch at a time."""
    key = tuple_(sign_in_attempts.c.account, sign_in_attempts.c.place)
    # A row without a time was made for a place that had to wait with all others: it counts nothing.
    idle = or_(sign_in_attempts.c.last_at.is_(None), sign_in_attempts.c.last_at < idle_since)
    over = (sign_in_attempts.c.locked_until.is_(None)) | (sign_in_attempts.c.locked_until < at)
    dropped = select(sign_in_attempts.c.account, sign_in_attempts.c.place).where(idle, over).limit(limit)
    counts = await tx.execute(delete(sign_in_attempts).where(key.in_(dropped)))
    outlived = select(known_browsers.c.hash).where(known_browsers.c.known_until < at).limit(limit)
    browsers = await tx.execute(delete(known_browsers).where(known_browsers.c.hash.in_(outlived.scalar_subquery())))
    return counts.rowcount + browsers.rowcount


async def is_known(tx: Tx, browser: bytes, person: UUID, at: datetime) -> bool:
    """Whether a person has signed in with this browser before."""
    same = (known_browsers.c.hash == browser) & (known_browsers.c.person == person)
    return await tx.scalar(select(known_browsers.c.hash).where(same, known_browsers.c.known_until > at)) is not None


async def add_browser(tx: Tx, browser: bytes, person: UUID, until: datetime) -> None:
    """Know a browser from now on, and forget the oldest of too many."""
    await tx.execute(insert(known_browsers).values(hash=browser, person=person, known_until=until))
    await _forget_oldest_browsers(tx, person)


async def _forget_oldest_browsers(tx: Tx, person: UUID) -> None:
    of_person = known_browsers.c.person == person
    order = (known_browsers.c.known_until.desc(), known_browsers.c.hash)
    kept = select(known_browsers.c.hash).where(of_person).order_by(*order).limit(_MOST_BROWSERS)
    await tx.execute(delete(known_browsers).where(of_person, known_browsers.c.hash.not_in(kept.scalar_subquery())))


async def forget_browsers(tx: Tx, person: UUID) -> None:
    """Know none of a person's browsers any more."""
    await tx.execute(delete(known_browsers).where(known_browsers.c.person == person))


async def replace_codes(tx: Tx, person: UUID, hashes: Iterable[bytes]) -> None:
    """These recovery codes in place of all earlier ones."""
    await tx.execute(delete(recovery_codes).where(recovery_codes.c.person == person))
    fresh = [{"person": person, "hash": one} for one in hashes]
    if fresh:
        await tx.execute(insert(recovery_codes).values(fresh))


async def spend_code(tx: Tx, person: UUID, hashed: bytes) -> bool:
    """Use a recovery code up; False where the person has no such code (any more)."""
    same = (recovery_codes.c.person == person) & (recovery_codes.c.hash == hashed)
    return (await tx.execute(delete(recovery_codes).where(same))).rowcount == 1
