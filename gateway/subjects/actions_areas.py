"""Rights follow areas: where one is merged or split, what was given over it is given over what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from gateway.subjects import store
from gateway.subjects.actions import state_of
from gateway.subjects.rules import give
from gateway.subjects.rules_areas import Range, inherited
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts.gateway import SubjectChanged


async def follow_area(tx: Tx, code: str, into: Sequence[str], at: date, document: str) -> int:
    """Give every right over exactly an area anew over each of its successors, and every one over exactly a successor
    over it, from a day on: what was written before bears the old code. Returns how many grants that were.

    Told again, it gives nothing. Raises TooManyGiven where a subject has no room: the event is set aside until
    there is. Under a system scope.
    """
    old, new = area_range(code), [area_range(one) for one in into]
    becomes: dict[Range, list[Range]] = {old: new} | {one: [old] for one in new}
    begins = datetime.combine(at, time(), CITY_ZONE)
    given = 0
    # In the order of their names: two that lock the same subjects do not block each other.
    for name in await store.holding_exactly(tx, [*becomes]):
        subject = await store.lock_named(tx, name)
        if subject is None or subject.ended_at is not None:
            continue
        for grant in inherited(subject, becomes, begins, document, tx.now, new_id):
            subject = give(subject, grant)
            state = state_of(subject)
            event = SubjectChanged(state=state, by="grant_given")
            subject = await store.write(tx, subject, event, state, why=document)
            given += 1
    return given
