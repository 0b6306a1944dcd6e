"""A county's bureau that enters what it decided against the firms of a township."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.clocks import city_day, system_now
from libs.common.imports import Imported
from libs.common.scope import Grant, Scope
from libs.contracts.event import Event
from services.responsibility_registry.accountability.rules_measures import Measure
from services.responsibility_registry.credit import store as credit_store
from services.responsibility_registry.credit.store_facts import facts_of
from services.responsibility_registry.enforcement import actions
from services.responsibility_registry.enforcement.actions import Document, Named, NewFact
from services.responsibility_registry.enforcement.rules import EnforcementFact
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import Scene, scene
from tests.responsibility_registry.organizations.units import draw_areas, register, unit
from tests.responsibility_registry.stage import SYSTEM, VILLAGE

FIRM, ANOTHER = "91331002MA28G0000D", "91331002MA2AB1234X"
BUREAU = "county-bureau"
PAPER = Document(number="更〔2026〕1号", reason="录入有误")
TODAY = city_day(system_now())


def new(number: int, days_ago: int = 0, *, firm: str = FIRM, **changes: object) -> NewFact:
    """A penalty about a major hazard, so many days ago."""
    usual = NewFact(
        id=None, authority_code=BUREAU, decision_number=f"罚〔2026〕{number}号",
        against=Named(credit_code=firm, firm_name="某塑料制品加工场(演示)"), area_code=VILLAGE, sectors=("fire",),
        kind="penalty", decided_on=TODAY - timedelta(days=days_ago), law="安全生产法", article="第一百零二条",
        major_hazard=True, amount_fen=5_000_000, category="mixed_use_workshop", object_id=None, effective_from=None,
        effective_to=None, words="未消除重大事故隐患",
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def agency(*, sectors: tuple[str, ...] | None = None, role: str = "agency", area: str = "331002") -> Scope:
    """The system of a body that decides."""
    grant = Grant(area_from=area.ljust(12, "0"), area_to=area.ljust(12, "9"), sectors=sectors, role=role)
    return Scope(subject="bureau's system", client_id="bureau", grants=(grant,))


@dataclass(slots=True)
class Office:
    """The bureau, and the township where accountability counts."""

    there: Scene
    bureau: UUID

    async def enter(self, fact: NewFact, by: Scope | None = None) -> EnforcementFact:
        """Enter one."""
        async with self.there.town.database.unit_of_work(by or agency()) as tx:
            return await actions.enter_fact(tx, fact)

    async def load(self, *facts: NewFact, by: Scope | None = None) -> Imported:
        """Enter many."""
        async with self.there.town.database.unit_of_work(by or agency()) as tx:
            return await actions.import_facts(tx, facts)

    async def correct(self, fact: EnforcementFact, said: NewFact, by: Scope | None = None) -> EnforcementFact:
        """Say it anew."""
        async with self.there.town.database.unit_of_work(by or agency()) as tx:
            return await actions.correct_fact(tx, fact.id, fact.version, said, PAPER)

    async def revoke(self, fact: EnforcementFact, by: Scope | None = None) -> EnforcementFact:
        """Take it back."""
        async with self.there.town.database.unit_of_work(by or agency()) as tx:
            return await actions.revoke_fact(tx, fact.id, fact.version, PAPER)

    async def closures(self) -> list[Measure]:
        """What is proposed by now about closing firms."""
        await self.there.sweep()
        return list(await self.there.measures("closure"))

    async def credit(self, code: str) -> list[tuple[str, str]]:
        """The decisions that count for a firm's credit: kind and number."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            firms = await credit_store.firms_of(tx, [code])
            found = await facts_of(tx, [one.id for one in firms.values()]) if firms else {}
        return sorted((one.tag, one.document) for each in found.values() for one in each)

    async def told(self, event: type[Event]) -> int:
        """How often an event was told."""
        async with self.there.town.database.unit_of_work(SYSTEM) as tx:
            counted = "SELECT count(*) AS told FROM outbox WHERE event_type = $1"
            row = await tx.ask(counted, event.type)
        return int(row["told"]) if row else 0


@asynccontextmanager
async def office(fresh: FreshDatabase) -> AsyncIterator[Office]:
    """The bureau on the books of its county."""
    async with scene(fresh) as there:
        await draw_areas(there.town)
        yield Office(there, await register(there.town, unit(BUREAU)))


def day(days_ago: int) -> date:
    """A day of the city, so many before today."""
    return TODAY - timedelta(days=days_ago)
