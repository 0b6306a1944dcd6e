"""The verbs on tables of post roles: adopt one, and what the adopted one says."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.copies.store import follow_all_again
from gateway.subjects import store_tables as store
from gateway.subjects.actions_reach import EVERYTHING, administered
from gateway.subjects.rules import WHOLE_CITY
from gateway.subjects.rules_reach import require_within
from gateway.subjects.rules_roles import Role
from gateway.subjects.rules_tables import PostRole, PostRoleTable, check
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import RoleMissing
from libs.contracts.gateway import PostRolesAdopted, ToldPostRole


async def adopt_table(tx: Tx, *, label: str, source: str, rows: Sequence[PostRole]) -> PostRoleTable:
    """From now on posts give what this table says; everybody who holds one follows within seconds.

    For who administers the security of every area and sector. Raises RoleMissing (403) for who administers none,
    GrantBeyondOwn (403), PostRolesWrong (422), AlreadyExists (409) for a label that was used before.
    """
    if not tx.caller.has_role(Role.SECURITY_ADMINISTRATOR):
        raise RoleMissing([Role.SECURITY_ADMINISTRATOR])
    require_within(administered(tx), [EVERYTHING])
    await store.wait_for_turn(tx)
    table = check(
        PostRoleTable(
            id=new_id(), version=0, area_code=WHOLE_CITY, sectors=(), exercise=False, correlation_id=new_id(),
            label=label, source=source, rows=tuple(rows),
        )
    )  # fmt: skip
    told = tuple(ToldPostRole(kind=row.kind, role=row.role, every_sector=row.every_sector) for row in rows)
    adopted = await store.add_table(tx, table, PostRolesAdopted(label=label, source=source, rows=told))
    async with tx.system("post roles: followed anew"):
        await follow_all_again(tx)
    return adopted


async def current_roles(tx: Tx) -> tuple[PostRole, ...]:
    """What the adopted table says; nothing follows from any post before one is adopted."""
    table = await store.newest(tx)
    return () if table is None else table.rows
