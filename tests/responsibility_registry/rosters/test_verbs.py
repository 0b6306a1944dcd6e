"""Rosters on a real database: published ahead, nobody twice at a time, swaps, hand-overs, and gaps told in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.clocks import CITY_ZONE, now, system_now
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.responsibility_registry.organizations.actions import vacate_post
from services.responsibility_registry.rosters import (
    actions,
    actions_cover,
    actions_shifts,
    actions_swaps,
    store_shifts,
)
from services.responsibility_registry.rosters.actions import NewRoster
from services.responsibility_registry.rosters.actions_shifts import Assigned
from services.responsibility_registry.rosters.actions_swaps import NewSwap
from services.responsibility_registry.rosters.forms_shown import show_shift
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Hours, Member, Plan, Roster, Rota, RotaDays, StandsFor
from services.responsibility_registry.rosters.rules_refusals import (
    NotOnThisShift,
    PersonOnDuty,
    RosterHasEnded,
    RosterWrong,
    ShiftCannotMove,
)
from services.responsibility_registry.rosters.rules_shifts import Shift, ShiftState
from services.responsibility_registry.rosters.rules_swaps import OwnSwap, Swap, SwapState
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import (
    COUNTY,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    Stage,
    administrator,
    let_in,
    put_clock,
    stage,
)

WHOLE_DAY = (Hours(begins="08:30", ends="08:30"),)
LINKS = ("township_deputy", "police_station", "grid_post", "township_party_first")
"""Two take turns as officers, two as leaders."""


def today() -> date:
    return now().astimezone(CITY_ZONE).date()


def noon(days: int) -> datetime:
    """An instant of a day of the city from today on."""
    return datetime.combine(today() + timedelta(days=days), datetime.min.time(), CITY_ZONE) + timedelta(hours=12)


@dataclass(slots=True)
class Room:
    """A duty room in the township, and everybody's verbs."""

    town: Stage
    keeper: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = self.town.acting("township_government_first", "leader")

    def member(self, link: str, subject: str | None = None) -> Member:
        return Member(post_id=self.town.posts[link], subject=subject)

    def by(self, link: str, subject: str = "") -> Scope:
        """Somebody who stands duty and has no grant at all."""
        scope = replace(self.town.acting(link), grants=())
        return replace(scope, subject=subject) if subject else scope

    def plan(self, *members: Member, first: int = 1, **officer: object) -> Plan:
        day = today() + timedelta(days=first)
        leader = Rota(
            code="leader", role="leader_on_duty", days=RotaDays.EVERY_DAY, hours=WHOLE_DAY, turns=((2,), (3,)),
            needs=1, first_day=day,
        )  # fmt: skip
        rota = replace(leader, code="officer", role="duty_officer", turns=((0,), (1,)))
        people = members or tuple(self.member(link) for link in LINKS)
        return Plan(first_day=day, members=people, rotas=(leader, replace(rota, **officer)), terms=())  # type: ignore[arg-type]

    async def draw(self, plan: Plan | None = None, by: Scope | None = None, **changes: object) -> Roster:
        usual = NewRoster(
            id=new_id(), kind="duty_room", name="街道值班室", place="101 室", area_code=TOWNSHIP, sectors=(),
            stands_for=StandsFor.ROOM, party_id=None, plan=plan or self.plan(), exercise=False,
        )  # fmt: skip
        async with self.town.database.unit_of_work(by or self.keeper) as tx:
            return await actions.draw_roster(tx, replace(usual, **changes))  # type: ignore[arg-type]

    async def sweep(self, at: datetime | None = None) -> int:
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            return await actions_cover.keep_rosters(tx, at or tx.now, 10)

    async def shifts(self, roster: Roster) -> Sequence[Shift]:
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            return await store_shifts.shifts_of(tx, roster.id, noon(-2), noon(90))

    async def officers(self, roster: Roster) -> list[Shift]:
        return [one for one in await self.shifts(roster) if one.rota == "officer"]

    async def ask(self, by: Scope, shift: Shift, other: Shift | None = None, to: Member | None = None) -> Swap:
        in_return = None if other is None else other.id
        new = NewSwap(id=new_id(), shift_id=shift.id, with_shift_id=in_return, to=to, reason="家中有事")
        async with self.town.database.unit_of_work(by) as tx:
            return await actions_swaps.ask_swap(tx, new)

    async def told(self, like: str) -> list[UUID]:
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            rows = await tx.all(
                text("SELECT aggregate_id FROM outbox WHERE event_type LIKE :like ORDER BY id"), {"like": f"%{like}%"}
            )
        return [row["aggregate_id"] for row in rows]


@pytest.fixture
async def room(fresh_database: FreshDatabase) -> AsyncIterator[Room]:
    async with stage(fresh_database) as town:
        yield Room(town)


async def test_two_weeks_are_published_by_themselves_and_once(room: Room) -> None:
    roster = await room.draw()
    assert await room.sweep() == 1
    shifts = await room.shifts(roster)
    assert len(shifts) == 2 * (POLICY.publish_ahead_days - 1)
    assert len(await room.told("shift.planned")) == len(shifts)
    await room.sweep(now() + timedelta(seconds=POLICY.look_every_seconds + 1))
    assert len(await room.shifts(roster)) == len(shifts)
    assert await room.told("shift_gap.opened") == []
    posts = [one.post_id for one in shifts if one.rota == "officer"]
    assert posts[:4] == [room.town.posts[link] for link in (*LINKS[:2], *LINKS[:2])]
    async with room.town.database.unit_of_work(SYSTEM) as tx:
        assert await actions_cover.unlooked(now() + timedelta(hours=1), tx) == [roster.id]


async def test_who_may_draw_and_what_is_on_it_has_to_be_known(room: Room) -> None:
    for by in (
        room.town.acting("township_government_first", "inspector"),
        room.town.acting("township_government_first", "leader", VILLAGE),
        room.town.acting("township_government_first", "leader", sectors=("gas",)),
    ):
        with pytest.raises(RoleMissing):
            await room.draw(by=by, sectors=("fire",))
    with pytest.raises(RosterWrong, match="unknown_post"):
        await room.draw(room.plan(*[Member(post_id=new_id()) for _ in range(4)]))
    with pytest.raises(RosterWrong, match="not_its_holder"):
        await room.draw(room.plan(*[room.member(link, "nobody") for link in LINKS]))
    for stands_for in (StandsFor.POST, StandsFor.ORGANIZATION):
        with pytest.raises(RosterWrong, match="unknown_party"):
            await room.draw(kind="duty_room", stands_for=stands_for, party_id=new_id())
    volunteers = room.plan(role="volunteer")
    grid = replace(volunteers, rotas=volunteers.rotas[1:])
    with pytest.raises(RosterWrong, match="unknown_party"):
        await room.draw(grid, kind="grid", stands_for=StandsFor.GRID, party_id=new_id())
    drawn = await room.draw(stands_for=StandsFor.POST, party_id=room.town.posts["police_station"])
    assert drawn.version == 1


async def test_publishing_is_for_its_keepers_up_to_two_months_and_by_version(room: Room) -> None:
    roster = await room.draw()
    to = today() + timedelta(days=40)
    async with room.town.database.unit_of_work(room.keeper) as tx:
        published = await actions.publish_roster(tx, roster.id, 1, to)
    assert (published.published_to, published.version, len(await room.shifts(roster))) == (to, 2, 2 * 39)
    for expected, day, refusal in (
        (1, to + timedelta(days=1), StaleVersion),
        (2, today() + timedelta(days=63), RosterWrong),
        (2, to, RosterWrong),
    ):
        with pytest.raises(refusal):
            async with room.town.database.unit_of_work(room.keeper) as tx:
                await actions.publish_roster(tx, roster.id, expected, day)
    stranger = replace(
        room.keeper,
        grants=(Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader"),),
        posts=frozenset(),
    )
    with pytest.raises(NotFound):
        async with room.town.database.unit_of_work(stranger) as tx:
            await actions.publish_roster(tx, roster.id, None, to + timedelta(days=1))


async def test_a_person_of_two_posts_is_not_planned_twice_and_the_gap_is_told_before_it_begins(room: Room) -> None:
    """One person holds both officers' posts: the second room finds nobody, and says so days ahead."""
    await let_in(room.town, "li", "township_deputy", "police_station")
    first = await room.draw()
    other = await room.draw()
    await room.sweep()
    both = [*await room.officers(first), *await room.officers(other)]
    assert {one.person for one in both} == {"li"}
    days = [one.day for one in both]
    assert len(days) == len(set(days)), "one shift a day at most, in whichever room came first"
    gaps = await room.told("shift_gap.opened")
    assert len(gaps) == 2 * 3, "the officers and leaders of the other room, three days ahead"
    async with room.town.database.unit_of_work(room.keeper) as tx:
        found = await actions_cover.roster_gaps(tx, other, now(), now() + timedelta(days=3))
        mine = await actions_cover.roster_gaps(tx, first, now(), now() + timedelta(days=3))
    assert {one.why for one in (*found, *mine)} == {"on_duty_elsewhere"}
    assert all(one.begins_at > now() for one in found)


async def test_the_database_itself_refuses_a_person_on_two_exclusive_shifts(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    one, other, *_ = await room.officers(roster)
    moved = "UPDATE shifts SET begins_at = $1, ends_at = $2, person = $3 WHERE id = $4"
    with pytest.raises(DBAPIError, match="person_on_duty"):
        async with room.town.database.unit_of_work(SYSTEM) as tx:
            await tx.say(moved, one.begins_at, one.ends_at, one.person, other.id)


async def assign(room: Room, roster: Roster, link: str, begins: datetime, hours: int = 8, **said: object) -> Shift:
    new = Assigned(
        id=new_id(), roster_id=roster.id, rota="officer", member=room.member(link), begins_at=begins,
        ends_at=begins + timedelta(hours=hours), reason="加强值守",
    )  # fmt: skip
    async with room.town.database.unit_of_work(room.keeper) as tx:
        return await actions_shifts.assign_shift(tx, replace(new, **said))  # type: ignore[arg-type]


async def test_two_rooms_that_take_one_person_at_once_get_them_once(room: Room) -> None:
    rosters = [await room.draw(), await room.draw()]
    begins = noon(1)
    done = await asyncio.gather(
        *(assign(room, one, "sector_supervisor", begins) for one in rosters), return_exceptions=True
    )
    won = [one for one in done if isinstance(one, Shift)]
    assert len(won) == 1
    assert isinstance(next(one for one in done if not isinstance(one, Shift)), PersonOnDuty), done


async def test_a_shift_beside_the_rule_fills_a_gap(room: Room) -> None:
    roster = await room.draw(room.plan(needs=2))
    await room.sweep()
    assert len(await room.told("shift_gap.opened")) == 3
    first, *_ = await room.officers(roster)
    await assign(room, roster, "sector_supervisor", first.begins_at, 24)
    assert await room.sweep() == 1, "it is looked at again at once"
    assert len(await room.told("shift_gap.closed")) == 1
    for said, code in (
        ({"rota": "unheard_of"}, "unknown_rota"),
        ({"ends_at": noon(1)}, "out_of_range"),
        ({"ends_at": noon(5)}, "out_of_range"),
        ({"begins_at": noon(80), "ends_at": noon(81)}, "out_of_range"),
        ({"member": Member(post_id=new_id())}, "unknown_post"),
    ):
        with pytest.raises(RosterWrong, match=code):
            await assign(room, roster, "county_government_first", noon(2), **said)


async def test_a_cancelled_shift_leaves_a_gap_that_is_told_and_reassigning_moves_it(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    first, second, *_ = await room.officers(roster)
    async with room.town.database.unit_of_work(room.keeper) as tx:
        await actions_shifts.cancel_shift(tx, first.id, first.version, "病假")
    await room.sweep()
    assert len(await room.told("shift_gap.opened")) == 1
    spare = room.member("sector_supervisor")
    async with room.town.database.unit_of_work(room.keeper) as tx:
        moved = await actions_shifts.reassign_shift(tx, second.id, second.version, spare, "出差")
    assert (moved.post_id, moved.version) == (spare.post_id, 2)
    for by, refusal in (
        (room.by("township_deputy"), RoleMissing),
        (room.by("county_executive_deputy"), NotFound),
    ):
        with pytest.raises(refusal):
            async with room.town.database.unit_of_work(by) as tx:
                await actions_shifts.cancel_shift(tx, first.id, None, "x")
    with pytest.raises(ShiftCannotMove):
        async with room.town.database.unit_of_work(room.keeper) as tx:
            await actions_shifts.reassign_shift(tx, first.id, None, spare, "x")
    busy = room.member(LINKS[2])
    (third, *_) = [one for one in await room.officers(roster) if one.day == moved.day + timedelta(days=1)]
    leaders = [one for one in await room.shifts(roster) if one.rota == "leader" and one.day == third.day]
    with pytest.raises(PersonOnDuty):
        async with room.town.database.unit_of_work(room.keeper) as tx:
            await actions_shifts.reassign_shift(tx, third.id, None, replace(busy, post_id=leaders[0].post_id), "x")


async def test_a_vacant_post_on_turn_is_a_gap(room: Room) -> None:
    await room.draw()
    await room.sweep()
    async with room.town.database.unit_of_work(administrator()) as tx:
        await vacate_post(tx, room.town.posts["township_deputy"], None, None, "调离")
    await room.sweep(now() + timedelta(seconds=POLICY.look_every_seconds + 1))
    async with room.town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT why, role FROM shift_gaps WHERE closed_at IS NULL"))
    assert {(row["why"], row["role"]) for row in rows} == {("vacant", "duty_officer")}


async def swapped(room: Room, by: Scope, verb: str, swap: Swap, *said: str) -> Swap:
    async with room.town.database.unit_of_work(by) as tx:
        done: Swap = await getattr(actions_swaps, f"{verb}_swap")(tx, swap.id, None, *said)
    return done


async def test_two_nights_change_hands_once_the_other_agreed_and_a_leader_approved(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    mine, theirs, *_ = await room.officers(roster)
    deputy, police = room.by(LINKS[0]), room.by(LINKS[1])
    with pytest.raises(NotOnThisShift):
        await room.ask(room.keeper, mine, theirs)
    swap = await room.ask(deputy, mine, theirs)
    with pytest.raises(DBAPIError, match="one_live_swap"):
        await room.ask(deputy, mine, to=room.member("sector_supervisor"))
    with pytest.raises(NotOnThisShift):
        await swapped(room, deputy, "accept", swap)
    accepted = await swapped(room, police, "accept", swap)
    assert accepted.state is SwapState.ACCEPTED
    assert [one.post_id for one in (await room.officers(roster))[:2]] == [mine.post_id, theirs.post_id]
    with pytest.raises(OwnSwap):
        await swapped(room, room.town.acting(LINKS[1], "leader"), "approve", swap, "同意")
    with pytest.raises(RoleMissing):
        await swapped(room, deputy, "approve", swap, "同意")
    done = await swapped(room, room.keeper, "approve", swap, "同意")
    assert done.state is SwapState.DONE
    assert [one.post_id for one in (await room.officers(roster))[:2]] == [theirs.post_id, mine.post_id]
    assert {*await room.told("shift.reassigned")} == {mine.id, theirs.id}


async def test_shifts_of_one_hour_change_hands_too(room: Room) -> None:
    """Both stand at the same time in two rotas: for a moment each would stand both."""
    roster = await room.draw()
    await room.sweep()
    leader, officer = [one for one in await room.shifts(roster) if one.day == today() + timedelta(days=1)]
    asker, other = room.by(LINKS[2]), room.by(LINKS[0])
    swap = await room.ask(asker, leader, officer)
    await swapped(room, other, "accept", swap)
    await swapped(room, room.keeper, "approve", swap, "同意")
    async with room.town.database.unit_of_work(SYSTEM) as tx:
        after = [await actions_shifts.find_shift(tx, one.id) for one in (leader, officer)]
    assert [one.post_id for one in after] == [officer.post_id, leader.post_id]


async def test_a_shift_that_changed_meanwhile_is_not_swapped(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    mine, *_ = await room.officers(roster)
    swap = await room.ask(room.by(LINKS[0]), mine, to=room.member("sector_supervisor"))
    await swapped(room, room.by("sector_supervisor"), "accept", swap)
    async with room.town.database.unit_of_work(room.keeper) as tx:
        await actions_shifts.reassign_shift(tx, mine.id, None, room.member("county_executive_deputy"), "出差")
    with pytest.raises(ShiftCannotMove):
        await swapped(room, room.keeper, "approve", swap, "同意")
    refused = await swapped(room, room.keeper, "refuse", swap, "班次已改派")
    assert refused.state is SwapState.REFUSED


async def test_volunteers_swap_without_approval_decline_and_withdraw(room: Room) -> None:
    plan = room.plan(role="volunteer")
    roster = await room.draw(replace(plan, rotas=plan.rotas[1:]), kind="volunteers")
    await room.sweep()
    mine, theirs, *_ = await room.officers(roster)
    declined = await room.ask(room.by(LINKS[0]), mine, theirs)
    assert (await swapped(room, room.by(LINKS[1]), "decline", declined, "有事")).state is SwapState.DECLINED
    taken_back = await room.ask(room.by(LINKS[0]), mine, theirs)
    assert (await swapped(room, room.by(LINKS[0]), "withdraw", taken_back, "不需要")).state is SwapState.WITHDRAWN
    at_once = await room.ask(room.by(LINKS[0]), mine, theirs)
    assert (await swapped(room, room.by(LINKS[1]), "accept", at_once)).state is SwapState.DONE
    assert (await room.officers(roster))[0].post_id == theirs.post_id
    for new, code in (
        (NewSwap(id=new_id(), shift_id=theirs.id, with_shift_id=None, to=None, reason="x"), "one_of_two"),
        (
            NewSwap(id=new_id(), shift_id=theirs.id, with_shift_id=None, to=Member(post_id=new_id()), reason="x"),
            "unknown_post",
        ),
    ):
        with pytest.raises(RosterWrong, match=code):
            async with room.town.database.unit_of_work(room.by(LINKS[0])) as tx:
                await actions_swaps.ask_swap(tx, new)


async def test_a_shift_is_handed_over_with_a_note_that_the_next_takes_over(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    first, second, *_ = await room.officers(roster)
    put_clock(first.begins_at - system_now() + timedelta(hours=1))

    async def hand(by: Scope) -> Shift:
        async with room.town.database.unit_of_work(by) as tx:
            return await actions_shifts.hand_over_shift(tx, first.id, 1, second.id, "3 号泵站停电")

    with pytest.raises(NotOnThisShift):
        await hand(room.keeper)
    handed = await hand(room.by(LINKS[0]))
    assert handed.state is ShiftState.HANDED_OVER
    with pytest.raises(NotOnThisShift):
        async with room.town.database.unit_of_work(room.by(LINKS[0])) as tx:
            await actions_shifts.take_over_shift(tx, first.id, None)
    async with room.town.database.unit_of_work(room.by(LINKS[1])) as tx:
        taken = await actions_shifts.take_over_shift(tx, first.id, 2)
    assert taken.hand_over is not None
    assert (taken.hand_over.note, taken.hand_over.taken_at) == ("3 号泵站停电", taken.hand_over.taken_at)
    reader = room.town.acting("sector_supervisor")
    for by, words in ((reader, None), (room.keeper, "3 号泵站停电"), (room.by(LINKS[0]), "3 号泵站停电")):
        shown = show_shift(taken, by).hand_over
        assert shown is not None
        assert shown.note == words
    async with room.town.database.unit_of_work(SYSTEM) as tx:
        told = await tx.all(text("SELECT data FROM outbox WHERE event_type LIKE '%handed_over%'"))
    assert "泵站" not in str([dict(row) for row in told]), "the note stays in the registry"


async def test_an_ended_roster_is_cleared_and_its_gaps_close(room: Room) -> None:
    roster = await room.draw(room.plan(needs=2))
    await room.sweep()
    async with room.town.database.unit_of_work(room.keeper) as tx:
        ended = await actions.end_roster(tx, roster.id, None, "并入县指挥中心")
    await room.sweep()
    assert await room.shifts(roster) == []
    assert len(await room.told("shift_gap.closed")) == len(await room.told("shift_gap.opened")) == 3
    assert await room.sweep(now() + timedelta(days=1)) == 0, "nobody looks at it any more"
    with pytest.raises(RosterHasEnded):
        await assign(room, ended, "sector_supervisor", noon(2))


async def test_a_changed_rule_leaves_what_is_published(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    before = await room.officers(roster)
    plan = room.plan(turns=((1,),))
    async with room.town.database.unit_of_work(room.keeper) as tx:
        await actions.change_roster(tx, roster.id, None, plan, name="值班室", place="", reason="调整")
    await room.sweep()
    put_clock(timedelta(days=2))
    await room.sweep()
    after = await room.officers(roster)
    assert [one.post_id for one in after[: len(before)]] == [one.post_id for one in before]
    assert {one.post_id for one in after[len(before) :]} == {room.town.posts[LINKS[1]]}
    assert len(after) == len(before) + 2
    assert await room.told("shift_gap.opened") == []


async def test_who_is_on_duty_is_known_to_everybody_at_any_instant(room: Room) -> None:
    roster = await room.draw()
    await room.sweep()
    at = noon(1)
    stranger = Scope(subject="clerk", client_id="clerk")
    async with room.town.database.unit_of_work(stranger) as tx, tx.system("who"):
        rows = await tx.all(
            store_shifts.on_duty(tx, at, areas=[(TOWNSHIP, "331002004999")], role=None, roster_id=None, post_id=None)
        )
        other = store_shifts.on_duty(tx, at, areas=None, role="volunteer", roster_id=roster.id, post_id=None)
        assert await tx.all(other) == []
        assert await tx.all(
            store_shifts.on_duty(tx, noon(-1), areas=None, role=None, roster_id=None, post_id=None)
        ) == []  # fmt: skip
    assert {row["role"] for row in rows} == {"leader_on_duty", "duty_officer"}
    assert COUNTY
