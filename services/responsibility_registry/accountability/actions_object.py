"""The risk object that an incident names: it counts where it stands in the incident's own county, and nowhere else.

Whoever enters an incident or an alarm may name any id. Command holds no copy of risk objects, and refuses no alarm
for what it names: so it is decided here, each time, by what is known of the object now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.accountability.rules_facts import Noted, same_county
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.copies.store import KnownObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What is known of a risk object that was named.

    `foreign`: it is one of another county, and counts as none; nothing of it is told on.
    """

    known: KnownObject | None = None
    foreign: bool = False


async def named_object(tx: Tx, object_id: UUID | None, area_code: str) -> Named:
    """The risk object, for whoever speaks for an area: that of the incident, or of its case.

    An object that nobody has told of yet may still become known.
    """
    known = (await copies.find_objects(tx, [object_id])).get(object_id) if object_id else None
    if known is not None and not same_county(known.area_code, area_code):
        return Named(foreign=True)
    return Named(known=known)


def without_object(noted: Noted) -> Noted:
    """The incident as one that names none."""
    return replace(noted, object_id=None, firm_id=None, firm_name="")
