"""Draw a whole city from its data: pure and seeded, so that the same data always give the same rows and ids.

`python -m infra.city.generate <name or folder> --summary` prints the sizes.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar
from uuid import UUID

import orjson

from infra.city.areas import lineage
from infra.city.chains import draw_chains
from infra.city.clients import draw_clients, draw_post_roles
from infra.city.data_files import CityData, read_city
from infra.city.duties import draw_duties
from infra.city.findings import CityDataWrong, wrong
from infra.city.objects import draw_objects
from infra.city.places import Places
from infra.city.posts import draw_posts
from infra.city.shapes import AreaRow, City, Level, Origin
from infra.city.teams import draw_teams

PARTS = ("areas", "posts", "duties", "teams", "objects", "chains", "clients")
"""The parts of a city, in the order in which they are loaded."""


class _Identified(Protocol):
    @property
    def id(self) -> UUID: ...


Row = TypeVar("Row", bound=_Identified)


def generate(data: CityData) -> City:
    """The city of these data. Raises CityDataWrong when a template refers to something that is not there."""
    origins: dict[UUID, Origin] = {}
    places = Places.of(data)
    posts = _keep(draw_posts(data), origins)
    objects = _keep(draw_objects(data, places), origins)
    return City(
        code=data.profile.code,
        areas=draw_areas(data),
        posts=posts,
        duties=_keep(draw_duties(data, posts, places), origins),
        teams=_keep(draw_teams(data, places), origins),
        objects=objects,
        chains=_keep(draw_chains(data, posts, objects), origins),
        clients=_keep(draw_clients(data), origins),
        post_roles=draw_post_roles(data),
        origins=origins,
    )


def draw_areas(data: CityData) -> tuple[AreaRow, ...]:
    """The areas, parents before children."""
    ranked = sorted(data.areas.records, key=lambda record: sum(1 for _ in lineage(record.code)))
    return tuple(
        AreaRow(
            code=record.code,
            name=record.name,
            level=Level(record.level),
            parent_code=record.parent_code or None,
            valid_from=data.profile.areas_valid_from,
            shape=_geometry_text(data, record.code),
        )
        for record in ranked
    )


def _geometry_text(data: CityData, code: str) -> str | None:
    geometry = data.county_shapes.get(code)
    return None if geometry is None else orjson.dumps(geometry).decode()


def _keep(drawn: Iterable[tuple[Row, Origin]], origins: dict[UUID, Origin]) -> tuple[Row, ...]:
    """The rows, their origins noted by id. A natural key that comes twice is refused."""
    rows: list[Row] = []
    for row, origin in drawn:
        first = origins.setdefault(row.id, origin)
        if first is not origin:
            raise wrong(origin.file, origin.row, f"{origin.key} is there already ({first.file} row {first.row})")
        rows.append(row)
    return tuple(rows)


def sizes(city: City) -> dict[str, dict[str, int]]:
    """How many rows of what: totals, and each part by its kind."""
    return {
        "rows": {part: len(getattr(city, part)) for part in PARTS},
        "areas by level": Counter(area.level.value for area in city.areas),
        "posts by kind": Counter(post.kind for post in city.posts),
        "duties by link": Counter(duty.link.value for duty in city.duties),
        "teams by kind": Counter(team.kind for team in city.teams),
        "objects by type": Counter(row.type for row in city.objects),
    }


def _say(counts: Mapping[str, Mapping[str, int]]) -> None:
    for title, numbers in counts.items():
        print(title)
        for name, number in numbers.items():
            print(f"  {name:32}{number:>8,}")


def main(arguments: list[str] | None = None) -> int:
    """The command line: sizes, or one part as JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m infra.city.generate", description="Draw a city from its data.")
    parser.add_argument("city", help="name of a city that ships with the platform, or a folder")
    shown = parser.add_mutually_exclusive_group(required=True)
    shown.add_argument("--summary", action="store_true", help="print how many rows of what")
    shown.add_argument("--rows", choices=PARTS, help="print one part, a JSON object a line")
    chosen = parser.parse_args(arguments)
    try:
        city = generate(read_city(chosen.city))
    except CityDataWrong as wrong_data:
        print(wrong_data, file=sys.stderr)
        return 1
    if chosen.summary:
        _say(sizes(city))
    else:
        for row in getattr(city, chosen.rows):
            sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
