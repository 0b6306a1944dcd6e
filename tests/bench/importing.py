"""The areas of the country taken in by the registry's own verb, beside openpyxl reading as many rows and no more.

As the importer does it: batches of 500, a transaction each, every area with its event and its row of the timeline.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

import openpyxl
import psutil
import xlsxwriter

from infra.city.areas import level_of, parent_of
from libs.common.db import Database
from libs.common.imports import id_of
from libs.common.scope import Grant, Scope
from services.responsibility_registry.areas import actions
from services.responsibility_registry.areas.rules import Area, Level
from tests.bench import country
from tests.bench.figures import Figure, Measured, Tell
from tests.bench.who_planted import SCHEMA
from tests.cluster import Cluster

_BATCH = 500
_SCOPE = Scope(
    subject="bench", client_id="bench",
    grants=(Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="administrator"),),
)  # fmt: skip


async def measure(
    cluster: Cluster, tell: Tell, areas: Sequence[country.Area], *, rows: int = 20_000
) -> list[Measured]:
    """Rows a second of both, and by how much the process grew from the first half to the second."""
    tell(f"who: taking in {rows:,} of the areas by the registry's own verb")
    # By code, so that what an area lies in comes before it.
    sample = areas[:rows]
    read = _read(cluster.home / "areas.xlsx", sample)
    async with cluster.fresh_database() as fresh:
        database = Database(fresh.url(f"{SCHEMA}_app"), service=SCHEMA, pool_size=2)
        try:
            halves = [await _take_in(database, half) for half in (sample[: rows // 2], sample[rows // 2 :])]
        finally:
            await database.close()
    rate, grown = len(sample) / sum(seconds for seconds, _ in halves), halves[1][1] - halves[0][1]
    return [
        Figure(
            row="h", what="areas taken in by the registry's verb", value=rate, unit="rows/s", bar=20_000,
            beside=f"{read:,.0f} rows/s of openpyxl reading alone; the second half at"
            f" {halves[0][0] / halves[1][0]:.2f} of the first's rate, {grown:+.0f} MB",
        )
    ]  # fmt: skip


async def _take_in(database: Database, areas: Sequence[country.Area]) -> tuple[float, float]:
    begun = perf_counter()
    for first in range(0, len(areas), _BATCH):
        async with database.unit_of_work(_SCOPE) as tx:
            await actions.import_areas(tx, [_area(one) for one in areas[first : first + _BATCH]])
    return perf_counter() - begun, psutil.Process(os.getpid()).memory_info().rss / 1e6


def _area(one: country.Area) -> Area:
    made = id_of("areas", one.code)
    return Area(
        id=made, version=0, area_code=one.code, sectors=(), exercise=False, correlation_id=made, code=one.code,
        name=one.name, level=Level(level_of(one.code).value), parent_code=parent_of(one.code),
        valid_from=date(2020, 1, 1),
    )  # fmt: skip


def _read(file: Path, areas: Sequence[country.Area]) -> float:
    """Rows a second of openpyxl, which only reads them."""
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, one in enumerate(areas):
            sheet.write_row(
                number, 0, (one.code, one.name, level_of(one.code).value, parent_of(one.code), "2020-01-01")
            )
    begun = perf_counter()
    book_read = openpyxl.load_workbook(file, read_only=True)
    count = sum(1 for _ in book_read.worksheets[0].iter_rows(values_only=True))
    book_read.close()
    return count / (perf_counter() - begun)
