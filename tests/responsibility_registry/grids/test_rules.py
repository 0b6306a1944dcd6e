"""What a grid has to be, and that nothing of it is ever drawn anew in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.places import Crs, distance_m, from_wgs84
from services.responsibility_registry.grids import rules, rules_coverage
from services.responsibility_registry.grids.policies import KINDS
from services.responsibility_registry.grids.rules import Drawn, Grid, GridForm
from services.responsibility_registry.grids.rules_refusals import GridAlreadyEnded, GridHasParts, GridWrong
from services.responsibility_registry.grids.store_shapes import area_m2, drawn_of, ground_of, text_of
from tests.responsibility_registry.areas.test_shapes import box
from tests.responsibility_registry.grids.cases import line, new
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
GROUND = Drawn(form=GridForm.POLYGON, outside=0.0)
GRID = new(1).grid(NOW)


def faults(grid: Grid, drawn: Drawn | None = GROUND) -> list[tuple[str, str]]:
    try:
        rules.check(grid, drawn, KINDS)
    except GridWrong as wrong:
        return [(pointer, code) for pointer, code, _ in wrong.errors]
    return []


def test_kinds_are_data_with_a_source_and_each_has_a_letter_of_its_own() -> None:
    assert "[DEF]" in KINDS.source
    assert len({one.letter for one in KINDS.kinds}) == len(KINDS.kinds) == 10
    assert [rules.kind_of(one.kind, KINDS) for one in KINDS.kinds] == [*KINDS.kinds]
    assert faults(replace(GRID, kind="sewer")) == [("/kind", "unknown_kind")]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (f"{GRID.area_code}001", []), (f"{GRID.area_code}000", ["pattern"]), (f"{GRID.area_code}01", ["pattern"]),
        (f"{GRID.area_code}001R", ["pattern"]), (f"{GRID.area_code}00１", ["pattern"]),
        ("331002004209001", ["contradicts_area"]),
    ],
)  # fmt: skip
def test_a_code_is_its_area_a_serial_and_the_letter_of_its_kind(code: str, found: list[str]) -> None:
    assert [fault for _, fault in faults(replace(GRID, code=code))] == found


def test_a_kind_says_at_which_levels_and_as_what_it_is_drawn() -> None:
    railway = new(1, "railway", "R", TOWNSHIP, shape=line((121, 28), (121.1, 28))).grid(NOW)
    drawn = Drawn(form=GridForm.LINE, outside=None)
    assert faults(railway, drawn) == []
    assert faults(new(1, "railway", "R", COUNTY, shape=line((121, 28), (121.1, 28))).grid(NOW), drawn) == []
    city = new(1, "railway", "R", "331000000000", shape=line((121, 28), (121.1, 28))).grid(NOW)
    assert faults(city, drawn) == [("/area_code", "other_level")]
    assert faults(new(1, area_code=TOWNSHIP).grid(NOW)) == [("/area_code", "other_level")]
    assert faults(replace(railway, buffer_m=0), drawn) == [("/buffer_m", "contradicts_shape")]
    assert faults(replace(railway, buffer_m=2001), drawn) == [("/buffer_m", "too_wide")]
    assert faults(railway, Drawn(form=GridForm.POINT, outside=None)) == [("/shape", "other_form")]
    assert faults(replace(GRID, buffer_m=5)) == [("/buffer_m", "contradicts_shape")]
    assert faults(GRID, None) == [("/shape", "no_shape")]
    assert faults(GRID, Drawn(form=GridForm.POLYGON, outside=KINDS.most_outside)) == []
    assert faults(GRID, Drawn(form=GridForm.POLYGON, outside=0.51)) == [("/shape", "outside_area")]


def test_a_grid_has_a_name_and_ends_after_it_begins() -> None:
    assert faults(replace(GRID, name=" ")) == [("/name", "length")]
    assert faults(replace(GRID, valid_to=GRID.valid_from)) == [("/valid_to", "before_its_beginning")]
    assert faults(replace(GRID, parent_code=GRID.code)) == [("/parent_code", "itself")]


def test_grids_lie_in_each_other_a_few_deep_and_in_no_circle() -> None:
    inner, outer = replace(GRID, parent_code="outer"), replace(GRID, code="outer")
    rules.check_parent(GRID, [])
    rules.check_parent(inner, [outer])
    for above, fault in (
        ([], "unknown_grid"), ([replace(outer, valid_to=NOW)], "already_ended"),
        ([outer, inner], "in_a_circle"), ([outer] * rules.MOST_DEEP, "too_deep"),
    ):  # fmt: skip
        with pytest.raises(GridWrong) as wrong:
            rules.check_parent(inner, above)
        assert [(pointer, code) for pointer, code, _ in wrong.value.errors] == [("/parent_code", fault)]


def test_what_was_drawn_until_now_stays_and_what_has_ended_moves_no_more() -> None:
    after = rules.redraw(GRID, "other", 0, NOW, NOW)
    assert (after.shape, after.drawn_from, after.valid_from) == ("other", NOW, GRID.valid_from)
    for grid, shape, at, fault in (
        (GRID, "other", NOW - HOUR, "in_the_past"), (GRID, GRID.shape, NOW, "unchanged"),
        (replace(GRID, drawn_from=NOW + HOUR), "other", NOW + HOUR, "before_its_drawing"),
    ):  # fmt: skip
        with pytest.raises(GridWrong) as wrong:
            rules.redraw(grid, shape, 0, at, NOW)
        assert [code for _, code, _ in wrong.value.errors] == [fault]
    ended = rules.end(GRID, [], NOW, NOW, "并入")
    assert (ended.valid_to, ended.ended_reason, rules.open_moves(ended)) == (NOW, "并入", ())
    assert rules.end(replace(GRID, valid_from=NOW + HOUR), [], NOW, NOW, "并入").valid_to == NOW + HOUR
    with pytest.raises(GridAlreadyEnded):
        rules.end(ended, [], NOW, NOW, "并入")
    with pytest.raises(GridAlreadyEnded):
        rules.redraw(ended, "other", 0, NOW, NOW)
    with pytest.raises(GridHasParts):
        rules.end(GRID, ["inner"], NOW, NOW, "并入")


def test_a_question_about_too_much_is_refused() -> None:
    rules_coverage.require_few(rules_coverage.MOST_GRIDS)
    rules_coverage.require_few_pairs(rules_coverage.MOST_PAIRS)
    with pytest.raises(rules_coverage.CoverageTooWide):
        rules_coverage.require_few(rules_coverage.MOST_GRIDS + 1)
    with pytest.raises(rules_coverage.CoverageTooWide):
        rules_coverage.require_few_pairs(rules_coverage.MOST_PAIRS + 1)
    with pytest.raises(GridWrong):
        rules_coverage.require_kinds(["community", "sewer"], KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "junk", "[]", '{"type": "Point"}', '{"type": "MultiPoint", "coordinates": [[1, 2]]}',
        '{"type": "Point", "coordinates": [190, 2]}', '{"type": "Point", "coordinates": []}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]}',
        '{"type": "LineString", "coordinates": [[1, 2]]}',
        '{"type": "LineString", "coordinates": [' + "[1, 2]," * 5000 + "[1, 3]]}",
    ],
)  # fmt: skip
def test_what_draws_nothing_is_no_shape(text: str) -> None:
    assert drawn_of(text) is None


@given(st.floats(100, 130), st.floats(5, 50), st.sampled_from([Crs.GCJ02, Crs.BD09]))
def test_shapes_of_map_kits_are_kept_where_they_are(lon: float, lat: float, crs: Crs) -> None:
    moved = from_wgs84(lon, lat, crs)
    found = drawn_of(f'{{"type": "Point", "coordinates": [{moved.lon}, {moved.lat}]}}', crs)
    assert found is not None
    assert distance_m((found.bounds[0], found.bounds[1]), (lon, lat)) < 0.02
    assert text_of(found) == text_of(drawn_of(text_of(found)) or found)


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(1, 2000))
def test_a_buffer_reaches_as_many_metres_in_every_direction(lon: float, lat: float, metres: float) -> None:
    point = drawn_of(f'{{"type": "Point", "coordinates": [{lon}, {lat}]}}')
    assert point is not None
    ground = ground_of(point, metres)
    west, south, east, north = ground.bounds
    for edge in ((west, lat), (east, lat), (lon, south), (lon, north)):
        assert distance_m((lon, lat), edge) == pytest.approx(metres, rel=2e-3, abs=0.05)
    assert area_m2(ground) == pytest.approx(3.1416 * metres**2, rel=0.02)


def test_a_square_of_known_sides_has_their_area() -> None:
    drawn = drawn_of(box(121.0, 28.0, 121.1, 28.1))
    assert drawn is not None
    sides = distance_m((121.0, 28.05), (121.1, 28.05)) * distance_m((121.0, 28.0), (121.0, 28.1))
    assert area_m2(drawn) == pytest.approx(sides, rel=1e-4)
