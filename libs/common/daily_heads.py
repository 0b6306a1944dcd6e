"""Daily heads: one line a day and chain that says everything which was sealed on that day in the city.

A day's root is a Merkle root over the links of its batches, and each day is chained to the one before. So who keeps
one line on paper, in a newspaper or at a timestamp authority can later tell any row of that day, and of all days
before it, from a forged one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, system_now
from libs.common.db import Row, Tx
from libs.common.merkle import BEGINNING, canonical, digest, root_of

_COLUMNS = "day, first_batch, last_batch, batches, root, previous, algorithm"
_LAST = text(f"SELECT {_COLUMNS}, chained FROM daily_heads ORDER BY day DESC LIMIT 1")
_SINCE = text(f"SELECT {_COLUMNS}, chained FROM daily_heads WHERE day >= :since ORDER BY day LIMIT :limit")
_NEWEST = text(f"SELECT {_COLUMNS}, chained FROM daily_heads ORDER BY day DESC LIMIT :limit")
_BEFORE = text(f"SELECT {_COLUMNS}, chained FROM daily_heads WHERE day < :day ORDER BY day DESC LIMIT 1")
_NEXT = text("SELECT sealed_at FROM seals WHERE batch > :after ORDER BY batch LIMIT 1")
# Up to the first batch of a later day: a clock that was set back must not tear a day apart.
_LINKS = text(
    "SELECT batch, chained FROM seals WHERE batch > :after AND batch < coalesce((SELECT min(batch) FROM seals"
    " WHERE batch > :after AND sealed_at >= :until), 9223372036854775807) ORDER BY batch"
)
_KEEP = text(
    f"INSERT INTO daily_heads ({_COLUMNS}, chained) VALUES (:day, :first_batch, :last_batch, :batches, :root,"
    " :previous, :algorithm, :chained)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyHead:
    """One day of one chain, by the date in the city's zone. Whoever closes it again says the same."""

    service: str
    day: date
    first_batch: int
    last_batch: int
    batches: int
    root: bytes
    previous: bytes
    algorithm: str

    @property
    def header(self) -> bytes:
        """Everything said about the day, in canonical bytes."""
        said = (
            "shoutu.day.v1", self.service, self.day.isoformat(), self.first_batch, self.last_batch, self.batches,
            self.root, self.algorithm,
        )  # fmt: skip
        return canonical(said)

    @property
    def chained(self) -> bytes:
        """The link of this day: over the link of the day before it and over everything said about the day."""
        return digest(self.algorithm, b"\x03" + self.previous + self.header)

    @property
    def version(self) -> int:
        """The number of the day: it rises with every day that is told."""
        return self.day.toordinal()

    def line(self) -> dict[str, Any]:
        """What is anchored, published and handed out on paper: text and numbers only."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        shown = {"day": self.day.isoformat(), "root": self.root.hex(), "previous": self.previous.hex()}
        return {"kind": "day"} | told | shown | {"chained": self.chained.hex()}


def daily_head(service: str, row: Row) -> DailyHead:
    """A stored day; its `chained` is computed again, not taken over."""
    return DailyHead(service=service, **{name: value for name, value in row.items() if name != "chained"})


async def newest_days(tx: Tx, limit: int) -> list[DailyHead]:
    """The newest days of this chain, newest first."""
    return [daily_head(tx.service, row) for row in await tx.all(_NEWEST, {"limit": limit})]


async def days_since(tx: Tx, since: date, limit: int) -> Sequence[Row]:
    """The stored days from one on, with the link that was stored, oldest first."""
    return await tx.all(_SINCE, {"since": since, "limit": limit})


async def last_day_before(tx: Tx, day: date) -> Row | None:
    """The newest stored day before one."""
    return await tx.one_or_none(_BEFORE, {"day": day})


async def next_day_to_close(tx: Tx, now: datetime | None = None) -> DailyHead | None:
    """The oldest day that is over and not closed yet, or None; days on which nothing was sealed have no head."""
    instant = now or system_now()
    last = await tx.one_or_none(_LAST)
    after = last["last_batch"] if last else 0
    sealed_at = await tx.scalar(_NEXT, {"after": after})
    if sealed_at is None:
        return None
    day: date = sealed_at.astimezone(CITY_ZONE).date()
    if last is not None and day <= last["day"]:
        # A clock that was set back: what was sealed then belongs to the first day that is still open.
        day = date.fromordinal(last["day"].toordinal() + 1)
    if day >= instant.astimezone(CITY_ZONE).date():
        return None
    links = await tx.all(_LINKS, {"after": after, "until": _end_of(day)})
    return DailyHead(
        service=tx.service,
        day=day,
        first_batch=links[0]["batch"],
        last_batch=links[-1]["batch"],
        batches=len(links),
        root=root_of([link["chained"] for link in links], tx.algorithm),
        previous=last["chained"] if last else BEGINNING,
        algorithm=tx.algorithm,
    )


async def keep_day(tx: Tx, head: DailyHead) -> None:
    """Write a day down; nothing changes it any more."""
    told = {name: getattr(head, name) for name in _COLUMNS.split(", ")}
    await tx.execute(_KEEP, told | {"chained": head.chained})


def _end_of(day: date) -> datetime:
    following = date.fromordinal(day.toordinal() + 1)
    return datetime(following.year, following.month, following.day, tzinfo=CITY_ZONE)
