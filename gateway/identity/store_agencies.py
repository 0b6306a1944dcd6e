"""All SQL about agencies. Who looks after the platform in an area sees them."""

from __future__ import annotations

from uuid import UUID

from gateway.identity.model_agencies import agencies
from gateway.identity.rules_agencies import Agency
from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.contracts.event import Event


async def find_agency(tx: Tx, id: UUID) -> Agency:  # noqa: A002
    """One agency within the caller's scope; NotFound otherwise."""
    return await find(tx, agencies, Agency, id)


async def lock_agency(tx: Tx, id: UUID) -> Agency:  # noqa: A002
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, agencies, Agency, id)


async def list_agencies(tx: Tx, asked: Paging) -> Page[Agency]:
    """The agencies of the areas in which the caller looks after the platform, in the order of their registration."""
    return await page(
        tx, selected(agencies, tx.scope), keys=[(agencies.c.id, "asc")], asked=asked,
        load=lambda row: load(Agency, row), fingerprint=["agencies"],
    )  # fmt: skip


async def write(tx: Tx, agency: Agency, event: Event, *, why: str) -> Agency:
    """Write the next version with its event."""
    return await record(tx, agencies, agency, event, why=why)
