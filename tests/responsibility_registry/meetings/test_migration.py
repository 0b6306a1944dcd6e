"""The tables of organisations, bodies and meetings go down and up again with rows in them, and posts stay."""

from __future__ import annotations

from importlib import import_module

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.db import Database
from services.responsibility_registry.organizations.actions_organizations import import_organizations
from services.responsibility_registry.organizations.store import find_posts
from tests.cluster import FreshDatabase
from tests.responsibility_registry.meetings.hall import hall
from tests.responsibility_registry.organizations.units import unit
from tests.responsibility_registry.stage import administrator

_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0011_organisations_bodies_meetings")


async def test_the_tables_go_down_and_up_again_with_rows_in_them(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with hall(fresh_database) as place:
        await place.hold(await place.plan(await place.found()))
        posts = [*place.town.posts.values()]
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    # A pool of its own: what the one before had prepared is of columns that are gone.
    database = Database(fresh_database.url(f"{_SCHEMA}_app"), service=_SCHEMA, pool_size=2)
    try:
        async with database.unit_of_work(administrator()) as tx:
            assert {*await find_posts(tx, posts)} == {*posts}
            assert (await import_organizations(tx, [unit("bureau")])).created == 1
    finally:
        await database.close()
