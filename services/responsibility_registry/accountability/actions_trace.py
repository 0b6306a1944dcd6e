"""The trace as a document: who answered as of an instant, what each knew and did, what was overdue.

Two traces of one instant by the data known at one instant have the same bytes and the same hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from libs.common.db import Tx
from libs.common.places import AreaLevel, area_level, parents
from services.responsibility_registry.accountability import rules_entries, store, store_timeline
from services.responsibility_registry.accountability.actions_chain import PostThen, RegisterThen, register_then
from services.responsibility_registry.accountability.actions_object import named_object
from services.responsibility_registry.accountability.policies import FACTS, TRACE
from services.responsibility_registry.accountability.rules import Case
from services.responsibility_registry.accountability.rules_entries import Act, Place, Told
from services.responsibility_registry.accountability.rules_facts import Noted, category_of, county_range
from services.responsibility_registry.accountability.rules_trace import (
    Answerer,
    Entry,
    OrderRow,
    Trace,
    trace_as_of,
)
from services.responsibility_registry.areas.actions_successions import former_codes
from services.responsibility_registry.copies.store import KnownObject
from services.responsibility_registry.duties.rules_chain import Chain, Link

LOOKS_BACK = timedelta(days=3 * 365)
"""So far back orders are looked for [DEF]."""
_TRACE = TypeAdapter(Trace)
_FOREIGN = {
    "zh": "事件所填风险对象属于其他县(市、区),按未填风险对象处理",
    "en": "the risk object that the incident names lies in another county: it counts as naming none",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is traced, as of when. `says` is what the document tells of it, under the names that it has there;
    `object_id` is what was named, whether it counts or not."""

    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    as_of: datetime
    category: str
    object_id: UUID | None
    says: Mapping[str, Any]
    order_id: UUID | None = None
    hazard_id: UUID | None = None

    @classmethod
    def of_case(cls, case: Case, noted: Noted) -> About:
        """The incident of a case, or the decision that it opened on, as of the case's instant."""
        cause = {"id": str(noted.id), "number": noted.number, "kind": noted.kind}
        return cls(
            area_code=case.area_code, sectors=case.sectors, exercise=case.exercise,
            correlation_id=case.correlation_id, as_of=case.as_of, object_id=noted.object_id,
            category=category_of(noted, FACTS),
            says={"case_id": str(case.id), case.cause_noun.value: cause},
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Traced:
    """A trace that was made: its canonical JSON and its hash, what it names, and how late the latest order was."""

    document: str
    sha256: str
    later_rows: int
    order_ids: tuple[UUID, ...]
    correlations: tuple[UUID, ...]
    most_days_overdue: int
    doubt: str
    """Why the risk object that was named counts for nothing; empty where it counts, or none is named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What the registry has about the place of what is traced."""

    object_id: UUID | None
    """The risk object that counts."""
    known_object: KnownObject | None
    foreign: bool
    """It named another county's risk object, of which nothing is said here."""
    histories: Mapping[UUID, Sequence[Told]]
    acts: Sequence[Act]
    register: RegisterThen
    chain: Chain
    """Of its own category."""
    further: tuple[Chain, ...]
    """Of the categories of the orders, where they are others."""
    hazard_id: UUID | None
    """The hazard that is traced."""
    truncated: tuple[str, ...]
    """What there was more of than was read: `orders`, `acts`, `register`."""

    def entities(self, as_of: datetime) -> tuple[str, ...]:
        """The responsible entities: the risk object's, and those that orders named by then."""
        of_object = (self.known_object.entity_name,) if self.known_object else ()
        rows = (row for told in self.histories.values() for row in told if row.at <= as_of)
        served = (row.entity for row in rows if row.entity)
        return tuple(dict.fromkeys((*of_object, *served)))


async def make_trace(tx: Tx, about: About, known_at: datetime) -> Traced:
    """The trace of something as of its instant, by what was known at another; looks as wide as the registry."""
    async with tx.system("accountability:trace"):
        found = await _find(tx, about, known_at)
    trace = trace_as_of(
        about.as_of,
        _answerers(found, about.as_of),
        _orders(found, about.as_of),
        _entries(found),
        TRACE,
        known_at=known_at,
    )
    document = orjson.dumps(_document(about, found, trace), option=orjson.OPT_SORT_KEYS)
    named = tuple(standing.order.order_id for standing in trace.orders)
    done = {act.correlation_id for act in _acts(found) if act.at <= about.as_of and act.told_at <= known_at}
    return Traced(
        document=document.decode(), sha256=sha256(document).hexdigest(), later_rows=trace.later_rows,
        order_ids=named, most_days_overdue=max((one.days_overdue for one in trace.orders), default=0),
        correlations=tuple(sorted(done | {found.histories[one][0].correlation_id for one in named})),
        doubt=_FOREIGN["en"] if found.foreign else "",
    )  # fmt: skip


async def _find(tx: Tx, about: About, known_at: datetime) -> _Found:
    named = await named_object(tx, about.object_id, about.area_code)
    known_object = named.known
    areas, since = _areas(about.area_code, known_object), about.as_of - LOOKS_BACK
    # What was written of the same ground before it was merged or given another code bears the code of that time.
    areas += await former_codes(tx, areas, about.as_of, known_at)
    own = frozenset({about.area_code, *await former_codes(tx, [about.area_code], about.as_of, known_at)})
    place = Place(
        object_id=None if named.foreign else about.object_id, area_codes=own, sectors=about.sectors,
        order_id=about.order_id, hazard_id=about.hazard_id,
    )  # fmt: skip
    told = await store_timeline.order_rows(tx, areas, since)
    histories = rules_entries.about(told.rows, place)
    acts = await store.acts_near(tx, areas, place.object_id, county_range(about.area_code), since)
    register = await register_then(tx, about.area_code, about.as_of, known_at)
    others = sorted(_categories(histories, about.as_of) - {about.category})
    entity = known_object.entity_name if known_object else ""
    return _Found(
        object_id=place.object_id,
        known_object=known_object,
        foreign=named.foreign,
        histories=histories,
        acts=acts.rows,
        register=register,
        chain=register.who(about.category, about.as_of, entity),
        hazard_id=about.hazard_id,
        further=tuple(register.who(other, about.as_of) for other in others),
        truncated=tuple(
            part for part, cut in (("acts", acts), ("orders", told), ("register", register)) if cut.truncated
        ),
    )


def _categories(histories: Mapping[UUID, Sequence[Told]], as_of: datetime) -> set[str]:
    """The categories of the orders that there were by then."""
    return {row.order["category"] for told in histories.values() for row in told if row.order and row.at <= as_of}


def _areas(area_code: str, known_object: KnownObject | None) -> list[str]:
    """The village and its township, of what is traced and of the risk object."""
    codes = [area_code, known_object.area_code] if known_object else [area_code]
    above = [one for code in codes for one in parents(code) if area_level(one) is AreaLevel.TOWNSHIP]
    return list(dict.fromkeys((*codes, *above)))


def _answerers(found: _Found, as_of: datetime) -> Iterable[Answerer]:
    """The entities; the chain of its own category, then those of the orders'; each link once."""
    answering = [
        Answerer(who=name, role="responsible_entity", tier="entity", clause="[S] 安全生产法(2021)第四、五条")
        for name in found.entities(as_of)
    ]
    for chain in (found.chain, *found.further):
        answering += [_answerer(link) for link in chain.links]
    first: dict[tuple[str, str], Answerer] = {}
    for one in answering:
        first.setdefault((one.who, one.role), one)
    return first.values()


def _answerer(link: Link) -> Answerer:
    return Answerer(who=str(link.post_id), role=link.role, tier=link.tier, clause=f"{link.clause} {link.duty_clause}")


def _orders(found: _Found, as_of: datetime) -> Iterable[OrderRow]:
    words = {act.hazard_id: act.words for act in found.acts if act.words and act.told_at <= as_of}
    rows = (rules_entries.order_row(told, as_of, words) for told in found.histories.values())
    return [row for row in rows if row is not None]


def _entries(found: _Found) -> Iterable[Entry]:
    told = (row for history in found.histories.values() for row in history)
    return (*rules_entries.entries_of(told), *rules_entries.entries_of_acts(_acts(found), _by_hazard(found)))


def _acts(found: _Found) -> Sequence[Act]:
    """What was done about the risk object or the hazard itself, or about hazards that these orders came of."""
    hazards, object_id = {*_by_hazard(found), found.hazard_id}, found.object_id
    return [act for act in found.acts if act.hazard_id in hazards or (object_id and act.object_id == object_id)]


def _by_hazard(found: _Found) -> dict[UUID, list[UUID]]:
    """The orders that came of each hazard."""
    orders_of: dict[UUID, list[UUID]] = {}
    for order_id, told in found.histories.items():
        for hazard in sorted({row.order["hazard_id"] for row in told if row.order.get("hazard_id")}):
            orders_of.setdefault(UUID(hazard), []).append(order_id)
    return orders_of


def _document(about: About, found: _Found, trace: Trace) -> dict[str, Any]:
    chain = found.chain
    # How many rows came later is of the day on which the trace is made, and no part of what it says.
    found_out: dict[str, Any] = _TRACE.dump_python(trace, mode="json", exclude={"later_rows"})
    doubt = {"risk_object_doubt": {"code": "other_county"} | _FOREIGN} if found.foreign else {}
    return {**found_out, **doubt, **about.says} | {
        "area_code": about.area_code,
        "truncated": list(found.truncated),
        "risk_object": None if found.known_object is None else {
            "id": str(found.known_object.id), "name": found.known_object.name,
        },
        "chain": {
            "category": chain.category, "policy_version": chain.policy_version, "basis": found.register.basis.value,
            "further_categories": [one.category for one in found.further],
            "gaps": [
                {"role": gap.role, "tier": gap.tier, "sector": gap.sector, "why": gap.why.value, "clause": gap.clause}
                for gap in chain.gaps
            ],
            "stands_in": [
                {"role": link.role, "post": str(link.post_id), "for": str(link.vacant_post_id)}
                for link in chain.links if link.vacant_post_id is not None
            ],
        },
        "posts": {str(post.id): _name(post) for post in found.register.posts.values()},
    }  # fmt: skip


def _name(post: PostThen) -> dict[str, str]:
    return {"zh": post.name_zh, "en": post.name_en, "kind": post.kind}
