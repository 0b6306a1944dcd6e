"""How guessing is slowed down, without a way to keep the rightful person out (docs/decisions/0019).

Wrong sign-ins are counted by account *and* by where they come from. A browser that the person signed in with before
shows a cookie and has a count of its own, so strangers can spend only their own. Strangers count by address, and all
of an account's together besides, which bounds a guesser with many addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FREE = 5
"""[DEF] So many wrong sign-ins from one place before it has to wait."""
FREE_OF_ALL_STRANGERS = 50
"""[DEF] So many from all strangers together; below the 100 of NIST SP 800-63B-4 3.2.2."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
"""[DEF] Each further wrong one doubles the wait, up to this."""
FORGOTTEN_AFTER = timedelta(hours=24)
"""[DEF] A count that did not rise for so long is dropped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """The wrong sign-ins of one account from one place, or from all strangers."""

    failures: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None


def is_locked(attempts: Attempts, at: datetime) -> bool:
    """Whether this place has to wait; nothing is tried and nothing is counted meanwhile."""
    return attempts.locked_until is not None and at < attempts.locked_until


def counted(attempts: Attempts, at: datetime, free: int = FREE) -> Attempts:
    """The count with one more wrong sign-in.

    It is written before the password is looked at and taken back after a right one: of a hundred guesses sent at
    once, no more than the free ones are tried.
    """
    fresh = attempts.last_at is None or at - attempts.last_at >= FORGOTTEN_AFTER
    failures = 1 if fresh else attempts.failures + 1
    return replace(attempts, failures=failures, last_at=at, locked_until=_locked_until(failures, at, free))


def _locked_until(failures: int, at: datetime, free: int) -> datetime | None:
    over = failures - free
    if over < 0:
        return None
    # Bounded before it is raised: a thousand doublings are no interval.
    doubled: int = 2 ** min(over, 10)
    return at + min(FIRST_WAIT * doubled, LONGEST_WAIT)
