"""The verbs on where people who sign in by a client are led back to."""

from __future__ import annotations

from uuid import UUID

from gateway.identity import store
from gateway.identity.actions import lead_client
from gateway.identity.rules import Client
from gateway.identity.rules_redirects import check_redirects
from libs.common.db import Tx

_FOR_SIGN_IN = "clients: sign-in"


async def set_redirects(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    redirects: tuple[str, ...],
) -> Client:
    """These addresses in place of the earlier ones; none: nobody signs in by it any more.

    Raises RedirectMalformed (422) and what every change of a client raises.
    """
    check_redirects(redirects)
    return await lead_client(tx, id, expected, redirects)


async def find_leading(tx: Tx, client_id: str) -> Client | None:
    """The client of that name by which people sign in; None where there is none, or it has ended."""
    async with tx.system(_FOR_SIGN_IN):
        client = await store.find_by_client_id(tx, client_id)
    return client if client is not None and client.redirect_uris and client.ended_at is None else None
