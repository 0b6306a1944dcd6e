"""A village of the tour: who acts in it with which grants, what they hear, and a database for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson

from libs.common.db import Cause, Database, Tx
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.contracts.event import Event, Heard
from libs.contracts.public_reporting import OnSiteFinding, ReportAccepted
from libs.contracts.responsibility_registry import OrderFacts
from libs.contracts.values import FiveItems, Point
from services.risk_grading.hazards import listen, store
from services.risk_grading.hazards.rules import Hazard
from services.risk_grading.objects import rules as objects
from services.risk_grading.objects.rules import EntityKind, ResponsibleEntity, RiskObject
from tests.cluster import FreshDatabase

VILLAGE, TOWNSHIP, COUNTY = "331002004208", "331002004000", "331002000000"
ELSEWHERE = "331003000000"
SECTORS = ("fire", "housing")
GRID_POST, POLICE, FIRE_OFFICE, PATROL, DUTY = (UUID(int=number) for number in range(2, 7))
VACANT, FOREIGN_POST = UUID(int=7), UUID(int=8)
POSTS = {
    GRID_POST: VILLAGE, POLICE: TOWNSHIP, FIRE_OFFICE: COUNTY, PATROL: TOWNSHIP, DUTY: COUNTY, VACANT: VILLAGE,
    FOREIGN_POST: ELSEWHERE,
}  # fmt: skip
"""The posts that the registry has told, and where."""
PHOTO, PHOTO_AFTER = UUID(int=51), UUID(int=52)
STAIRWELL = Point(lon=121.405, lat=28.615)
FIVE = FiveItems(
    responsible="房屋出租人", measures="实体防火分隔、独立式烟感", funds_fen=1_200_000, limit_days=10,
    contingency="断电并移车",
)  # fmt: skip

R = TypeVar("R")


def holder(
    role: str, post: UUID | None = None, *, area_from: str = VILLAGE, area_to: str = VILLAGE,
    sectors: tuple[str, ...] | None = None,
) -> Scope:  # fmt: skip
    """Somebody with one grant, acting for a post."""
    grant = Grant(area_from=area_from, area_to=area_to, sectors=sectors, role=role, post_id=post)
    posts = frozenset({post}) if post else frozenset()
    return Scope(subject=role, client_id="test", posts=posts, grants=(grant,), post_id=post)


def over(role: str, post: UUID | None = None, *, area: str = COUNTY, sectors: tuple[str, ...] | None = None) -> Scope:
    """The same over a whole county."""
    return holder(role, post, area_from=area, area_to=area[:6] + "999999", sectors=sectors)


GRID_MEMBER = holder("grid_member", GRID_POST)
POLICE_STATION = over("inspector", POLICE, sectors=("police", "fire"))
FIRE_INSPECTOR = over("inspector", FIRE_OFFICE, sectors=("fire",))
NIGHT_PATROL = over("grid_member", PATROL)
DUTY_OFFICER = over("duty_officer", DUTY)
LEADER = over("leader")
ADMINISTRATOR = holder("administrator", area_from="331000000000", area_to="331099999999")
FIRE_IOT = holder("agency", area_from="331000000000", area_to="331099999999", sectors=("fire",))
STRANGER = over("inspector", FIRE_OFFICE, area=ELSEWHERE)
GAS_INSPECTOR = over("inspector", FIRE_OFFICE, sectors=("gas",))
HEARING = Scope.of_system("hear:test")


@dataclass(frozen=True, slots=True)
class Village:
    """One test's database. `superuser` sees everything: for looking, not for testing walls."""

    database: Database
    superuser: asyncpg.Connection

    async def act(self, scope: Scope, verb: Callable[[Tx], Awaitable[R]]) -> R:
        """One verb in one transaction of a caller's."""
        async with self.database.unit_of_work(scope) as tx:
            return await verb(tx)

    async def hear(self, event: Heard[Any], handle: Callable[[Heard[Any], Tx], Awaitable[None]]) -> None:
        """One event in one transaction of the listener's."""
        cause = Cause(correlation_id=event.correlation_id, causation_id=event.id)
        async with self.database.unit_of_work(HEARING, cause) as tx:
            await handle(event, tx)

    async def told(self, *nouns: str) -> list[str]:
        """The facts that were told so far, in order, without service and version; only of some nouns."""
        rows = await self.superuser.fetch("SELECT event_type FROM outbox ORDER BY position")
        kinds = [".".join(row["event_type"].split(".")[1:3]) for row in rows]
        return [kind for kind in kinds if not nouns or kind.split(".")[0] in nouns]

    async def last(self, event_type: type[Event]) -> Any:
        """The newest event of a class."""
        asked = "SELECT data FROM outbox WHERE event_type = $1 ORDER BY position DESC LIMIT 1"
        return event_type.model_validate(orjson.loads(await self.superuser.fetchval(asked, event_type.type)))

    async def shape(self, code: str, *, lon: float, lat: float = 28.6) -> None:
        """Draw an area around a point, a tenth of a degree to each side."""
        west, east, south, north = lon - 0.1, lon + 0.1, lat - 0.1, lat + 0.1
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        drawn = orjson.dumps({"type": "Polygon", "coordinates": [ring]}).decode()
        await self.superuser.execute(
            "UPDATE area_copies SET shape = $2, version = version + 1 WHERE code = $1", code, drawn
        )

    async def hazard(self, hazard_id: UUID) -> Hazard:
        """The hazard as it is now."""
        return await self.act(HEARING, lambda tx: store.find_hazard(tx, hazard_id))

    async def hazards(self) -> list[Hazard]:
        """Every hazard, the oldest first."""
        rows = await self.superuser.fetch("SELECT id FROM hazards ORDER BY id")
        return [await self.hazard(row["id"]) for row in rows]

    async def reported(self, **changed: Any) -> Hazard:
        """A hazard of a report that nobody has verified as yet."""
        before = {one.id for one in await self.hazards()}
        await self.hear(heard(accepted(**changed)), listen.on_report_accepted)
        return next(one for one in await self.hazards() if one.id not in before)


@asynccontextmanager
async def opened(fresh: FreshDatabase) -> AsyncIterator[Village]:
    """The service's doors into a fresh database."""
    database = Database(fresh.url("risk_grading_app"), service="risk_grading", pool_size=4)
    superuser = await asyncpg.connect(fresh.superuser_url, server_settings={"search_path": "risk_grading"})
    await _copy_registry(superuser)
    try:
        yield Village(database, superuser)
    finally:
        await superuser.close()
        await database.close()


async def _copy_registry(superuser: asyncpg.Connection) -> None:
    """The areas and posts that the registry has told."""
    for code, level in ((COUNTY, "county"), (TOWNSHIP, "township"), (VILLAGE, "village"), (ELSEWHERE, "county")):
        await superuser.execute(
            "INSERT INTO area_copies (id, version, code, name, level, valid_from)"
            " VALUES ($1, 1, $2, $2, $3, '2020-01-01')", new_id(), code, level,
        )  # fmt: skip
    for post, area in POSTS.items():
        await superuser.execute(
            "INSERT INTO post_copies (id, version, code, name_zh, name_en, kind, tier, area_code, sectors,"
            " organization, vacant) VALUES ($1, 1, $1::uuid::text, '岗位', 'post', 'any', 'any', $2, '{}', '', $3)",
            post, area, post == VACANT,
        )  # fmt: skip


def heard(
    event: Event, *, about: UUID | None = None, version: int = 2, area_code: str = VILLAGE,
    sectors: tuple[str, ...] = SECTORS, correlation_id: UUID | None = None, actor_post: UUID | None = None,
    at: datetime | None = None, exercise: bool = False,
) -> Heard[Any]:  # fmt: skip
    """An event as a listener gets it."""
    moment = at or datetime.now(UTC)
    return Heard(
        id=new_id(), type=event.type, aggregate_id=about or new_id(), aggregate_version=version,
        correlation_id=correlation_id or new_id(), causation_id=None, area_code=area_code, sectors=sectors,
        actor_post=actor_post, occurred_at=moment, recorded_at=moment, policy_version="", exercise=exercise,
        sensitivity="internal", traceparent=None, data=event,
    )  # fmt: skip


def accepted(
    *, findings: Sequence[OnSiteFinding] = (), life_at_risk: bool = True, place: Point | None = STAIRWELL,
    category: str = "ebike_charging",
) -> ReportAccepted:  # fmt: skip
    """A report that a call-taker took on."""
    return ReportAccepted(
        source="resident", category=category, summary="楼梯口4辆电瓶车飞线充电", place=place, place_words="",
        urgent=False, life_at_risk=life_at_risk, received_at=datetime.now(UTC), findings=tuple(findings),
    )  # fmt: skip


def finding(**changed: Any) -> OnSiteFinding:
    """What the grid member saw: within a limit, the five items proposed."""
    said = {
        "found_at": datetime.now(UTC), "by_post": GRID_POST, "description": "四层一梯无硬隔离", "is_major": False,
        "fix_at_once": False, "before_evidence": (PHOTO,), "five_items": FIVE,
    } | changed  # fmt: skip
    return OnSiteFinding(**said)


def order_of(hazard_id: UUID, /, **changed: Any) -> OrderFacts:
    """An order for a hazard as its events carry it."""
    said = {
        "state": "issued", "kind": "rectification_notice", "hazard_id": hazard_id,
        "risk_object_id": None, "round": 1, "category": "ebike_charging", "entity": None, "issuing_post": POLICE,
        "assigned_post": POLICE, "due_at": datetime(2027, 1, 1, tzinfo=UTC), "due_provisional": False,
        "overdue": False,
    } | changed  # fmt: skip
    return OrderFacts(**said)


def house(**changed: Any) -> RiskObject:
    """The tour's rental house, not on the books as yet."""
    said: dict[str, Any] = {
        "id": new_id(), "version": 0, "area_code": VILLAGE, "sectors": SECTORS, "exercise": False,
        "correlation_id": new_id(), "type": "rental_house", "name": "后高桥村出租房(演示)",
        "address": "椒江区洪家街道后高桥村(演示门牌)", "place": objects.Place(lon=121.405, lat=28.615),
        "responsible_entity": ResponsibleEntity(name="房屋出租人", kind=EntityKind.PERSON),
        "attributes": {"floors": 4, "tenants": 12, "stairs": 1, "hard_separation": False},
    } | changed  # fmt: skip
    return RiskObject(**said)
