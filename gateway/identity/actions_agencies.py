"""The verbs on agencies: register, change and end one, and what acts for it with it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from gateway.identity import store as clients
from gateway.identity import store_agencies as store
from gateway.identity.actions import end_client
from gateway.identity.rules_agencies import (
    MOST_CLIENTS,
    Agency,
    AgencyHasManyClients,
    check,
    end,
    require_live,
)
from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.contracts.gateway import AgencyChanged, AgencyEnded, AgencyRegistered, AgencyState

KEEPER = "system_administrator"


async def register_agency(tx: Tx, agency: Agency) -> Agency:
    """A body that clients may belong to. For a system administrator over its area.

    Raises RoleMissing (403), AgencyWrong (422), IdTaken, AlreadyExists (409) for a credit code that is in use.
    """
    tx.caller.require(KEEPER, area_code=agency.area_code, sectors=())
    return await store.write(tx, check(agency), AgencyRegistered(state=state_of(agency)), why="registered")


async def change_agency(
    tx: Tx, id: UUID, expected: int | None, *, name_zh: str | None, name_en: str | None, contact: str | None,  # noqa: A002
    sectors: tuple[str, ...] | None,
) -> Agency:  # fmt: skip
    """Call it otherwise, or reach it otherwise; what is None stays. Raises AgencyAlreadyEnded (409), AgencyWrong."""
    before = require_live(await _lock(tx, id, expected))
    after = replace(
        before, name_zh=name_zh or before.name_zh, name_en=name_en or before.name_en,
        contact=before.contact if contact is None else contact,
        sectors=before.sectors if sectors is None else sectors,
    )  # fmt: skip
    return await store.write(tx, check(after), AgencyChanged(state=state_of(after)), why="changed")


async def end_agency(tx: Tx, id: UUID, expected: int | None, reason: str) -> Agency:  # noqa: A002
    """The agency and everything that acts for it end now; tokens that still run are refused.

    Raises AgencyAlreadyEnded, AgencyHasManyClients (409), and what ending one of its clients raises: where one of
    them reaches beyond what the caller administers, nothing ends.
    """
    after = end(await _lock(tx, id, expected), tx.now, reason)
    async with tx.system("agencies: whose clients"):
        acting = await clients.clients_of(tx, id, MOST_CLIENTS + 1)
    if len(acting) > MOST_CLIENTS:
        raise AgencyHasManyClients
    for client in acting:
        await end_client(tx, client, None, reason)
    return await store.write(tx, after, AgencyEnded(state=state_of(after), reason=reason), why=reason)


async def find_agency(tx: Tx, id: UUID) -> Agency:  # noqa: A002
    """One agency; NotFound (404) for whoever does not look after the platform in its area."""
    return await store.find_agency(tx, id)


def state_of(agency: Agency) -> AgencyState:
    """What is told of an agency; how to reach it stays here."""
    return AgencyState(
        name_zh=agency.name_zh, name_en=agency.name_en, credit_code=agency.credit_code,
        ended=agency.ended_at is not None,
    )  # fmt: skip


async def _lock(tx: Tx, id: UUID, expected: int | None) -> Agency:  # noqa: A002
    agency = await store.lock_agency(tx, id)
    tx.caller.require(KEEPER, area_code=agency.area_code, sectors=())
    require_version(agency, expected)
    return agency
