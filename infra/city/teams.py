"""Rescue teams at their bases: known points for the ones a script names, seeded points for the rest."""

from collections.abc import Iterator

from infra.city.data_files import TEAMS, CityData
from infra.city.findings import wrong
from infra.city.keys import CityKeys, team_key
from infra.city.places import Places
from infra.city.posts import Titles, area_set, filled
from infra.city.shapes import Origin, TeamRow
from infra.city.templates import TeamTemplate

FREE = "free"


def draw_teams(data: CityData, places: Places) -> Iterator[tuple[TeamRow, Origin]]:
    """Every team of the city with the template it comes from."""
    keys, titles = CityKeys(data.profile.code), Titles(data)
    for place, template in enumerate(data.teams, start=1):
        row = str(place)
        for area_code in _bases(data, template, row):
            key = team_key(template.kind, area_code)
            lon, lat = template.points.get(area_code) or places.near(area_code, key)
            team = TeamRow(
                id=keys.of(key),
                name=filled(template.name, titles.of(area_code), TEAMS, row),
                kind=template.kind,
                capabilities=template.capabilities,
                lon=lon,
                lat=lat,
                area_code=area_code,
                turnout=template.turnout,
                status=FREE,
            )
            yield team, Origin(file=TEAMS, row=row, key=key)


def _bases(data: CityData, template: TeamTemplate, row: str) -> tuple[str, ...]:
    if isinstance(template.at, str):
        return area_set(data, template.at, TEAMS, row)
    for code in template.at:
        if code not in data.areas:
            raise wrong(TEAMS, row, f"area {code} is not in regions.csv")
    return template.at
