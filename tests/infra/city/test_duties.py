"""A gap takes away exactly its place and category, whatever the duty that it is cut from."""

from hypothesis import given
from hypothesis import strategies as some

from infra.city.areas import AreaRecord, AreaTree, level_of, lineage, parent_of
from infra.city.duties import Claim, without_gap
from infra.city.templates import Gap

EVERY = ("fire", "gas", "flood")
CODES = [
    "110000000000",
    "110100000000",
    *(f"1101{county:02}000000" for county in (1, 2)),
    *(f"1101{county:02}{town:03}000" for county in (1, 2) for town in (1, 100)),
    *(f"1101{county:02}{town:03}{village}" for county in (1, 2) for town in (1, 100) for village in (201, 202, 203)),
]
AREAS = AreaTree(
    tuple(
        AreaRecord(row=row, code=code, name=code, level=level_of(code), parent_code=parent_of(code) or "")
        for row, code in enumerate(CODES, start=2)
    )
)
VILLAGES = [code for code in CODES if not code.endswith("000")]


def reach(claims: list[Claim]) -> set[tuple[str, str]]:
    """Every village and category that the claims cover."""
    return {
        (village, category)
        for claim in claims
        for village in VILLAGES
        if claim.area_code in lineage(village)
        for category in claim.categories or EVERY
    }


@given(
    area=some.sampled_from(CODES),
    place=some.sampled_from(CODES),
    missing=some.sampled_from(EVERY),
    categories=some.sets(some.sampled_from(EVERY)),
)
def test_a_cut_claim_covers_what_it_did_but_for_the_gap(
    area: str, place: str, missing: str, categories: set[str]
) -> None:
    claim = Claim(kind="post", post_area=area, area_code=area, categories=tuple(sorted(categories)), matter="all")
    gap = Gap(zh="", en="", area_code=place, category=missing)
    lost = {(village, missing) for village in VILLAGES if place in lineage(village)}
    assert reach(list(without_gap(claim, gap, AREAS, EVERY))) == reach([claim]) - lost


def test_a_claim_elsewhere_is_left_alone() -> None:
    claim = Claim(kind="post", post_area=CODES[2], area_code=CODES[2], categories=(), matter="all")
    gap = Gap(zh="", en="", area_code=CODES[3], category="gas")
    assert list(without_gap(claim, gap, AREAS, EVERY)) == [claim]
