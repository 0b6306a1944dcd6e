"""Fires in a township, told by hand: the authorities that decide, the workshop and its firm, and the sweeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import load, selected
from libs.common.clocks import now
from libs.common.gate import receive
from libs.common.hearing import handlers_of
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from libs.contracts.emergency_command import Casualties, IncidentFacts, IncidentOpened, IncidentRegraded
from libs.contracts.event import Event
from libs.contracts.risk_grading import RiskObjectRegistered, RiskObjectState
from libs.contracts.values import Entity
from services.responsibility_registry.accountability.model import measures
from services.responsibility_registry.accountability.rules import Case
from services.responsibility_registry.accountability.rules_measures import Measure
from services.responsibility_registry.accountability.store import case_of_cause
from services.responsibility_registry.accountability.watch import WATCHES
from services.responsibility_registry.copies.store import OBJECT_COPY
from services.responsibility_registry.orders import watch as orders_watch
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import SYSTEM, VILLAGE, Stage, administrator, put_clock, stage, told

CITY = "331000000000"
COUNTY = "331002000000"
FIRM = Entity(name="某塑料制品加工场(演示)", kind="firm", code="913310000000000001")
_AUTHORITIES = {
    "city_leading_group": (CITY, Tier.CITY),
    "county_emergency_bureau": (COUNTY, Tier.COUNTY),
    "county_safety_committee_office": (COUNTY, Tier.COUNTY),
}


@dataclass(slots=True)
class Scene:
    """A township with its registry, on which fires break out."""

    town: Stage

    async def hear(self, event: Event, aggregate_id: UUID, *, area: str = VILLAGE) -> None:
        """The next fact of an aggregate."""
        await self.town.hear(event, aggregate_id, area=area)

    async def fire(self, at: datetime, *, area: str = VILLAGE, **changes: object) -> UUID:
        """An incident is opened."""
        incident_id = new_id()
        await self.hear(IncidentOpened(incident=incident(at, **changes), alarm_id=new_id()), incident_id, area=area)
        return incident_id

    async def harm(self, incident_id: UUID, at: datetime, *, area: str = VILLAGE, **changes: object) -> None:
        """Somebody is dead, and the incident is graded again."""
        facts = incident(at, **({"casualties": Casualties(dead=1)} | changes))
        await self.hear(IncidentRegraded(incident=facts, before_ordinal=4, pack_version="1"), incident_id, area=area)

    async def workshop(self, entity: Entity = FIRM, *, area: str = VILLAGE) -> UUID:
        """A risk object, as the registry's copy of it hears."""
        object_id = new_id()
        await self.copy(object_id, entity, area=area)
        return object_id

    async def copy(self, object_id: UUID, entity: Entity = FIRM, *, area: str = VILLAGE) -> None:
        """The copy of a risk object hears that it is on the books."""
        state = RiskObjectState(
            type="workshop", name="加工场(演示)", address="", lon=121.4, lat=28.6, area_code=area,
            sectors=("fire", "industry"), entity=entity, attributes={}, ordinal=None, colour=None,
        )  # fmt: skip
        delivery = told(RiskObjectRegistered(state=state), object_id, 1, area, new_id())
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            await receive(tx, "copies", delivery, handlers_of(OBJECT_COPY.listeners()), gated=False)

    async def sweep(self) -> None:
        """Let facts be counted and cases be traced."""
        await sweep_all(self.town.database, WATCHES)

    async def press(self) -> None:
        """Let late orders climb their ladder."""
        await sweep_all(self.town.database, orders_watch.WATCHES)

    async def case(self, incident_id: UUID) -> Case | None:
        """The case of an incident."""
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            return await case_of_cause(tx, incident_id)

    async def measures(self, kind: str | None = None) -> Sequence[Measure]:
        """Every measure, or those of a kind."""
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            rows = await tx.all(selected(measures, tx.scope).order_by(measures.c.key))
        return [one for one in (load(Measure, row) for row in rows) if kind in (None, one.kind)]

    def as_authority(self, kind: str, *, role: str = "leader") -> Scope:
        """Somebody who acts for an authority's post over its area."""
        area, _ = _AUTHORITIES[kind]
        grant = Grant(area_from=area, area_to=area.rstrip("0").ljust(12, "9"), sectors=None, role=role)
        post = self.town.posts[kind]
        return Scope(subject=kind, client_id="test", posts=frozenset({post}), post_id=post, grants=(grant,))


def incident(at: datetime, **changes: object) -> IncidentFacts:
    """A workshop fire that harmed nobody yet."""
    usual: dict[str, object] = {
        "number": "331002-1", "kind": "12G01", "state": "open", "ordinal": 4, "level": "ordinary",
        "clock_zero_at": at, "place": None, "casualties": Casualties(), "loss_fen": 0,
        "production_related": "unknown", "risk_object_id": None,
    }  # fmt: skip
    return IncidentFacts.model_validate(usual | changes)


def auditor(area: str = COUNTY, last: str = "331002999999") -> Scope:
    """Somebody who audits an area."""
    grant = Grant(area_from=area, area_to=last, sectors=None, role="auditor")
    return Scope(subject="auditor", client_id="test", grants=(grant,))


def ahead(**by: float) -> datetime:
    """Move the city's clock on, and tell what time it is then."""
    put_clock(timedelta(**by))
    return now()


@asynccontextmanager
async def scene(fresh: FreshDatabase) -> AsyncIterator[Scene]:
    """The township of the stage, with the posts of those who decide measures."""
    async with stage(fresh) as town:
        posts = [_post(kind, area, tier) for kind, (area, tier) in _AUTHORITIES.items()]
        async with town.database.unit_of_work(administrator()) as tx:
            await import_posts(tx, posts)
        town.posts |= {post.kind: post.id for post in posts}
        yield Scene(town)


def _post(kind: str, area: str, tier: Tier) -> Post:
    return Post(
        id=new_id(), version=0, area_code=area, sectors=(), exercise=False, correlation_id=new_id(),
        code=f"{area}-{kind}", name_zh=kind, name_en=kind, kind=kind, tier=tier, organization="test", vacant=False,
    )  # fmt: skip
