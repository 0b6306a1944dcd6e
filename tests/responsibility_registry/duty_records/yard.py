"""A township with a plant, somebody who leads there, and the posts that are paired with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, now
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.duty_records import actions
from services.responsibility_registry.duty_records.actions import NewRecord
from services.responsibility_registry.duty_records.rules import DutyRecord
from services.responsibility_registry.duty_records.watch import WATCHES
from services.responsibility_registry.pairings import actions as pairings
from services.responsibility_registry.pairings.actions import NewPairing, Pairing
from tests.cluster import FreshDatabase
from tests.responsibility_registry.organizations.units import draw_areas
from tests.responsibility_registry.stage import COUNTY, SYSTEM, VILLAGE, Stage, put_clock, stage

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""The second of March 2026, nine o'clock in the city."""


@dataclass(slots=True)
class Yard:
    """The plant and its posts; `deputy` is the post that is paired."""

    town: Stage
    plant: UUID

    @property
    def head(self) -> Scope:
        """Who leads the county, and so may pair the posts of its townships."""
        return self.town.acting("county_government_first", "leader", COUNTY)

    @property
    def deputy(self) -> Scope:
        """Whose duty it is, with no grant of their own: they take part."""
        return replace(self.town.acting("township_deputy"), grants=())

    def new(self, **changes: object) -> NewPairing:
        """The operating lead of the plant."""
        usual = NewPairing(
            id=new_id(), kind="major_hazard_operating", post_id=self.town.posts["township_deputy"],
            object_id=self.plant, home_key="", area_code=None, sectors=(), valid_from=date(2026, 3, 2),
            document="包保公示牌 2026",
        )  # fmt: skip
        return replace(usual, **changes)  # type: ignore[arg-type]

    async def pair(self, by: Scope | None = None, **changes: object) -> Pairing:
        """A post is paired."""
        async with self.town.database.unit_of_work(by or self.head) as tx:
            return await pairings.begin_pairing(tx, self.new(**changes))

    async def home(self) -> Pairing:
        """The same post, and a home of the village."""
        told: dict[str, Any] = {"kind": "vulnerable_home", "object_id": None, "home_key": "H-1", "area_code": VILLAGE}
        return await self.pair(**told, sectors=("fire",))

    async def enter(self, by: Scope | None = None, **changes: object) -> DutyRecord:
        """Something was done now."""
        async with self.town.database.unit_of_work(by or self.deputy) as tx:
            return await actions.enter_record(tx, check(**changes))

    async def sweep(self) -> None:
        """Time is looked at."""
        await sweep_all(self.town.database, WATCHES)

    async def missed(self) -> list[str]:
        """The days on which the missed periods begin, as they were told."""
        asked = text(
            "SELECT CAST(data AS json)->>'begins_at' AS at FROM outbox WHERE event_type LIKE '%missed%' ORDER BY 1"
        )
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            rows = await tx.all(asked)
        return [datetime.fromisoformat(row["at"]).astimezone(CITY_ZONE).date().isoformat() for row in rows]


def check(**changes: object) -> NewRecord:
    """A check in the field, just now."""
    usual = NewRecord(
        id=new_id(), kind="check", post_id=None, pairing_id=None, object_id=None, grid_id=None, area_code=None,
        duty_code="", done_at=now() - timedelta(minutes=5), lon=None, lat=None, words="检查罐区",
        values={"hazards_found": 0}, evidence=(new_id(),), serves=(),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def at(instant: datetime) -> None:
    """Move the city's clock to an instant."""
    put_clock()
    put_clock(instant - now())


@asynccontextmanager
async def yard(fresh: FreshDatabase) -> AsyncIterator[Yard]:
    """The township on a Monday morning in March."""
    async with stage(fresh) as town:
        at(MONDAY)
        await draw_areas(town)
        plant = new_id()
        told = "INSERT INTO risk_object_copies (id, version, type, name, address, lon, lat, area_code, sectors,"
        told += " entity, attributes, ended) VALUES ($1, 1, 'firm', '某厂', '', 121.4, 28.6, $2, '{chemicals}', $3,"
        told += " '{}', false)"
        async with town.database.unit_of_work(SYSTEM) as tx:
            await tx.say(told, plant, VILLAGE, '{"name": "某厂", "kind": "firm"}')
        yield Yard(town, plant)
