"""Exactly one finding for each thing that is wrong, at its own ground; none where every chain is full."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.chain_templates.rules_check import Known, added, chain_of, findings_at, tally
from services.responsibility_registry.chain_templates.rules_found import Counted, Span, Tally
from services.responsibility_registry.chain_templates.rules_grounds import (
    Ground,
    Parent,
    Unit,
    ground_of,
    level_of,
    wide_of,
)
from tests.responsibility_registry.chain_templates.drawn import (
    COUNTY,
    FOREST,
    PLOTS,
    TOWNSHIPS,
    VILLAGES,
    Forest,
    Post,
    template_of,
)


def whole_of(forest: Forest) -> Tally:
    """How the chains of the whole forest stand."""
    register = forest.register()
    return added(COUNTY, [tally(FOREST, COUNTY, code, register) for code in forest.codes])


KEYS = sorted(Forest().holdings, key=str)


def test_a_full_forest_has_no_finding() -> None:
    forest = Forest()
    assert forest.findings() == []
    whole = whole_of(forest)
    assert (whole.units, whole.full, whole.orphans, whole.broken) == (len(PLOTS), len(PLOTS), 0, 0)


@given(st.sampled_from(KEYS))
def test_what_one_assignment_leaves_is_one_finding_and_the_chains_of_its_units(key: tuple[str, Ground]) -> None:
    forest = Forest()
    link, ground = key
    del forest.holdings[key]
    ((kind, why, said, _),) = forest.findings()
    assert (kind, why, said) == ("missing", "nobody", link)
    rule = FOREST.link(link)
    assert rule is not None
    register = forest.register()
    orphans = {unit.code for each in forest.units.values() for unit in each if ground_of(rule, unit) == ground}
    chains = [chain_of(FOREST, unit, register) for each in forest.units.values() for unit in each]
    assert {one.unit.code for one in chains if not one.full} == orphans
    assert orphans
    assert whole_of(forest).orphans == len(orphans)


@given(st.sets(st.sampled_from(KEYS)), st.randoms(use_true_random=False))
def test_each_link_that_is_empty_is_said_once_whatever_the_order(
    taken: set[tuple[str, Ground]], chance: random.Random
) -> None:
    forest = Forest()
    for key in taken:
        del forest.holdings[key]
    found = forest.findings()
    assert len(found) == len(set(found)) == len(taken)
    register = forest.register()
    known = Known()
    every = [unit for each in forest.units.values() for unit in each]
    alone = [chain_of(FOREST, unit, register) for unit in every]
    assert [chain_of(FOREST, unit, register, known) for unit in every] == alone
    mixed = [(key, chance.sample(each, len(each))) for key, each in forest.holdings.items()]
    chance.shuffle(mixed)
    units = {area: chance.sample(each, len(each)) for area, each in forest.units.items()}
    other = replace(register, holdings=dict(mixed), units=units)
    for code in forest.codes:
        assert findings_at(FOREST, code, other) == findings_at(FOREST, code, register)


def test_a_plot_across_villages_is_given_to_a_cadre_itself() -> None:
    (plot,) = Forest().units[TOWNSHIPS[1]]
    rule = FOREST.link("township_cadre")
    assert rule is not None
    assert ground_of(rule, plot) == Ground(TOWNSHIPS[1], plot.id)
    (inner, _) = Forest().units[VILLAGES[0]]
    assert ground_of(rule, inner) == Ground(VILLAGES[0])


def test_of_two_rangers_one_is_too_many_and_the_number_says_so() -> None:
    forest = Forest()
    (plot,) = forest.units[VILLAGES[1]]
    forest.hold("ranger", plot.ground, 1)
    forest.hold("county_leader", Ground(TOWNSHIPS[0]), 1)
    assert forest.findings() == [("too_many", "more_than_asked", "ranger", plot.code)]
    (found,) = findings_at(FOREST, VILLAGES[1], forest.register())
    assert (found.found, found.least, found.most, len(found.post_ids)) == (2, 1, 1, 2)


def test_a_vacant_post_is_a_gap_unless_somebody_stands_in() -> None:
    forest, key = Forest(), ("county_leader", Ground(TOWNSHIPS[0]))
    post = forest.holdings[key][0].post_id
    forest.posts[post] = Post(area_code=COUNTY, vacant=True)
    assert forest.findings() == [("missing", "vacant", "county_leader", TOWNSHIPS[0])]
    forest.posts[post] = Post(area_code=COUNTY, vacant=True, substitute_post_id=UUID(int=7))
    forest.posts[UUID(int=7)] = Post(area_code=COUNTY)
    assert forest.findings() == []
    chain = chain_of(FOREST, forest.units[VILLAGES[0]][0], forest.register())
    assert [(one.post_id, one.vacant_post_id) for one in chain.links[1].seats] == [(UUID(int=7), post)]


def test_a_leader_of_another_county_breaks_the_chain() -> None:
    forest, key = Forest(), ("county_leader", Ground(TOWNSHIPS[0]))
    forest.posts[forest.holdings[key][0].post_id] = Post(area_code="331003000000")
    assert forest.findings() == [("break", "post_elsewhere", "county_leader", TOWNSHIPS[0])]
    broken = whole_of(forest)
    assert (broken.broken, broken.orphans, broken.full) == (3, 0, 2)


def test_who_answers_to_a_post_of_another_ground_breaks_the_chain() -> None:
    forest, key = Forest(), ("township_cadre", Ground(VILLAGES[0]))
    own = forest.holdings["county_leader", Ground(TOWNSHIPS[0])][0].post_id
    other = forest.holdings["county_leader", Ground(TOWNSHIPS[1])][0].post_id
    forest.change(key, superior_post_id=own)
    assert forest.findings() == []
    forest.change(key, superior_post_id=other)
    assert forest.findings() == [("break", "answers_to_another", "township_cadre", VILLAGES[0])]
    # The first link has none above it.
    forest.change(key, superior_post_id=own)
    forest.change(("city_leader", Ground(COUNTY)), superior_post_id=other)
    assert forest.findings() == []


def test_a_post_that_carries_too_much_is_said_once_at_its_first_ground() -> None:
    forest = Forest()
    (plot, second) = forest.units[VILLAGES[0]]
    post = forest.holdings["ranger", plot.ground][0].post_id
    alone = {("ranger", post): Span(carried=11, of_person=12, first=plot.ground)}
    assert forest.findings(spans=alone) == [("over_span", "post_carries", "ranger", plot.code)]
    person = {("ranger", post): Span(carried=10, of_person=12, first=plot.ground)}
    assert forest.findings(spans=person) == [("over_span", "person_carries", "ranger", plot.code)]
    assert forest.findings(spans={("ranger", post): Span(carried=10, of_person=0, first=plot.ground)}) == []
    assert forest.findings(spans={("ranger", post): Span(carried=99, of_person=0, first=second.ground)}) == []


def test_thirty_three_townships_and_258_villages_have_their_stations_and_officers() -> None:
    stations = template_of("two_stations_two_officers")
    townships = [f"6504020{number:02}000" for number in range(1, 34)]
    villages = [f"{townships[number % 33][:9]}{200 + number // 33:03}" for number in range(258)]
    with_units = {*townships, *villages, "650402000000", "650400000000", "650000000000"}
    units = {code: [Unit(id=None, code=code, name="", area_code=code)] for code in villages}
    forest = Forest(template=FOREST, plots=())
    for code in (*townships, *villages):
        for link in ("traffic_station", "traffic_officer") if code in townships else ("persuasion_post",):
            forest.hold(link, Ground(code))
    register = replace(forest.register(), units=units, with_units=with_units)
    found = [one for code in sorted(with_units) for one in findings_at(stations, code, register)]
    assert [(one.kind, one.link) for one in found] == [("missing", "persuasion_helper")] * 258
    assert sum(tally(stations, "650402000000", one, register).units for one in villages) == 258


def test_one_leader_has_some_ten_households() -> None:
    leaders = template_of("household_leaders")
    here = VILLAGES[0]
    parent = Parent(id=UUID(int=9), code=f"{here}001", area_code=here)
    units = [
        Unit(id=UUID(int=number), code=f"{here}{number:03}L", name="", area_code=here, parent=parent)
        for number in (1, 2)
    ]
    forest = Forest(template=FOREST, plots=())
    forest.hold("centre", Ground(wide_of(here, "township")))
    forest.hold("grid_member", Ground(here, parent.id))
    for unit in units:
        forest.hold("household_leader", unit.ground)

    def found(posts: int, households: int) -> list[tuple[str, str, int, int | None]]:
        register = replace(
            forest.register(), units={here: units}, with_units={here},
            counted={(0, here): Counted(posts=posts, households=households)},
        )  # fmt: skip
        return [(one.kind, one.why, one.least, one.most) for one in findings_at(leaders, here, register)]

    assert found(2, 20) == []
    assert found(2, 31) == [("too_few", "fewer_than_asked", 3, 6)]
    assert found(7, 31) == [("too_many", "more_than_asked", 3, 6)]
    assert found(2, 0) == [("break", "households_unsaid", 0, None)]
    lost = replace(units[0], parent=None)
    register = replace(
        forest.register(), units={here: [lost, units[1]]}, counted={(0, here): Counted(posts=2, households=20)}
    )
    assert [(one.kind, one.why, one.unit_code) for one in findings_at(leaders, here, register)] == [
        ("break", "no_parent", lost.code)
    ]


def test_the_level_of_an_area_is_in_its_zeros() -> None:
    said = {"330000000000": "province", "331000000000": "city", COUNTY: "county", TOWNSHIPS[0]: "township"}
    assert {code: level_of(code) for code in said} == said
    assert level_of(VILLAGES[0]) == "village"
    assert wide_of(VILLAGES[0], "county") == COUNTY
