"""All SQL about clients. Who looks after the platform in an area sees them; secrets are read under a system scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from gateway.identity.model import client_keys, client_secrets, clients, used_assertions
from gateway.identity.rules import LIVE_SECRETS, Client, Secret
from gateway.identity.rules_keys import ClientKey
from libs.common.aggregates import find, load, lock, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page

_MOST_SECRETS = 10 * LIVE_SECRETS
_FORGOTTEN_AT_ONCE = 10_000
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway administrators', 0))")


async def find_client(tx: Tx, id: UUID) -> Client:  # noqa: A002
    """One client within the caller's scope; NotFound otherwise."""
    return await find(tx, clients, Client, id)


async def lock_client(tx: Tx, id: UUID) -> Client:  # noqa: A002
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, clients, Client, id)


async def list_clients(tx: Tx, asked: Paging) -> Page[Client]:
    """The clients of the areas in which the caller looks after the platform, in the order of their registration."""
    statement = selected(clients, tx.scope)
    return await page(tx, statement, keys=[(clients.c.id, "asc")], asked=asked, load=lambda row: load(Client, row))


async def find_by_client_id(tx: Tx, client_id: str) -> Client | None:
    """The client of that name, ended or not; under a system scope."""
    row = await tx.one_or_none(selected(clients, tx.scope).where(clients.c.client_id == client_id))
    return None if row is None else load(Client, row)


async def clients_of(tx: Tx, agency: UUID, limit: int) -> list[UUID]:
    """The live clients of an agency, so many at most; under a system scope."""
    live = selected(clients, tx.scope).with_only_columns(clients.c.id)
    live = live.where(clients.c.agency_id == agency, clients.c.ended_at.is_(None))
    return [row["id"] for row in await tx.all(live.order_by(clients.c.id).limit(limit))]


async def secrets_of(tx: Tx, client: UUID) -> tuple[Secret, ...]:
    """The youngest secrets of a client, as hashes, more than can be alive at once; under a system scope."""
    of_client = select(client_secrets).where(client_secrets.c.client == client)
    rows = await tx.all(of_client.order_by(client_secrets.c.created_at.desc()).limit(_MOST_SECRETS))
    return tuple(load(Secret, row) for row in rows)


async def add_secret(tx: Tx, client: UUID, secret: Secret) -> None:
    """Keep the hash of a new secret; under a system scope."""
    values = {
        "id": secret.id,
        "client": client,
        "hash": secret.hash,
        "created_at": secret.created_at,
        "expires_at": secret.expires_at,
    }
    await tx.execute(insert(client_secrets).values(values))


async def limit_secrets(tx: Tx, secrets: Iterable[tuple[Secret, datetime]]) -> None:
    """Write when these secrets stop working; under a system scope."""
    for secret, ends in secrets:
        changed = update(client_secrets).where(client_secrets.c.id == secret.id)
        await tx.execute(changed.values(expires_at=ends))


async def keys_of(tx: Tx, client: UUID) -> tuple[ClientKey, ...]:
    """The youngest keys of a client, more than can be alive at once; under a system scope."""
    of_client = select(client_keys).where(client_keys.c.client == client)
    rows = await tx.all(of_client.order_by(client_keys.c.created_at.desc()).limit(_MOST_SECRETS))
    return tuple(load(ClientKey, row) for row in rows)


async def add_key(tx: Tx, client: UUID, key: ClientKey) -> bool:
    """Keep a new key; False where the client has had one of that id; under a system scope."""
    added = insert(client_keys).values(asdict(key) | {"client": client}).on_conflict_do_nothing()
    return bool((await tx.execute(added)).rowcount)


async def limit_keys(tx: Tx, keys: Iterable[tuple[ClientKey, datetime]]) -> None:
    """Write when these keys stop working; under a system scope."""
    for key, ends in keys:
        await tx.execute(update(client_keys).where(client_keys.c.id == key.id).values(expires_at=ends))


async def end_key(tx: Tx, client: UUID, kid: str, at: datetime) -> bool:
    """End a live key; False where there is none of that id; under a system scope."""
    of_client = and_(client_keys.c.client == client, client_keys.c.kid == kid)
    live = or_(client_keys.c.expires_at.is_(None), client_keys.c.expires_at > at)
    return bool((await tx.execute(update(client_keys).where(of_client, live).values(expires_at=at))).rowcount)


async def use_once(tx: Tx, client: UUID, jti: str, until: datetime) -> bool:
    """Write down that an assertion was used; False where it was before; under a system scope."""
    used = insert(used_assertions).values(client=client, jti=jti, expires_at=until).on_conflict_do_nothing()
    return bool((await tx.execute(used)).rowcount)


async def forget_used(tx: Tx, at: datetime) -> int:
    """Forget assertions that nobody could use again anyway; returns how many; under a system scope."""
    over = select(used_assertions.c.client, used_assertions.c.jti).where(used_assertions.c.expires_at < at)
    found = tuple_(used_assertions.c.client, used_assertions.c.jti).in_(over.limit(_FORGOTTEN_AT_ONCE))
    return (await tx.execute(delete(used_assertions).where(found))).rowcount


async def wait_for_turn(tx: Tx) -> None:
    """Starting processes register the administrators one after the other."""
    await tx.execute(_ONE_AT_A_TIME)
