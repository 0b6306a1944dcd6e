"""Risk objects: the named ones of a script as given, the others drawn by type, place and attribute."""

import random
from collections.abc import Iterator

from pydantic import JsonValue

from infra.city.data_files import OBJECTS, CityData
from infra.city.findings import wrong
from infra.city.keys import CityKeys, object_key
from infra.city.places import Places, chance
from infra.city.posts import Titles, filled
from infra.city.shapes import ObjectRow, Origin, ResponsibleEntity
from infra.city.templates import AttributeTemplate, NamedObject, ObjectTemplate


def draw_objects(data: CityData, places: Places) -> Iterator[tuple[ObjectRow, Origin]]:
    """Every risk object of the city with the row of the data file it comes from."""
    keys = CityKeys(data.profile.code)
    for number, named in enumerate(data.objects.named, start=1):
        row = f"named.{number}"
        yield _as_given(keys, named), Origin(file=OBJECTS, row=row, key=object_key(named.key))
    for place, template in enumerate(data.objects.types, start=1):
        row = f"types.{place}"
        villages = _villages(data, template, row)
        for number in range(1, template.count + 1):
            key = f"{template.type}-{number}"
            drawn = _drawn(data, places, template, villages, number, row)
            yield drawn, Origin(file=OBJECTS, row=row, key=object_key(key))


def _as_given(keys: CityKeys, named: NamedObject) -> ObjectRow:
    return ObjectRow(
        id=keys.risk_object(named.key),
        type=named.type,
        name=named.name,
        address=named.address,
        lon=named.lon,
        lat=named.lat,
        area_code=named.area_code,
        sectors=named.sectors,
        responsible_entity=ResponsibleEntity(role=named.role, name=named.entity),
        attributes=named.attributes,
    )


def _villages(data: CityData, template: ObjectTemplate, row: str) -> list[tuple[str, ...]]:
    """The villages in which the type may stand, by township: townships are drawn alike, large or small."""
    townships = data.areas.townships_of(template.counties, template.township_segment)
    villages = [data.areas.children(code) for code in townships if data.areas.children(code)]
    if not villages and template.count:
        raise wrong(OBJECTS, row, f"no township fits the counties and segment of type {template.type!r}")
    return villages


def _drawn(
    data: CityData,
    places: Places,
    template: ObjectTemplate,
    villages: list[tuple[str, ...]],
    number: int,
    row: str,
) -> ObjectRow:
    key = f"{template.type}-{number}"
    lot = chance(data.profile.seed, f"object:{key}")
    area_code = lot.choice(lot.choice(villages))
    words = Titles(data).of(area_code) | {"n": str(number)}
    words |= {word: lot.choice(some) for word, some in {**data.objects.firm_words, **template.words}.items()}
    lon, lat = places.near(area_code, object_key(key))
    return ObjectRow(
        id=CityKeys(data.profile.code).risk_object(key),
        type=template.type,
        name=filled(template.name, words, OBJECTS, row),
        address=filled("{county}{township}{short}(演示门牌)", words, OBJECTS, row),
        lon=lon,
        lat=lat,
        area_code=area_code,
        sectors=template.sectors,
        responsible_entity=ResponsibleEntity(role=template.role, name=filled(template.entity, words, OBJECTS, row)),
        attributes={wanted.key: _value(lot, wanted) for wanted in template.attributes},
    )


def _value(lot: random.Random, wanted: AttributeTemplate) -> JsonValue:
    if wanted.between is not None:
        return lot.randint(*wanted.between)
    return lot.choice(wanted.one_of) if wanted.one_of else None
