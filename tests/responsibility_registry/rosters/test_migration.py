"""The tables of rosters go down and up again with rows in them."""

from __future__ import annotations

from importlib import import_module

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.db import Database
from services.responsibility_registry.organizations.store import find_posts
from tests.cluster import FreshDatabase
from tests.responsibility_registry.rosters.test_verbs import Room
from tests.responsibility_registry.stage import SYSTEM, stage

_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0017_who_is_on_duty")


async def test_the_tables_go_down_and_up_again_with_rows_in_them(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with stage(fresh_database) as town:
        room = Room(town)
        roster = await room.draw(room.plan(needs=2))
        await room.sweep()
        mine, theirs, *_ = await room.officers(roster)
        await room.ask(room.by("township_deputy"), mine, theirs)
        posts = [*town.posts.values()]
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    # A pool of its own: what the one before had prepared is of columns that are gone.
    database = Database(fresh_database.url(f"{_SCHEMA}_app"), service=_SCHEMA, pool_size=2)
    try:
        async with database.unit_of_work(SYSTEM) as tx:
            assert {*await find_posts(tx, posts)} == {*posts}
    finally:
        await database.close()
