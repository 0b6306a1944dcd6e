"""Tables of the platform's own: kept by roles of its own, and seen through their grants and no others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Table

from libs.common.scope import PLATFORM_ROLES, Grant, Scope


def kept_by(*roles: str) -> dict[str, Any]:
    """The `info` of a table that these roles keep, as its policy says too (`platform_policy`); its rows belong to no
    sector by nature."""
    return {"of_no_sector": True, "kept_by": frozenset(roles)}


def seen_through(table: Table, scope: Scope) -> tuple[tuple[Grant, ...], frozenset[UUID]]:
    """The grants and parties through which a caller sees rows of a table: of a kept one, its keepers' grants alone;
    of the city's, those of the city's roles, and everything that the caller takes part as."""
    keepers = table.info.get("kept_by")
    if keepers is not None:
        return tuple(grant for grant in scope.grants if grant.role in keepers), frozenset()
    return tuple(grant for grant in scope.grants if grant.role not in PLATFORM_ROLES), scope.takes_part_as
