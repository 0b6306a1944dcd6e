"""An import as its caller asks for it: tried only, its good rows kept, and rows without ids known by their key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from libs.common.imports import Imported, Importing, id_of, import_as_asked
from libs.common.scope import Scope
from services.responsibility_registry.duties.actions_rows import DutyRow, import_duty_rows
from services.responsibility_registry.duties.rules import DutyWrong
from services.responsibility_registry.organizations import store as posts
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, PostWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.organizations.test_imports import administrator_elsewhere, post_of
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE, Stage, administrator, duty_of, stage

GOOD_ROWS = Importing(good_rows=True)
TRIED = Importing(dry_run=True, good_rows=True)


async def enter(town: Stage, rows: Sequence[Post], how: Importing, scope: Scope | None = None) -> Imported:
    async with town.database.unit_of_work(scope or administrator()) as tx:
        return await import_as_asked(tx, rows, import_posts, how, PostWrong)


def told(done: Imported) -> list[tuple[int, str | None, str]]:
    return sorted((one.row, one.fault.pointer, one.fault.code) for one in done.faults)


async def fresh(town: Stage, number: int, **changes: object) -> Post:
    like = await post_of(town, "police_station")
    code = f"new-{number}"
    return replace(like, id=id_of("posts", code), code=code, **changes)  # type: ignore[arg-type]


async def test_a_dry_run_tells_what_would_be_done_and_does_nothing(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        rows = [await fresh(town, 1), await fresh(town, 2, sectors=("fier",)), await post_of(town, "police_station")]
        tried = await enter(town, rows, TRIED)
        assert (tried.created, tried.updated, tried.unchanged) == (1, 0, 1)
        assert told(tried) == [(1, "#/sectors/0", "unknown_sector")]
        again = await enter(town, rows, TRIED)
        assert again.created == 1, "the first try had written something"


async def test_good_rows_are_kept_and_each_bad_one_is_told_with_its_place(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        mine = await post_of(town, "police_station")
        rows = [
            await fresh(town, 1), await fresh(town, 2, sectors=("fier",)), await fresh(town, 3), await fresh(town, 1),
            await fresh(town, 4, substitute_post_id=UUID(int=9)), mine,
        ]  # fmt: skip
        done = await enter(town, rows, GOOD_ROWS)
        assert (done.created, done.unchanged) == (2, 1)
        assert told(done) == [
            (1, "#/sectors/0", "unknown_sector"),
            (3, "#", "row_twice"),
            (4, "#", "unknown_reference"),
        ]
        again = await enter(town, rows, GOOD_ROWS)
        assert (again.created, again.unchanged, told(again)) == (0, 3, told(done))


async def test_rows_of_another_body_are_refused_one_by_one(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        rows = [await fresh(town, number) for number in range(20)]
        here = [replace(one, area_code="331003000000") if number % 3 else one for number, one in enumerate(rows)]
        done = await enter(town, here, GOOD_ROWS, administrator_elsewhere())
        assert done.created == 13
        assert {one.fault.code for one in done.faults} == {"role_missing"}
        assert sorted(one.row for one in done.faults) == list(range(0, 20, 3))


async def test_a_post_without_an_id_is_the_one_that_has_its_code(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        known = await post_of(town, "police_station")
        renamed = replace(known, id=id_of("posts", known.code), name_zh="新名")
        assert (await enter(town, [renamed], Importing())).updated == 1
        async with town.database.unit_of_work(administrator()) as tx:
            assert (await posts.find_post(tx, known.id)).name_zh == "新名"


async def test_a_duty_names_its_post_by_code_and_a_repeat_changes_nothing(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        known = await post_of(town, "police_station")
        duty = duty_of(UUID(int=0), "fire_station", TOWNSHIP)
        row = DutyRow(duty=duty, post_code=known.code, own_id=False)
        there = duty_of(town.posts["grid_post"], "grid_post", VILLAGE)

        async def once(*rows: DutyRow) -> Imported:
            async with town.database.unit_of_work(administrator()) as tx:
                return await import_as_asked(tx, rows, import_duty_rows, GOOD_ROWS, DutyWrong)

        unknown = replace(row, post_code="nobody")
        standing = DutyRow(duty=there, post_code=None, own_id=False)
        first = await once(row, unknown, standing)
        assert (first.created, first.updated + first.unchanged) == (1, 1), "the standing duty was made anew"
        assert told(first) == [(1, "#/post_code", "unknown_post")]
        assert (await once(row)).unchanged == 1


async def test_without_wishes_a_batch_stands_or_falls_whole(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        rows = [await fresh(town, 1), await fresh(town, 2, sectors=("fier",))]
        with pytest.raises(PostWrong):
            await enter(town, rows, Importing())
        assert (await enter(town, rows[:1], TRIED)).created == 1
