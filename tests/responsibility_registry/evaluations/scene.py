"""A county with two townships, its leaders, and a quarter of orders, hazards, reports and incidents told by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from libs.common.clocks import now
from libs.common.gate import receive
from libs.common.hearing import handlers_of
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.common.telling import tell
from libs.common.watches import sweep_all
from libs.contracts import emergency_command as incidents
from libs.contracts import public_reporting as reports
from libs.contracts import responsibility_registry as registry
from libs.contracts import risk_grading as hazards
from libs.contracts.event import Event, producer_of
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.areas.rules import Area, Level
from services.responsibility_registry.evaluations import actions, actions_packs, actions_results
from services.responsibility_registry.evaluations.actions import NewEvaluation
from services.responsibility_registry.evaluations.policies import SHIPPED
from services.responsibility_registry.evaluations.rules import BodyKind, Evaluation
from services.responsibility_registry.evaluations.rules_packs import Pack
from services.responsibility_registry.evaluations.rules_scores import Result
from services.responsibility_registry.evaluations.watch import WATCHES
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import SYSTEM, Stage, administrator, hazard, put_clock, stage, told

COUNTY, HERE, THERE, VILLAGE = "331002000000", "331002004000", "331002005000", "331002004208"
OTHER_VILLAGE = "331002005208"
FIRST, LAST = date(2027, 1, 1), date(2027, 3, 31)
BEGAN = datetime(2027, 1, 4, 1, tzinfo=UTC)
AFTER = datetime(2027, 4, 6, 1, tzinfo=UTC)
QUARTER = NewEvaluation(
    name="2027年一季度", area_code=COUNTY, pack_code="area_safety", body_kind=BodyKind.AREAS, among="township",
    first_day=FIRST, last_day=LAST,
)  # fmt: skip
_KINDS = {
    "committee": (COUNTY, Tier.COUNTY), "reviewer": (COUNTY, Tier.COUNTY), "decider": (COUNTY, Tier.COUNTY),
    "secretary": (HERE, Tier.TOWNSHIP), "deputy": (HERE, Tier.TOWNSHIP), "neighbour": (THERE, Tier.TOWNSHIP),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """Something of the registry's own that is told of."""

    id: UUID
    version: int
    area_code: str
    correlation_id: UUID
    sectors: tuple[str, ...] = ("fire",)
    exercise: bool = False


@dataclass(slots=True)
class Scene:
    """A county whose townships are evaluated."""

    town: Stage

    def acting(self, kind: str, role: str = "leader", subject: str | None = None) -> Scope:
        """Somebody who acts for one of the posts over its area."""
        area, _ = _KINDS[kind]
        grant = Grant(area_from=area, area_to=area.rstrip("0").ljust(12, "9"), sectors=None, role=role)
        grant = replace(grant, area_to=f"{area[:9]}999") if area != COUNTY else grant
        post = self.town.posts[kind]
        return Scope(
            subject=subject or kind, client_id="test", posts=frozenset({post}), post_id=post, grants=(grant,)
        )

    async def hear(self, event: Event, aggregate_id: UUID, *, area: str = VILLAGE) -> None:
        """The next fact of an aggregate, told at the city's time."""
        version = self.town.versions[aggregate_id] = self.town.versions.get(aggregate_id, 0) + 1
        if producer_of(event.type) == SERVICE.name:
            async with self.town.database.unit_of_work(SYSTEM) as tx:
                await tell(
                    tx, event, Thing(id=aggregate_id, version=version, area_code=area, correlation_id=aggregate_id)
                )
            await self.gather()
            return
        delivery = told(event, aggregate_id, version, area, new_id())
        then = replace(delivery, headers={**delivery.headers, "ce-time": now().isoformat()})
        async with self.town.database.unit_of_work(Scope.of_system("hear")) as tx:
            await receive(tx, "test", then, handlers_of(SERVICE.listens))

    async def gather(self) -> None:
        """The registry's own facts are taken from its timeline."""
        await sweep_all(self.town.database, WATCHES)

    async def open(self, by: Scope | None = None, **changes: object) -> Evaluation:
        """An evaluation of the quarter is opened."""
        async with self.town.database.unit_of_work(by or self.acting("committee")) as tx:
            return await actions.open_evaluation(tx, replace(QUARTER, **changes))  # type: ignore[arg-type]

    async def submit(self, evaluation: Evaluation) -> Evaluation:
        """It is handed in after the quarter."""
        at(AFTER)
        async with self.town.database.unit_of_work(self.acting("committee")) as tx:
            return await actions.submit_evaluation(tx, evaluation.id, None)

    async def publish(self, evaluation: Evaluation) -> Evaluation:
        """Somebody else reviews and publishes it."""
        async with self.town.database.unit_of_work(self.acting("reviewer")) as tx:
            return await actions.publish_evaluation(tx, evaluation.id, None)

    async def results(self, evaluation: Evaluation) -> dict[str, Result]:
        """What it comes to, by area."""
        async with self.town.database.unit_of_work(self.acting("reviewer")) as tx:
            found = await actions_results.look_into(tx, evaluation.id)
        return {one.body.key: one for one in found.results}

    async def adopt(self, **changes: object) -> Pack:
        """The county adopts its own pack: the shipped one with changes, and two facts are enough for a rank."""
        said = {"area_code": COUNTY, "source": "[P] 测试办法", "minimum_sample": 2, "id": new_id(), "version": 0}
        pack = replace(SHIPPED[0], **(said | changes))  # type: ignore[arg-type]
        async with self.town.database.unit_of_work(administrator()) as tx:
            return await actions_packs.adopt_pack(tx, pack)

    async def order(
        self, *, area: str = VILLAGE, due: datetime | None = None, closed: datetime | None = None
    ) -> UUID:
        """An order is issued, and closed where it says so."""
        order_id, facts = new_id(), order(due or BEGAN + timedelta(days=10))
        await self.hear(registry.OrderIssued(order=facts, issued_at=BEGAN), order_id, area=area)
        if closed is not None:
            done = registry.OrderClosed(order=facts, closed_at=closed, on_time=closed <= (due or closed))
            await self.hear(done, order_id, area=area)
        return order_id

    async def hazard(self, *, area: str = VILLAGE, at_once: bool = False) -> UUID:
        """A hazard is found, and fixed on the spot where it says so."""
        hazard_id, kind = new_id(), hazards.HazardFixedAtOnce if at_once else hazards.HazardVerified
        await self.hear(kind(hazard=hazard(), verified_by=None, verified_at=BEGAN), hazard_id, area=area)
        return hazard_id

    async def report(self, *, seconds: int | None, area: str = VILLAGE) -> UUID:
        """A report is received, and answered after so many seconds."""
        report_id = new_id()
        received = reports.ReportReceived(
            source="resident", category="electrical", place=None, received_at=BEGAN,
            due_first_answer_at=BEGAN + timedelta(hours=24),
        )  # fmt: skip
        await self.hear(received, report_id, area=area)
        if seconds is not None:
            answered = reports.ReportAnswered(by_post=None, first=True, seconds_from_receipt=seconds)
            await self.hear(answered, report_id, area=area)
        return report_id

    async def fire(self, *, area: str = VILLAGE, ordinal: int = 3, at: datetime = BEGAN) -> UUID:
        """A larger fire breaks out."""
        incident_id = new_id()
        facts = incidents.IncidentFacts(
            number="331002-1", kind="12G01", state="open", ordinal=ordinal, level="larger", clock_zero_at=at,
            place=None, casualties=incidents.Casualties(), loss_fen=0, production_related="unknown",
            risk_object_id=None,
        )  # fmt: skip
        await self.hear(incidents.IncidentOpened(incident=facts, alarm_id=None), incident_id, area=area)
        return incident_id


def order(due: datetime, **changes: object) -> registry.OrderFacts:
    """A task that a post has."""
    usual: dict[str, object] = {
        "state": "issued", "kind": "task", "hazard_id": None, "risk_object_id": None, "round": 1,
        "category": "electrical", "entity": None, "issuing_post": None, "assigned_post": None, "due_at": due,
        "due_provisional": False, "overdue": False,
    }  # fmt: skip
    return registry.OrderFacts.model_validate(usual | changes)


def at(instant: datetime) -> None:
    """Move the city's clock to an instant."""
    put_clock()
    put_clock(instant - now())


@asynccontextmanager
async def scene(fresh: FreshDatabase) -> AsyncIterator[Scene]:
    """The county with two townships, in January."""
    async with stage(fresh) as town:
        at(BEGAN + timedelta(days=1))
        posts = [_post(kind, area, tier) for kind, (area, tier) in _KINDS.items()]
        async with town.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [_area(COUNTY, Level.COUNTY, "331000000000")])
            await import_areas(tx, [_area(code, Level.TOWNSHIP, COUNTY) for code in (HERE, THERE)])
            await import_areas(tx, [_area(VILLAGE, Level.VILLAGE, HERE)])
            await import_posts(tx, posts)
        town.posts |= {post.kind: post.id for post in posts}
        yield Scene(town)


def _area(code: str, level: Level, parent: str | None) -> Area:
    return Area(
        id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
        name=f"演示{code}", level=level, parent_code=parent, valid_from=date(2026, 1, 1),
    )  # fmt: skip


def _post(kind: str, area: str, tier: Tier) -> Post:
    return Post(
        id=new_id(), version=0, area_code=area, sectors=(), exercise=False, correlation_id=new_id(),
        code=f"{area}-{kind}", name_zh=kind, name_en=kind, kind=kind, tier=tier, organization="test", vacant=False,
    )  # fmt: skip
