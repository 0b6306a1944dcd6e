"""A rule of linked liability leads one hop from a fact's own parties and no further, unless it says so."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import rules_linked as rules
from services.responsibility_registry.accountability.policies import FACTS, LINKED, TRIGGERS
from services.responsibility_registry.accountability.rules_linked import LinkedPolicy, Party, Tie, Towards
from services.responsibility_registry.liability_links.policies import RELATIONS

SITE_OF_HAULIER = next(one for one in LINKED.rules if one.id == "site_of_haulier")


def party(number: int) -> Party:
    return Party(kind="firm", id=str(number))


def tie(first: int, then: int, relation: str = "hauls_for_site") -> Tie:
    return Tie(
        id=UUID(int=first * 100 + then), relation=relation, from_party=party(first), to_party=party(then),
        from_name=f"from {first}", to_name=f"to {then}", area_code="331002004208", sectors=("fire",),
    )  # fmt: skip


CHAIN = [tie(1, 2), tie(2, 3), tie(3, 4)]


def test_the_policy_file_is_the_dataclass_and_speaks_of_relations_and_facts_that_there_are() -> None:
    file = Path(rules.__file__).parent / "policies" / "linked-1.json"
    assert TypeAdapter(LinkedPolicy).dump_python(LINKED, mode="json") == json.loads(file.read_text())
    known = {kind.fact_kind for kind in FACTS.kinds}
    for rule in LINKED.rules:
        assert rule.relation in RELATIONS
        assert known >= set(rule.fact_kinds)
        assert all(one.source.startswith("[") for one in (rule, *rule.measures))
    ids = [one.id for one in (*LINKED.rules, *TRIGGERS.triggers)]
    assert len(set(ids)) == len(ids), "a measure says by one id what proposed it"


def test_it_is_one_hop_unless_the_rule_says_more() -> None:
    assert all(rule.hops == 1 for rule in LINKED.rules)
    for hops, far in ((1, [2]), (2, [2, 3]), (9, [2, 3, 4])):
        found = rules.reached(replace(SITE_OF_HAULIER, hops=hops), [party(1)], CHAIN)
        assert [one.party for one in found] == [party(number) for number in far]
    assert found[-1].path == tuple(one.id for one in CHAIN)
    assert (found[0].name, found[0].area_code) == ("to 2", "331002004208")


def test_a_rule_leads_its_own_way_along_its_own_relation() -> None:
    back = replace(SITE_OF_HAULIER, towards=Towards.FROM)
    assert [one.name for one in rules.reached(back, [party(2)], CHAIN)] == ["from 1"]
    assert rules.reached(SITE_OF_HAULIER, [party(1)], [tie(1, 2, "tenant_of")]) == ()
    assert rules.reached(SITE_OF_HAULIER, [party(1), party(2)], [tie(1, 2)]) == ()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14), st.integers(1, 4))
def test_nobody_is_reached_twice_nor_a_party_of_the_fact_and_no_path_is_longer(
    pairs: list[tuple[int, int]], hops: int
) -> None:
    ties = [tie(first, then) for first, then in dict.fromkeys(pairs) if first != then]
    found = rules.reached(replace(SITE_OF_HAULIER, hops=hops), [party(0)], ties)
    parties = [one.party for one in found]
    assert len(set(parties)) == len(parties)
    assert party(0) not in parties
    by_id = {one.id: one for one in ties}
    for one in found:
        assert 1 <= len(one.path) <= hops
        steps = [by_id[link] for link in one.path]
        assert (steps[0].from_party, steps[-1].to_party) == (party(0), one.party)
        assert all(a.to_party == b.from_party for a, b in pairwise(steps))


@pytest.mark.parametrize(("kind", "asked"), [("penalty", 1), ("stop", 3), ("fire", 1), ("", 0), ("detention", 0)])
def test_a_fact_asks_for_the_rules_that_name_its_kind(kind: str, asked: int) -> None:
    assert len(rules.asking(kind, LINKED)) == asked
