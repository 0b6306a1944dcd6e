"""What failures of the database are: they pass by themselves, or are the caller's or the handler's own."""

from __future__ import annotations

from typing import NoReturn

from asyncpg import InterfaceError as DriverInterfaceError
from asyncpg import InternalClientError, PostgresError
from asyncpg.exceptions import InvalidCachedStatementError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

DRIVER_ERRORS = (PostgresError, DriverInterfaceError, InternalClientError)

DATABASE_ERRORS = (DBAPIError, PoolTimeout, OSError, TimeoutError)
"""What a unit of work may raise where the database is away, or refuses."""

# Connection, resources, serialization and deadlock, operator intervention, lock and statement timeouts.
_PASSING_CLASSES = ("08", "53", "40", "57", "58")
_PASSING_CODES = ("55P03", "25P03", "25P04")
_VALUE_FOLLOWS = "invalid input for query argument"


class Told(Exception):
    """What the driver said, without the details, which hold values: those may be personal data."""

    def __init__(self, error: BaseException) -> None:
        message = str(error.args[0]) if error.args else type(error).__name__
        super().__init__(message.partition(":")[0] if message.startswith(_VALUE_FOLLOWS) else message)
        self.sqlstate: str | None = getattr(error, "sqlstate", None)


def tell(error: Exception, sql: str, *, lost: bool = False) -> NoReturn:
    """Raise the driver's error as the house's only kind of database error. `lost`: the connection went with it."""
    told = Told(error)
    told.__cause__ = error
    kind = DBAPIError if told.sqlstate else InterfaceError
    raise kind(sql, None, told, hide_parameters=True, connection_invalidated=lost) from told


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
    if error.connection_invalidated or _outdated(error):
        return True
    state = sqlstate_of(error)
    if state:
        return state[:2] in _PASSING_CLASSES or state in _PASSING_CODES
    return isinstance(error, OperationalError | InterfaceError)


def _outdated(error: DBAPIError) -> bool:
    """Whether a migration changed what this statement was prepared against; it is prepared anew the next time."""
    return isinstance(getattr(error.orig, "__cause__", None), InvalidCachedStatementError)
