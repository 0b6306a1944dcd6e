"""All SQL about contacts; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.contacts.model import contacts
from services.responsibility_registry.contacts.rules import Contact


async def find_contact(tx: Tx, contact_id: UUID) -> Contact:
    """One contact within the scope; NotFound otherwise."""
    return await find(tx, contacts, Contact, contact_id)


async def lock_contact(tx: Tx, contact_id: UUID) -> Contact:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, contacts, Contact, contact_id)


async def record_contact(tx: Tx, contact: Contact, event: Event, *, why: str) -> Contact:
    """Write the contact's next version with its event; the post sees it."""
    return await record(tx, contacts, contact, event, why=why, parts=[(contact.post_id, "reached")])


def list_contacts(tx: Tx, *, areas: Sequence[tuple[str, str]] | None, post_id: UUID | None) -> Select[Any]:
    """Contacts within the scope, filtered; the door pages through them."""
    asked = selected(contacts, tx.scope)
    if areas is not None:
        asked = asked.where(in_ranges(contacts, areas))
    return asked if post_id is None else asked.where(contacts.c.post_id == post_id)


ORDER: Sequence[Key] = ((contacts.c.id, "asc"),)
TABLE = contacts
"""What is announced."""
