"""What a caller administers: how far what they give and take may reach."""

from __future__ import annotations

from gateway.subjects.rules import LAST_AREA, WHOLE_CITY
from gateway.subjects.rules_reach import Reach
from gateway.subjects.rules_roles import Role
from libs.common.db import Tx

EVERYTHING = Reach(area_from=WHOLE_CITY, area_to=LAST_AREA, sectors=None)
"""Every area and every sector."""


def administered(tx: Tx, role: Role = Role.SECURITY_ADMINISTRATOR) -> list[Reach]:
    """The ranges over which the caller holds this one of the platform's offices."""
    return [
        Reach(area_from=one.area_from, area_to=one.area_to, sectors=one.sectors)
        for one in tx.caller.grants
        if one.role == role
    ]
