"""The verbs of links of liability: register one, end one; and who is linked on a day, for accountability."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import liability_links as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.liability_links import rules, store
from services.responsibility_registry.liability_links.policies import RELATIONS
from services.responsibility_registry.liability_links.rules import EndKind, Fault, LiabilityLink, LinkWrong, Party
from services.responsibility_registry.organizations.rules_organizations import is_credit_code

KEEPS = ("inspector", "administrator")
"""Who says who belongs together ([DEF])."""
MOST_LINKS = 500
"""So many links of a fact's parties are followed at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLink:
    """Who belongs together as what, from when to when, by which paper."""

    id: UUID
    relation: str
    from_party: Party
    to_party: Party
    area_code: str
    sectors: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    document: str


async def register_link(tx: Tx, new: NewLink) -> LiabilityLink:
    """Link two parties. For whoever may speak for all of its area and sectors; a risk object is one that they see.

    Raises RoleMissing (403), LinkWrong (422), LinkExists (409).
    """
    tx.caller.require_every(*KEEPS, area_code=new.area_code, sectors=new.sectors)
    named, faults = await _named(tx, (("from", new.from_party), ("to", new.to_party)))
    if new.area_code not in await areas.known_areas(tx, {new.area_code}):
        faults.append(("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")))
    link = LiabilityLink(
        id=new.id, version=0, area_code=new.area_code, sectors=new.sectors, exercise=False, correlation_id=new_id(),
        relation=new.relation, from_kind=named["from"].kind, from_id=named["from"].id, from_name=named["from"].name,
        to_kind=named["to"].kind, to_id=named["to"].id, to_name=named["to"].name, valid_from=new.valid_from,
        valid_to=new.valid_to, document=new.document,
    )  # fmt: skip
    faults += rules.faults_of(link, RELATIONS.get(link.relation))
    if faults:
        raise LinkWrong(*faults)
    await store.lock_linking(tx)
    async with tx.system("liability links: is there one"):
        known = await store.alike(tx, link)
    if known is not None:
        raise rules.LinkExists(known)
    event = told.LiabilityLinkRegistered(state=state_of(link))
    return await store.record_link(tx, link, event, why=new.document)


async def end_link(tx: Tx, link_id: UUID, expected: int | None, on: date | None, reason: str) -> LiabilityLink:
    """They belong together no more from today or a later day on. Raises LinkAlreadyEnded (409), LinkWrong (422)."""
    link = await store.lock_link(tx, link_id)
    tx.caller.require_every(*KEEPS, area_code=link.area_code, sectors=link.sectors)
    require_version(link, expected)
    today = city_day(tx.now)
    ended = rules.end(link, on=on or today, today=today, reason=reason)
    event = told.LiabilityLinkEnded(state=state_of(ended), reason=reason)
    return await store.record_link(tx, ended, event, why=reason)


async def links_of(tx: Tx, parties: Collection[Party], day: date) -> Sequence[LiabilityLink]:
    """The links that these parties have on a day; for accountability, under its system scope."""
    return await store.links_of(tx, parties, day, MOST_LINKS) if parties else ()


async def take_new(tx: Tx, limit: int) -> Sequence[LiabilityLink]:
    """Links whose past facts nobody has looked for, which are looked for now; for accountability's sweep."""
    new = await store.lock_new(tx, limit)
    if new:
        await store.mark_followed(tx, [link.id for link in new])
    return new


def state_of(link: LiabilityLink) -> told.LiabilityLinkState:
    """The link as events carry it."""
    return told.LiabilityLinkState(
        relation=link.relation, from_kind=link.from_kind, from_id=link.from_id, from_name=link.from_name,
        to_kind=link.to_kind, to_id=link.to_id, to_name=link.to_name, valid_from=link.valid_from,
        valid_to=link.valid_to, document=link.document,
    )  # fmt: skip


async def _named(tx: Tx, ends: Iterable[tuple[str, Party]]) -> tuple[dict[str, Party], list[Fault]]:
    """Both ends as they are called here, and what is wrong with them."""
    named, faults = dict(ends), list[Fault]()
    ids = {end: _uuid(one.id) for end, one in named.items() if one.kind is EndKind.OBJECT}
    seen = await copies.find_visible_objects(tx, [id_ for id_ in ids.values() if id_ is not None])
    for end, party in named.items():
        if party.kind is EndKind.FIRM:
            faults += _firm_faults(end, party)
        elif (known := seen.get(ids[end] or UUID(int=0))) is None:
            said = ("没有此风险对象，或不在您的范围内。", "there is no such risk object in your scope")
            faults.append((f"/{end}_id", "unknown_object", said))
        else:
            named[end] = replace(party, id=str(known.id), name=known.name)
    return named, faults


def _firm_faults(end: str, party: Party) -> Iterable[Fault]:
    if not is_credit_code(party.id):
        said = (
            "统一社会信用代码为 18 位，校验位须相符（GB 32100-2015）。",
            "18 signs with their check sign (GB 32100-2015)",
        )
        yield f"/{end}_id", "not_a_credit_code", said
    if not party.name:
        yield f"/{end}_name", "required", ("请填写单位名称。", "say what the firm is called")


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
