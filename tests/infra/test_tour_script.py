"""The script of the tour: data of the city, refused with file and row where it names what is not there."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import infra
from infra.city.data_files import CITIES, TOUR, CityData, read_city
from infra.city.findings import CityDataWrong
from infra.city.shapes import Tier
from infra.city.tour_checks import check_tour
from infra.city.tour_shapes import TourScript
from infra.tour.play import script_of
from infra.tour.stage import TourStopped
from infra.tour.telling import NOT_PLAYED

[SHIPPED] = [path.parent for path in CITIES.glob(f"*/{TOUR}")]
Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def city() -> CityData:
    return read_city(SHIPPED)


def test_the_shipped_script_can_be_played(city: CityData) -> None:
    assert city.tour is not None
    assert city.tour.version
    assert city.tour.source
    assert list(check_tour(city)) == []


WRONG: dict[str, tuple[Spoil, str]] = {
    "somebody whom no client names": (
        lambda told: told["people"].update(police="nobody"),
        "tour.json row people.police: subject 'nobody' does not exist",
    ),
    "a team without a subject": (
        lambda told: told["loop_b"]["teams"].pop("micro_station"),
        "tour.json row loop_b.night.1.team: team 'micro_station' does not exist",
    ),
    "a leader without a subject": (
        lambda told: told["loop_b"]["leaders"].pop("fire_station"),
        "tour.json row loop_b.night.6.called: leader 'fire_station' does not exist",
    ),
    "an object that the city does not name": (
        lambda told: told["before_b"]["check"].update(risk_object="a-house"),
        "tour.json row before_b.check.risk_object: named object 'a-house' does not exist",
    ),
    "a place that is not there": (
        lambda told: told["loop_a"].update(village="990000000000"),
        "tour.json row loop_a.village: area '990000000000' does not exist",
    ),
    "a decision by nobody": (
        lambda told: told["loop_b"]["decisions"][0].update(by="mayor"),
        "tour.json row loop_b.decisions.1.by: person 'mayor' does not exist",
    ),
    "time that runs backwards": (
        lambda told: told["loop_a"]["accept"].update(at="2026-10-12 19:00"),
        "tour.json row loop_a.accept: 2026-10-12 19:00 is before the step that is played before it",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_script_names_its_row(city: CityData, what: str) -> None:
    spoil, message = WRONG[what]
    told = json.loads((SHIPPED / TOUR).read_text("utf-8"))
    spoil(told)
    findings = check_tour(replace(city, tour=TourScript.model_validate(told)))
    assert message in [str(finding) for finding in findings]


@pytest.mark.parametrize(
    ("spoil", "row"),
    [
        (lambda told: told["loop_a"]["report"].update(at="tomorrow"), "loop_a.report.at"),
        (lambda told: told["loop_b"]["night"][0].update(do="dance"), "loop_b.night.1"),
        (lambda told: told["people"].pop("grid"), "people.grid"),
        (lambda told: told.pop("source"), "source"),
        (lambda told: told.update(motto="x"), "motto"),
    ],
)
def test_a_script_of_another_shape_is_refused(tmp_path: Path, spoil: Spoil, row: str) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "city"))
    told = json.loads((folder / TOUR).read_text("utf-8"))
    spoil(told)
    (folder / TOUR).write_text(json.dumps(told), "utf-8")
    with pytest.raises(CityDataWrong) as wrong:
        read_city(folder)
    assert any(one.row == row and one.file == TOUR for one in wrong.value.findings), wrong.value
    with pytest.raises(TourStopped, match=re.escape(row)):
        script_of(str(folder))


def test_a_city_without_a_script_has_no_tour(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "city"))
    (folder / TOUR).unlink()
    assert read_city(folder).tour is None
    with pytest.raises(TourStopped, match=r"write its tour\.json"):
        script_of(str(folder))


def test_a_night_is_told_in_its_order(city: CityData) -> None:
    assert city.tour is not None
    moments = [datetime.fromisoformat(moment) for _, moment in city.tour.moments()]
    assert moments == sorted(moments)


def test_no_code_knows_a_city(city: CityData) -> None:
    tiers = (Tier.CITY, Tier.COUNTY, Tier.TOWNSHIP)
    names = {city.areas.name(code) for tier in tiers for code in city.areas.at(tier)}
    known = re.compile("|".join([r"\b\d{12}\b", *map(re.escape, sorted(name for name in names if len(name) > 2))]))
    sources = [path for path in Path(str(infra.__file__)).parent.rglob("*.py") if "data" not in path.parts]
    assert {
        f"{path.name}: {found[0]}" for path in sources if (found := known.search(path.read_text("utf-8")))
    } == set()


def test_the_readme_names_every_step_that_is_not_played() -> None:
    readme = (Path(infra.__file__).parents[1] / "README.md").read_text("utf-8")
    said = readme.partition("cannot play yet:")[2].partition("\n\n")[0]
    assert re.findall(r"\(([AB]\d+)\)", said) == [step for step, _ in NOT_PLAYED]
