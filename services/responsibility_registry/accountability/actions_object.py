"""The risk object that an incident names: it counts where it stands in the incident's own county, and nowhere else.

Whoever enters an incident or an alarm may name any id. Command holds no copy of risk objects, and refuses no alarm
for what it names: so it is decided here, each time, by what is known of the object now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from libs.common.db import Tx
from services.responsibility_registry.accountability.rules_facts import Noted, same_county
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.copies.store import KnownObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """An incident as it counts, with what is known of its risk object.

    `foreign`: it named one of another county, and counts as naming none; nothing of that object is told on.
    """

    noted: Noted
    known: KnownObject | None = None
    foreign: bool = False


async def named_object(tx: Tx, noted: Noted, area_code: str) -> Named:
    """The incident with its risk object, for whoever speaks for an area: the incident's own, or that of its case.

    An object that nobody has told of yet may still become known.
    """
    found = await copies.find_objects(tx, [noted.object_id]) if noted.object_id else {}
    known = found.get(noted.object_id) if noted.object_id else None
    if known is not None and not same_county(known.area_code, area_code):
        return Named(noted=replace(noted, object_id=None, firm_id=None, firm_name=""), foreign=True)
    return Named(noted=noted, known=known)
