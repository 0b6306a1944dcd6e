"""Is anyone responsible? Every place and category must have a handling post, but for the declared gaps."""

from collections.abc import Iterator

from infra.city.areas import lineage, range_of
from infra.city.data_files import DUTIES, CityData
from infra.city.findings import Finding
from infra.city.shapes import City, DutyRow, Link, Tier
from libs.contracts.classification import SECTORS_OF

SHOWN = 20
"""So many places are named one by one; of more, only the number is said."""


def check_coverage(data: CityData, city: City) -> Iterator[Finding]:
    """Blind spots by county and sector supervisor, and by village and handling post."""
    yield from check_supervisors(data, city)
    yield from check_villages(data, city)


def check_supervisors(data: CityData, city: City) -> Iterator[Finding]:
    """Every category has a supervising department in every county (WSL 2021 Art 3 [S])."""
    supervised: dict[str, set[str]] = {}
    for duty in city.duties:
        if duty.link is Link.SECTOR_SUPERVISOR:
            for code in lineage(duty.area_code):
                supervised.setdefault(code, set()).update(covered(duty))
    for county in data.areas.at(Tier.COUNTY):
        for category in SECTORS_OF:
            if category not in supervised.get(county, ()):
                message = f"{data.areas.name(county)} ({county}) has no sector supervisor for {category}"
                yield Finding(file=DUTIES, row="-", message=message)


def check_villages(data: CityData, city: City) -> Iterator[Finding]:
    """Every village and category has a handling post, except in the declared gaps."""
    surprises = sorted(set(blind_spots(data, city)) - set(_declared(data)))
    for village, category in surprises[:SHOWN]:
        message = f"nobody handles {category} in {data.areas.name(village)} ({village}): declare or cover it"
        yield Finding(file=DUTIES, row="-", message=message)
    if len(surprises) > SHOWN:
        yield Finding(file=DUTIES, row="-", message=f"and {len(surprises) - SHOWN:,} more such places")


def blind_spots(data: CityData, city: City) -> Iterator[tuple[str, str]]:
    """Every (village, category) without a handling post at the village or anywhere above it."""
    handled: dict[str, set[str]] = {}
    for duty in city.duties:
        if duty.link in data.profile.handling_links:
            handled.setdefault(duty.area_code, set()).update(covered(duty))
    for village in data.areas.at(Tier.VILLAGE):
        here: set[str] = set().union(*(handled.get(code, ()) for code in lineage(village)))
        yield from ((village, category) for category in SECTORS_OF if category not in here)


def covered(duty: DutyRow) -> set[str]:
    """The categories that a duty covers: none named is all of them, sectors named narrow them."""
    named = duty.categories or tuple(SECTORS_OF)
    if not duty.sectors:
        return set(named)
    return {category for category in named if set(duty.sectors) & set(SECTORS_OF.get(category, ()))}


def _declared(data: CityData) -> Iterator[tuple[str, str]]:
    for gap in data.profile.gaps:
        first, last = range_of(gap.area_code)
        inside = (village for village in data.areas.at(Tier.VILLAGE) if first <= village <= last)
        yield from ((village, gap.category) for village in inside)
