"""Which failures of the database pass by themselves, and which are the caller's or the handler's own."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Connection, resources, serialization and deadlock, operator intervention, lock and statement timeouts.
_PASSING_CLASSES = ("08", "53", "40", "57", "58")
_PASSING_CODES = ("55P03", "25P03", "25P04")


def sqlstate_of(error: BaseException) -> str:
    """The five-character SQLSTATE of a driver's error, or an empty string."""
    origin = getattr(error, "orig", None)
    return str(getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None) or "")


def is_transient(error: BaseException) -> bool:
    """Whether to try again later: the server is away, starting, full, or refused this order of locks."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = sqlstate_of(error)
    if state:
        return state[:2] in _PASSING_CLASSES or state in _PASSING_CODES
    return isinstance(error, OperationalError | InterfaceError)
