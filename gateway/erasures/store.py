"""All SQL about erasures."""

from __future__ import annotations

from uuid import UUID

from gateway.erasures.model import erasures
from gateway.erasures.rules import Erasure
from libs.common.aggregates import find, load, lock, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.common.scope import Scope


async def find_erasure(tx: Tx, id: UUID) -> Erasure:  # noqa: A002
    """One erasure within the caller's scope; NotFound otherwise."""
    return await find(tx, erasures, Erasure, id)


async def lock_erasure(tx: Tx, id: UUID) -> Erasure:  # noqa: A002
    """The same, locked."""
    return await lock(tx, erasures, Erasure, id)


async def list_erasures(tx: Tx, scope: Scope, asked: Paging) -> Page[Erasure]:
    """The erasures within a scope, newest first."""
    statement = selected(erasures, scope)
    return await page(tx, statement, keys=[(erasures.c.id, "desc")], asked=asked, load=lambda row: load(Erasure, row))
