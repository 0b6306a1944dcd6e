"""A county with a firm on file: its workshop, its party, and facts told by hand, in January 2027."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson

from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.gate import receive
from libs.common.hearing import handlers_of
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.common.telling import tell
from libs.common.tokens import Principal
from libs.common.watches import sweep_all
from libs.common.web import create_service_app
from libs.contracts import responsibility_registry as registry
from libs.contracts.event import Event
from libs.contracts.risk_grading import RiskObjectRegistered, RiskObjectState
from libs.contracts.values import Entity
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.blacklist import watch as blacklist_watch
from services.responsibility_registry.copies.store import OBJECT_COPY
from services.responsibility_registry.credit import actions, actions_facts
from services.responsibility_registry.credit import watch as credit_watch
from services.responsibility_registry.credit.actions import NewFirm, Reckoned
from services.responsibility_registry.credit.actions_facts import NewFact
from services.responsibility_registry.credit.rules import Firm
from services.responsibility_registry.credit.rules_facts import CreditFactKind, Fact, ToldFact
from services.responsibility_registry.credit.store_facts import facts_of
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.evaluations.scene import (
    BEGAN,
    COUNTY,
    HERE,
    VILLAGE,
    Scene,
    Thing,
    at,
    order,
    scene,
)
from tests.responsibility_registry.stage import SYSTEM, administrator, told

__all__ = ["BEGAN", "COUNTY", "HERE", "SYSTEM", "VILLAGE", "at"]

CODE, OTHER_CODE, TRADER_CODE = "91331002MA2DEM000J", "91331002MA2DEM001M", "92331002MA2DEM002M"
WORKS = Entity(name="丁塑料制品有限公司(演示)", kind="firm", code=CODE)
NEW = NewFirm(credit_code=CODE, name=WORKS.name, area_code=VILLAGE, sectors=("fire", "industry"), party_ids=())


@dataclass(slots=True)
class CreditScene:
    """The county of evaluations, with firms."""

    there: Scene

    def acting(self, kind: str, role: str = "leader", sectors: tuple[str, ...] | None = None) -> Scope:
        """Somebody of the county or a township in a role."""
        scope = self.there.acting(kind, role)
        return replace(scope, grants=tuple(replace(one, sectors=sectors) for one in scope.grants))

    async def firm(self, by: Scope | None = None, **changes: Any) -> Firm:
        """A firm is put on file."""
        async with self.there.town.database.unit_of_work(by or self.acting("committee", "inspector")) as tx:
            return await actions.open_firm(tx, replace(NEW, **changes))

    async def look(self, firm: Firm | UUID) -> Firm:
        """The file as it is now."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            return await actions.find_firm(tx, firm if isinstance(firm, UUID) else firm.id)

    async def by_code(self, code: str = CODE) -> Firm:
        """The file of a code."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            return (await actions.firms_by_code(tx, [code]))[code]

    async def stands(self, firm: Firm, when: datetime | None = None) -> Reckoned:
        """How the firm stands."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            return await actions.reckon(tx, firm.id, when or now())

    async def facts(self, firm: Firm) -> list[Fact]:
        """What counts for the firm."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            return (await facts_of(tx, [firm.id]))[firm.id]

    async def workshop(self, object_id: UUID | None = None, entity: Entity = WORKS, area: str = VILLAGE) -> UUID:
        """A risk object of the firm, as the registry's copy hears of it."""
        named = object_id or new_id()
        state = RiskObjectState(
            type="workshop", name="车间(演示)", address="", lon=121.4, lat=28.6, area_code=area,
            sectors=("fire", "industry"), entity=entity, attributes={}, ordinal=None, colour=None,
        )  # fmt: skip
        delivery = told(RiskObjectRegistered(state=state), named, 1, area, new_id())
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            await receive(tx, "copies", delivery, handlers_of(OBJECT_COPY.listeners()), gated=False)
        return named

    async def tell(self, event: Event, aggregate_id: UUID, version: int = 1) -> None:
        """The registry tells something of its own, which its timeline keeps."""
        thing = Thing(id=aggregate_id, version=version, area_code=VILLAGE, correlation_id=aggregate_id)
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            await tell(tx, event, thing)

    async def hear(self, event: Event, aggregate_id: UUID) -> None:
        """Another service tells something."""
        await self.there.hear(event, aggregate_id)

    async def sweep(self) -> None:
        """Everything that time does to credit and the blacklist."""
        await sweep_all(self.there.town.database, (*credit_watch.WATCHES, *blacklist_watch.WATCHES))

    async def enter(self, firm: Firm, by: Scope | None = None, **changes: Any) -> Fact:
        """An authority enters a broken commitment, or something else."""
        usual = NewFact(
            id=new_id(), firm_id=firm.id, kind=CreditFactKind.COMMITMENT_BROKEN, tag="safety_commitment", at=BEGAN,
            ends_at=None, authority="区应急管理局(演示)", document="核查记录 2027-1号", words="承诺未兑现",
            evidence=(),
        )  # fmt: skip
        async with self.there.town.database.unit_of_work(by or self.acting("committee", "inspector")) as tx:
            return await actions_facts.enter_fact(tx, replace(usual, **changes))

    async def count(self, fact: ToldFact, version: int = 1) -> None:
        """Another slice counts a fact in a transaction of its own."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            await actions_facts.count(tx, fact, version)

    async def uncount(self, kind: CreditFactKind, source_id: UUID, **version: int) -> None:
        """Another slice takes one back."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            await actions_facts.uncount(tx, kind, source_id, "撤销处罚", **version)


def penalty(**changes: Any) -> ToldFact:
    """A penalty of the firm, decided by an enforcing body."""
    usual = ToldFact(
        kind=CreditFactKind.ENFORCEMENT, source_id=new_id(), at=BEGAN, area_code=VILLAGE, sectors=("fire",),
        correlation_id=new_id(), credit_code=CODE, name=WORKS.name, tag="penalty", authority="区消防救援大队(演示)",
    )  # fmt: skip
    return replace(usual, **changes)


def notice(object_id: UUID, **changes: Any) -> registry.OrderFacts:
    """A rectification notice about the firm's workshop."""
    return order(BEGAN + timedelta(days=10), kind="rectification_notice", risk_object_id=object_id, **changes)


def as_firm(*parties: UUID) -> Scope:
    """Whoever speaks for a firm: parties and no grant."""
    return Scope(subject="link-firm", client_id="link", parties=frozenset(parties))


@asynccontextmanager
async def credit_scene(fresh: FreshDatabase) -> AsyncIterator[CreditScene]:
    """The county, in January."""
    async with scene(fresh) as there:
        yield CreditScene(there)


@dataclass(slots=True)
class Doors:
    """Requests in somebody's name."""

    scene: CreditScene
    callers: dict[str, Scope]
    client: httpx.AsyncClient

    async def __call__(self, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """GET, or POST where there is a body; nobody's request has no token."""
        said = {k.replace("_", "-"): v for k, v in headers.items()}
        if who:
            said["Authorization"] = f"Bearer {token(sub=who)}"
        if body is None:
            return await self.client.get(path, headers=said)
        said["Content-Type"] = "application/json"
        return await self.client.post(path, content=orjson.dumps(body), headers=said)


@asynccontextmanager
async def doors(fresh: FreshDatabase) -> AsyncIterator[Doors]:
    """The county behind the registry's doors."""
    async with credit_scene(fresh) as made:
        outside = Grant(area_from="331004000000", area_to="331004999999", sectors=None, role="agency")
        callers = {
            "inspector": made.acting("committee", "inspector"), "leader": made.acting("reviewer"),
            "grid_member": made.acting("secretary", "grid_member"), "administrator": administrator(),
            "agency": Scope(subject="agency", client_id="agency", grants=(outside,)),
            "citizen": Scope(subject="citizen", client_id="app"), "firm": as_firm(),
        }  # fmt: skip

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del acting_post
            await tx.adopt(callers[who.subject])
            return callers[who.subject]

        app = create_service_app(
            replace(runtime(made.there.town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Doors(made, callers, client)
