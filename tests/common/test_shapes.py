"""Shapes of areas: what draws no area never reaches the index in which every alarm is looked up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from libs.common.shapes import shape_of

COUNTIES = Path(__file__).parents[2] / "infra" / "city" / "data" / "taizhou" / "counties.geojson"
SQUARE = [[121, 28], [122, 28], [122, 29], [121, 29], [121, 28]]


def polygon(*rings: object) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def test_the_shapes_of_a_real_city_draw_areas() -> None:
    shapes = [json.dumps(one["geometry"]) for one in json.loads(COUNTIES.read_text())["features"]]
    assert shapes
    assert all(shape_of(shape) is not None for shape in (*shapes, polygon(SQUARE)))


@pytest.mark.parametrize(
    "text",
    [
        "junk",
        "null",
        "{}",
        "[" * 5000,
        '{"type":"GeometryCollection","geometries":[' * 5000,
        '{"type":"GeometryCollection","geometries":[]}',
        '{"type":"Feature","geometry":null,"properties":{}}',
        '{"type":"Point","coordinates":[121.4,28.6]}',
        '{"type":"Polygon","coordinates":[[[NaN,0],[1,1],[2,2],[NaN,0]]]}',
        '{"type":"Polygon","coordinates":[[[1e999,0],[1,1],[2,2],[1e999,0]]]}',
        '{"type":"Polygon"}',
        polygon(),
        polygon(SQUARE[:4]),
        polygon(SQUARE[:2]),
        polygon([["a", 0], [1, 1], [2, 2], ["a", 0]]),
        polygon([[121, 28], [122, 29], [122, 28], [121, 29], [121, 28]]),
        polygon([[500, 50], [501, 50], [501, 51], [500, 50]]),
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_what_draws_no_area_is_none(text: str) -> None:
    assert shape_of(text) is None
