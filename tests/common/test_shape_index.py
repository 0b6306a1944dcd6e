"""Shapes in memory follow their table: also where a copy was stated again and only its content became true."""

from __future__ import annotations

import orjson
from sqlalchemy import text

from libs.common.db import Database
from libs.common.scope import Scope
from libs.common.shapes import ShapeIndex
from services.public_reporting.copies.model import area_copies
from tests.cluster import FreshDatabase

SYSTEM = Scope.of_system("test")
_ADD = text(
    "INSERT INTO area_copies (id, version, code, name, level, valid_from, shape)"
    " VALUES (uuidv7(), 1, :code, :code, 'township', '2026-01-01', :shape)"
)


def square(west: float) -> str:
    """One degree by one degree."""
    ring = [[west, 28], [west + 1, 28], [west + 1, 29], [west, 29], [west, 28]]
    return orjson.dumps({"type": "Polygon", "coordinates": [ring]}).decode()


async def test_a_true_shape_of_the_same_version_is_read_again_once_it_was_stated(
    fresh_database: FreshDatabase,
) -> None:
    database = Database(fresh_database.url("public_reporting_app"), service="public_reporting", pool_size=1)
    index = ShapeIndex(area_copies)
    async with database.unit_of_work(SYSTEM) as tx:
        assert await index.locate(tx, 121.5, 28.5) is None
        for code, west in (("331002001000", 121), ("331002002000", 125)):
            await tx.execute(_ADD, {"code": code, "shape": square(west)})
        assert await index.locate(tx, 121.5, 28.5) == "331002001000"
        # Somebody moved a shape away and an announcement put it back, under the version that it always had.
        await tx.execute(text("UPDATE area_copies SET shape = :shape, stated_in = uuidv7()"), {"shape": square(130)})
        assert await index.locate(tx, 121.5, 28.5) is None
        await tx.execute(text("UPDATE area_copies SET shape = :shape, stated_in = uuidv7()"), {"shape": square(121)})
        assert await index.locate(tx, 121.5, 28.5) is not None
    await database.close()
