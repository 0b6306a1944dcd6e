"""What is heard becomes facts that are counted. Exercises never count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.places import area_range
from libs.common.problems import NotFound
from libs.contracts.event import Heard
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.evaluations import store_facts as store
from services.responsibility_registry.evaluations.rules_facts import Fact, FactKind

Change = Callable[[Fact], Fact]


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysSince:
    """Whole civil days since the last incident of a level or worse; None where none is known.

    `known_since` is the first incident on these books of whatever level: nothing is said about the time before.
    """

    area_code: str
    worst_ordinal: int
    last_at: datetime | None
    days: int | None
    known_since: datetime | None


async def begin_fact(tx: Tx, event: Heard[Any], kind: FactKind, at: datetime, change: Change) -> None:
    """A fact is heard of, for the first time or once more; `at` is when it began."""
    if event.exercise:
        return
    before = await store.find(tx, kind, event.aggregate_id)
    if before is not None and before.version > event.aggregate_version:
        await store.began_before(tx, before, at)
        return
    await store.keep(tx, change(_renewed(before, event) if before else _fresh(event, kind, at)))


async def change_fact(tx: Tx, event: Heard[Any], kind: FactKind, change: Change) -> None:
    """Something became of a fact; of one whose beginning nobody told, nothing is counted."""
    before = await store.find(tx, kind, event.aggregate_id)
    if before is not None:
        await store.keep(tx, change(_renewed(before, event)))


async def add_fact(tx: Tx, event: Heard[Any], kind: FactKind, at: datetime, change: Change) -> None:
    """A fact that happens and is over, under the id of its event."""
    if not event.exercise:
        await store.keep(tx, change(replace(_fresh(event, kind, at), id=event.id)))


async def note_vacancy(tx: Tx, event: Heard[Any], *, vacant: bool) -> None:
    """A post stands vacant from now on, or is held again."""
    known = await store.open_vacancy(tx, event.aggregate_id)
    if vacant and known is None:
        post = event.aggregate_id
        await add_fact(tx, event, FactKind.VACANCY, event.occurred_at, lambda fact: replace(fact, post_id=post))
    if not vacant and known is not None:
        await store.keep(tx, done(replace(known, version=event.aggregate_version), event.occurred_at))


async def days_since_major(tx: Tx, area_code: str, worst_ordinal: int) -> DaysSince:
    """For everybody with a scope: how long it has been without a major incident ([SEED] 100-1=0)."""
    if not await areas.knows_area(tx, area_code):
        raise NotFound("areas", area_code)
    async with tx.system("evaluations:days since"):
        found = await store.last_incident(tx, area_range(area_code), worst_ordinal)
    last = found.get("last_at")
    days = None if last is None else (tx.now.astimezone(CITY_ZONE).date() - last.astimezone(CITY_ZONE).date()).days
    return DaysSince(
        area_code=area_code, worst_ordinal=worst_ordinal, last_at=last, days=days,
        known_since=found.get("known_since"),
    )  # fmt: skip


def done(fact: Fact, at: datetime) -> Fact:
    """Done at an instant; the first time stays on record."""
    return replace(fact, done_at=at, first_done_at=fact.first_done_at or at)


def _fresh(event: Heard[Any], kind: FactKind, at: datetime) -> Fact:
    return Fact(
        kind=kind, id=event.aggregate_id, version=event.aggregate_version, area_code=event.area_code,
        sectors=event.sectors, post_id=None, tag="", ordinal=None, at=at, due_at=None, done_at=None,
        first_done_at=None, reopened_at=None, void=False, event_id=event.id,
    )  # fmt: skip


def _renewed(fact: Fact, event: Heard[Any]) -> Fact:
    return replace(
        fact, version=event.aggregate_version, area_code=event.area_code, sectors=event.sectors, event_id=event.id
    )
