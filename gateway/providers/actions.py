"""The verbs on external providers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from gateway.egress import CallRefused, read_url
from gateway.providers import store
from gateway.providers.model import identity_providers
from gateway.providers.rules import (
    WHOLE_CITY,
    AddressRefused,
    Provider,
    end_provider,
    require_live_provider,
)
from gateway.subjects.rules_roles import Role
from libs.common.aggregates import record, require_version
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.pagination import Page, Paging
from libs.common.problems import RoleMissing
from libs.common.resealing import SealedColumn
from libs.contracts import sign_in as events

KEEPERS = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
"""Who looks at providers and linked accounts; the first keeps providers, the second links accounts."""
_LAST_AREA = "999999999999"
_SYSTEM = "identity providers"
SEALED = SealedColumn(
    table="provider_secrets", key="provider", column="sealed", purpose="provider secret", about="provider"
)
_MOST = 200


async def register_provider(tx: Tx, seals: Seals, provider: Provider, client_secret: str | None) -> Provider:
    """A provider whose word counts from now on.

    Raises RoleMissing (403), AddressRefused (422), and AlreadyExists (409) where a live one has this issuer.
    """
    require_office(tx, Role.SYSTEM_ADMINISTRATOR)
    _check_addresses(provider)
    written = await record(
        tx, identity_providers, provider, events.ProviderRegistered(issuer=provider.issuer), why="registered"
    )
    await _keep_secret(tx, seals, written, client_secret)
    return written


async def change_provider(
    tx: Tx,
    seals: Seals,
    id: UUID,  # noqa: A002
    expected: int | None,
    changes: dict[str, Any],
    client_secret: str | None,
) -> Provider:
    """The provider with some of its fields replaced; the issuer stays, since it is what links hang on.

    Raises NotFound, StaleVersion, RoleMissing, ProviderAlreadyEnded, AddressRefused.
    """
    after = replace(require_live_provider(await _lock_provider(tx, id, expected)), **changes)
    _check_addresses(after)
    written = await record(tx, identity_providers, after, events.ProviderChanged(issuer=after.issuer), why="changed")
    await _keep_secret(tx, seals, written, client_secret)
    return written


async def end_this_provider(tx: Tx, id: UUID, expected: int | None, reason: str) -> Provider:  # noqa: A002
    """Its tokens count no more, from now on. Raises ProviderAlreadyEnded (409)."""
    after = end_provider(await _lock_provider(tx, id, expected), tx.now, reason)
    told = events.ProviderEnded(issuer=after.issuer, reason=reason)
    return await record(tx, identity_providers, after, told, why=reason)


async def show_provider(tx: Tx, id: UUID) -> Provider:  # noqa: A002
    """One provider; NotFound outside the scope, RoleMissing without administration of everything."""
    found = await store.find_provider(tx, id)
    require_office(tx, *KEEPERS)
    return found


async def show_providers(tx: Tx, asked: Paging) -> Page[Provider]:
    """Every provider; RoleMissing without administration of everything."""
    require_office(tx, *KEEPERS)
    return await store.list_providers(tx, asked)


async def providers_for_sign_in(tx: Tx) -> tuple[Provider, ...]:
    """The providers at which people may sign in, for a page that offers them."""
    async with tx.system(_SYSTEM):
        return tuple(await store.list_live(tx, _MOST))


async def secret_of(tx: Tx, seals: Seals, provider: Provider) -> str | None:
    """The client secret of a provider, opened. Raises SealBroken."""
    async with tx.system(_SYSTEM):
        sealed = await store.sealed_secret(tx, provider.id)
    return None if sealed is None else seals.open(SEALED.purpose, str(provider.id), sealed).decode()


def require_office(tx: Tx, *offices: Role) -> None:
    """Raise RoleMissing unless the caller holds one of the offices over everything: a provider vouches for people of
    every area."""
    reaches = (
        one.area_from <= WHOLE_CITY and one.area_to >= _LAST_AREA and one.sectors is None
        for one in tx.caller.grants
        if one.role in offices
    )
    if tx.caller.system is None and not any(reaches):
        raise RoleMissing(offices)


async def _lock_provider(tx: Tx, id: UUID, expected: int | None) -> Provider:  # noqa: A002
    found = await store.lock_provider(tx, id, None)
    require_office(tx, Role.SYSTEM_ADMINISTRATOR)
    require_version(found, expected)
    return found


async def _keep_secret(tx: Tx, seals: Seals, provider: Provider, client_secret: str | None) -> None:
    if client_secret is None:
        return
    sealed = seals.close(SEALED.purpose, str(provider.id), client_secret.encode())
    async with tx.system(_SYSTEM):
        await store.keep_secret(tx, provider.id, sealed)


def _check_addresses(provider: Provider) -> None:
    for member, url in (("issuer", provider.issuer), ("jwks_uri", provider.jwks_uri)):
        try:
            if url is not None:
                read_url(url)
        except CallRefused as refused:
            raise AddressRefused(member, refused.said) from None
