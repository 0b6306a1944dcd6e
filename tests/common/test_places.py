"""Points in four coordinate systems, and twelve-digit area codes."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from libs.common.places import (
    AreaLevel,
    Crs,
    Place,
    area_level,
    area_range,
    distance_m,
    from_wgs84,
    parents,
    to_wgs84,
)

REGIONS = Path(__file__).parents[2] / "infra" / "city" / "data" / "taizhou" / "regions.csv"
IN_CHINA = st.tuples(st.floats(74, 135), st.floats(4, 53))
ANYWHERE = st.tuples(st.floats(-179.9, 179.9), st.floats(-85, 85))


@pytest.mark.parametrize("crs", list(Crs))
@given(point=IN_CHINA)
def test_there_and_back_is_the_same_place_to_a_millimetre(crs: Crs, point: tuple[float, float]):
    assert distance_m(to_wgs84(*from_wgs84(*point, crs), crs), point) < 0.001


@pytest.mark.parametrize("crs", list(Crs))
@given(point=IN_CHINA)
def test_given_points_are_shown_again_where_they_were_given(crs: Crs, point: tuple[float, float]):
    assert distance_m(from_wgs84(*to_wgs84(*point, crs), crs), point) < 0.001


@given(point=ANYWHERE)
def test_outside_china_gcj02_is_wgs84_and_bd09_is_near_it(point: tuple[float, float]):
    lon, lat = point
    if not (70 < lon < 140 and 0 < lat < 57):
        assert from_wgs84(lon, lat, Crs.GCJ02) == point
        assert distance_m(from_wgs84(lon, lat, Crs.BD09), point) < 2500


def test_known_points_of_the_transforms():
    """Tiananmen, as two independent public converters give it."""
    gcj02, bd09 = (116.403694625, 39.910590510), (116.410067165, 39.916929791)
    assert from_wgs84(116.397451, 39.909187, Crs.GCJ02) == pytest.approx(gcj02, abs=1e-9)
    assert from_wgs84(116.397451, 39.909187, Crs.BD09) == pytest.approx(bd09, abs=1e-9)
    assert from_wgs84(121.4286, 28.6614, Crs.CGCS2000) == (121.4286, 28.6614)


def test_a_gcj02_point_taken_silently_would_be_hundreds_of_metres_wrong():
    place = Place(lon=121.4286, lat=28.6614, crs=Crs.GCJ02)
    assert 300 < distance_m((place.lon, place.lat), (121.4286, 28.6614)) < 700
    assert place.crs is Crs.WGS84
    assert place.to(Crs.GCJ02) == pytest.approx((121.4286, 28.6614), abs=1e-9)


def test_geojson_comes_in_and_goes_out():
    given_point = {"type": "Point", "coordinates": [121.4286, 28.6614, 12.5], "crs": "BD09"}
    place = Place.model_validate(given_point)
    assert place.geojson(Crs.BD09) == {"type": "Point", "coordinates": [121.4286, 28.6614], "crs": "BD09"}
    assert place.geojson()["coordinates"] == [round(place.lon, 7), round(place.lat, 7)]
    assert "crs" not in place.geojson()
    assert Place.model_validate(place.model_dump()) == Place(**_rounded(place))
    assert Place.model_validate({"coordinates": [121, 28]}) == Place(lon=121.0, lat=28.0)


def _rounded(place: Place) -> dict[str, float]:
    return {"lon": round(place.lon, 7), "lat": round(place.lat, 7)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"coordinates": [181, 0]},
        {"coordinates": [0, -90.1]},
        {"coordinates": [float("nan"), 0]},
        {"coordinates": [float("inf"), 0]},
        {"coordinates": ["121.4", 28]},
        {"coordinates": [True, 28]},
        {"coordinates": [121.4]},
        {"coordinates": [1, 2, 3, 4]},
        {"coordinates": "121.4,28.6"},
        {"coordinates": [121, 28], "lon": 121, "lat": 28},
        {"type": "LineString", "coordinates": [121, 28]},
        {"coordinates": [121, 28], "crs": "EPSG:4326"},
        {"coordinates": [121, 28], "height": 3},
        {"lon": 121},
        {"lon": -179.9999, "lat": 10, "crs": "BD09"},
        [121, 28],
        None,
    ],
)
def test_points_that_are_none_are_refused(wrong: Any):
    with pytest.raises(ValidationError):
        Place.model_validate(wrong)


def test_the_schema_offers_both_forms_and_answers_in_one():
    adapter = TypeAdapter(Place)
    asked, shown = adapter.json_schema(mode="validation"), adapter.json_schema(mode="serialization")
    assert [form["required"] for form in asked["oneOf"]] == [["coordinates"], ["lon", "lat"]]
    assert shown["required"] == ["coordinates"]


def test_distances():
    assert distance_m((0, 0), (0, 1)) == pytest.approx(111_195, rel=1e-3)
    assert distance_m((179.9, 0), (-179.9, 0)) == pytest.approx(22_239, rel=1e-3)
    assert distance_m((121.4286, 28.6614), (121.4286, 28.6614)) == 0
    assert distance_m((0, 90), (77, 90)) == pytest.approx(0, abs=1e-6)
    assert distance_m((0, 0), (180, 0)) == pytest.approx(20_015_114, rel=1e-3)
    with pytest.raises(ValueError, match="finite"):
        distance_m((float("nan"), 0), (0, 0))


@pytest.mark.parametrize(
    ("code", "level", "last", "above"),
    [
        ("000000000000", "nation", "999999999999", ()),
        ("330000000000", "province", "339999999999", ()),
        ("331000000000", "city", "331099999999", ("330000000000",)),
        ("331002000000", "county", "331002999999", ("331000000000", "330000000000")),
        ("331020000000", "county", "331020999999", ("331000000000", "330000000000")),
        (
            "331002010000", "township", "331002010999",
            ("331002000000", "331000000000", "330000000000"),
        ),
        (
            "331002001100", "village", "331002001100",
            ("331002001000", "331002000000", "331000000000", "330000000000"),
        ),
        ("441900003000", "township", "441900003999", ("441900000000", "440000000000")),  # no counties
    ],
)  # fmt: skip
def test_codes_tell_level_range_and_parents(code: str, level: str, last: str, above: tuple[str, ...]):
    assert (area_level(code), area_range(code), parents(code)) == (AreaLevel(level), (code, last), above)


@pytest.mark.parametrize("wrong", ["", "33100200000", "3310020000000", "33100200000a", "３３" * 6])
def test_other_codes_are_refused(wrong: str):
    with pytest.raises(ValueError, match="twelve digits"):
        area_level(wrong)


def test_every_area_of_the_demonstration_city_is_where_its_table_says():
    if not REGIONS.exists():
        pytest.skip("the demonstration city's regions are not in this tree")
    with REGIONS.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 3576
    for row in rows:
        assert area_level(row["code"]) == row["level"]
        above = parents(row["code"])
        assert (above[0] if above else "") == row["parent_code"]
        for parent in above:
            low, high = area_range(parent)
            assert low < row["code"] <= high
