"""Grids come in by their codes, from rows and from GeoJSON, with the faults of each; a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from libs.common.imports import Imported, Importing, RowTwice
from libs.common.problems import RoleMissing
from libs.common.scope import Scope
from services.responsibility_registry.grids import actions, store
from services.responsibility_registry.grids.actions import NewGrid
from services.responsibility_registry.grids.actions_import import import_features, import_grids
from services.responsibility_registry.grids.rules_refusals import GridWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.grids.cases import drawn_town, keeper, new, register, shape
from tests.responsibility_registry.stage import VILLAGE, Stage, administrator

EAST = shape(121.41, 28.60, 121.42, 28.61)


async def put_in(town: Stage, *rows: NewGrid, by: Scope | None = None) -> Imported:
    async with town.database.unit_of_work(by or administrator()) as tx:
        return await import_grids(tx, rows)


async def refused(town: Stage, *rows: NewGrid) -> list[tuple[str, str]]:
    with pytest.raises(GridWrong) as wrong:
        await put_in(town, *rows)
    return sorted((pointer, code) for pointer, code, _ in wrong.value.errors)


async def told(town: Stage) -> list[str]:
    async with town.database.unit_of_work(Scope.of_system("test")) as tx:
        row = await tx.ask("SELECT array_agg(event_type ORDER BY recorded_at, id) AS told FROM timeline")
        assert row is not None
        return [one.split(".")[2] for one in row["told"] if ".grid." in one]


async def test_rows_are_inserted_changed_and_left_alone_by_their_codes(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        inner = new(2, parent_code=new(1).code, shape=EAST)
        # The one that lies in the other comes first, and finds it all the same.
        assert await put_in(town, inner, new(1)) == Imported(created=2)
        assert await put_in(town, inner, new(1)) == Imported(unchanged=2)
        assert await put_in(town, inner, new(1, name="改名")) == Imported(updated=1, unchanged=1)
        assert await put_in(town, replace(inner, shape=shape(121.41, 28.6, 121.43, 28.61))) == Imported(updated=1)
        async with town.database.unit_of_work(administrator()) as tx:
            assert len(await store.drawings_of(tx, inner.id)) == 2
        assert await told(town) == ["registered", "registered", "changed", "redrawn"]


async def test_every_bad_row_is_told_at_once_and_nothing_is_written(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        await register(town, new(1))
        over = await register(town, new(9))
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.end_grid(tx, over.id, 1, None, "并入")
        rows = [
            new(2), new(1, kind="special"), new(3, kind="sewer"), new(9, name="又来"),
            new(4, parent_code=new(5).code), new(5, parent_code=new(4).code),
            new(6, shape=replace(EAST, text="junk")),
        ]  # fmt: skip
        assert await refused(town, *rows) == [
            ("/items/1/kind", "other_kind"), ("/items/2/kind", "unknown_kind"), ("/items/3/code", "already_ended"),
            ("/items/4/parent_code", "unknown_grid"), ("/items/5/parent_code", "unknown_grid"),
            ("/items/6/shape", "no_shape"),
        ]  # fmt: skip
        with pytest.raises(RowTwice):
            await put_in(town, new(2), new(2))
        with pytest.raises(RoleMissing):
            await put_in(town, new(2), by=keeper("331003000000", "331003999999"))
        assert await told(town) == ["registered", "registered", "ended"]


async def test_grids_in_a_circle_are_refused_where_both_are_known(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        await put_in(town, new(1), new(2, parent_code=new(1).code))
        assert await refused(town, new(1, parent_code=new(2).code)) == [("/items/0/parent_code", "in_a_circle")]


async def test_good_features_are_kept_and_the_faults_of_others_point_into_the_file(
    fresh_database: FreshDatabase,
) -> None:
    async with drawn_town(fresh_database) as town:
        rows: Sequence[NewGrid] = [new(1), new(2, kind="sewer"), new(3, shape=replace(EAST, text="junk"))]
        async with town.database.unit_of_work(administrator()) as tx:
            done = await import_features(tx, rows, Importing(good_rows=True))
        assert done.created == 1
        assert [(one.row, one.fault.pointer) for one in done.faults] == [(1, "#/properties/kind"), (2, "#/geometry")]


async def test_the_door_takes_a_file_of_features(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as _, asking(fresh_database, administrator()) as client:
        corners = [[121.4, 28.6], [121.41, 28.6], [121.41, 28.61], [121.4, 28.61], [121.4, 28.6]]
        said = {"code": f"{VILLAGE}001", "kind": "community", "name": "一网格", "area_code": VILLAGE}
        feature = {"type": "Feature", "properties": said, "geometry": {"type": "Polygon", "coordinates": [corners]}}
        file = {"type": "FeatureCollection", "features": [feature]}
        done = await client.post("/v1/grids/import-geojson", json=file)
        assert (done.status_code, done.json()["created"]) == (200, 1)
        row = {**said, "shape": '{"type":"Polygon","coordinates":' + str([corners]) + "}"}
        assert (await client.post("/v1/grids/import", json={"items": [row]})).json()["unchanged"] == 1
        twice = await client.post("/v1/grids/import-geojson", json={**file, "features": [feature, feature]})
        assert (twice.json()["code"], twice.json()["errors"][0]["pointer"]) == (
            "row_twice", "#/features/1/properties/code",
        )  # fmt: skip
        bad = {**feature, "properties": {**said, "code": f"{VILLAGE}002", "kind": "sewer"}}
        wrong = await client.post("/v1/grids/import-geojson", json={**file, "features": [bad]})
        assert wrong.json()["errors"][0]["pointer"] == "#/features/0/properties/kind"
