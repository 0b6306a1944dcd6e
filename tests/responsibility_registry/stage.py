"""A small registry on a real database: a township with its posts and duties, and facts told by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from libs.common.clocks import allow_demonstration, set_offset, system_now
from libs.common.db import Database
from libs.common.envelope import Delivery
from libs.common.gate import receive
from libs.common.hearing import handlers_of
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.contracts.event import Event
from libs.contracts.risk_grading import HazardFacts
from libs.contracts.values import Entity, FiveItems
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.duties.actions import import_duties
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from services.responsibility_registry.tenures.actions import NewTenure, begin_tenure
from tests.cluster import FreshDatabase

VILLAGE, TOWNSHIP, COUNTY = "331002004208", "331002004000", "331002000000"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SYSTEM = Scope.of_system("test")
_LINKS = {
    "grid_post": (VILLAGE, Tier.VILLAGE),
    "police_station": (TOWNSHIP, Tier.TOWNSHIP),
    "township_deputy": (TOWNSHIP, Tier.TOWNSHIP),
    "township_government_first": (TOWNSHIP, Tier.TOWNSHIP),
    "township_party_first": (TOWNSHIP, Tier.TOWNSHIP),
    "sector_supervisor": (COUNTY, Tier.COUNTY),
    "county_executive_deputy": (COUNTY, Tier.COUNTY),
    "county_government_first": (COUNTY, Tier.COUNTY),
}


def administrator() -> Scope:
    """Who keeps posts and duties."""
    everywhere = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="administrator")
    return Scope(subject="administrator", client_id="test", grants=(everywhere,))


def security() -> Scope:
    """Who puts people into posts."""
    everywhere = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="security_administrator")
    return Scope(subject="security", client_id="test", grants=(everywhere,))


@dataclass(slots=True)
class Stage:
    """The registry's verbs and ears, with the posts by the link that they hold."""

    database: Database
    posts: dict[str, UUID] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)

    def acting(
        self, link: str, role: str = "inspector", area: str = TOWNSHIP, sectors: tuple[str, ...] | None = None
    ) -> Scope:
        """Somebody who holds one post and one grant."""
        last = area.rstrip("0").ljust(12, "9") if area != TOWNSHIP else "331002004999"
        grant = Grant(area_from=area, area_to=last, sectors=sectors, role=role)
        post = self.posts[link]
        return Scope(subject=link, client_id="test", posts=frozenset({post}), post_id=post, grants=(grant,))

    async def hear(
        self, event: Event, aggregate_id: UUID, *, area: str = VILLAGE, event_id: UUID | None = None
    ) -> None:
        """Let the registry hear one fact, the next of its aggregate, through the gate."""
        version = self.versions.get(aggregate_id, 0) + 1
        self.versions[aggregate_id] = version
        delivery = told(event, aggregate_id, version, area, event_id or new_id())
        async with self.database.unit_of_work(Scope.of_system("hear")) as tx:
            await receive(tx, "test", delivery, handlers_of(SERVICE.listens))


def told(event: Event, aggregate_id: UUID, version: int, area: str, event_id: UUID) -> Delivery:
    """An event as it arrives from the bus."""
    headers = {
        "ce-id": str(event_id), "ce-type": event.type, "ce-subject": str(aggregate_id),
        "ce-aggregateversion": str(version), "ce-correlationid": str(aggregate_id), "ce-areacode": area,
        "ce-sectors": "fire", "ce-time": system_now().isoformat(), "ce-recordedtime": system_now().isoformat(),
        "ce-exercise": "false", "ce-sensitivity": "internal",
    }  # fmt: skip
    return Delivery(
        event_id=event_id, event_type=event.type, aggregate_id=aggregate_id, aggregate_version=version,
        headers=headers, data=event.model_dump_json(),
    )  # fmt: skip


def hazard(**changes: object) -> HazardFacts:
    """A verified hazard with all five items proposed."""
    items = FiveItems(
        responsible="landlord", measures="hard separation, smoke alarms", funds_fen=500_000, contingency="evacuate"
    )
    usual: dict[str, object] = {
        "state": "verified", "category": "ebike_charging", "description": "楼梯口电瓶车充电", "place": None,
        "report_ids": (), "risk_object_id": None, "entity": Entity(name="landlord", kind="person"),
        "is_major": False, "handling": "within_limit", "round": 1, "five_items": items,
    }  # fmt: skip
    return HazardFacts.model_validate(usual | changes)


async def let_in(town: Stage, subject: str, *links: str) -> None:
    """Somebody who may act, as the gateway would tell of it, and who holds posts."""
    known = "INSERT INTO access_grants (id, subject, kind, version, posts, grants)"
    known += " VALUES ($1, $2, 'person', 1, '[]', '[]')"
    async with town.database.unit_of_work(SYSTEM) as tx:
        await tx.say(known, new_id(), subject)
    async with town.database.unit_of_work(security()) as tx:
        for link in links:
            post = town.posts[link]
            await begin_tenure(
                tx,
                NewTenure(
                    id=new_id(), post_id=post, subject=subject, valid_from=BEGAN, valid_to=None, document="test"
                ),
            )


@asynccontextmanager
async def stage(fresh: FreshDatabase, *, without: tuple[str, ...] = ()) -> AsyncIterator[Stage]:
    """Posts and duties of one township; the links of `without` have no duty."""
    database = Database(fresh.url("responsibility_registry_app"), service="responsibility_registry", pool_size=5)
    made = Stage(database)
    posts = [_post(link, area, tier) for link, (area, tier) in _LINKS.items()]
    made.posts = {post.kind: post.id for post in posts}
    duties = [_duty(post) for post in posts if post.kind not in without]
    async with database.unit_of_work(administrator()) as tx:
        await import_posts(tx, posts)
        await import_duties(tx, duties)
    try:
        yield made
    finally:
        put_clock()
        await database.close()


def put_clock(ahead: timedelta = timedelta()) -> None:
    """Move the city's time of this process."""
    allow_demonstration()
    set_offset(ahead.total_seconds())


def _post(link: str, area: str, tier: Tier) -> Post:
    return Post(
        id=new_id(), version=0, area_code=area, sectors=(), exercise=False, correlation_id=new_id(),
        code=f"{area}-{link}", name_zh=link, name_en=link, kind=link, tier=tier, organization="test", vacant=False,
        shared=True,
    )  # fmt: skip


def _duty(post: Post) -> Duty:
    return duty_of(post.id, post.kind, post.area_code)


def duty_of(post_id: UUID, role: str, area: str, begins: datetime = BEGAN) -> Duty:
    """A duty for everything in an area."""
    return Duty(
        id=new_id(), version=0, area_code=area, sectors=(), exercise=False, correlation_id=new_id(), post_id=post_id,
        role=role, categories=(), clause="[DEF] test", valid_from=begins,
    )  # fmt: skip
