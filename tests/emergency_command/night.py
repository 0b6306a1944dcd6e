"""The night of the tour's loop B: the demonstration city's people, posts and teams on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from infra.city.data_files import read_city
from infra.city.generate import generate
from infra.city.keys import CityKeys
from infra.city.shapes import City
from libs.common.clocks import allow_demonstration, set_offset, system_now
from libs.common.db import Cause, Database, Tx
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.common.watches import Watch, sweep
from libs.contracts.event import Event, Heard
from services.emergency_command.alarms import actions as alarms
from services.emergency_command.alarms.actions import Told
from services.emergency_command.alarms.rules import Alarm
from services.emergency_command.app import SERVICE
from services.emergency_command.incidents import actions_view
from services.emergency_command.incidents.actions_view import IncidentView, TeamLine
from services.emergency_command.resources import actions as resources
from services.emergency_command.resources.forms import TeamRowIn
from tests.cluster import FreshDatabase

CITY_ZONE = ZoneInfo("Asia/Shanghai")
VILLAGE, TOWNSHIP, COUNTY, CITY = "331002004219", "331002004000", "331002000000", "331000000000"
WORKSHOP = (121.418, 28.604)
SYSTEM = Scope.of_system("test")
R = TypeVar("R")


@cache
def city() -> City:
    """The demonstration city, drawn once."""
    return generate(read_city("taizhou"))


KEYS = CityKeys(CITY)


def at(clock: str, day: str = "2026-12-03") -> datetime:
    """An instant of the city's night."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=CITY_ZONE)


def put_clock(instant: datetime | None) -> None:
    """Set the city's time of this process; None puts it back."""
    allow_demonstration()
    set_offset(0 if instant is None else (instant - system_now()).total_seconds())


@cache
def acting(subject: str) -> Scope:
    """One who acts through a client of the demonstration city, with exactly the grants that its data give."""
    for client in city().clients:
        for one in client.subjects:
            if one.subject == subject:
                grants = tuple(
                    Grant(
                        area_from=grant.area_from, area_to=grant.area_to, sectors=grant.sectors, role=grant.role,
                        post_id=grant.post_id,
                    )
                    for grant in (*one.grants, *one.post_grants)
                )  # fmt: skip
                return Scope(
                    subject=subject, client_id=subject, grants=grants, post_id=one.post_id,
                    posts=frozenset({one.post_id} if one.post_id else ()),
                    parties=frozenset((*one.team_ids, *one.object_ids)),
                )  # fmt: skip
    raise KeyError(subject)


IOT, BRIGADE = acting("iot-fire-platform"), acting("system-119")
DUTY, COMMANDER = acting("county-duty-331002000000"), acting("township-deputy-331002004000")
CALL_TAKER, ADMINISTRATOR = acting("call-taker-331002004000"), acting("administrator")
MICRO, FULL_TIME = acting("micro-station-331002004219"), acting("full-time-team-331002004000")
BUREAU, CITY_COMMAND = acting("county-emergency-331002000000"), acting("city-emergency-331000000000")


def elsewhere(role: str) -> Scope:
    """The same role in another county."""
    grant = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role=role)
    return Scope(subject="elsewhere", client_id="elsewhere", posts=frozenset({UUID(int=9)}), grants=(grant,))


@dataclass(slots=True)
class Night:
    """One test's database. `superuser` sees everything: for looking, not for testing walls."""

    database: Database
    superuser: asyncpg.Connection

    async def act(self, scope: Scope, verb: Callable[[Tx], Awaitable[R]], *, time: str | None = None) -> R:
        """One verb in one transaction of a caller's, at a time of the night."""
        if time is not None:
            put_clock(at(time))
        async with self.database.unit_of_work(scope) as tx:
            return await verb(tx)

    async def raised(self, scope: Scope, told: Told, *, time: str | None = None) -> Alarm:
        """An alarm of a caller's."""
        return await self.act(scope, lambda tx: alarms.raise_alarm(tx, told), time=time)

    async def hear(self, event: Heard[Any], handle: Callable[[Heard[Any], Tx], Awaitable[None]]) -> None:
        """One event in one transaction of the listener's."""
        cause = Cause(correlation_id=event.correlation_id, causation_id=event.id)
        async with self.database.unit_of_work(Scope.of_system("hear:test"), cause) as tx:
            await handle(event, tx)

    async def view(self, incident_id: UUID | None, scope: Scope = SYSTEM) -> IncidentView:
        """An incident as people look at it."""
        assert incident_id is not None
        return await self.act(scope, lambda tx: actions_view.find_view(tx, incident_id))

    async def sweep(self, name: str) -> int:
        """Let one watch run until nothing moves; how many it moved."""
        found: Watch = next(one for one in SERVICE.watches if one.name == name)
        return await sweep(self.database, found)

    async def told(self, *nouns: str) -> list[str]:
        """The facts that were told so far, in order; only of some nouns."""
        rows = await self.superuser.fetch("SELECT event_type FROM outbox ORDER BY position")
        kinds = [".".join(row["event_type"].split(".")[1:3]) for row in rows]
        return [kind for kind in kinds if not nouns or kind.split(".")[0] in nouns]

    async def last(self, event_type: type[Event]) -> Any:
        """The newest event of a class."""
        asked = "SELECT data FROM outbox WHERE event_type = $1 ORDER BY position DESC LIMIT 1"
        return event_type.model_validate(orjson.loads(await self.superuser.fetchval(asked, event_type.type)))

    async def count(self, table: str, where: str = "true") -> int:
        """How many rows a table holds."""
        return int(await self.superuser.fetchval(f"SELECT count(*) FROM {table} WHERE {where}"))

    async def until_somebody_waits(self, unless: asyncio.Task[Any] | None = None) -> None:
        """Until a transaction of this database waits for another one's lock; or, `unless`, until that is done."""
        asked = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(10):
            while not await self.superuser.fetchval(asked) and not (unless and unless.done()):
                pass

    async def links(self) -> set[frozenset[UUID]]:
        """The traces that were joined."""
        rows = await self.superuser.fetch("SELECT from_correlation, to_correlation FROM trace_links")
        return {frozenset((row["from_correlation"], row["to_correlation"])) for row in rows}


@asynccontextmanager
async def opened(fresh: FreshDatabase, *, teams: bool = True) -> AsyncIterator[Night]:
    """The service's doors into a fresh database with the copies of areas and posts, and with the city's teams."""
    database = Database(fresh.url("emergency_command_app"), service="emergency_command", pool_size=20)
    superuser = await asyncpg.connect(fresh.superuser_url, server_settings={"search_path": "emergency_command"})
    night = Night(database, superuser)
    await _copy_city(superuser)
    if teams:
        await night.act(ADMINISTRATOR, lambda tx: resources.import_teams(tx, city_teams()))
    try:
        yield night
    finally:
        put_clock(None)
        await superuser.close()
        await database.close()


def city_teams() -> list[Any]:
    """The city's teams as the import door reads them."""
    rows = orjson.loads(orjson.dumps(list(city().teams)))
    return [TeamRowIn.model_validate(row).team() for row in rows]


async def _copy_city(superuser: asyncpg.Connection) -> None:
    around = [area for area in city().areas if area.shape is not None or area.code.startswith("331002004")]
    await superuser.copy_records_to_table(
        "area_copies",
        records=[
            (new_id(), 1, None, one.code, one.name, one.level, one.parent_code, one.valid_from, None, one.shape)
            for one in around
        ],
    )
    posts = [post for post in city().posts if post.area_code in (CITY, COUNTY) or post.area_code[:9] == TOWNSHIP[:9]]
    await superuser.copy_records_to_table(
        "post_copies",
        records=[
            (
                one.id, 1, None, one.code, one.name_zh, one.name_en, one.kind, one.tier, one.area_code,
                list(one.sectors), one.organization, one.vacant, one.substitute_post_id,
            )
            for one in posts
        ],
    )  # fmt: skip


def detector(number: int, **changes: Any) -> Told:
    """A smoke detector of the workshop's zone Z1."""
    usual = Told(
        kind="12G01", lon=WORKSHOP[0], lat=WORKSHOP[1], words="一层感烟探测器报警", area_code=VILLAGE,
        source_id=f"331002004219-D{number}/20261203", device=f"331002004219-D{number}", zone="Z1",
        linked_group=tuple(f"B{building}" for building in range(1, 10)),
    )  # fmt: skip
    return replace(usual, **changes)


def call(number: int = 482, **changes: Any) -> Told:
    """A fire that 119 was called to, some forty metres off."""
    usual = Told(
        kind="12G01", lon=WORKSHOP[0] + 0.0004, lat=WORKSHOP[1], words="加工场着火", area_code=VILLAGE,
        source_id=f"119/20261203/{number:06d}",
    )  # fmt: skip
    return replace(usual, **changes)


async def burning(night: Night) -> UUID:
    """The fire of the tour: two detectors in one zone within a minute; the incident's id."""
    await night.raised(IOT, detector(1), time="02:14:00")
    second = await night.raised(IOT, detector(2), time="02:14:40")
    assert second.incident_id is not None
    return second.incident_id


def team_of(view: IncidentView, kind: str, area_code: str) -> TeamLine:
    """The line of one of the city's teams."""
    return next(line for line in view.teams if line.team_id == KEYS.team(kind, area_code))


def lights(line: TeamLine) -> dict[str, tuple[str, int]]:
    """The lights of a team's stages, with seconds late."""
    return {stage.stage: (stage.light, stage.late_seconds) for stage in line.stages}


def post(kind: str, area_code: str) -> UUID:
    """The id of one of the city's posts."""
    return KEYS.post(kind, area_code)


def kinds_called(view: IncidentView) -> Sequence[str]:
    """The kinds of post that were called, in order."""
    return [line.post_kind for line in view.leaders]


def heard(event: Event, *, area_code: str = VILLAGE, about: UUID | None = None, exercise: bool = False) -> Heard[Any]:
    """An event as a listener gets it, in a trace of its own."""
    moment = system_now()
    return Heard(
        id=new_id(), type=event.type, aggregate_id=about or new_id(), aggregate_version=1, correlation_id=new_id(),
        causation_id=None, area_code=area_code, sectors=("fire",), actor_post=None, occurred_at=moment,
        recorded_at=moment, policy_version="", exercise=exercise, sensitivity="internal", traceparent=None,
        data=event,
    )  # fmt: skip
