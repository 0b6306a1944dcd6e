"""Lists on a real database: drawn, confirmed by the post above, and lit by records and held meetings alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.problems import NotFound, PostUnsaid, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.duty_records.actions import withdraw_record
from services.responsibility_registry.work_lists import actions, rules
from services.responsibility_registry.work_lists.actions import NewList, Shown
from services.responsibility_registry.work_lists.rules import WorkItem, WorkList, WorkListState
from services.responsibility_registry.work_lists.rules_lights import WorkLight
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.duty_records.yard import MONDAY, Yard, at, yard
from tests.responsibility_registry.meetings.hall import Hall
from tests.responsibility_registry.organizations.units import NEXT_COUNTY, register, unit
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, administrator

CHECKS = WorkItem(
    number=1, words="", duty_code="deputy_portfolio", times=2, due_on=date(2026, 12, 20), counts=("check",),
    needs_evidence=True,
)  # fmt: skip
MEETS = WorkItem(number=2, words="参加安委会", duty_code="", times=4, due_on=date(2026, 12, 31), counts=("meeting",))


@dataclass(slots=True)
class Office:
    """The township, its deputy who has a list, and its head who confirms it."""

    place: Yard

    @property
    def head(self) -> Scope:
        """The post above."""
        return replace(self.place.town.acting("township_government_first", "leader"), grants=())

    def new(self, **changes: Any) -> NewList:
        usual = NewList(
            id=new_id(), post_id=None, superior_post_id=self.place.town.posts["township_government_first"], year=2026,
            items=(CHECKS, MEETS),
        )  # fmt: skip
        return replace(usual, **changes)

    async def draw(self, by: Scope | None = None, **changes: Any) -> WorkList:
        async with self.place.town.database.unit_of_work(by or self.place.deputy) as tx:
            return await actions.draw_list(tx, self.new(**changes))

    async def do(self, verb: Any, by: Scope, *told: Any) -> WorkList:
        async with self.place.town.database.unit_of_work(by) as tx:
            done: WorkList = await verb(tx, *told)
            return done

    async def confirmed(self) -> WorkList:
        drawn = await self.draw()
        await self.do(actions.submit_list, self.place.deputy, drawn.id, 1)
        return await self.do(actions.confirm_list, self.head, drawn.id, 2)

    async def far(self, one: WorkList, by: Scope | None = None) -> Shown:
        async with self.place.town.database.unit_of_work(by or self.head) as tx:
            (shown,) = await actions.shown(tx, [await actions.find_list(tx, one.id)])
            return shown


@pytest.fixture
async def office(fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    async with yard(fresh_database) as place:
        yield Office(place)


async def test_a_list_is_drawn_submitted_returned_and_confirmed(office: Office) -> None:
    drawn, deputy = await office.draw(), office.place.deputy
    assert (drawn.state, drawn.items[0].words[:4]) == (WorkListState.DRAFTED, "组织分管")
    for verb, by in ((actions.submit_list, office.head), (actions.confirm_list, deputy)):
        with pytest.raises(rules.NotYourWorkList):
            await office.do(verb, by, drawn.id, None)
    with pytest.raises(rules.WorkListCannotMove):
        await office.do(actions.confirm_list, office.head, drawn.id, None)
    with pytest.raises(StaleVersion):
        await office.do(actions.submit_list, deputy, drawn.id, 7)
    await office.do(actions.submit_list, deputy, drawn.id, 1)
    back = await office.do(actions.return_list, office.head, drawn.id, 2, "太少")
    assert (back.state, back.reason) == (WorkListState.RETURNED, "太少")
    more = (replace(CHECKS, times=6), MEETS)
    await office.do(actions.revise_list, deputy, drawn.id, 3, more)
    await office.do(actions.submit_list, deputy, drawn.id, 4)
    done = await office.do(actions.confirm_list, office.head, drawn.id, 5)
    assert (done.state, done.items[0].times, done.confirmed_at is None) == (WorkListState.CONFIRMED, 6, False)
    with pytest.raises(rules.WorkListCannotMove):
        await office.do(actions.revise_list, deputy, drawn.id, None, more)
    opened = await office.do(actions.return_list, office.head, drawn.id, None, "年中调整")
    assert opened.confirmed_at is None


async def test_who_may_draw_and_under_whom(office: Office) -> None:
    posts = office.place.town.posts
    with pytest.raises(rules.NotYourWorkList):
        await office.draw(office.place.head, post_id=posts["township_deputy"])
    with pytest.raises(PostUnsaid):
        await office.draw(replace(office.place.deputy, post_id=None))
    for changes, pointer in (
        ({"superior_post_id": posts["township_deputy"]}, "itself"),
        ({"superior_post_id": posts["grid_post"]}, "not_above"),
        ({"superior_post_id": new_id()}, "unknown_post"), ({"year": 2030}, "too_far"),
        ({"items": (replace(CHECKS, duty_code="township_supervision"),)}, "not_borne"),
        ({"items": (replace(MEETS, counts=("picnic",)),)}, "unknown_kind"),
    ):  # fmt: skip
        with pytest.raises(rules.WorkListWrong, match=pointer):
            await office.draw(**changes)
    with pytest.raises(rules.WorkListWrong, match="unknown_post"):
        await office.draw(administrator(), post_id=new_id())
    tried = await asyncio.gather(
        office.draw(), office.draw(administrator(), post_id=posts["township_deputy"]), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tried) == ["WorkList", "WorkListThere"]


async def test_lights_are_counted_from_records_and_held_meetings(office: Office) -> None:
    one, place = await office.confirmed(), office.place
    assert (await office.far(one)).progress.light is WorkLight.GREY
    at(MONDAY + timedelta(days=60))
    assert [far.light for far in (await office.far(one)).progress.items] == [WorkLight.GREY, WorkLight.RED]
    await place.enter(evidence=(new_id(),), duty_code="deputy_portfolio")
    done = await place.enter()
    await place.enter(kind="visit", values={"problems_found": 0}, evidence=())
    await _meet(office)
    shown = await office.far(one)
    assert [(far.done, far.light) for far in shown.progress.items] == [(2, WorkLight.GREEN), (1, WorkLight.GREEN)]
    assert str(shown.progress.share) == "0.5000"
    async with place.town.database.unit_of_work(place.deputy) as tx:
        await withdraw_record(tx, done.id, None, "误登")
    assert (await office.far(one)).progress.items[0].done == 1


async def test_a_list_is_seen_over_its_area_and_by_its_two_posts(office: Office) -> None:
    one = await office.draw()
    assert (await office.far(one, office.place.deputy)).list.id == one.id
    assert (await office.far(one, office.place.head)).list.id == one.id
    for by in (
        office.place.town.acting("police_station", "leader", NEXT_COUNTY),
        office.place.town.acting("police_station", "leader", TOWNSHIP, ("fire",)),
    ):
        with pytest.raises(NotFound):
            await office.far(one, by)


async def test_the_doors_of_a_list(fresh_database: FreshDatabase, office: Office) -> None:
    posts = office.place.town.posts
    said = {
        "superior_post_id": str(posts["township_government_first"]), "year": 2026,
        "work_items": [{"words": "参加安委会", "times": 4, "due_on": "2026-12-31", "counts": ["meeting"]}],
    }  # fmt: skip
    async with asking(fresh_database, office.place.deputy) as client:
        key = {"Idempotency-Key": str(new_id())}
        drawn = await client.post("/v1/work-lists", json=said, headers=key)
        again = await client.post("/v1/work-lists", json=said, headers=key)
        assert (drawn.status_code, again.json()) == (201, drawn.json()), drawn.text
        assert drawn.json()["actions"] == ["revise", "submit"]
        path = drawn.headers["Location"]
        assert (await client.post(f"{path}/submit")).status_code == 428
        stale = await client.post(f"{path}/submit", headers={"If-Match": '"9"'})
        assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
        refused = await client.post(f"{path}/confirm", headers={"If-Match": '"1"'})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_your_work_list")
        wrong = said | {"work_items": [said["work_items"][0] | {"times": 0}]}  # type: ignore[index]
        assert (await client.post("/v1/work-lists", json=wrong)).status_code == 422
        assert (await client.post(f"{path}/submit", headers={"If-Match": '"1"'})).json()["state"] == "submitted"
        assert (await client.get(path)).json()["work_items"][0]["counts"] == ["meeting"]
    async with asking(fresh_database, office.head) as client:
        assert (await client.get(path)).json()["actions"] == ["confirm", "return"]
        done = await client.post(f"{path}/confirm", headers={"If-Match": '"2"'})
        assert (done.status_code, done.json()["state"]) == (200, "confirmed")
        far = (await client.get(f"{path}/progress")).json()
        assert (far["light"], far["share"], far["lights"]["grey"]) == ("grey", "0.0000", 1)
        board = (await client.get("/v1/work-lists/board", params={"year": 2026, "area_code": COUNTY})).json()
        assert [one["list_id"] for one in board["items"]] == [drawn.json()["id"]]
        assert (await client.get("/v1/work-lists/board")).status_code in (400, 422)


async def _meet(office: Office) -> None:
    """The township's committee meets under the deputy."""
    town = office.place.town
    committee = Hall(town, await register(town, unit("bureau", area_code=COUNTY)))
    meeting = await committee.plan(await committee.found())
    await committee.hold(meeting, now() - timedelta(hours=1))
