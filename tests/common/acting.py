"""A hearer whose verb writes down what it was asked to do, and deliveries of one aggregate's history to feed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from libs.common.bus import Bus
from libs.common.bus_names import ConsumerKind, ConsumerSpec
from libs.common.clocks import system_now
from libs.common.db import Database, Tx
from libs.common.envelope import Delivery, decode
from libs.common.gate import Admission
from libs.common.hearing import Hearer, on
from libs.common.ids import new_id
from libs.contracts.event import Event, Heard
from libs.contracts.gateway import SubjectChanged, SubjectOpened, SubjectState, SubjectStated
from tests.common.plumbed import SCHEMA, Plumbed

ACTS = ConsumerSpec(
    name=f"{SCHEMA}-acts-gateway", stream="GATEWAY", filter_subjects=("gateway.subject.>",), kind=ConsumerKind.ACTS
)
STATE = SubjectState(subject="somebody", kind="client", posts=(), parties=(), grants=(), ended=False)
_ACTED = (
    "CREATE TABLE acted (turn bigserial, aggregate_id uuid, version integer, step integer);"
    f" GRANT SELECT, INSERT ON acted TO {SCHEMA}_app; GRANT USAGE ON SEQUENCE acted_turn_seq TO {SCHEMA}_app"
)
_WRITE = "INSERT INTO acted (aggregate_id, version, step) VALUES ($1, $2, $3)"


@dataclass(slots=True)
class Acting:
    """Two processes of one service behind one consumer, and what their verb did."""

    plumbed: Plumbed
    hearer: Hearer
    other: Hearer
    refuses: dict[int, Exception] = field(default_factory=dict)
    """What the verb raises, by version, after it wrote its first row."""
    holds: dict[int, asyncio.Event] = field(default_factory=dict)
    """Versions at which the verb waits in the middle."""
    entered: list[int] = field(default_factory=list)

    async def act(self, event: Heard[Any], tx: Tx) -> None:
        """Write two rows; fail or wait in between where told to."""
        version = event.aggregate_version
        self.entered.append(version)
        await tx.say(_WRITE, event.aggregate_id, version, 1)
        if version in self.holds:
            await self.holds[version].wait()
        if version in self.refuses:
            raise self.refuses[version]
        await tx.say(_WRITE, event.aggregate_id, version, 2)

    async def hear(self, *deliveries: Delivery) -> list[Admission]:
        """What became of each."""
        return [await self.hearer.deliver(one) for one in deliveries]

    async def acted(self, aggregate_id: UUID) -> list[int]:
        """The versions whose verb ran to its end, in that order; fails where one was half done."""
        found = await self.plumbed.superuser.fetch(
            "SELECT version, step FROM acted WHERE aggregate_id = $1 ORDER BY turn", aggregate_id
        )
        steps = [(row["version"], row["step"]) for row in found]
        versions = [version for version, step in steps if step == 2]
        assert sorted(steps) == sorted((version, step) for version in versions for step in (1, 2)), "half done"
        return versions

    async def count(self, table: str) -> int:
        """How many rows a table of the plumbing has."""
        return int(await self.plumbed.superuser.fetchval(f"SELECT count(*) FROM {table}"))

    async def somebody_waits(self) -> bool:
        """Whether a connection of this database waits for a lock that another holds."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"
        return bool(await self.plumbed.superuser.fetchval(waiting, self.plumbed.name))


@asynccontextmanager
async def acting(plumbed: Plumbed, spec: ConsumerSpec = ACTS) -> AsyncIterator[Acting]:
    """Two hearers over pools of their own; they fetch nothing, and are fed by hand."""
    await plumbed.superuser.execute(_ACTED)
    pools = [Database(plumbed.app.url, service=SCHEMA, pool_size=4) for _ in range(2)]
    scene: Acting

    async def act(event: Heard[Any], tx: Tx) -> None:
        await scene.act(event, tx)

    listeners = [on(SubjectOpened, act), on(SubjectChanged, act)]
    hearers = [Hearer(pool, cast(Bus, None), spec, listeners) for pool in pools]
    scene = Acting(plumbed, *hearers)
    try:
        yield scene
    finally:
        for pool in pools:
            await pool.close()


def delivery(event: Event, aggregate_id: UUID, version: int, event_id: UUID | None = None) -> Delivery:
    """One event as it arrives."""
    return decode(headers_of(event, aggregate_id, version, event_id), event.model_dump_json().encode())


def headers_of(event: Event, aggregate_id: UUID, version: int, event_id: UUID | None = None) -> dict[str, str]:
    """The headers of an event on the bus."""
    return {
        "ce-id": str(event_id or new_id()), "ce-type": event.type, "ce-subject": str(aggregate_id),
        "ce-aggregateversion": str(version), "ce-correlationid": str(aggregate_id), "ce-areacode": "331002000000",
        "ce-sectors": "fire", "ce-time": system_now().isoformat(), "ce-recordedtime": system_now().isoformat(),
        "ce-exercise": "false", "ce-sensitivity": "internal",
    }  # fmt: skip


def history(aggregate_id: UUID, length: int) -> Sequence[Delivery]:
    """An aggregate's versions 1 to `length`: registered, then changed again and again."""
    events: list[Event] = [
        SubjectOpened(state=STATE),
        *(SubjectChanged(state=STATE, by="posts") for _ in range(length - 1)),
    ]
    return [delivery(event, aggregate_id, version) for version, event in enumerate(events, start=1)]


def stated(aggregate_id: UUID, version: int) -> Delivery:
    """The row stated again, as it stands at a version."""
    return delivery(SubjectStated(state=STATE), aggregate_id, version)
