"""Telling of periods in which a pairing was not kept, once each; and how each of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.calendars import BusinessCalendar, load_calendar
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.duty_records import PeriodMissed
from services.responsibility_registry.duty_records import rules_cadence as rules
from services.responsibility_registry.duty_records import store
from services.responsibility_registry.duty_records.policies import POLICY, VERSION
from services.responsibility_registry.duty_records.rules_cadence import Asked, Kept, MissedPeriod, PeriodState
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.pairings import actions as pairings
from services.responsibility_registry.pairings.actions import Pairing

_SWEPT = timedelta(minutes=5)
_SETTLED = timedelta(minutes=1)
"""A record that was entered in the last second of its time is on the books a moment later: nobody judges before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodShown:
    """A period and how it stands."""

    kept: Kept
    state: PeriodState


async def tell_missed(tx: Tx, now: datetime, limit: int) -> int:
    """Tell of each period of a pairing that was missed, once, also of those that were due while nothing ran.

    Returns how many pairings were looked at: each is looked at again when its next period is judged.
    """
    due = await pairings.lock_to_look(tx, now, limit)
    judged = now - _SETTLED
    calendar = await load_calendar(tx)
    vacant = await _vacant(tx, due)
    for pairing in due:
        asked = _asked(pairing, calendar)
        if asked is None:
            await pairings.note_look(tx, pairing, None)
            continue
        found, told = await _kept(tx, pairing, asked, now)
        for one in found:
            if rules.is_missed(one, judged) and one.period.begins_at not in told:
                await _tell(tx, pairing, one, vacant=pairing.post_id in vacant)
        again = rules.look_again_at(asked, judged)
        await pairings.note_look(tx, pairing, again and again + _SETTLED)
    return len(due)


async def unlooked(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Pairings with a period that nobody judged in time, for the watchdog."""
    return await pairings.late_to_look(tx, now - _SWEPT)


async def periods_of(tx: Tx, pairing_id: UUID) -> tuple[PeriodShown, ...]:
    """The periods of a pairing within the scope, the oldest first; none where its kind asks for none.

    That it was kept is as public as the pairing; the records are for who sees them. NotFound (404) otherwise.
    """
    pairing = await pairings.find_pairing(tx, pairing_id)
    asked = _asked(pairing, await load_calendar(tx))
    if asked is None:
        return ()
    async with tx.system("duty records: how a pairing was kept"):
        found, told = await _kept(tx, pairing, asked, tx.now)
    return tuple(
        PeriodShown(kept=one, state=rules.state(one, told=one.period.begins_at in told, now=tx.now)) for one in found
    )


async def _kept(
    tx: Tx, pairing: Pairing, asked: Asked, now: datetime
) -> tuple[Sequence[Kept], frozenset[datetime]]:  # fmt: skip
    begun = rules.periods(asked, now)
    if not begun:
        return (), frozenset()
    since = begun[0].begins_at
    done = await store.done_of_pairing(tx, pairing.id, pairing.record_kinds, since, pairing.post_id)
    return rules.kept(asked.rhythm, begun, done), await store.told_of(tx, pairing.id, since)


async def _tell(tx: Tx, pairing: Pairing, one: Kept, *, vacant: bool) -> None:
    missed = MissedPeriod(
        id=new_id(), version=0, area_code=pairing.area_code, sectors=pairing.sectors, exercise=pairing.exercise,
        correlation_id=pairing.correlation_id, pairing_id=pairing.id, post_id=pairing.post_id, kind=pairing.kind,
        begins_at=one.period.begins_at, due_at=one.period.due_at, asked=one.asked, done=one.in_time,
        post_vacant=vacant, told_at=tx.now,
    )  # fmt: skip
    event = PeriodMissed(
        pairing_id=pairing.id, post_id=pairing.post_id, kind=pairing.kind, begins_at=missed.begins_at,
        due_at=missed.due_at, asked=missed.asked, done=missed.done, post_vacant=vacant,
    )  # fmt: skip
    await store.add_missed(tx, missed, event, policy_version=VERSION, parts=[(pairing.post_id, "missed")])


async def _vacant(tx: Tx, due: Sequence[Pairing]) -> frozenset[UUID]:
    posts = await organizations.posts_by_id(tx, [one.post_id for one in due])
    return frozenset(post.id for post in posts.values() if post.vacant)


def _asked(pairing: Pairing, calendar: BusinessCalendar) -> Asked | None:
    if pairing.rhythm is None:
        return None
    return Asked(
        rhythm=pairing.rhythm, since=pairing.counted_from, until=pairing.valid_to, workday=calendar.is_workday,
        zone=CITY_ZONE, entering=timedelta(hours=POLICY.late_after_hours),
    )  # fmt: skip
