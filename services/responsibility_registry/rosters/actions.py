"""The verbs of rosters: draw one, change its rule, publish it ahead, end it; and its facts for who reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.contracts import rosters as told
from services.responsibility_registry.grids import actions as grids
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.organizations.actions_organizations import organizations_by_id
from services.responsibility_registry.rosters import actions_plan, rules, rules_checks, store
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Member, Plan, Roster, StandsFor
from services.responsibility_registry.rosters.rules_pattern import Occurrence, occurrences
from services.responsibility_registry.rosters.rules_refusals import Fault, RosterWrong
from services.responsibility_registry.tenures import actions as tenures

KEEPERS = ("leader", "administrator")
"""Who draws up rosters and changes their rule ([DEF]): whoever leads there, or keeps the registry."""
ARRANGERS = (*KEEPERS, "duty_officer")
"""Who arranges single shifts of a roster that is there ([DEF]): also who runs the duty room."""
MOST_AT_ONCE = 2000
"""[DEF] So many shifts at most are put on the books by one request."""
_MOST_A_SWEEP = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRoster:
    """What is said of a roster; nobody is put on it before the first day of its plan, nor before today."""

    id: UUID
    kind: str
    name: str
    place: str
    area_code: str
    sectors: tuple[str, ...]
    stands_for: StandsFor
    party_id: UUID | None
    plan: Plan
    exercise: bool


async def draw_roster(tx: Tx, new: NewRoster) -> Roster:
    """A place is to be staffed by turns; shifts come with its first publication. Raises RosterWrong (422)."""
    tx.caller.require_every(*KEEPERS, area_code=new.area_code, sectors=new.sectors)
    first = max(new.plan.first_day, day_of(tx.now))
    roster = Roster(
        id=new.id, version=0, area_code=new.area_code, sectors=new.sectors, exercise=new.exercise,
        correlation_id=tx.cause.correlation_id or new_id(), kind=new.kind, name=new.name, place=new.place,
        stands_for=new.stands_for, party_id=new.party_id, plans=(replace(new.plan, first_day=first),),
        published_to=first, policy_version=POLICY.version,
    )  # fmt: skip
    rules_checks.check(roster, POLICY)
    if faults := [*await _unknown_party(tx, roster), *await _unknown_members(tx, new.plan.members)]:
        raise RosterWrong(*faults)
    return await store.record_roster(tx, roster, told.RosterDrawn(roster=facts(roster)), look_at=tx.now)


async def change_roster(
    tx: Tx, roster_id: UUID, expected: int | None, plan: Plan, *, name: str, place: str, reason: str
) -> Roster:
    """Another rule from the first day on that is not published. Raises RosterHasEnded (409), RosterWrong (422)."""
    roster = await _lock(tx, roster_id, expected)
    after = rules.change(roster, plan, name=name, place=place, today=day_of(tx.now), policy=POLICY)
    rules_checks.check(after, POLICY)
    if faults := await _unknown_members(tx, plan.members):
        raise RosterWrong(*faults)
    event = told.RosterChanged(roster=facts(after), reason=reason)
    return await store.record_roster(tx, after, event, why=reason, look_at=tx.now)


async def publish_roster(tx: Tx, roster_id: UUID, expected: int | None, to: date) -> Roster:
    """Put the shifts of every day before `to` on the books, by the roster's rule.

    Whoever stands another shift then is left out, which leaves a gap that is told. Raises RosterHasEnded (409),
    RosterWrong (422).
    """
    roster = await _lock(tx, roster_id, expected)
    after = rules.publish(roster, to, day_of(tx.now), POLICY)
    pieces = await pieces_of(tx, roster, roster.published_to, to)
    if sum(len(one.members) for one in pieces) > MOST_AT_ONCE:
        said = (
            f"一次最多公布 {MOST_AT_ONCE} 个班次；请缩短期间。",
            f"{MOST_AT_ONCE} shifts at a time at most: name an earlier day",
        )
        raise RosterWrong(("/to", "too_many_shifts", said))
    return await _publish(tx, roster, after, pieces)


async def publish_ahead(tx: Tx, roster: Roster) -> Roster:
    """What is to be on the books by now, for the sweep: so many days ahead, some hundred shifts at a time."""
    first = max(roster.published_to, day_of(tx.now))
    wanted = day_of(tx.now) + timedelta(days=POLICY.publish_ahead_days)
    if roster.ended_at is not None or wanted <= roster.published_to:
        return roster
    pieces = await pieces_of(tx, roster, first, wanted)
    to, counted = wanted, 0
    for day in sorted({one.day for one in pieces}):
        counted += sum(len(one.members) for one in pieces if one.day == day)
        if counted > _MOST_A_SWEEP and day > first:
            to = day
            break
    now_due = list(takewhile(lambda one: one.day < to, pieces))
    return await _publish(tx, roster, rules.publish(roster, to, day_of(tx.now), POLICY), now_due)


async def end_roster(tx: Tx, roster_id: UUID, expected: int | None, reason: str) -> Roster:
    """Nobody is put on it any more; its shifts that have not begun are cancelled by the sweep that follows at once.

    Raises RosterHasEnded (409).
    """
    roster = await _lock(tx, roster_id, expected)
    after = rules.end(roster, now=tx.now, reason=reason)
    event = told.RosterEnded(roster=facts(after), reason=reason)
    return await store.record_roster(tx, after, event, why=reason, look_at=tx.now)


async def find_roster(tx: Tx, roster_id: UUID) -> Roster:
    """One roster within the scope; NotFound (404) otherwise."""
    return await store.find_roster(tx, roster_id)


async def pieces_of(tx: Tx, roster: Roster, first: date, before: date) -> list[Occurrence]:
    """What the roster's rule asks for on these days, in their order."""
    calendar = await load_calendar(tx)
    return list(occurrences(roster, first, before, CITY_ZONE, calendar.is_workday, calendar.is_provisional))


def day_of(instant: datetime) -> date:
    """The city's day."""
    return instant.astimezone(CITY_ZONE).date()


def facts(roster: Roster) -> told.RosterFacts:
    """The roster as its events carry it: nobody who is on it."""
    return told.RosterFacts(
        kind=roster.kind, name=roster.name, place=roster.place, stands_for=roster.stands_for,
        party_id=roster.party_id, roles=tuple(dict.fromkeys(rota.role for rota in roster.plans[-1].rotas)),
        published_to=roster.published_to,
    )  # fmt: skip


async def unknown_member(tx: Tx, member: Member, pointer: str) -> list[Fault]:
    """What is wrong with somebody who is to stand duty."""
    return await _unknown_members(tx, (member,), pointer)


async def _publish(tx: Tx, before: Roster, after: Roster, pieces: Sequence[Occurrence]) -> Roster:
    planned, left_out = await actions_plan.plan(tx, before, pieces)
    event = told.RosterPublished(
        roster=facts(after), from_day=before.published_to, shifts=len(planned), left_out=left_out
    )
    return await store.record_roster(tx, after, event, look_at=tx.now)


async def _lock(tx: Tx, roster_id: UUID, expected: int | None) -> Roster:
    roster = await store.lock_roster(tx, roster_id)
    tx.caller.require(*KEEPERS, area_code=roster.area_code, sectors=roster.sectors)
    require_version(roster, expected)
    return roster


async def _unknown_party(tx: Tx, roster: Roster) -> list[Fault]:
    """What the roster staffs has to be on the books."""
    if roster.party_id is None:
        return []
    known: Collection[UUID] = ()
    if roster.stands_for is StandsFor.POST:
        known = await posts.posts_by_id(tx, [roster.party_id])
    elif roster.stands_for is StandsFor.ORGANIZATION:
        known = await organizations_by_id(tx, [roster.party_id])
    else:
        try:
            known = [(await grids.find_grid(tx, roster.party_id)).id]
        except NotFound:
            known = ()
    said = ("台账中没有此岗位、单位或网格。", "the registry has no such post, organisation or grid")
    return [] if roster.party_id in known else [("/party_id", "unknown_party", said)]


async def _unknown_members(tx: Tx, members: Sequence[Member], pointer: str = "/members/{}") -> list[Fault]:
    """Posts have to be on the books, and who is named has to hold the post now."""
    there = await posts.posts_by_id(tx, [one.post_id for one in members])
    named = {one.post_id for one in members if one.subject is not None}
    holders = await tenures.holders_of(tx, named)
    faults: list[Fault] = []
    for number, member in enumerate(members):
        at = pointer.format(number)
        if member.post_id not in there:
            said = ("台账中没有该岗位。", "the registry has no such post")
            faults.append((f"{at}/post_id", "unknown_post", said))
        elif member.subject is not None and member.subject not in holders.get(member.post_id, ()):
            said = ("此人现未任该岗位。", "they do not hold that post now")
            faults.append((f"{at}/subject", "not_its_holder", said))
    return faults
