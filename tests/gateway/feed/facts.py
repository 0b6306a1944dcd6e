"""Facts as the four services tell them, and the log that keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from gateway.feed.actions import FeedPage, keep_events, read_feed
from gateway.feed.rules import Cursor, Wanted
from libs.common.bus_names import ConsumerKind, consumer_name
from libs.common.db import Database
from libs.common.envelope import Delivery, decode
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.contracts.event import producer_of
from tests.cluster import FreshDatabase

COUNTY, OTHER_COUNTY = "331002004000", "331003001000"
CLOSED = "risk_grading.hazard.closed.v1"
SYSTEM = Scope.of_system("test")
EVERYTHING = Wanted()


def told(
    type_: str = CLOSED,
    version: int = 1,
    *,
    aggregate: UUID | None = None,
    area: str = COUNTY,
    sectors: str = "fire",
    exercise: bool = False,
    sensitivity: str = "shared",
    parties: Sequence[UUID] = (),
    id_: UUID | None = None,
    data: Any = None,
) -> Delivery:
    """One event as it comes from the bus."""
    at = datetime.now(UTC).isoformat()
    headers = {
        "ce-specversion": "1.0", "ce-id": str(id_ or new_id()), "ce-source": f"/shoutu/{producer_of(type_)}",
        "ce-type": type_, "ce-subject": str(aggregate or uuid4()), "ce-time": at, "ce-recordedtime": at,
        "ce-datacontenttype": "application/json", "ce-aggregateversion": str(version),
        "ce-correlationid": str(uuid4()), "ce-areacode": area, "ce-sectors": sectors,
        "ce-exercise": "true" if exercise else "false", "ce-sensitivity": sensitivity,
    }  # fmt: skip
    if parties:
        headers["ce-parties"] = ",".join(str(party) for party in parties)
    return decode(headers, orjson.dumps(data if data is not None else {"words": "隐患已消除"}))


def caller(area: str = COUNTY, *sectors: str, role: str = "inspector", posts: Sequence[UUID] = ()) -> Scope:
    """Somebody with one grant over a county, for some sectors or for every one."""
    first, last = f"{area[:6]}000000", f"{area[:6]}999999"
    grant = Grant(area_from=first, area_to=last, sectors=sectors or None, role=role)
    return Scope(subject="somebody", client_id="somebody", grants=(grant,), posts=frozenset(posts))


@dataclass(frozen=True, slots=True)
class Log:
    """The log of a database, written and read as the app does."""

    database: Database

    async def keep(self, *deliveries: Delivery, times: int = 1) -> list[UUID]:
        """Keep one batch; returns what came too early."""
        async with self.database.unit_of_work(SYSTEM) as tx:
            return await keep_events(tx, [(consumer_of(one), one, times) for one in deliveries])

    async def read(
        self, after: Cursor | None = None, wanted: Wanted = EVERYTHING, limit: int = 100, scope: Scope = SYSTEM
    ) -> FeedPage:
        """One page."""
        async with self.database.unit_of_work(scope) as tx:
            return await read_feed(tx, after=after, wanted=wanted, limit=limit)

    async def ids(self, after: Cursor | None = None, wanted: Wanted = EVERYTHING, scope: Scope = SYSTEM) -> list[str]:
        """The ids of one page."""
        return ids_of(await self.read(after, wanted, scope=scope))


def consumer_of(delivery: Delivery) -> str:
    return consumer_name("gateway", ConsumerKind.KEEPS, producer_of(delivery.event_type))


def ids_of(page: FeedPage) -> list[str]:
    return [orjson.loads(item.event)["id"] for item in page.items]


def names(*deliveries: Delivery) -> list[str]:
    return [str(one.event_id) for one in deliveries]


@asynccontextmanager
async def log_of(database: FreshDatabase) -> AsyncIterator[Log]:
    """The log in a database, through the app's own role."""
    pool = Database(database.url("gateway_app"), service="gateway", pool_size=4)
    try:
        yield Log(pool)
    finally:
        await pool.close()
