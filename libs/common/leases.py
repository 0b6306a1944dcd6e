"""Leases: one holder at a time, with a fencing number that rises with every change of hands.

A process that was stopped and wakes up must not work beside its successor: whoever acts under a lease
re-checks its fence right before the act.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import text

from libs.common.db import Database, Tx
from libs.common.scope import Scope

# The database's own clock decides: the clocks of two processes may differ, and the city's clock is simulated.
_TAKE = text(
    "INSERT INTO leases AS held (name, holder, expires_at)"
    " VALUES (:name, :holder, clock_timestamp() + make_interval(secs => :seconds))"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,"
    " asleep = held.asleep AND held.holder = excluded.holder,"
    " fence = held.fence + CASE WHEN held.holder = excluded.holder THEN 0 ELSE 1 END"
    " WHERE held.holder = excluded.holder OR held.expires_at < clock_timestamp()"
    " RETURNING fence"
)
_CHECK = text(
    "SELECT true FROM leases WHERE name = :name AND holder = :holder AND fence = :fence"
    " AND expires_at > clock_timestamp()"
)
_RELEASE = text(
    "UPDATE leases SET expires_at = clock_timestamp(), asleep = false WHERE name = :name AND holder = :holder"
)
_SLEEP = text("UPDATE leases SET asleep = :asleep WHERE name = :name AND holder = :holder AND asleep <> :asleep")


@dataclass(slots=True)
class Lease:
    """A named lease of one service; `holder` is this process's own mark."""

    database: Database
    name: str
    seconds: float = 5.0
    holder: UUID | None = None

    def __post_init__(self) -> None:
        self.holder = self.holder or uuid4()

    @property
    def _scope(self) -> Scope:
        return Scope.of_system(f"lease:{self.name}")

    async def hold(self) -> int | None:
        """Take or renew the lease; returns the fencing number, or None while another process holds it."""
        async with self.database.unit_of_work(self._scope) as tx:
            fence: int | None = await tx.scalar(
                _TAKE, {"name": self.name, "holder": self.holder, "seconds": self.seconds}
            )
        return fence

    async def still_held(self, tx: Tx, fence: int) -> bool:
        """Whether the lease is still ours under this fence, as the database sees it now."""
        held = await tx.scalar(_CHECK, {"name": self.name, "holder": self.holder, "fence": fence})
        return bool(held)

    async def mark_asleep(self, asleep: bool) -> None:
        """Tell writers whether they have to wake the holder by NOTIFY."""
        async with self.database.unit_of_work(self._scope, durable=False) as tx:
            await tx.execute(_SLEEP, {"name": self.name, "holder": self.holder, "asleep": asleep})

    async def release(self) -> None:
        """Give the lease up at once, so that a successor need not wait for it to run out."""
        async with self.database.unit_of_work(self._scope) as tx:
            await tx.execute(_RELEASE, {"name": self.name, "holder": self.holder})
