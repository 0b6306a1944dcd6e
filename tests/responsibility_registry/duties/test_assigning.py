"""Who may assign a duty: it binds every one of its sectors, and the post that is to answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.problems import RoleMissing
from libs.common.scope import Grant, Scope
from services.responsibility_registry.duties.actions import assign_duty, import_duties
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, duty_of, stage


def administrator_of(*sectors: str) -> Scope:
    grant = Grant(area_from=COUNTY, area_to="331002999999", sectors=sectors, role="administrator")
    return Scope(subject="administrator", client_id="test", grants=(grant,))


async def test_who_administers_one_sector_assigns_no_duty_over_two(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        plain = duty_of(town.posts["police_station"], "fire_station", TOWNSHIP)
        duty = replace(plain, sectors=("fire", "gas"))
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(administrator_of("fire")) as tx:
                await assign_duty(tx, duty, "x")
        async with town.database.unit_of_work(administrator_of("fire", "gas", "water")) as tx:
            assert (await assign_duty(tx, duty, "x")).version == 1


async def test_nobody_burdens_another_countys_post(fresh_database: FreshDatabase) -> None:
    there = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="administrator")
    elsewhere = Scope(subject="elsewhere", client_id="test", grants=(there,))
    async with stage(fresh_database) as town:
        duty = duty_of(town.posts["police_station"], "fire_station", "331003001000")
        for give in (lambda tx: assign_duty(tx, duty, "x"), lambda tx: import_duties(tx, [duty])):
            with pytest.raises(RoleMissing):
                async with town.database.unit_of_work(elsewhere) as tx:
                    await give(tx)
