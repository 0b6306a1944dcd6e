"""The question which duties somebody bears at an instant; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.problems import NotFound
from services.responsibility_registry.copies.store import find_visible_objects
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duty_items import actions as catalogue
from services.responsibility_registry.duty_items import rules_ledger as rules
from services.responsibility_registry.duty_items.rules import Bearer, DutyItem
from services.responsibility_registry.duty_items.rules_ledger import MOST_POSTS, Entry, Ledger, Party
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions import Post
from services.responsibility_registry.organizations.actions_organizations import organizations_by_id
from services.responsibility_registry.organizations.rules_organizations import Organization

LISTS = catalogue.LISTS


async def ledger_of(tx: Tx, bearer: Bearer, party_id: UUID, at: datetime | None) -> Ledger:
    """The duties of a post, of an organisation with its posts, or of a firm, at an instant; now where none is said.

    What a post is (kind, tier, unit) is as it stands now; catalogue and assignments are as they were then.
    A firm is a risk object within the caller's scope. NotFound (404) for what is not on the books, or was not then.
    """
    then = at or tx.now
    match bearer:
        case Bearer.POST:
            post = (await organizations.posts_by_id(tx, [party_id])).get(party_id)
            if post is None:
                raise NotFound("posts", party_id)
            (party,) = await _of_posts(tx, [post], then)
            return await _ledger(tx, party, [party], then)
        case Bearer.ORGANIZATION:
            return await _of_organization(tx, party_id, then)
        case Bearer.FIRM:
            return await _of_firm(tx, party_id, then)


async def items_of_post(tx: Tx, post: Post, at: datetime) -> Sequence[DutyItem]:
    """The duties that a post bears at an instant; for another slice of this service."""
    (party,) = await _of_posts(tx, [post], at)
    return [entry.item for entry in (await _ledger(tx, party, [party], at)).entries]


async def _of_organization(tx: Tx, party_id: UUID, at: datetime) -> Ledger:
    one = (await organizations_by_id(tx, [party_id])).get(party_id)
    if one is None or not _was_there(one, _day(at)):
        raise NotFound("organizations", party_id)
    posts = await organizations.posts_of_organization(tx, one.id, MOST_POSTS + 1)
    parties = await _of_posts(tx, posts[:MOST_POSTS], at)
    held = tuple(duty for party in parties for duty in party.duties)
    whole = Party(
        bearer=Bearer.ORGANIZATION, id=one.id, zh=one.name_zh, en=one.name_en, area_code=one.area_code, kind=one.kind,
        sectors=one.sectors, duties=held,
    )  # fmt: skip
    return await _ledger(tx, whole, [whole, *parties], at, truncated=len(posts) > MOST_POSTS)


async def _of_firm(tx: Tx, party_id: UUID, at: datetime) -> Ledger:
    found = (await find_visible_objects(tx, [party_id])).get(party_id)
    if found is None:
        raise NotFound("risk_objects", party_id)
    party = Party(
        bearer=Bearer.FIRM, id=found.id, zh=found.name, en=found.name, area_code=found.area_code,
        kind=found.entity_kind, sectors=found.sectors,
    )  # fmt: skip
    return await _ledger(tx, party, [party], at)


async def _of_posts(tx: Tx, posts: Sequence[Post], at: datetime) -> list[Party]:
    held: dict[UUID, list[Duty]] = {}
    for duty in await duties.held_by(tx, [post.id for post in posts], at):
        held.setdefault(duty.post_id, []).append(duty)
    return [
        Party(
            bearer=Bearer.POST, id=post.id, zh=post.name_zh, en=post.name_en, area_code=post.area_code,
            kind=post.kind, tier=post.tier, sectors=rules.sectors_of(post.sectors, held.get(post.id, ())),
            first_responsible=post.first_responsible, duties=tuple(held.get(post.id, ())),
        )
        for post in posts
    ]  # fmt: skip


async def _ledger(tx: Tx, party: Party, parties: Sequence[Party], at: datetime, *, truncated: bool = False) -> Ledger:
    items: dict[str, Sequence[DutyItem]] = {}
    found: list[Entry] = []
    for one in parties:
        if one.area_code not in items:
            items[one.area_code] = await catalogue.holding_at(tx, one.area_code, _day(at))
        found += rules.entries(one, items[one.area_code])
    return Ledger(party=party, at=at, entries=tuple(found), truncated=truncated)


def _was_there(one: Organization, day: date) -> bool:
    return one.valid_from <= day and (one.valid_to is None or day < one.valid_to)


def _day(at: datetime) -> date:
    return at.astimezone(CITY_ZONE).date()
