"""A wrong city is refused, and the message names the file and the row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.city.data_files import CITIES
from infra.city.validate import main, validate
from libs.contracts.classification import CATEGORIES
from tests.infra.city.small_city import OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, files, written

Spoil = Callable[[dict[str, Any]], None]


def replace(file: str, old: str, new: str) -> Spoil:
    """Change some text of a CSV."""

    def spoil(contents: dict[str, Any]) -> None:
        assert old in contents[file]
        contents[file] = contents[file].replace(old, new)

    return spoil


def put(file: str, *path: Any) -> Spoil:
    """Put the last value at the path of a JSON file."""
    *way, key, value = path

    def spoil(contents: dict[str, Any]) -> None:
        place = contents[file]
        for step in way:
            place = place[step]
        place[key] = value

    return spoil


WRONG: dict[str, tuple[Spoil, str]] = {
    "a code that is not twelve digits": (
        replace("regions.csv", "110101001001,", "11010100100,"),
        "regions.csv row 6: code '11010100100' is not 12 digits",
    ),
    "a level that the code denies": (
        replace("regions.csv", "丁街道,township", "丁街道,village"),
        "regions.csv row 5: level is 'village', but the code 110101001000 says 'township'",
    ),
    "a parent that the code denies": (
        replace("regions.csv", "戊社区,village,110101001000", "戊社区,village,110101100000"),
        "regions.csv row 6: parent is '110101100000', but the code 110101001001 says '110101001000'",
    ),
    "a parent that is not there": (
        replace("regions.csv", "110101100000,庚镇,township,110101000000\n", ""),
        "regions.csv row 8: parent 110101100000 of 110101100201 is not in the file",
    ),
    "an area that comes twice": (
        replace("regions.csv", "110101001001,戊", "110101001201,戊"),
        "regions.csv row 7: area 110101001201 is there already (row 6)",
    ),
    "a header without a column": (
        replace("regions.csv", "parent_code", "parent"),
        "regions.csv row 1: the header lacks parent_code",
    ),
    "a county without a shape": (
        put("counties.geojson", "features", 0, "id", "110102000000"),
        "counties.geojson row 110101000000: county 丙区 has no shape",
    ),
    "a city code that is no city": (
        put("city.json", "code", TOWNSHIP),
        "city.json row code: 110101001000 is not a city of regions.csv",
    ),
    "a misspelt field": (
        put("posts.json", "posts", 1, "organisation", "x"),
        "posts.json row posts.2.organisation: Extra inputs are not permitted",
    ),
    "a classification of its own": (
        put("city.json", "sectors", [{"code": "fire", "zh": "消防", "en": "Fire"}]),
        "city.json row sectors: Extra inputs are not permitted",
    ),
    "an unknown sector": (
        put("duties.json", 2, "sectors", ["fires"]),
        "duties.json row 3: sector 'fires' does not exist",
    ),
    "an unknown category": (
        put("objects.json", "types", 0, "category", "fires"),
        "objects.json row types.1: category 'fires' does not exist",
    ),
    "an unknown area": (
        put("places.json", "sets", "stations", ["110101009000"]),
        "places.json row sets.stations: area '110101009000' does not exist",
    ),
    "a duty of a post that is not there": (
        put("duties.json", 0, "post", "grids"),
        "duties.json row 1: kind of post 'grids' does not exist",
    ),
    "a list that is not there": (
        put("teams.json", 0, "at", "bases"),
        "teams.json row 1: places.json has no list 'bases'",
    ),
    "a word that nothing fills": (
        put("posts.json", "posts", 0, "zh", "{nome}局"),
        "posts.json row posts.1: '{nome}局' has a word that nothing fills: 'nome'",
    ),
    "a required post of no kind": (
        put("posts.json", "posts", 0, "kind", "grid"),
        "city.json row required_posts.county: kind of post 'bureau' does not exist",
    ),
    "a team that comes twice": (
        put("places.json", "sets", "stations", [TOWNSHIP, TOWNSHIP]),
        f"teams.json row 1: team:station@{TOWNSHIP} is there already (teams.json row 1)",
    ),
    "a township without its post": (
        put("posts.json", "posts", 1, "township_segment", [1, 99]),
        f"city.json row required_posts.township: 庚镇 ({OTHER_TOWNSHIP}) has no head",
    ),
    "a vacancy of a post that is not there": (
        put("city.json", "vacancies", 0, "area_code", TOWNSHIP),
        f"city.json row vacancies.1: the vacant post:grid@{TOWNSHIP} does not exist",
    ),
    "a substitute that is not there": (
        put("city.json", "vacancies", 0, "substitute", {"kind": "head", "area_code": VILLAGE}),
        f"city.json row vacancies.1: the substitute post:head@{VILLAGE} does not exist",
    ),
    "a substitute that is vacant": (
        put("city.json", "vacancies", 0, "substitute", {"kind": "grid", "area_code": VILLAGE}),
        f"city.json row vacancies.1: the substitute post:grid@{VILLAGE} is vacant itself",
    ),
    "a point outside its county": (
        put("objects.json", "named", 0, "lon", 100.3),
        "objects.json row named.1: risk-object:first: point 100.3, 30.1 lies outside 丙区 (110101000000)",
    ),
    "an anchor outside its county": (
        put("places.json", "anchors", 0, "lat", 31.0),
        "places.json row anchors.1: point 100.05, 31.0 lies outside 丙区 (110101000000)",
    ),
    "a category that no department supervises": (
        put("duties.json", 2, "categories", ["rental_house_fire"]),
        "duties.json row -: 丙区 (110101000000) has no sector supervisor for gas",
    ),
    "a size that is not kept": (
        put("city.json", "sizes", "risk_objects", 4),
        "objects.json row -: 3 rows, but city.json promises 4",
    ),
    "a client that acts for nothing": (
        put("clients.json", 0, "subjects", 0, "objects", ["second"]),
        "clients.json row 1: grid acts for a post, team or object that does not exist",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_city_is_refused_with_file_and_row(fault: str, tmp_path: Path) -> None:
    spoil, message = WRONG[fault]
    contents = files()
    spoil(contents)
    assert message in [str(finding) for finding in validate(written(tmp_path, contents))]


def test_a_sound_city_has_no_fault(tmp_path: Path) -> None:
    assert validate(written(tmp_path, files())) == ()


def test_the_city_that_ships_has_no_fault() -> None:
    assert [validate(path.parent) for path in CITIES.glob("*/city.json")] == [()]


def test_a_blind_spot_that_nobody_declared_is_named(tmp_path: Path) -> None:
    contents = files()
    contents["duties.json"] = [
        duty | {"categories": sorted(CATEGORIES - {"gas"})} for duty in contents["duties.json"]
    ]
    messages = [str(finding) for finding in validate(written(tmp_path, contents))]
    assert "duties.json row -: nobody handles gas in 戊社区 (110101001001): declare or cover it" in messages
    assert not any(VILLAGE in message and "nobody" in message for message in messages)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (written(tmp_path, files()) / "duties.json").unlink()
    [finding] = validate(tmp_path)
    assert str(finding).startswith("duties.json row -: the file is missing")


def test_an_unknown_city_tells_the_known_ones() -> None:
    [finding] = validate("atlantis")
    assert "no city 'atlantis' here" in finding.message


def test_the_command_line_answers_with_its_exit_code(tmp_path: Path) -> None:
    assert main([str(written(tmp_path, files()))]) == 0
    (tmp_path / "duties.json").write_text("[]", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
