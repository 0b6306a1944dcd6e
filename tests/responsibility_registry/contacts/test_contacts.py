"""How posts are reached: what may be entered, by whom, once for each post."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.contacts import actions, rules
from services.responsibility_registry.contacts.rules import Contact, ContactWrong, Way, WayKind
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import VILLAGE, Stage, administrator, stage

DAY = Way(kind=WayKind.TELEPHONE, value="0576-8888 0001")
NIGHT = Way(kind=WayKind.RADIO, value="防汛 3 频道", begins="17:30", ends="08:30")
CONTACT = Contact(
    id=UUID(int=1), version=0, area_code=VILLAGE, sectors=(), exercise=False, correlation_id=UUID(int=1),
    post_id=UUID(int=2), ways=(DAY, NIGHT),
)  # fmt: skip


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Stage]:
    async with stage(fresh_database) as made:
        yield made


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"value": "13812345678"}, "personal_number"),
        ({"value": "+86 138-1234-5678"}, "personal_number"),
        ({"value": "八八八"}, "pattern"),
        ({"value": "1"}, "pattern"),
        ({"kind": WayKind.FAX, "value": "x-1"}, "pattern"),
        ({"begins": "08:00"}, "half_said"),
    ],
)
def test_what_is_no_way_to_a_post_is_said_with_its_place(changes: dict[str, object], code: str) -> None:
    wrong = replace(CONTACT, ways=(NIGHT, replace(DAY, **changes)))  # type: ignore[arg-type]
    with pytest.raises(ContactWrong) as refused:
        rules.check(wrong)
    assert [(fault[0].startswith("/ways/1/"), fault[1]) for fault in refused.value.errors] == [(True, code)]


def test_short_numbers_and_several_ways_do_and_none_is_listed_twice() -> None:
    assert rules.check(replace(CONTACT, ways=(replace(DAY, value="110"), replace(DAY, value="+86 576 8888 0001"))))
    assert rules.check(replace(CONTACT, ways=()))
    with pytest.raises(ContactWrong, match="twice"):
        rules.check(replace(CONTACT, ways=(DAY, DAY)))


async def entered(town: Stage, by: Scope | None = None, post: UUID | None = None) -> Contact:
    async with town.database.unit_of_work(by or administrator()) as tx:
        return await actions.enter_contact(tx, new_id(), post or town.posts["police_station"], (DAY, NIGHT))


async def test_each_post_is_reached_by_one_contact_of_its_keepers(town: Stage) -> None:
    contact = await entered(town)
    assert (contact.version, contact.ways) == (1, (DAY, NIGHT))
    with pytest.raises(DBAPIError, match="contacts_post_id_key"):
        await entered(town)
    for by in (
        town.acting("township_deputy", "inspector"),
        town.acting("township_deputy", "leader", VILLAGE),
        town.acting("township_deputy", "duty_officer"),
    ):
        with pytest.raises(RoleMissing):
            await entered(town, by, town.posts["township_deputy"])
    with pytest.raises(ContactWrong, match="unknown_post"):
        await entered(town, post=new_id())


async def test_the_ways_change_by_version_and_the_post_sees_its_own(town: Stage) -> None:
    contact = await entered(town)
    leader = town.acting("township_government_first", "leader")

    async def change(by: Scope, expected: int | None, *ways: Way) -> Contact:
        async with town.database.unit_of_work(by) as tx:
            return await actions.change_contact(tx, contact.id, expected, ways, "搬迁")

    with pytest.raises(StaleVersion):
        await change(leader, 7, NIGHT)
    assert (await change(leader, 1, NIGHT)).ways == (NIGHT,)
    own = replace(town.acting("police_station"), grants=())
    with pytest.raises(RoleMissing):
        await change(own, None, DAY)
    async with town.database.unit_of_work(own) as tx:
        assert (await actions.find_contact(tx, contact.id)).version == 2
    with pytest.raises(NotFound):
        await change(replace(town.acting("grid_post"), grants=()), None, DAY)
