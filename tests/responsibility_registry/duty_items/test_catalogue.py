"""The catalogue and the ledger on a real database, through their doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duty_items import actions
from services.responsibility_registry.duty_items.policies import SHIPPED
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations import actions_organizations as units
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.organizations.units import draw_areas, unit
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, Stage, administrator, stage

_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0015_duty_lists")
ITEM: dict[str, Any] = {
    "area_code": COUNTY, "code": "rental_house_rounds", "edition": 1, "list": "leaders", "bearer": "post",
    "zh": "每季度带队抽查出租房", "sectors": ["fire"], "links": ["township_deputy"], "valid_from": "2026-03-01",
    "source": "[P] 区安委办 2026-41号",
}  # fmt: skip


@asynccontextmanager
async def town_and_doors(
    fresh: FreshDatabase, caller: Scope | None = None
) -> AsyncIterator[tuple[Stage, httpx.AsyncClient]]:
    async with stage(fresh) as town, asking(fresh, caller or administrator()) as client:
        await draw_areas(town)
        yield town, client


async def entered(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await client.post("/v1/duty-items", json=ITEM | changes)


async def words_on(client: httpx.AsyncClient, path: str, **params: str) -> list[str]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    lists = {one["list"]: one for one in answer.json()["lists"]}
    return [
        one.get("zh") or one["words"]["zh"] for one in lists["leaders"].get("items") or lists["leaders"]["entries"]
    ]


async def test_editions_follow_each_other_and_each_keeps_its_time(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (town, client):
        key = {"Idempotency-Key": str(new_id())}
        first = await client.post("/v1/duty-items", json=ITEM, headers=key)
        again = await client.post("/v1/duty-items", json=ITEM, headers=key)
        assert (first.status_code, again.json()) == (201, first.json())
        assert first.json()["actions"] == ["enter", "repeal"]
        stale = await entered(client)
        assert (stale.status_code, stale.json()["code"]) == (409, "duty_edition_stale")
        await entered(client, edition=2, zh="每月带队抽查出租房", valid_from="2026-06-01")
        path = f"/v1/duty-items/{first.json()['id']}/repeal"
        gone = {"area_code": COUNTY, "edition": 3, "valid_from": "2026-09-01", "source": "[P] 2026-80号"}
        repealed = await client.post(path, json=gone)
        assert (repealed.status_code, repealed.json()["repealed"]) == (201, True)
        twice = await client.post(path, json=gone | {"edition": 4, "valid_from": "2026-10-01"})
        assert (twice.status_code, twice.json()["code"]) == (409, "duty_item_repealed")
        deputy = f"/v1/duty-ledger/post/{town.posts['township_deputy']}"
        found = {}
        for month in ("02", "03", "06", "09"):
            words = await words_on(client, deputy, at=f"2026-{month}-02T00:00:00Z")
            found[month] = [one for one in words if "抽查出租房" in one]
        assert found == {"02": [], "03": ["每季度带队抽查出租房"], "06": ["每月带队抽查出租房"], "09": []}
        listed = await client.get("/v1/duty-items", params={"code": ITEM["code"], "area_code": COUNTY, "limit": 2})
        assert [one["edition"] for one in listed.json()["items"]] == [1, 2]
        assert listed.json()["next"]


async def test_of_two_who_enter_one_edition_at_once_one_wins(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (_, client):
        answers = await asyncio.gather(*(entered(client, zh=f"第{number}种") for number in range(4)))
        assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


async def test_what_is_wrong_is_refused_with_its_place(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (_, client):
        for changes, code in (
            ({"area_code": "990000000000"}, "duty_item_wrong"), ({"list": "none"}, "duty_item_wrong"),
            ({"source": "41号"}, "duty_item_wrong"), ({"valid_from": "9999-12-31"}, "invalid_request"),
            ({"sectors": ["trade"]}, "invalid_request"), ({"edition": 0}, "invalid_request"),
        ):  # fmt: skip
            refused = await entered(client, **changes)
            assert refused.status_code == 422, refused.text
            assert code in {refused.json()["code"], "invalid_request"}
        law = next(one for one in SHIPPED if one.source.startswith("[S]"))
        gone = {"area_code": COUNTY, "edition": 1, "valid_from": "2027-01-01", "source": "[P] 2026-80号"}
        refused = await client.post(f"/v1/duty-items/{law.id}/repeal", json=gone)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "statutory")
        assert (await client.post(f"/v1/duty-items/{new_id()}/repeal", json=gone)).status_code == 404
        assert (await client.get(f"/v1/duty-items/{new_id()}")).status_code == 404
        assert (await client.get(f"/v1/duty-items/{law.id}")).json()["area_code"] == "000000000000"
        assert (await client.get("/v1/duty-items/catalogue", params={"area_code": "0" * 12})).status_code == 404


async def test_an_area_repeals_for_itself_alone(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (town, client):
        shipped = next(one for one in SHIPPED if one.code == "deputy_portfolio")
        gone = {"area_code": TOWNSHIP, "edition": 1, "valid_from": "2026-01-01", "source": "[P] 2026-1号"}
        done = await client.post(f"/v1/duty-items/{shipped.id}/repeal", json=gone)
        assert done.status_code == 201, done.text
        day = {"day": "2026-06-01"}
        assert shipped.zh not in await words_on(client, "/v1/duty-items/catalogue", area_code=TOWNSHIP, **day)
        assert shipped.zh in await words_on(client, "/v1/duty-items/catalogue", area_code=COUNTY, **day)
        county = await entered(client)
        elsewhere = gone | {"area_code": "331003000000"}
        assert (await client.post(f"/v1/duty-items/{county.json()['id']}/repeal", json=elsewhere)).status_code == 404
        assert town.posts


@pytest.mark.parametrize(("role", "area", "sectors"), [
    ("leader", COUNTY, None), ("administrator", TOWNSHIP, None), ("administrator", COUNTY, ("gas",)),
])  # fmt: skip
async def test_only_who_administers_the_whole_enters(
    fresh_database: FreshDatabase, role: str, area: str, sectors: tuple[str, ...] | None
) -> None:
    last = {COUNTY: "331002999999", TOWNSHIP: "331002004999"}[area]
    grant = Grant(area_from=area, area_to=last, sectors=sectors, role=role)
    async with town_and_doors(fresh_database, Scope(subject="other", grants=(grant,))) as (town, client):
        assert (await entered(client)).status_code == 403
        gone = {"area_code": COUNTY, "edition": 1, "valid_from": "2026-01-01", "source": "[P] 2026-1号"}
        assert (await client.post(f"/v1/duty-items/{SHIPPED[0].id}/repeal", json=gone)).status_code == 403
        assert (await client.get(f"/v1/duty-ledger/post/{town.posts['township_deputy']}")).status_code == 200


async def test_the_ledger_of_a_post_follows_its_assignments(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (town, client):
        await entered(client)
        deputy = town.posts["township_deputy"]
        path, now = f"/v1/duty-ledger/post/{deputy}", "2026-06-01T00:00:00Z"
        ledger = (await client.get(path, params={"at": now})).json()
        leaders = next(one for one in ledger["lists"] if one["list"] == "leaders")
        mine = next(one for one in leaders["entries"] if one["code"] == ITEM["code"])
        assert len(mine["duty_ids"]) == 1
        assert mine["party"]["id"] == str(deputy)
        async with town.database.unit_of_work(administrator()) as tx:
            await duties.end_duty(tx, UUID(mine["duty_ids"][0]), None, _at(7), "改任")
        assert ITEM["zh"] not in await words_on(client, path, at="2026-08-01T00:00:00Z")
        assert ITEM["zh"] in await words_on(client, path, at=now)
        for missing in (f"/v1/duty-ledger/post/{new_id()}", f"/v1/duty-ledger/organization/{new_id()}",
                        f"/v1/duty-ledger/firm/{new_id()}"):  # fmt: skip
            assert (await client.get(missing)).status_code == 404


async def test_the_ledger_of_an_organisation_has_its_own_duties_and_its_posts(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (town, client):
        bureau = replace(unit("bureau"), sectors=("emergency",))
        async with town.database.unit_of_work(administrator()) as tx:
            await units.import_organizations(tx, [bureau])
            post = await organizations.posts_by_id(tx, [town.posts["sector_supervisor"]])
            chief = replace(post[town.posts["sector_supervisor"]], organization_id=bureau.id, area_code=COUNTY)
            await organizations.import_posts(tx, [chief])
        await entered(client, code="three_in_charter", bearer="organization", list="line_regulators", links=[],
                      bearer_ids=[str(bureau.id)], sectors=[], zh="写入三定的安全职责")  # fmt: skip
        await entered(client, code="chiefs", links=["sector_supervisor"], sectors=[], zh="科长职责")
        answer = (await client.get(f"/v1/duty-ledger/organization/{bureau.id}")).json()
        entries = {(one["party"]["bearer"], one["code"]) for list_ in answer["lists"] for one in list_["entries"]}
        assert {("organization", "three_in_charter"), ("organization", "three_musts"), ("post", "chiefs")} <= entries
        assert answer["truncated"] is False


async def test_the_ledger_of_a_firm_is_for_whose_scope_it_lies_in(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (town, client):
        firm = new_id()
        told = "INSERT INTO risk_object_copies (id, version, type, name, address, lon, lat, area_code, sectors,"
        told += " entity, attributes, ended) VALUES ($1, 1, 'firm', '某厂', '', 121.4, 28.6, $2, '{fire}', $3, '{}',"
        told += " false)"
        async with town.database.unit_of_work(Scope.of_system("test")) as tx:
            await tx.say(told, firm, TOWNSHIP, '{"name": "某厂", "kind": "firm"}')
        answer = (await client.get(f"/v1/duty-ledger/firm/{firm}")).json()
        operators = next(one for one in answer["lists"] if one["list"] == "operators")
        assert sum("第二十一条" in one["source"] for one in operators["entries"]) == 7
        away = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
        async with asking(fresh_database, Scope(subject="away", grants=(away,))) as other:
            assert (await other.get(f"/v1/duty-ledger/firm/{firm}")).status_code == 404


async def test_an_edition_is_never_changed_not_even_by_its_service(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (town, client):
        await entered(client)
        async with town.database.unit_of_work(administrator()) as tx:
            held = await actions.holding_at(tx, TOWNSHIP, _at(6).date())
        assert ITEM["code"] in {one.code for one in held}
        with pytest.raises(DBAPIError, match="permission denied"):
            async with town.database.unit_of_work(administrator()) as tx:
                await tx.say("UPDATE duty_items SET zh = 'x'")


async def test_the_tables_go_down_and_up_again_with_rows_in_them(fresh_database: FreshDatabase) -> None:
    async with town_and_doors(fresh_database) as (_, client):
        await entered(client)
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    async with asking(fresh_database, administrator()) as client:
        assert (await entered(client)).status_code == 201


def _at(month: int) -> datetime:
    return datetime(2026, month, 1, tzinfo=UTC)
