"""The verbs of contacts: say how a post is reached, and say it anew."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.announcing import Announced
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import contacts as told
from services.responsibility_registry.contacts import rules, store
from services.responsibility_registry.contacts.rules import Contact, ContactWrong, Way
from services.responsibility_registry.organizations import actions as organizations

KEEPERS = ("administrator", "leader")
"""Who says how the posts of an area are reached ([DEF])."""


async def enter_contact(tx: Tx, contact_id: UUID, post_id: UUID, ways: tuple[Way, ...]) -> Contact:
    """How a post is reached, once for each; the database refuses a second one. Raises ContactWrong (422)."""
    post = (await organizations.posts_by_id(tx, [post_id])).get(post_id)
    if post is None:
        raise ContactWrong(("/post_id", "unknown_post", ("台账中没有该岗位。", "the registry has no such post")))
    tx.caller.require_every(*KEEPERS, area_code=post.area_code, sectors=post.sectors)
    contact = Contact(
        id=contact_id, version=0, area_code=post.area_code, sectors=post.sectors, exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(), post_id=post.id, ways=ways,
    )  # fmt: skip
    rules.check(contact)
    return await store.record_contact(tx, contact, told.ContactEntered(state=state_of(contact)), why="")


async def change_contact(
    tx: Tx, contact_id: UUID, expected: int | None, ways: tuple[Way, ...], reason: str
) -> Contact:  # fmt: skip
    """Other ways, or none any more. Raises ContactWrong (422)."""
    contact = await store.lock_contact(tx, contact_id)
    tx.caller.require(*KEEPERS, area_code=contact.area_code, sectors=contact.sectors)
    require_version(contact, expected)
    after = rules.check(replace(contact, ways=ways))
    event = told.ContactChanged(state=state_of(after), reason=reason)
    return await store.record_contact(tx, after, event, why=reason)


async def find_contact(tx: Tx, contact_id: UUID) -> Contact:
    """One contact within the scope; NotFound (404) otherwise."""
    return await store.find_contact(tx, contact_id)


def state_of(contact: Contact) -> told.ContactState:
    """The contact as events carry it."""
    ways = tuple(
        told.ContactWay(kind=one.kind, value=one.value, begins=one.begins, ends=one.ends) for one in contact.ways
    )
    return told.ContactState(post_id=contact.post_id, area_code=contact.area_code, ways=ways)


ANNOUNCED = Announced(table=store.TABLE, row=Contact, stated=told.ContactStated, state_of=state_of)
"""What other services keep copies of."""
