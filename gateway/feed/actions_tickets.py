"""The verbs of tickets. A ticket carries no right: whoever shows it sees what its maker may see at that moment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.feed import store_tickets as store
from gateway.feed.rules_tickets import Holder, Ticket, expires_at, hash_ticket
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.languages import Said
from libs.common.problems import NotFound, Problem

_SYSTEM: Final = "feed ticket"
_FORGOTTEN_AT_ONCE: Final = 5_000


class TicketSpent(Problem):
    """A ticket that was used before, is too old, or was never made."""

    status = 401
    code = "ticket_spent"
    title = Said("票据无效或已使用", "The ticket is not valid any more")
    advice = Said(
        "票据只能使用一次且很快过期；请用访问令牌 POST /v1/events/tickets 取一张新的，并带上 after 从断点继续。",
        "A ticket works once, within a minute: POST /v1/events/tickets with a token for a new one, and go on with"
        " `after`.",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class WithSecret:
    """A ticket, and its secret the one time that it is known."""

    ticket: Ticket
    secret: str | None

    @property
    def id(self) -> UUID:
        """The ticket's id."""
        return self.ticket.id


async def make_ticket(tx: Tx, holder: Holder) -> WithSecret:
    """A ticket for whoever holds the present token; its secret is kept as a hash only."""
    secret = secrets.token_urlsafe(32)
    ticket = Ticket(id=new_id(), expires_at=expires_at(system_now(), holder), holder=holder)
    async with tx.system(_SYSTEM):
        await store.add_ticket(tx, ticket, hash_ticket(secret))
    return WithSecret(ticket=ticket, secret=secret)


async def show_without_secret(tx: Tx, id: UUID) -> WithSecret:  # noqa: A002
    """The caller's own ticket for a repeated request: its secret was shown once. Raises NotFound (404)."""
    async with tx.system(_SYSTEM):
        found = await store.find_ticket(tx, id)
    if found is None or found.holder.subject != tx.caller.subject:
        raise NotFound("ticket", id)
    return WithSecret(ticket=found, secret=None)


async def use_ticket(tx: Tx, secret: str) -> Holder:
    """Whose ticket it is; from now on it is worth nothing. Raises TicketSpent (401)."""
    async with tx.system(_SYSTEM):
        holder = await store.use_ticket(tx, hash_ticket(secret), system_now())
    if holder is None:
        raise TicketSpent
    return holder


async def forget_tickets(tx: Tx, now: datetime) -> int:
    """Forget tickets whose time is over; returns how many."""
    return await store.forget_tickets(tx, now, _FORGOTTEN_AT_ONCE)
