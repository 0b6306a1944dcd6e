"""Reading a city's folder into typed data; every fault names its file and row."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from infra.city.areas import AreaRecord, AreaTree
from infra.city.findings import CityDataWrong, Finding, wrong
from infra.city.templates import (
    ChainTemplate,
    ClientTemplate,
    DutyTemplate,
    ObjectFile,
    PersonTemplate,
    Places,
    PostFile,
    PostRoleFile,
    Profile,
    TeamTemplate,
)
from infra.city.tour_shapes import TourScript

CITY, POSTS, DUTIES, TEAMS = "city.json", "posts.json", "duties.json", "teams.json"
OBJECTS, CLIENTS, PLACES, POST_ROLES = "objects.json", "clients.json", "places.json", "post_roles.json"
TOUR, PEOPLE, CHAINS = "tour.json", "people.json", "chains.json"
REGIONS, SHAPES, NAMES_EN = "regions.csv", "counties.geojson", "names_en.csv"

CITIES = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True, slots=True)
class CityData:
    """Everything a reader can change, as read from one folder."""

    profile: Profile
    areas: AreaTree
    county_shapes: Mapping[str, Mapping[str, JsonValue]]
    names_en: Mapping[str, str]
    places: Places
    posts: PostFile
    duties: tuple[DutyTemplate, ...]
    teams: tuple[TeamTemplate, ...]
    objects: ObjectFile
    post_roles: PostRoleFile
    clients: tuple[ClientTemplate, ...]
    tour: TourScript | None
    people: tuple[PersonTemplate, ...] = ()
    chains: tuple[ChainTemplate, ...] = ()


def city_folder(city: str | Path) -> Path:
    """The folder of a city: a path that exists, or the name of one that ships with the platform."""
    for folder in (Path(city), CITIES / city):
        if (folder / CITY).is_file():
            return folder
    known = ", ".join(sorted(path.parent.name for path in CITIES.glob(f"*/{CITY}")))
    raise wrong(CITY, "-", f"no city {str(city)!r} here; known cities: {known}")


def read_city(city: str | Path) -> CityData:
    """Read a city by name or folder. Raises CityDataWrong for a missing file or a field that does not fit."""
    folder = city_folder(city)
    return CityData(
        profile=_read(folder, CITY, Profile),
        areas=AreaTree(_read_areas(folder)),
        county_shapes=_read_shapes(folder),
        names_en={line["code"]: line["name_en"] for line in _lines(folder, NAMES_EN, {"code", "name_en"})},
        places=_read(folder, PLACES, Places),
        posts=_read(folder, POSTS, PostFile),
        duties=_read(folder, DUTIES, tuple[DutyTemplate, ...]),
        teams=_read(folder, TEAMS, tuple[TeamTemplate, ...]),
        objects=_read(folder, OBJECTS, ObjectFile),
        post_roles=_read(folder, POST_ROLES, PostRoleFile),
        clients=_read(folder, CLIENTS, tuple[ClientTemplate, ...]),
        tour=_read(folder, TOUR, TourScript) if (folder / TOUR).exists() else None,
        people=_read(folder, PEOPLE, tuple[PersonTemplate, ...]) if (folder / PEOPLE).exists() else (),
        chains=_read(folder, CHAINS, tuple[ChainTemplate, ...]) if (folder / CHAINS).exists() else (),
    )


def _text(folder: Path, file: str) -> str:
    try:
        return (folder / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise wrong(file, "-", f"the file is missing in {folder}") from None


def _read(folder: Path, file: str, shape: Any) -> Any:
    try:
        return TypeAdapter(shape).validate_json(_text(folder, file))
    except ValidationError as error:
        raise CityDataWrong(
            *(Finding(file=file, row=_row(fault["loc"]), message=fault["msg"]) for fault in error.errors())
        ) from None


def _row(loc: tuple[int | str, ...]) -> str:
    """Positions count from 1, as people count."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc) or "-"


def _lines(folder: Path, file: str, columns: set[str]) -> list[dict[str, str]]:
    reader = csv.DictReader(_text(folder, file).splitlines())
    missing = columns - set(reader.fieldnames or ())
    if missing:
        raise wrong(file, 1, f"the header lacks {', '.join(sorted(missing))}")
    return list(reader)


def _read_areas(folder: Path) -> tuple[AreaRecord, ...]:
    lines = _lines(folder, REGIONS, {"code", "name", "level", "parent_code"})
    return tuple(
        AreaRecord(
            row=row,
            code=line["code"] or "",
            name=line["name"] or "",
            level=line["level"] or "",
            parent_code=line["parent_code"] or "",
        )
        for row, line in enumerate(lines, start=2)
    )


def _read_shapes(folder: Path) -> dict[str, Mapping[str, JsonValue]]:
    try:
        collection = json.loads(_text(folder, SHAPES))
        return {feature["id"]: feature["geometry"] for feature in collection["features"]}
    except (ValueError, KeyError, TypeError) as fault:
        raise wrong(SHAPES, "-", f"not a feature collection with ids: {fault}") from None
