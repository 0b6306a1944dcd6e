"""Areas are renamed, merged and split with dates, for administrators of all that is touched; nothing is rewritten."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.responsibility_registry.areas import actions, store
from services.responsibility_registry.areas import actions_successions as verbs
from services.responsibility_registry.areas.rules import Area, AreaWrong
from services.responsibility_registry.areas.rules_successions import AreaAlreadyEnded
from tests.cluster import FreshDatabase
from tests.responsibility_registry.areas.test_rules import ONE, THREE, TWO, area
from tests.responsibility_registry.areas.test_shapes import box, put
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE, Stage, administrator, let_in, security, stage

DAY = date(2026, 1, 1)


def of(code: str) -> Scope:
    grant = Grant(area_from=code, area_to=code[:9] + "999", sectors=None, role="administrator")
    return Scope(subject="administrator", client_id="test", grants=(grant,))


async def merged(town: Stage, code: str, into: str, by: Scope | None = None, expected: int | None = 1) -> Area:
    async with town.database.unit_of_work(by or administrator()) as tx:
        return await verbs.merge_area(tx, code, expected, into, DAY, "批复")


async def split(town: Stage, code: str, into: list[str], *, goes_on: bool = False) -> Area:
    async with town.database.unit_of_work(administrator()) as tx:
        return await verbs.split_area(tx, code, None, into, DAY, "批复", goes_on=goes_on)


async def history(town: Stage, code: str) -> verbs.History:
    async with town.database.unit_of_work(administrator()) as tx:
        return await verbs.history_of(tx, code)


async def events(town: Stage) -> list[str]:
    async with town.database.unit_of_work(Scope.of_system("test")) as tx:
        row = await tx.ask("SELECT array_agg(event_type ORDER BY recorded_at, id) AS told FROM timeline")
        assert row is not None
        return [one.removeprefix("responsibility_registry.area.") for one in row["told"] if ".area." in one]


async def test_an_area_is_renamed_on_a_day_and_its_former_name_is_kept(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(ONE, name="海门镇"))
        async with town.database.unit_of_work(of(ONE)) as tx:
            after = await verbs.rename_area(tx, ONE, 1, "海门街道", DAY, "撤镇设街道")
        assert (after.name, after.version) == ("海门街道", 2)
        known = await history(town, ONE)
        assert [(one.name, one.until) for one in known.names] == [("海门镇", DAY)]
        with pytest.raises(StaleVersion):
            async with town.database.unit_of_work(of(ONE)) as tx:
                await verbs.rename_area(tx, ONE, 1, "白云街道", DAY, "误")
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(of(TWO)) as tx:
                await verbs.rename_area(tx, ONE, 1, "白云街道", DAY, "越权")
        with pytest.raises(NotFound):
            async with town.database.unit_of_work(administrator()) as tx:
                await verbs.rename_area(tx, TWO, None, "白云街道", DAY, "没有")
        assert (await events(town))[-1] == "renamed.v1"


async def test_two_areas_merge_into_a_third_whose_shape_takes_their_ground(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(ONE, shape=box(121, 28, 122, 29)), area(TWO, shape=box(122, 28, 123, 29)))
        new = area(THREE, valid_from=DAY)
        await put(town, new)
        for code in (ONE, TWO):
            assert (await merged(town, code, THREE)).valid_to == DAY
        await put(town, area(THREE, valid_from=DAY, shape=box(121, 28, 123, 29)))
        async with town.database.unit_of_work(administrator()) as tx:
            assert await store.locate(tx, 121.5, 28.5) == THREE
            assert not await actions.knows_area(tx, ONE)
        known = await history(town, ONE)
        assert [(one.from_code, one.to_code) for one in known.successions] == [(ONE, THREE), (TWO, THREE)]
        assert [first for first, _ in known.reaches] == [ONE, THREE, TWO]
        assert (await events(town))[-3:] == ["merged.v1", "merged.v1", "changed.v1"]


async def test_what_has_ended_stays_so_whatever_an_old_list_says(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(ONE), area(TWO))
        await merged(town, ONE, TWO)
        with pytest.raises(AreaAlreadyEnded):
            await merged(town, ONE, TWO, expected=2)
        with pytest.raises(AreaWrong) as wrong:
            await put(town, area(TWO), area(ONE))
        assert [(pointer, code) for pointer, code, _ in wrong.value.errors] == [
            ("/items/1/valid_to", "area_succeeded")
        ]
        await put(town, area(ONE, name="旧镇", valid_to=DAY))


async def test_who_merges_administers_both_and_has_seen_the_version(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(ONE), area(TWO))
        for by in (of(ONE), of(TWO)):
            with pytest.raises(RoleMissing):
                await merged(town, ONE, TWO, by)
        with pytest.raises(StaleVersion):
            await merged(town, ONE, TWO, expected=7)
        with pytest.raises(AreaWrong):
            await merged(town, ONE, THREE)


async def test_an_area_is_split_into_several_or_goes_on_without_a_part(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(ONE), area(TWO), area(THREE))
        assert (await split(town, ONE, [TWO], goes_on=True)).valid_to is None
        assert (await history(town, ONE)).reaches == (("331002001000", "331002001999"),)
        with pytest.raises(AreaWrong):
            await split(town, ONE, [TWO], goes_on=True)
        with pytest.raises(AreaWrong):
            await split(town, ONE, [TWO, THREE])
        async with town.database.unit_of_work(administrator()) as tx:
            after = await verbs.split_area(tx, ONE, None, [TWO, THREE], date(2026, 2, 1), "批复", goes_on=False)
        assert after.valid_to == date(2026, 2, 1)
        assert [first for first, _ in (await history(town, ONE)).reaches] == [ONE, TWO, THREE]


async def test_the_doors_rename_once_for_a_key_and_offer_what_may_be_done(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town, asking(fresh_database, administrator()) as client:
        await put(town, area(ONE), area(TWO))
        found = await client.get(f"/v1/areas/{ONE}")
        assert found.json()["segment"] == "subdistrict"
        assert found.json()["actions"] == ["rename", "merge", "split"]
        body = {"name": "新街道", "at": "2026-01-01", "document": "批复"}
        headers = {"Idempotency-Key": "rename-once", "If-Match": found.headers["ETag"]}
        first = await client.post(f"/v1/areas/{ONE}/rename", json=body, headers=headers)
        again = await client.post(f"/v1/areas/{ONE}/rename", json=body, headers=headers)
        assert (first.status_code, first.json()["name"], first.json()["version"]) == (200, "新街道", 2)
        assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
        stale = await client.post(f"/v1/areas/{ONE}/rename", json=body, headers={"If-Match": '"1"'})
        assert (stale.status_code, await code_of(stale)) == (412, "stale_version")
        none = await client.post(f"/v1/areas/{ONE}/rename", json=body)
        assert none.status_code == 428
        merge = {"into": TWO, "at": "2026-01-01", "document": "批复"}
        done = await client.post(f"/v1/areas/{ONE}/merge", json=merge, headers={"If-Match": "*"})
        assert (done.json()["valid_to"], done.json()["actions"]) == ("2026-01-01", [])
        line = (await client.get(f"/v1/areas/{TWO}/history")).json()
        assert [one["from_code"] for one in line["successions"]] == [ONE]
        assert [one["first"] for one in line["reaches"]] == [TWO, ONE]
        there = (await client.get("/v1/areas?on=2026-06-01&level=township")).json()
        assert [one["code"] for one in there["items"]] == [TWO]


async def test_posts_and_duties_of_the_old_code_are_found_by_the_new_one(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town, asking(fresh_database, administrator()) as client:
        await put(town, area(TOWNSHIP), area(TWO))
        paths = [f"/v1/{noun}?area_code={TWO}" for noun in ("posts", "duties", "orders")]
        assert [(await client.get(path)).json()["items"] for path in paths] == [[], [], []]
        await merged(town, TOWNSHIP, TWO)
        found = [(await client.get(path)).json()["items"] for path in paths]
        assert [len(one) for one in found] == [5, 5, 0]
        assert {one["area_code"] for one in (*found[0], *found[1])} == {TOWNSHIP, VILLAGE}


async def test_every_list_of_the_registry_means_by_a_code_what_the_area_came_of_and_became(
    fresh_database: FreshDatabase,
) -> None:
    nouns = (
        "tenures", "responsibility-gaps/told", "letters", "meetings", "bodies", "inspection-tours",
        "organizations", "evaluations", "evaluation-publications", "accountability-cases",
    )  # fmt: skip
    async with stage(fresh_database) as town, asking(fresh_database, administrator()) as client:
        await put(town, area(TOWNSHIP), area(TWO))
        await let_in(town, "someone", "township_deputy")
        for noun in nouns:
            answer = await client.get(f"/v1/{noun}?area_code={TWO}")
            assert (answer.status_code, answer.json()["items"]) == (200, []), noun
        await merged(town, TOWNSHIP, TWO)
        async with asking(fresh_database, security()) as keeper:
            found = (await keeper.get(f"/v1/tenures?area_code={TWO}")).json()["items"]
        assert [one["area_code"] for one in found] == [TOWNSHIP]


async def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])
