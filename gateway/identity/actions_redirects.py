"""The verbs on where people who sign in by a client are led back to."""

from __future__ import annotations

from uuid import UUID

from gateway.identity import store
from gateway.identity.actions import lead_client
from gateway.identity.rules import Client
from gateway.identity.rules_redirects import check_redirects
from gateway.subjects.actions_reach import EVERYTHING, administered
from gateway.subjects.rules_reach import require_within
from gateway.subjects.rules_roles import Role
from libs.common.db import Tx

_FOR_SIGN_IN = "clients: sign-in"


async def set_redirects(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    redirects: tuple[str, ...],
) -> Client:
    """These addresses in place of the earlier ones; none: nobody signs in by it any more.

    Who signs in by it comes from every area and, without an office, is asked nothing more while signed in (decision
    0020), so whoever says where their codes go looks after the platform in every area. Raises RedirectMalformed
    (422), GrantBeyondOwn (403) and what every change of a client raises.
    """
    check_redirects(redirects)
    led = await lead_client(tx, id, expected, redirects)
    if redirects:
        require_within(administered(tx, Role.SYSTEM_ADMINISTRATOR), [EVERYTHING])
    return led


async def find_leading(tx: Tx, client_id: str) -> Client | None:
    """The client of that name by which people sign in; None where there is none, or it has ended."""
    async with tx.system(_FOR_SIGN_IN):
        client = await store.find_by_client_id(tx, client_id)
    return client if client is not None and client.redirect_uris and client.ended_at is None else None
