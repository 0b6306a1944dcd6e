"""All SQL about clients. Whoever lists sees what they administer; secrets are read under a system scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from gateway.identity.model import client_secrets, clients
from gateway.identity.rules import LIVE_SECRETS, Client, Role, Secret
from libs.common.access import access_grants
from libs.common.aggregates import find, load, lock, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.common.scope import Scope

_MOST_SECRETS = 10 * LIVE_SECRETS
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway administrator', 0))")


def administering(scope: Scope) -> Scope:
    """The same caller with nothing but administrator's grants, so that other roles open no client."""
    if scope.system is not None:
        return scope
    kept = tuple(grant for grant in scope.grants if grant.role == Role.ADMINISTRATOR)
    return replace(scope, grants=kept, posts=frozenset())


async def find_client(tx: Tx, id: UUID) -> Client:  # noqa: A002
    """One client within the caller's scope; NotFound otherwise."""
    return await find(tx, clients, Client, id)


async def lock_client(tx: Tx, id: UUID, expected: int | None) -> Client:  # noqa: A002
    """The same, locked; StaleVersion where the caller has seen another version."""
    return await lock(tx, clients, Client, id, expected)


async def list_clients(tx: Tx, asked: Paging) -> Page[Client]:
    """The clients that the caller administers, in the order of their registration."""
    statement = selected(clients, administering(tx.scope))
    return await page(tx, statement, keys=[(clients.c.id, "asc")], asked=asked, load=lambda row: load(Client, row))


async def find_by_client_id(tx: Tx, client_id: str) -> Client | None:
    """The client of that name, ended or not; under a system scope."""
    row = await tx.one_or_none(selected(clients, tx.scope).where(clients.c.client_id == client_id))
    return None if row is None else load(Client, row)


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


async def limit_secrets(tx: Tx, secrets: Iterable[Secret]) -> None:
    """Write when these secrets stop working; under a system scope."""
    for secret in secrets:
        changed = update(client_secrets).where(client_secrets.c.id == secret.id)
        await tx.execute(changed.values(expires_at=secret.expires_at))


async def mirror(tx: Tx, client: Client, grants: list[dict[str, object]]) -> None:
    """The gateway's own copy of what everybody copies: an administrator's end counts here at once."""
    values = {
        "id": client.id,
        "subject": client.subject,
        "client_id": client.client_id,
        "version": client.version,
        "posts": list(client.posts),
        "grants": grants,
        "ended": client.ended_at is not None,
    }
    added = insert(access_grants).values(values)
    kept = {name: added.excluded[name] for name in values if name != "id"}
    await tx.execute(added.on_conflict_do_update(index_elements=[access_grants.c.id], set_=kept))


async def wait_for_turn(tx: Tx) -> None:
    """Starting processes register the administrator one after the other."""
    await tx.execute(_ONE_AT_A_TIME)
