"""The three administrators of the settings: there at every start, one hand each, and nobody has everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from gateway.identity import store
from gateway.identity.actions import keep_secret, state_of
from gateway.identity.model import clients
from gateway.identity.rules import Client, client_of, is_live, matches
from gateway.subjects import actions as subjects
from gateway.subjects.rules import WHOLE_CITY, Kind
from gateway.subjects.rules_roles import Role
from libs.common.aggregates import record
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.gateway import ClientRegistered

_AT_START = "clients: administrators from settings"


async def ensure_administrators(tx: Tx, secrets: Mapping[str, str]) -> None:
    """Each administrator of the settings exists with its office and its secret; `secrets` are by role.

    The settings win: a changed secret there replaces the old one at once, and no key opens beside it.
    """
    async with tx.system(_AT_START):
        await store.wait_for_turn(tx)
        for role, secret in sorted(secrets.items()):
            await _ensure(tx, Role(role), secret)


async def _ensure(tx: Tx, role: Role, secret: str) -> None:
    client_id = client_of(role)
    client = await store.find_by_client_id(tx, client_id)
    if client is None:
        await subjects.open_subject(tx, subject=client_id, kind=Kind.CLIENT, area_code=WHOLE_CITY)
        fresh = _administrator(client_id, role)
        client = await record(tx, clients, fresh, ClientRegistered(state=state_of(fresh)), why="from the settings")
    await subjects.ensure_office(tx, client.subject, role)
    at = system_now()
    if not matches(await store.secrets_of(tx, client.id), secret, at):
        await keep_secret(tx, client, secret, overlap=timedelta())
    # Its secret is that of the settings: a key is somebody's who had the client before it held the office.
    await store.limit_keys(tx, [(key, at) for key in await store.keys_of(tx, client.id) if is_live(key, at)])


def _administrator(client_id: str, role: Role) -> Client:
    return Client(
        id=new_id(), version=0, area_code=WHOLE_CITY, sectors=(), exercise=False, correlation_id=new_id(),
        client_id=client_id, name=role.replace("_", " ").capitalize(), subject=client_id, agency_id=None,
        ended_at=None, ended_reason=None,
    )  # fmt: skip
