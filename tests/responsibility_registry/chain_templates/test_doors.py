"""Templates, assignments and checks through their doors, and what is told of them, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import orjson

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.gaps.watch import WATCHES
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.chain_templates.drawn import template_of
from tests.responsibility_registry.duties.doors import Doors, doors
from tests.responsibility_registry.gaps.test_report import area, told
from tests.responsibility_registry.grids.cases import new, register, shape
from tests.responsibility_registry.stage import (
    COUNTY,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    administrator,
    let_in,
    put_clock,
)

CITY, NEXT_VILLAGE, CHECKS = "331000000000", "331002004209", "/v1/chain-checks"
IMPORT = "/v1/chain-assignments/import"
_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0022_chains_of_contact_responsibility")
FOREST = template_of("forest_five_plots")
_HOUR = timedelta(hours=1)
_POSTS = {
    "city_leader": (CITY, Tier.CITY), "county_leader": (COUNTY, Tier.COUNTY),
    "township_cadre": (TOWNSHIP, Tier.TOWNSHIP), "village_cadre": (VILLAGE, Tier.VILLAGE),
    "ranger": (VILLAGE, Tier.VILLAGE), "second_ranger": (VILLAGE, Tier.VILLAGE),
}  # fmt: skip


def keeper_of(area_from: str, area_to: str, sectors: tuple[str, ...] | None = None) -> Scope:
    grant = Grant(area_from=area_from, area_to=area_to, sectors=sectors, role="administrator")
    return Scope(subject="keeper", client_id="test", grants=(grant,))


@asynccontextmanager
async def forest(fresh: FreshDatabase) -> AsyncIterator[Doors]:
    """A county on the books with two villages, two plots in one and one in the other, and a post for every link."""
    callers = {
        "street": keeper_of(TOWNSHIP, "331002004999"), "fire": keeper_of(COUNTY, "331002999999", ("fire",)),
    }  # fmt: skip
    async with doors(fresh, callers=callers) as call:
        posts = [
            Post(
                id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(),
                code=kind,
                name_zh=kind, name_en=kind, kind=kind, tier=tier, organization="test", vacant=False,
            )
            for kind, (code, tier) in _POSTS.items()
        ]  # fmt: skip
        async with call.town.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [
                area(CITY, "330000000000"), area(COUNTY, CITY), area(TOWNSHIP, COUNTY), area(VILLAGE, TOWNSHIP),
                area(NEXT_VILLAGE, TOWNSHIP),
            ])  # fmt: skip
            await import_posts(tx, posts)
        call.town.posts |= {one.kind: one.id for one in posts}
        for code, serial in ((VILLAGE, 1), (VILLAGE, 2), (NEXT_VILLAGE, 1)):
            west = 121.4 + serial / 10
            await register(
                call.town,
                new(serial, "forest_plot", "S", code, shape=shape(west, 28.6, west + 0.01, 28.61)),
            )
        yield call


def row(link: str, post: str | None = None, **changes: Any) -> dict[str, Any]:
    ground = {
        "city_leader": {"area_code": COUNTY}, "county_leader": {"area_code": TOWNSHIP},
        "township_cadre": {"area_code": VILLAGE},
    }.get(link, {"grid_code": f"{VILLAGE}001S"})  # fmt: skip
    said = {
        "template": FOREST.code, "link": link, "post_code": post or link, "document": "区森防指 2026-11号",
        "valid_from": "2026-03-01",
    }  # fmt: skip
    return said | ({} if {"area_code", "grid_code"} & changes.keys() else ground) | changes


EVERY = [row(link) for link in ("city_leader", "county_leader", "township_cadre", "village_cadre", "ranger")]


async def missing(call: Doors, area_code: str = CITY, **asked: str) -> list[tuple[str, str]]:
    """The link and the ground of every finding, page by page."""
    found: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await call.get(
            "grid", CHECKS, template=FOREST.code, area_code=area_code, limit="1", **asked, **cursor
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [(one["link"], one["unit_code"] or one["area_code"]) for one in page["items"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def test_what_is_missing_is_said_once_at_its_ground_and_closes_as_posts_are_put_in(
    fresh_database: FreshDatabase,
) -> None:
    async with forest(fresh_database) as call:
        found = await missing(call)
        assert sorted(found) == sorted([
            ("city_leader", COUNTY), ("county_leader", TOWNSHIP), ("township_cadre", VILLAGE),
            ("township_cadre", NEXT_VILLAGE),
            *((link, f"{code}S") for link in ("village_cadre", "ranger")
              for code in (f"{VILLAGE}001", f"{VILLAGE}002", f"{NEXT_VILLAGE}001")),
        ])  # fmt: skip
        answer = await call.post("keeper", IMPORT, {"items": EVERY})
        assert answer.json() == {"created": 5, "updated": 0, "unchanged": 0, "faults": []}, answer.text
        again = await call.post("keeper", IMPORT, {"items": [*EVERY[:-1], row("ranger", households=3)]})
        assert again.json() == {"created": 0, "updated": 1, "unchanged": 4, "faults": []}, again.text
        assert sorted(await missing(call)) == sorted(
            one for one in found if one[1] not in {COUNTY, TOWNSHIP, VILLAGE, f"{VILLAGE}001S"}
        )
        assert len(await missing(call, at="2026-02-20T00:00:00Z")) == 0
        assert len(await missing(call, VILLAGE)) == 2
        # By the plots as they were before they were drawn there is nothing to look after; later all of it counts.
        assert sorted(await missing(call, at="2026-03-01T00:00:00Z")) == sorted(await missing(call))


async def test_the_roll_up_and_the_map_say_the_same_by_area(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        await call.post("keeper", IMPORT, {"items": EVERY})
        asked = {"template": FOREST.code, "area_code": CITY}
        rows = (await call.get("grid", f"{CHECKS}/summary", tier="village", **asked)).json()
        said = [
            (one["area_code"], one["units"], one["full"], one["orphans"], one["links_missing"])
            for one in rows["items"]
        ]
        assert said == [(VILLAGE, 2, 1, 1, 2), (NEXT_VILLAGE, 1, 0, 1, 3)]
        (town,) = (await call.get("grid", f"{CHECKS}/summary", **asked)).json()["items"]
        assert (town["area_code"], town["units"], town["full"], town["orphans"]) == (TOWNSHIP, 3, 1, 2)
        first = (await call.get("grid", f"{CHECKS}/summary", tier="village", limit="1", **asked)).json()
        rest = await call.get("grid", f"{CHECKS}/summary", tier="village", cursor=first["next"], **asked)
        assert [one["area_code"] for one in rest.json()["items"]] == [NEXT_VILLAGE]
        layer = (await call.get("grid", f"{CHECKS}/map", **asked)).json()
        assert {one["id"]: len(one["properties"]["findings"]) for one in layer["features"]} == {
            VILLAGE: 2, NEXT_VILLAGE: 3,
        }  # fmt: skip


async def test_the_chain_of_one_plot_says_who_since_when_and_by_what(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        await call.post("keeper", IMPORT, {"items": EVERY})
        asked = {"template": FOREST.code, "grid_id": str(new(1, "forest_plot", "S").id)}
        chain = (await call.get("grid", f"{CHECKS}/unit", **asked)).json()
        assert (chain["full"], chain["unit_code"]) == (True, f"{VILLAGE}001S")
        assert [(one["link"], one["area_code"]) for one in chain["links"]] == [
            ("city_leader", COUNTY), ("county_leader", TOWNSHIP), ("township_cadre", VILLAGE),
            ("village_cadre", VILLAGE), ("ranger", VILLAGE),
        ]  # fmt: skip
        (seat,) = chain["links"][4]["seats"]
        assert (seat["name_zh"], seat["since"], seat["document"]) == (
            "ranger", "2026-02-28T16:00:00Z", "区森防指 2026-11号",
        )  # fmt: skip
        lone = asked | {"grid_id": str(new(1, "forest_plot", "S", NEXT_VILLAGE).id)}
        assert (await call.get("grid", f"{CHECKS}/unit", **lone)).json()["full"] is False
        for wrong, status in (
            ({"template": FOREST.code}, 400), (asked | {"area_code": VILLAGE}, 400),
            ({"template": FOREST.code, "area_code": VILLAGE}, 404), (asked | {"grid_id": str(new_id())}, 404),
            (asked | {"template": "none"}, 404), ({"template": FOREST.code, "object_id": str(new_id())}, 404),
            (asked | {"at": "0001-01-01T00:00:00Z"}, 400),
        ):  # fmt: skip
            assert (await call.get("grid", f"{CHECKS}/unit", **wrong)).status_code == status, wrong


async def test_two_first_responsible_posts_are_read_from_the_duties(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        asked = {"template": "two_first_posts_county", "area_code": COUNTY}
        (gap,) = (await call.get("grid", CHECKS, **asked)).json()["items"]
        assert (gap["link"], gap["kind"]) == ("county_party_first", "missing")
        chain = (await call.get("grid", f"{CHECKS}/unit", **asked)).json()
        assert [len(one["seats"]) for one in chain["links"]] == [0, 1]
        townships = {"template": "two_first_posts_township", "area_code": TOWNSHIP}
        assert (await call.get("grid", CHECKS, **townships)).json()["items"] == []


async def test_managers_of_high_rises_and_the_three_of_a_major_hazard_stand_on_risk_objects(
    fresh_database: FreshDatabase,
) -> None:
    tower, plant = new_id(), new_id()
    told_of = (
        "INSERT INTO risk_object_copies (id, version, type, name, address, lon, lat, area_code, sectors, entity,"
    )
    told_of += " attributes, ended) VALUES ($1, 1, $2, $2, '', 121.4, 28.6, $3, '{fire,chemicals}', $4, '{}', false)"
    async with forest(fresh_database) as call:
        async with call.town.database.unit_of_work(SYSTEM) as tx:
            for id_, type_ in ((tower, "high_rise"), (plant, "chemical_firm")):
                await tx.say(told_of, id_, type_, VILLAGE, '{"name": "某厂", "kind": "firm"}')
        asked = {"template": "high_rise_managers", "area_code": COUNTY}
        assert [one["unit_code"] for one in (await call.get("grid", CHECKS, **asked)).json()["items"]] == [str(tower)]
        manager = row("fire_safety_manager", "ranger", template="high_rise_managers", grid_code=None)
        said = manager | {"object_id": str(tower)}
        assert (await call.post("keeper", IMPORT, {"items": [said | {"object_id": str(plant)}]})).status_code == 422
        assert (await call.post("keeper", IMPORT, {"items": [said]})).json()["created"] == 1
        assert (await call.get("grid", CHECKS, **asked)).json()["items"] == []
        summed = (await call.get("grid", f"{CHECKS}/summary", tier="county", **asked)).json()["items"]
        assert [(one["area_code"], one["units"], one["full"]) for one in summed] == [(COUNTY, 1, 1)]
        three = {"template": "major_hazard_three", "object_id": str(plant)}
        pairing = {
            "kind": "major_hazard_principal", "post_id": str(call.town.posts["ranger"]), "object_id": str(plant),
            "valid_from": "2026-03-01", "document": "包保公示牌",
        }  # fmt: skip
        assert (await call.post("keeper", "/v1/pairings", pairing)).status_code == 201
        chain = (await call.get("grid", f"{CHECKS}/unit", **three)).json()
        assert [(one["link"], len(one["seats"])) for one in chain["links"]] == [
            ("principal", 1), ("technical", 0), ("operating", 0),
        ]  # fmt: skip
        # An object is for those in whose scope it lies.
        assert (await call.get("elsewhere", f"{CHECKS}/unit", **three)).status_code == 404
        assert (await call.get("elsewhere", CHECKS, **asked)).json()["items"] == []


async def test_one_person_in_two_posts_carries_what_both_carry(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        source = {"area_code": COUNTY, "edition": 1, "valid_from": "2026-03-01", "source": "[DEF] 本区"}
        lean = [{"code": "ranger", "zh": "护林员", "on": "unit", "most_grounds": 1, "source": "[DEF] 每人一块"}]
        body = {"code": FOREST.code, "zh": "护林员", "hangs_on": "grid", "of": "forest_plot", "links": lean, **source}
        assert (await call.post("keeper", "/v1/chain-templates", body)).status_code == 201
        await call.post("keeper", IMPORT, {"items": [
            row("ranger"), row("ranger", "second_ranger", grid_code=f"{VILLAGE}002S"),
        ]})  # fmt: skip
        over = {"template": FOREST.code, "area_code": VILLAGE}
        assert (await call.get("grid", CHECKS, **over)).json()["items"] == []
        await let_in(call.town, "li", "ranger", "second_ranger")
        found = (await call.get("grid", CHECKS, **over)).json()["items"]
        assert [(one["kind"], one["why"], one["found"], one["at_most"]) for one in found] == [
            ("over_span", "person_carries", 2, 1), ("over_span", "person_carries", 2, 1),
        ]  # fmt: skip
        # Which posts go together is told to nobody.
        assert [len(one["posts"]) for one in found] == [1, 1]
        assert "li" not in orjson.dumps(found).decode().replace("link", "")


async def test_templates_are_entered_adopted_and_repealed_and_never_overwritten(
    fresh_database: FreshDatabase,
) -> None:
    async with forest(fresh_database) as call:
        adopt = {"area_code": COUNTY, "edition": 1, "valid_from": "2026-03-01", "source": "[P] 2026-11号"}
        path, key = f"/v1/chain-templates/{FOREST.id}/adopt", {"Idempotency_Key": str(new_id())}
        assert (await call.post("grid", path, adopt)).status_code == 403
        assert (await call.post("street", path, adopt)).status_code == 403
        assert (await call.post("fire", path, adopt)).status_code == 403
        made = await call.post("keeper", path, adopt, **key)
        assert made.status_code == 201, made.text
        assert (await call.post("keeper", path, adopt, **key)).json() == made.json()
        assert (made.json()["area_code"], len(made.json()["links"])) == (COUNTY, 5)
        stale = await call.post("keeper", path, adopt)
        assert (stale.status_code, stale.json()["code"]) == (409, "chain_edition_stale")
        untagged = await call.post(
            "keeper", path, adopt | {"edition": 2, "valid_from": "2026-04-01", "source": "11号"}
        )
        assert (untagged.status_code, untagged.json()["errors"][0]["pointer"]) == (422, "#/source")
        own = f"/v1/chain-templates/{made.json()['id']}"
        gone = {"edition": 2, "valid_from": "2026-06-01", "source": "[P] 2026-30号"}
        assert (await call.post("keeper", f"{own}/repeal", gone)).json()["repealed"] is True
        twice = await call.post("keeper", f"{own}/repeal", gone | {"edition": 3, "valid_from": "2026-07-01"})
        assert (twice.status_code, twice.json()["code"]) == (409, "chain_template_repealed")
        shipped = await call.post("keeper", f"/v1/chain-templates/{FOREST.id}/repeal", gone | {"edition": 1})
        assert shipped.status_code in {409, 422}
        assert (await call.get("grid", own)).json()["repealed"] is False

        async def codes(day: str) -> dict[str, str]:
            answer = await call.get("grid", "/v1/chain-templates/catalogue", area_code=VILLAGE, day=day)
            return {one["code"]: one["area_code"] for one in answer.json()["templates"]}

        assert (await codes("2026-02-01"))[FOREST.code] == "000000000000"
        assert (await codes("2026-05-01"))[FOREST.code] == COUNTY
        assert FOREST.code not in await codes("2026-06-01")
        listed = await call.get("grid", "/v1/chain-templates", area_code=COUNTY, code=FOREST.code, limit="1")
        assert ([one["edition"] for one in listed.json()["items"]], bool(listed.json()["next"])) == ([1], True)
        gone_here = await call.get("grid", CHECKS, template=FOREST.code, area_code=COUNTY, at="2026-06-02T00:00:00Z")
        assert gone_here.status_code == 404


async def test_wrong_rows_are_refused_with_their_places_and_good_ones_may_be_kept(
    fresh_database: FreshDatabase,
) -> None:
    async with forest(fresh_database) as call:
        wrong = [
            (row("none"), "/link"), (row("ranger", template="none"), "/template"),
            (row("ranger", "nobody"), "/post_code"), (row("city_leader", "ranger"), "/post_code"),
            (row("ranger", post_code=None, post_id=str(new_id())), "/post_id"),
            (row("ranger", area_code=VILLAGE), "/area_code"), (row("ranger", area_code="990000000000"), "/area_code"),
            (row("ranger", grid_code=f"{VILLAGE}999S"), "/grid_code"),
            (row("ranger", grid_code=None, object_id=str(new_id())), "/object_id"),
            (row("township_cadre", area_code=TOWNSHIP), "/area_code"),
            (row("ranger", superior_post_code="nobody"), "/superior_post_code"),
            (row("ranger", superior_post_code="ranger"), "/superior_post_code"),
        ]  # fmt: skip
        for one, pointer in wrong:
            answer = await call.post("keeper", IMPORT, {"items": [one]})
            assert answer.status_code == 422, (one, answer.text)
            assert f"#/items/0{pointer}" in {each["pointer"] for each in answer.json()["errors"]}
        said_twice = row("ranger") | {"area_code": VILLAGE}
        assert (await call.post("keeper", IMPORT, {"items": [said_twice]})).status_code == 422
        kept = await call.post("keeper", f"{IMPORT}?good_rows=true", {"items": [row("none"), row("village_cadre")]})
        assert (kept.json()["created"], {one["row"] for one in kept.json()["faults"]}) == (1, {0}), kept.text
        beside = await call.post("keeper", IMPORT, {"items": [row("village_cadre", valid_from="2026-05-01")]})
        assert (beside.status_code, beside.json()["errors"][0]["code"]) == (422, "already_assigned")
        # Nobody burdens another body's post, nor a ground that they do not administer.
        assert (await call.post("street", IMPORT, {"items": [row("county_leader")]})).status_code == 403
        assert (await call.post("fire", IMPORT, {"items": [row("ranger")]})).status_code == 403
        assert (await call.post("grid", IMPORT, {"items": [row("ranger")]})).status_code == 403
        assert (await call.post("street", IMPORT, {"items": [row("ranger")]})).status_code == 200


async def test_an_assignment_ends_once_and_its_chain_is_short_from_then_on(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        await call.post("keeper", IMPORT, {"items": EVERY})
        listed = (await call.get("grid", "/v1/chain-assignments", area_code=COUNTY, link="ranger")).json()["items"]
        (own,) = listed
        path, body = f"/v1/chain-assignments/{own['id']}", {"at": "2026-06-01T00:00:00Z", "reason": "轮岗"}
        assert (await call.post("keeper", f"{path}/end", body)).status_code == 428
        assert (await call.post("grid", f"{path}/end", body, If_Match='"1"')).status_code == 403
        assert (await call.post("keeper", f"{path}/end", body, If_Match='"7"')).status_code == 412
        early = await call.post("keeper", f"{path}/end", body | {"at": "2026-01-01T00:00:00Z"}, If_Match='"1"')
        assert (early.status_code, early.json()["code"]) == (422, "chain_assignment_wrong")
        ended = await call.post("keeper", f"{path}/end", body, If_Match='"1"')
        assert (ended.status_code, ended.json()["valid_to"]) == (200, "2026-06-01T00:00:00Z")
        twice = await call.post("keeper", f"{path}/end", body, If_Match='"2"')
        assert (twice.status_code, twice.json()["code"]) == (409, "chain_assignment_already_ended")
        assert (
            await call.post("keeper", f"/v1/chain-assignments/{new_id()}/end", body, If_Match='"1"')
        ).status_code == 404
        assert (await call.get("grid", path)).json()["ended_reason"] == "轮岗"
        plot = f"{VILLAGE}001S"
        assert ("ranger", plot) not in await missing(call, at="2026-05-31T00:00:00Z")
        assert ("ranger", plot) in await missing(call, at="2026-06-01T00:00:00Z")
        same = await call.post("keeper", IMPORT, {"items": EVERY})
        assert same.json()["unchanged"] == 5, "what has ended stays ended"
        instant = {"area_code": COUNTY, "at": "2026-07-01T00:00:00Z"}
        assert len((await call.get("grid", "/v1/chain-assignments", **instant)).json()["items"]) == 4


async def test_gaps_of_a_template_are_told_once_where_an_area_made_it_its_own(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        put_clock(_HOUR)
        await sweep_all(call.town.database, WATCHES)
        links = {one.code for one in FOREST.links}
        assert not [one for one in await told(call) if one[2] in links]
        adopt = {"area_code": COUNTY, "edition": 1, "valid_from": "2026-03-01", "source": "[P] 2026-11号"}
        made = await call.post("keeper", f"/v1/chain-templates/{FOREST.id}/adopt", adopt)
        before = len(await told(call))
        put_clock(2 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        opened = (await told(call))[before:]
        assert sorted(opened) == sorted([
            ("opened", COUNTY, "city_leader"), ("opened", TOWNSHIP, "county_leader"),
            *(("opened", code, link) for link in ("ranger", "township_cadre", "village_cadre")
              for code in (VILLAGE, NEXT_VILLAGE)),
        ])  # fmt: skip
        await call.post("keeper", IMPORT, {"items": EVERY})
        put_clock(3 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        later = (await told(call))[before + len(opened) :]
        assert sorted(later) == sorted([
            ("changed", VILLAGE, "ranger"), ("changed", VILLAGE, "village_cadre"), ("closed", COUNTY, "city_leader"),
            ("closed", TOWNSHIP, "county_leader"), ("closed", VILLAGE, "township_cadre"),
        ])  # fmt: skip
        asked = {"area_code": VILLAGE, "template": FOREST.code, "open": "true"}
        listed = (await call.get("grid", "/v1/responsibility-gaps/told", **asked)).json()["items"]
        assert {(one["link"], one["grounds_lacking"], one["sector"]) for one in listed} == {
            ("ranger", 1, "forestry"), ("village_cadre", 1, "forestry"),
        }  # fmt: skip
        gone = {"edition": 2, "valid_from": "2026-06-01", "source": "[P] 2026-30号"}
        await call.post("keeper", f"/v1/chain-templates/{made.json()['id']}/repeal", gone)
        put_clock(4 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        assert {what for what, _, link in (await told(call))[before + len(opened) + len(later) :]} == {"closed"}


async def test_the_migration_goes_down_and_up_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    async with forest(fresh_database) as call:
        adopt = {"area_code": COUNTY, "edition": 1, "valid_from": "2026-03-01", "source": "[P] 2026-11号"}
        await call.post("keeper", f"/v1/chain-templates/{FOREST.id}/adopt", adopt)
        await call.post("keeper", IMPORT, {"items": EVERY})
        put_clock(_HOUR)
        await sweep_all(call.town.database, WATCHES)
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    async with asking(fresh_database, administrator()) as client:
        assert (await client.get("/v1/chain-assignments")).json()["items"] == []
        gaps = await client.get("/v1/responsibility-gaps/told", params={"template": FOREST.code})
        assert gaps.json()["items"] == []
        assert (await client.get("/v1/responsibility-gaps/told")).json()["items"]
