"""Areas: a shape that draws no area is refused whole, before every service would look places up in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from libs.common.ids import new_id
from services.responsibility_registry.areas import actions, store
from services.responsibility_registry.areas.rules import Area, AreaWrong, Level
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, administrator, stage

SQUARE = '{"type":"Polygon","coordinates":[[[121,28],[122,28],[122,29],[121,29],[121,28]]]}'
DRAWN = Area(
    id=new_id(), version=0, area_code=TOWNSHIP, sectors=(), exercise=False, correlation_id=new_id(), code=TOWNSHIP,
    name="洪家街道", level=Level.TOWNSHIP, parent_code=COUNTY, valid_from=date(2020, 1, 1), shape=SQUARE,
)  # fmt: skip


async def test_a_broken_shape_is_refused_and_places_are_found_as_before(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.import_areas(tx, [DRAWN])
        with pytest.raises(AreaWrong) as refused:
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.import_areas(tx, [replace(DRAWN, shape="junk")])
        assert refused.value.errors[0][:2] == ("/shape", "no_area")
        async with town.database.unit_of_work(administrator()) as tx:
            assert await store.locate(tx, 121.5, 28.5) == TOWNSHIP
