"""Duties: what each kind of post answers for, with the declared gaps cut out of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from infra.city.areas import AreaTree, range_of
from infra.city.data_files import DUTIES, CityData
from infra.city.findings import wrong
from infra.city.keys import CityKeys, duty_key
from infra.city.places import Places
from infra.city.shapes import DutyRow, Origin, PostRow, Tier
from infra.city.templates import DutyTemplate, Gap
from libs.contracts.classification import SECTORS_OF


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A duty before it has an id: who, over which area, for what."""

    kind: str
    post_area: str
    area_code: str
    categories: tuple[str, ...]
    matter: str


def draw_duties(data: CityData, posts: tuple[PostRow, ...], places: Places) -> Iterator[tuple[DutyRow, Origin]]:
    """Every duty of the city with the template it comes from."""
    keys = CityKeys(data.profile.code)
    held_at: dict[str, list[str]] = {}
    for post in posts:
        held_at.setdefault(post.kind, []).append(post.area_code)
    for row, template in enumerate(data.duties, start=1):
        for claim in _claims(data, template, held_at, places, str(row)):
            duty = _duty(keys, template, claim, data.profile.duties_valid_from)
            yield duty, Origin(file=DUTIES, row=str(row), key=_key(template, claim))


def _claims(
    data: CityData, template: DutyTemplate, held_at: dict[str, list[str]], places: Places, row: str
) -> Iterator[Claim]:
    if template.post not in held_at:
        raise wrong(DUTIES, row, f"no post of kind {template.post!r} exists")
    every = tuple(SECTORS_OF)
    for post_area, area_code in _pairs(data, template, held_at[template.post], places):
        claims = [
            Claim(
                kind=template.post,
                post_area=post_area,
                area_code=area_code,
                categories=template.categories,
                matter="+".join(template.categories) or "all",
            )
        ]
        if template.link in data.profile.handling_links:
            for gap in data.profile.gaps:
                claims = [part for claim in claims for part in without_gap(claim, gap, data.areas, every)]
        yield from claims


def _pairs(data: CityData, template: DutyTemplate, held_at: list[str], places: Places) -> Iterator[tuple[str, str]]:
    """The post's area and the area it answers for."""
    if template.covers == "own_area":
        yield from ((area_code, area_code) for area_code in held_at)
        return
    for township in data.areas.at(Tier.TOWNSHIP):
        nearest = places.nearest_of(held_at, township)
        if nearest is not None:
            yield nearest, township


def without_gap(claim: Claim, gap: Gap, areas: AreaTree, every: tuple[str, ...]) -> Iterator[Claim]:
    """The claim with the gap's place and category cut out: other categories stay as they were, and the cut
    category is claimed for each neighbouring area instead."""
    first, last = range_of(claim.area_code)
    touches = first <= gap.area_code <= last or _lies_in(claim.area_code, gap.area_code)
    if not touches or gap.category not in (claim.categories or every):
        yield claim
        return
    others = tuple(code for code in claim.categories or every if code != gap.category)
    if others:
        yield replace(claim, categories=others)
    if _lies_in(claim.area_code, gap.area_code):
        return
    narrow = replace(claim, categories=(gap.category,), matter=gap.category)
    for child in areas.children(claim.area_code):
        yield from without_gap(replace(narrow, area_code=child), gap, areas, every)


def _lies_in(code: str, area: str) -> bool:
    first, last = range_of(area)
    return first <= code <= last


def _key(template: DutyTemplate, claim: Claim) -> str:
    return duty_key(template.link, claim.kind, claim.post_area, claim.area_code, claim.matter)


def _duty(keys: CityKeys, template: DutyTemplate, claim: Claim, valid_from: date) -> DutyRow:
    return DutyRow(
        id=keys.of(_key(template, claim)),
        post_id=keys.post(claim.kind, claim.post_area),
        area_code=claim.area_code,
        categories=claim.categories,
        sectors=template.sectors,
        link=template.link,
        valid_from=valid_from,
        clause=template.clause,
    )
