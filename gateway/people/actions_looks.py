"""Looking at people's accounts is a row: they say what somebody is called, and whether they can sign in."""

from __future__ import annotations

from uuid import UUID

from gateway.people.actions import Account, list_accounts, show_account
from gateway.timeline.actions import looked
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.pagination import Page, Paging
from libs.common.sensitive_reads import Sensitive, note_read

PERSON = Sensitive(
    noun="person", why="says what a person is called and whether they sign in", source="个人信息保护法 Art 51"
)


async def look_at_account(tx: Tx, seals: Seals, id: UUID) -> Account:  # noqa: A002
    """One account, and the row of the look; NotFound, RoleMissing."""
    account = await show_account(tx, seals, id)
    await note_read(tx, account.person, PERSON)
    return account


async def look_through_accounts(tx: Tx, seals: Seals, asked: Paging) -> Page[Account]:
    """A page of the accounts, and one row for the pages of a minute."""
    found = await list_accounts(tx, seals, asked)
    await note_read(tx, looked(tx.caller, "people"), PERSON, details={"shown": len(found.items)})
    return found
