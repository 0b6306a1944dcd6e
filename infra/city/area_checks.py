"""Are the areas a tree? Codes, levels and parents must say the same thing; each county needs its shape."""

from collections.abc import Iterator

from infra.city.areas import AreaRecord, AreaTree, level_of, parent_of
from infra.city.data_files import CITY, REGIONS, SHAPES, CityData
from infra.city.findings import Finding
from infra.city.shapes import Level, Tier


def check_areas(data: CityData) -> Iterator[Finding]:
    """Faults of `regions.csv` and of the shapes that belong to it."""
    first_row: dict[str, int] = {}
    for record in data.areas.records:
        earlier = first_row.setdefault(record.code, record.row)
        if earlier != record.row:
            yield _at(record, f"area {record.code} is there already (row {earlier})")
        yield from _check_record(record, data.areas)
    if data.profile.code not in data.areas or level_of(data.profile.code) is not Level.CITY:
        yield Finding(file=CITY, row="code", message=f"{data.profile.code} is not a city of {REGIONS}")
    yield from _check_shapes(data)


def _check_record(record: AreaRecord, areas: AreaTree) -> Iterator[Finding]:
    if len(record.code) != 12 or not record.code.isascii() or not record.code.isdigit():
        yield _at(record, f"code {record.code!r} is not 12 digits")
        return
    if not record.name:
        yield _at(record, f"area {record.code} has no name")
    level = level_of(record.code)
    if record.level != level.value:
        yield _at(record, f"level is {record.level!r}, but the code {record.code} says {level.value!r}")
    parent = parent_of(record.code)
    if record.parent_code != (parent or ""):
        yield _at(record, f"parent is {record.parent_code!r}, but the code {record.code} says {parent!r}")
    elif parent is not None and parent not in areas:
        yield _at(record, f"parent {parent} of {record.code} is not in the file")


def _check_shapes(data: CityData) -> Iterator[Finding]:
    counties = set(data.areas.at(Tier.COUNTY))
    for code in sorted(counties - set(data.county_shapes)):
        yield Finding(file=SHAPES, row=code, message=f"county {data.areas.name(code)} has no shape")
    for code in sorted(set(data.county_shapes) - counties):
        yield Finding(file=SHAPES, row=code, message="the shape belongs to no county of the city")


def _at(record: AreaRecord, message: str) -> Finding:
    return Finding(file=REGIONS, row=str(record.row), message=message)
