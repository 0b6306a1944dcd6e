"""The hashes of tickets. All of it under a system scope: nobody lists tickets, and each works once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from gateway.feed.rules_tickets import Holder, Ticket
from libs.common.aggregates import load
from libs.common.db import Tx

_ADD = text(
    "INSERT INTO feed_tickets (id, hash, subject, client_id, jti, token_expires_at, expires_at)"
    " VALUES (:id, :hash, :subject, :client_id, :jti, :token_expires_at, :expires_at)"
)
_USE = text(
    "UPDATE feed_tickets SET used_at = :now WHERE hash = :hash AND used_at IS NULL AND expires_at > :now"
    " RETURNING subject, client_id, jti, token_expires_at"
)
_FIND = text("SELECT id, subject, client_id, jti, token_expires_at, expires_at FROM feed_tickets WHERE id = :id")
_FORGET = text(
    "DELETE FROM feed_tickets WHERE id IN (SELECT id FROM feed_tickets WHERE expires_at < :now LIMIT :limit"
    " FOR UPDATE SKIP LOCKED)"
)


async def add_ticket(tx: Tx, ticket: Ticket, hashed: bytes) -> None:
    """Keep a ticket by the hash of its secret."""
    values = asdict(ticket)
    holder = values.pop("holder")
    await tx.execute(_ADD, values | holder | {"hash": hashed})


async def use_ticket(tx: Tx, hashed: bytes, now: datetime) -> Holder | None:
    """Whose ticket it is, the first time that it is shown in time; None ever after."""
    row = await tx.one_or_none(_USE, {"hash": hashed, "now": now})
    return None if row is None else load(Holder, row)


async def find_ticket(tx: Tx, id: UUID) -> Ticket | None:  # noqa: A002
    """A ticket without its secret, which nobody knows but who was given it."""
    row = await tx.one_or_none(_FIND, {"id": id})
    return None if row is None else Ticket(id=row["id"], expires_at=row["expires_at"], holder=load(Holder, row))


async def forget_tickets(tx: Tx, now: datetime, limit: int) -> int:
    """Delete tickets whose time is over; returns how many."""
    return (await tx.execute(_FORGET, {"now": now, "limit": limit})).rowcount
