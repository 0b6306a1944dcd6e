"""Bodies are founded by who leads there, filled with posts and units that there are, and ended by their term."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.bodies import actions, rules, store
from services.responsibility_registry.bodies.actions import NewSeat
from services.responsibility_registry.bodies.rules import Body, BodyGap, BodyKind, BodyWrong, PartyKind, SeatPart
from services.responsibility_registry.bodies.watch import WATCHES
from tests.cluster import FreshDatabase
from tests.responsibility_registry.meetings.hall import Hall, hall
from tests.responsibility_registry.organizations.units import NEXT_COUNTY
from tests.responsibility_registry.stage import administrator, put_clock


def member(place: Hall, link: str = "grid_post") -> NewSeat:
    return NewSeat(party_id=place.town.posts[link], party_kind=PartyKind.POST, part=SeatPart.MEMBER)


async def found(place: Hall, body: Body) -> Body:
    async with place.town.database.unit_of_work(place.stranger) as tx:
        return await store.find_body(tx, body.id)


async def test_who_leads_or_keeps_the_registry_founds_a_body_for_its_own_place_and_sectors(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        for by in (place.leader, administrator(), place.town.acting("grid_post", "leader", sectors=("fire",))):
            await place.found(by)
        of_gas = place.town.acting("grid_post", "leader", sectors=("gas",))
        for by, changes in (
            (place.chair, {}), (place.town.acting("grid_post", "inspector"), {}), (of_gas, {}),
            (place.leader, {"area_code": NEXT_COUNTY}), (of_gas, {"sectors": ("fire", "gas")}),
            (of_gas, {"sectors": ()}),
        ):  # fmt: skip
            with pytest.raises(RoleMissing):
                await place.found(by, **changes)


async def test_a_body_names_places_seats_and_a_body_above_it_that_there_are(fresh_database: FreshDatabase) -> None:
    async with hall(fresh_database) as place:
        nobody = NewSeat(party_id=new_id(), party_kind=PartyKind.POST, part=SeatPart.MEMBER)
        no_unit = replace(member(place), party_kind=PartyKind.ORGANIZATION)
        for changes, pointer in (
            ({"area_codes": ("331002009000",)}, "/area_codes/0"), ({"parent_id": new_id()}, "/parent_id"),
            ({"seats": (nobody,)}, "/seats/0/party_id"), ({"seats": (member(place), no_unit)}, "/seats/1/party_id"),
            ({"kind": BodyKind.TASK_FORCE}, "/valid_to"), ({"sectors": ("fire", "unheard_of")}, "/sectors/1"),
        ):  # fmt: skip
            with pytest.raises(BodyWrong) as refused:
                await place.found(administrator(), **changes)
            assert refused.value.errors[0][0] == pointer
        above = await place.found()
        assert (await place.found(parent_id=above.id)).parent_id == above.id


async def test_a_body_without_a_chair_is_founded_and_shows_the_gap(fresh_database: FreshDatabase) -> None:
    async with hall(fresh_database) as place:
        body = await place.found(seats=())
        assert rules.gaps(body, system_now()) == (BodyGap.NO_CHAIR, BodyGap.NO_OFFICE)


async def test_seats_are_given_and_ended_with_their_dates_and_found_again_by_who_sits(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        body = await place.found()
        async with place.town.database.unit_of_work(place.leader) as tx:
            seated = await actions.give_seat(tx, body.id, body.version, member(place))
        with pytest.raises(rules.AlreadySeated):
            async with place.town.database.unit_of_work(place.leader) as tx:
                await actions.give_seat(tx, body.id, None, member(place))
        post = place.town.posts["grid_post"]
        async with place.town.database.unit_of_work(place.leader) as tx:
            ended = await actions.end_seat(tx, body.id, seated.version, post, SeatPart.MEMBER, None, "调整")
        assert (len(ended.seats), ended.seats[-1].ended_reason, ended.version) == (4, "调整", 3)
        chosen = store.list_bodies(areas=None, kind=None, parent_id=None, party_id=post, live=True)
        async with place.town.database.unit_of_work(place.stranger) as tx:
            assert [row["id"] for row in await tx.all(chosen)] == [body.id]


async def test_seats_are_refused_to_who_may_not_give_them_who_saw_an_old_version_and_who_does_not_exist(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        body = await place.found()

        async def give(by: Scope, expected: int | None, seat: NewSeat) -> None:
            async with place.town.database.unit_of_work(by) as tx:
                await actions.give_seat(tx, body.id, expected, seat)

        nobody = replace(member(place), party_id=new_id())
        for by, expected, seat, refusal in (
            (place.chair, 7, member(place), RoleMissing), (place.leader, 7, member(place), StaleVersion),
            (place.leader, 1, nobody, BodyWrong),
        ):  # fmt: skip
            with pytest.raises(refusal):
                await give(by, expected, seat)
        with pytest.raises(NotFound):
            async with place.town.database.unit_of_work(place.leader) as tx:
                await actions.end_body(tx, new_id(), None, "x")
        assert await found(place, body) == body


async def test_a_task_force_is_prolonged_and_ends_by_itself_when_its_term_is_over(
    fresh_database: FreshDatabase,
) -> None:
    async with hall(fresh_database) as place:
        until = system_now() + timedelta(days=10)
        force = await place.found(kind=BodyKind.TASK_FORCE, valid_to=until)
        async with place.town.database.unit_of_work(place.leader) as tx:
            await actions.prolong_body(tx, force.id, 1, until + timedelta(days=10), "2号")
        put_clock(timedelta(days=11))
        assert await sweep_all(place.town.database, WATCHES) == 0
        put_clock(timedelta(days=21))
        assert await sweep_all(place.town.database, WATCHES) == 1
        ended = await found(place, force)
        assert ended.ended_at is not None
        assert "期满" in (ended.ended_reason or "")
        with pytest.raises(rules.BodyAlreadyEnded):
            async with place.town.database.unit_of_work(place.leader) as tx:
                await actions.end_body(tx, force.id, None, "again")
        # Told once: founded, prolonged, ended.
        assert await _told(place, force) == ["founded", "prolonged", "ended"]


async def _told(place: Hall, body: Body) -> list[str]:
    async def types(tx: Tx) -> list[str]:
        rows = await tx.all(
            text("SELECT event_type FROM timeline WHERE aggregate_id = :id ORDER BY aggregate_version"),
            {"id": body.id},
        )
        return [row["event_type"].split(".")[2] for row in rows]

    async with place.town.database.unit_of_work(Scope.of_system("test")) as tx:
        return await types(tx)
