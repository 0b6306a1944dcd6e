"""The verbs of alarms: take one in, confirm it, judge it false, split it off, and tell of what nobody has judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.languages import Said
from libs.common.problems import AlreadyExists, IdTaken, NotFound, RoleMissing, Unprocessable
from libs.contracts.emergency_command import AlarmJudgedFalse, AlarmReceived, AlarmSplitOff, AlarmUnjudged
from services.emergency_command.alarms import rules, rules_reminders, store
from services.emergency_command.alarms.actions_place import Decided, facts_of, lock_around, settle, tell_confirmed
from services.emergency_command.alarms.policies import ALARMS
from services.emergency_command.alarms.rules import Alarm, AlarmSource
from services.emergency_command.copies import store as copies
from services.emergency_command.copies import store_duty
from services.emergency_command.incidents import actions_open as incidents
from services.emergency_command.incidents.rules_area import PlaceOutsideYourArea, SettledArea, settle_area
from services.emergency_command.incidents.rules_kinds import KindUnknown

RAISERS = ("agency", "call_taker", "duty_officer")
"""Who brings alarms: another service's system, whoever takes calls, the duty officer."""
JUDGES = ("duty_officer",)
"""Who confirms an alarm, or judges it false."""
SPLITTERS = ("commander", "duty_officer")
PASS_ON = ("call_taker", "duty_officer")
"""Who answers a call from across a border takes it in all the same `[DEF]`: a fire is not sent to another number."""
REFUSED = (KindUnknown, PlaceOutsideYourArea, IdTaken)
"""Why an alarm is not taken in."""
_DUTY_OFFICE = ("county_emergency_duty_office", "county")
_GRACE = timedelta(minutes=1)
_MOST_SHOWN = 100
_UNKNOWN = Said("没有此区划代码。", "There is no such area.")
_OUTSIDE = Said(
    "请给出区划代码,或本市范围内的坐标。", "Give an area code, or a point inside the city."
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An alarm as it was told. Without `source_id` it can be no repeat; without `area_code` the point says where."""

    kind: str
    lon: float
    lat: float
    words: str
    alarm_id: UUID | None = None
    source_id: str | None = None
    area_code: str | None = None
    device: str | None = None
    zone: str | None = None
    risk_object_id: UUID | None = None
    linked_group: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    exercise: bool = False


class AlreadyRaised(Exception):
    """The same source has raised it before: nothing is written, and the alarm is shown as it stands."""

    def __init__(self, alarm: Alarm) -> None:
        super().__init__(f"{alarm.source_system} has raised {alarm.source_id} before")
        self.alarm = alarm


async def raise_alarm(tx: Tx, told: Told) -> Alarm:
    """Take in an alarm of the calling client, confirm it where a rule does, and put it where it belongs.

    Its source follows from the caller's role, and its area from its place, never from the caller's word: an area
    that was told otherwise stays visible on it `[DEF]`. Who takes calls passes on what lies in another area, and goes
    on seeing it; an agency's system speaks for its own areas only. A risk object that is named is kept as told, and
    no alarm is refused for it: command holds no copy of risk objects, and who has one (grading, the registry) takes
    it for none where it lies in another county. Raises AlreadyRaised for a repeat, RoleMissing and
    PlaceOutsideYourArea (403), KindUnknown (422), Unprocessable (422) outside the city or for an unknown area.
    """
    if not tx.caller.has_role(*RAISERS):
        raise RoleMissing(RAISERS)
    sectors = incidents.sectors_of(told.kind)
    area = await _area_of(tx, told)
    source = _source_of(tx, told, area, sectors)
    async with tx.system("alarms:likeness"):
        return await take_in(
            tx, told, source=source, source_system=tx.caller.client_id, area=area, correlation_id=new_id()
        )


async def take_in(
    tx: Tx, told: Told, *, source: AlarmSource, source_system: str, area: SettledArea, correlation_id: UUID
) -> Alarm:
    """Keep an alarm and settle it, whoever tells it. Under a system scope; raises AlreadyRaised for a repeat."""
    alarm_id = told.alarm_id or new_id()
    source_id = told.source_id or str(alarm_id)
    alarm = Alarm(
        id=alarm_id, version=0, area_code=area.area_code, sectors=incidents.sectors_of(told.kind),
        exercise=told.exercise, correlation_id=correlation_id, source=source,
        source_system=await _named(tx, source_system, source_id), source_id=source_id, kind=told.kind, lon=told.lon,
        lat=told.lat, device=told.device, zone=told.zone, risk_object_id=told.risk_object_id,
        linked_group=told.linked_group, words=told.words, area_told=area.told, area_doubt=area.doubt,
        # A detector whose clock runs ahead is heard all the same; nothing has happened later than now.
        occurred_at=min(told.occurred_at or tx.now, tx.now), received_at=tx.now,
    )  # fmt: skip
    await lock_around(tx, alarm)
    passed_on = () if _may_hear(tx, alarm) else _own_posts(tx)
    alarm = await store.record_alarm(tx, alarm, AlarmReceived(alarm=facts_of(alarm)), why=area.why, seen_by=passed_on)
    return await settle(tx, alarm)


async def _named(tx: Tx, source_system: str, source_id: str) -> str:
    """The name under which the source's alarm is kept. Raises AlreadyRaised for its repeat.

    A client may speak for several, and one of them may use an id that another has used where this one sees nothing.
    That is no repeat: the alarm is kept under the caller's own name, so that none is lost and none is read.
    """
    for name in (source_system, f"{source_system}/{tx.caller.subject}"):
        await store.lock_source(tx, name, source_id)
        known = await store.find_by_source(tx, name, source_id)
        if known is None:
            return name
        if await _may_see_again(tx, known):
            raise AlreadyRaised(known)
    raise AlreadyExists


def _may_hear(tx: Tx, known: Alarm) -> bool:
    """Whether the caller may raise alarms where this one is."""
    return tx.caller.holds(*RAISERS, area_code=known.area_code, sectors=known.sectors)


async def _may_see_again(tx: Tx, known: Alarm) -> bool:
    """Whether a repeat shows it to the caller: who may raise alarms there, and who has passed it on."""
    return _may_hear(tx, known) or await store.takes_part(tx, known.id, tx.caller.takes_part_as)


def _own_posts(tx: Tx) -> tuple[UUID, ...]:
    """For which of the caller's posts it is passed on: a call is not held up by which of several was named."""
    return tuple(sorted(tx.caller.posts)) if tx.caller.post_id is None else (tx.caller.post_id,)


async def confirm(tx: Tx, alarm_id: UUID, expected: int | None) -> Alarm:
    """A duty officer says that it is real: it joins the incident that it is like, or opens one.

    Raises RoleMissing (403), AlarmAlreadyJudged (409).
    """
    alarm = await _lock(tx, alarm_id, expected, JUDGES)
    by = str(tx.caller.acting_post())
    async with tx.system("alarms:likeness"):
        confirmed = rules.confirm(alarm, by=by, at=tx.now)
        return await settle(tx, await tell_confirmed(tx, confirmed, by, confirmed.linked_group))


async def judge_false(tx: Tx, alarm_id: UUID, expected: int | None, reason: str) -> Alarm:
    """A duty officer says that it is false: kept with the reason, for its source's precision."""
    alarm = rules.judge_false(await _lock(tx, alarm_id, expected, JUDGES), reason=reason)
    return await store.record_alarm(tx, alarm, AlarmJudgedFalse(alarm=facts_of(alarm), reason=reason), why=reason)


async def split_off(tx: Tx, alarm_id: UUID, expected: int | None, reason: str) -> Alarm:
    """A person says that it is another event: out of its incident, into one that it is more like, or a new one.

    Raises RoleMissing (403), AlarmIsNotAttached (409).
    """
    alarm = await _lock(tx, alarm_id, expected, SPLITTERS)
    split = rules.split_off(alarm, reason=reason)
    async with tx.system("alarms:likeness"):
        left = await incidents.leave(tx, split.split_from[-1], alarm.id)
        told = AlarmSplitOff(alarm=facts_of(split), reason=reason)
        split = await store.record_alarm(tx, split, told, why=reason)
        return await settle(tx, split, Decided(at=tx.now, out_of=left))


async def escalate_unjudged(tx: Tx, now: datetime, limit: int) -> int:
    """Tell the duty office, and who stands in the nearest duty room, of up to `limit` alarms that nobody judged in
    time; each once. Returns how many."""
    escalated = 0
    before = now - timedelta(seconds=ALARMS.judge_within_seconds)
    for alarm in await store.lock_unjudged(tx, before, limit):
        due_at = rules.judge_by(alarm, ALARMS)
        if due_at is None or due_at > now:
            continue
        offices = await copies.find_holders(tx, [_DUTY_OFFICE], alarm.area_code)
        standing = await store_duty.posts_of_duty_room(tx, alarm.area_code, now)
        posts: Sequence[UUID] = list(dict.fromkeys((*(one.post_id for one in offices.values()), *standing)))
        event = AlarmUnjudged(
            alarm_id=alarm.id, alarm=facts_of(alarm), judge_by_at=due_at, addressed_posts=tuple(posts)
        )
        reminder = rules_reminders.remind(alarm, due_at, reminder_id=new_id(), now=now)
        await store.add_reminder(tx, reminder, event)
        escalated += 1
    return escalated


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Alarms that should have gone to the duty office by themselves and have not: for the watchdog."""
    return await store.list_unjudged(tx, now - timedelta(seconds=ALARMS.judge_within_seconds) - _GRACE, _MOST_SHOWN)


async def shown_again(tx: Tx, raised: Alarm) -> Alarm:
    """The alarm that a repeat is about, for whoever may raise one there or has passed it on."""
    async with tx.system("alarms:repeat"):
        alarm = await store.find_alarm(tx, raised.id)
        if not await _may_see_again(tx, alarm):
            raise NotFound("alarms", raised.id)
    return alarm


async def _lock(tx: Tx, alarm_id: UUID, expected: int | None, roles: Sequence[str]) -> Alarm:
    """The alarm, locked after its zone and cells; NotFound outside the scope, RoleMissing without a role."""
    seen = await store.find_alarm(tx, alarm_id)
    tx.caller.require(*roles, area_code=seen.area_code, sectors=seen.sectors)
    await lock_around(tx, seen)
    return await store.lock_alarm(tx, alarm_id, expected)


async def _area_of(tx: Tx, told: Told) -> SettledArea:
    """Where the alarm belongs: where its place lies, or finer, in the area that was told around it."""
    if told.area_code is not None and not await copies.has_told_area(tx, told.area_code):
        raise Unprocessable(errors=[("/area_code", "unknown_area", _UNKNOWN)])
    area = settle_area(told.area_code, await copies.locate(tx, told.lon, told.lat), placed=True)
    if area is None:
        raise Unprocessable(errors=[("/place", "outside_the_city", _OUTSIDE)])
    return area


def _source_of(tx: Tx, told: Told, area: SettledArea, sectors: Sequence[str]) -> AlarmSource:
    """What the caller is to us. A call-taker has judged the call as another service's would have `[DEF]`."""

    def holds(*roles: str, area_code: str = area.area_code) -> bool:
        return tx.caller.holds(*roles, area_code=area_code, sectors=sectors)

    if holds("duty_officer"):
        return AlarmSource.DUTY_OFFICER
    if holds("call_taker"):
        return AlarmSource.AGENCY
    if holds("agency"):
        return AlarmSource.AGENCY if told.device is None else AlarmSource.DETECTOR
    if tx.caller.has_role(*PASS_ON):
        return AlarmSource.AGENCY
    if area.told is not None and holds(*RAISERS, area_code=area.told):
        raise PlaceOutsideYourArea(area.area_code)
    raise RoleMissing(RAISERS)
