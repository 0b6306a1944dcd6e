"""All SQL about providers. Whoever administers everything sees them; secrets are read under a system scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from gateway.providers.model import external_identities, identity_providers, provider_secrets, provider_sign_ins
from gateway.providers.rules import ExternalIdentity, Provider
from libs.common.aggregates import find, load, lock, selected
from libs.common.db import Row, Tx
from libs.common.pagination import Page, Paging, page

_FORGOTTEN_AT_ONCE = 10_000


async def find_provider(tx: Tx, id: UUID) -> Provider:  # noqa: A002
    """One provider within the caller's scope; NotFound otherwise."""
    return await find(tx, identity_providers, Provider, id)


async def lock_provider(tx: Tx, id: UUID, expected: int | None) -> Provider:  # noqa: A002
    """The same, locked; StaleVersion where the caller has seen another version."""
    return await lock(tx, identity_providers, Provider, id, expected)


async def list_providers(tx: Tx, asked: Paging) -> Page[Provider]:
    """Every provider, ended ones included, in the order of their registration."""
    statement, key = selected(identity_providers, tx.scope), identity_providers.c.id
    return await page(tx, statement, keys=[(key, "asc")], asked=asked, load=lambda row: load(Provider, row))


async def find_live(tx: Tx, issuer: str) -> Provider | None:
    """The live provider of that issuer, byte for byte; under a system scope."""
    columns = identity_providers.c
    asked = selected(identity_providers, tx.scope).where(columns.issuer == issuer, columns.ended_at.is_(None))
    row = await tx.one_or_none(asked)
    return None if row is None else load(Provider, row)


async def list_live(tx: Tx, most: int) -> Sequence[Provider]:
    """The live providers at which people may sign in, by name; under a system scope."""
    columns = identity_providers.c
    asked = selected(identity_providers, tx.scope).where(columns.ended_at.is_(None), columns.client_id.is_not(None))
    return [load(Provider, row) for row in await tx.all(asked.order_by(columns.name_zh, columns.id).limit(most))]


async def sealed_secret(tx: Tx, provider: UUID) -> bytes | None:
    """The sealed client secret of a provider; under a system scope."""
    row = await tx.one_or_none(select(provider_secrets).where(provider_secrets.c.provider == provider))
    return None if row is None else bytes(row["sealed"])


async def keep_secret(tx: Tx, provider: UUID, sealed: bytes) -> None:
    """Keep it in place of the one before; under a system scope."""
    added = insert(provider_secrets).values(provider=provider, sealed=sealed)
    kept = {"sealed": added.excluded.sealed}
    await tx.execute(added.on_conflict_do_update(index_elements=[provider_secrets.c.provider], set_=kept))


async def find_link(tx: Tx, id: UUID) -> ExternalIdentity:  # noqa: A002
    """One link within the caller's scope; NotFound otherwise."""
    return await find(tx, external_identities, ExternalIdentity, id)


async def lock_link(tx: Tx, id: UUID, expected: int | None) -> ExternalIdentity:  # noqa: A002
    """The same, locked; StaleVersion where the caller has seen another version."""
    return await lock(tx, external_identities, ExternalIdentity, id, expected)


async def list_links(tx: Tx, asked: Paging, subject: str | None) -> Page[ExternalIdentity]:
    """The links, ended ones included, in the order in which they were made; of one subject where it is named."""
    statement = selected(external_identities, tx.scope)
    if subject is not None:
        statement = statement.where(external_identities.c.subject == subject)
    key = external_identities.c.id
    return await page(tx, statement, keys=[(key, "asc")], asked=asked, load=lambda row: load(ExternalIdentity, row))


async def linked_subject(tx: Tx, provider: UUID, external_subject: str) -> str | None:
    """Who an account of a provider is here; under a system scope."""
    columns = external_identities.c
    live = selected(external_identities, tx.scope).where(
        columns.provider == provider, columns.external_subject == external_subject, columns.ended_at.is_(None)
    )
    row = await tx.one_or_none(live)
    return None if row is None else str(row["subject"])


async def add_sign_in(tx: Tx, values: dict[str, Any]) -> None:
    """Keep a sign-in that has begun; under a system scope."""
    await tx.execute(insert(provider_sign_ins).values(values))


async def take_sign_in(tx: Tx, state_hash: bytes) -> Row | None:
    """Take a sign-in out, so that it ends once only; under a system scope."""
    taken = delete(provider_sign_ins).where(provider_sign_ins.c.state_hash == state_hash)
    return await tx.one_or_none(taken.returning(provider_sign_ins))


async def forget_sign_ins(tx: Tx, at: datetime) -> int:
    """Forget sign-ins that nobody came back to; returns how many; under a system scope."""
    over = select(provider_sign_ins.c.state_hash).where(provider_sign_ins.c.expires_at < at).limit(_FORGOTTEN_AT_ONCE)
    return (await tx.execute(delete(provider_sign_ins).where(provider_sign_ins.c.state_hash.in_(over)))).rowcount
