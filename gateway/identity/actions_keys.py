"""The verbs on keys of clients: add one, end one, and let a client in by what it signed (RFC 7523)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway.identity import store
from gateway.identity.actions import change_credentials, find_client
from gateway.identity.rules import OVERLAP, Client, is_live, make_room
from gateway.identity.rules_keys import (
    LEEWAY,
    AssertionRefused,
    ClientKey,
    KeyKnown,
    KeyNotKnown,
    KeyRefused,
    check_assertion,
    check_key,
)
from gateway.jose import peek, read_key, signed
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id

_SYSTEM = "clients: keys"


@dataclass(frozen=True, kw_only=True, slots=True)
class WithKeys:
    """A client and its public keys, the youngest first."""

    client: Client
    keys: tuple[ClientKey, ...]

    @property
    def id(self) -> UUID:
        """The client's id."""
        return self.client.id

    @property
    def version(self) -> int:
        """The client's version."""
        return self.client.version


async def add_key(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    kid: str,
    jwk: Mapping[str, Any],
    overlap: timedelta = OVERLAP,
) -> WithKeys:
    """A new key beside the youngest old one, which works for `overlap` more; others end at once.

    Raises KeyRefused (422), KeyKnown (409), and what `change_credentials` raises.
    """
    algorithm, members = check_key(jwk)
    if read_key(members) is None:
        raise KeyRefused("x" if "x" in members else "n")
    client = await change_credentials(tx, id, expected, why=f"key {kid} added")
    at = system_now()
    fresh = ClientKey(id=new_id(), kid=kid, algorithm=algorithm, members=members, created_at=at, expires_at=None)
    async with tx.system(_SYSTEM):
        known = await store.keys_of(tx, client.id)
        await store.limit_keys(tx, make_room(known, at, overlap))
        if not await store.add_key(tx, client.id, fresh):
            raise KeyKnown
        return WithKeys(client=client, keys=await store.keys_of(tx, client.id))


async def end_key(tx: Tx, id: UUID, expected: int | None, kid: str, reason: str) -> WithKeys:  # noqa: A002
    """The key works no more, from now on. Raises KeyNotKnown (409), and what `change_credentials` raises."""
    client = await change_credentials(tx, id, expected, why=f"key {kid} ended: {reason}")
    at = system_now()
    async with tx.system(_SYSTEM):
        if not await store.end_key(tx, client.id, kid, at):
            raise KeyNotKnown
        return WithKeys(client=client, keys=await store.keys_of(tx, client.id))


async def show_keys(tx: Tx, id: UUID) -> WithKeys:  # noqa: A002
    """A client with its keys, ended ones included; NotFound and RoleMissing as for the client."""
    client = await find_client(tx, id)
    async with tx.system(_SYSTEM):
        return WithKeys(client=client, keys=await store.keys_of(tx, client.id))


async def authenticate_by_assertion(
    tx: Tx, assertion: str, audiences: Collection[str], client_id: str | None = None
) -> Client:
    """The client that signed the assertion, which is good for this once; raises AssertionRefused. Real time decides.

    `client_id` is what the request says beside it. Who is unknown or has ended is told what a wrong key is told.
    """
    unproven, at = peek(assertion), system_now()
    named = unproven.claims.get("sub") if unproven is not None else None
    if unproven is None or not isinstance(named, str) or not named.isprintable() or client_id not in (None, named):
        raise AssertionRefused("client_assertion is no JWT whose sub is the client_id")
    async with tx.system(_SYSTEM):
        client = await store.find_by_client_id(tx, named)
        keys = await store.keys_of(tx, client.id) if client is not None and client.ended_at is None else ()
        claims = _claims(assertion, unproven.kid, keys, at)
        if client is None or claims is None:
            raise AssertionRefused("no live key of a live client has signed the assertion")
        jti, ends = check_assertion(claims, client.client_id, audiences, at)
        if not await store.use_once(tx, client.id, jti, ends + LEEWAY):
            raise AssertionRefused("the assertion was used before: make one for each request")
    return client


async def forget_used_assertions(tx: Tx, at: datetime) -> int:
    """Forget which assertions were used once they have run out by themselves; returns how many."""
    async with tx.system(_SYSTEM):
        return await store.forget_used(tx, at)


def _claims(assertion: str, kid: str | None, keys: tuple[ClientKey, ...], at: datetime) -> dict[str, Any] | None:
    """What a live key has signed. The key decides on the algorithm; a header without `kid` is tried with each."""
    for kept in keys:
        key = read_key(kept.members) if is_live(kept, at) and kid in (None, kept.kid) else None
        if key is not None and (claims := signed(assertion, key, (kept.algorithm,))) is not None:
            return claims
    return None
