"""What incidents count as: by their code, the longest prefix first; and what harm is."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import rules_facts as rules
from services.responsibility_registry.accountability.policies import FACTS, LINKED, TRIGGERS
from services.responsibility_registry.accountability.rules_facts import FactPolicy, Noted
from services.responsibility_registry.duties.actions import POLICY as CHAIN


def test_the_policy_file_is_the_dataclass_and_its_kinds_are_known_to_triggers_and_chains() -> None:
    file = Path(rules.__file__).parent / "policies" / "facts-1.json"
    assert TypeAdapter(FactPolicy).dump_python(FACTS, mode="json") == json.loads(file.read_text())
    counted = {kind for one in TRIGGERS.triggers for condition in one.any_of for kind in condition.fact_kinds}
    counted |= {kind for one in LINKED.rules for kind in one.fact_kinds}
    assert {kind.fact_kind for kind in FACTS.kinds} - {""} <= counted
    categories = {rule.category for rule in CHAIN.categories} | {FACTS.default_category}
    assert {kind.category for kind in FACTS.kinds} - {None} <= categories
    assert [level.ordinal for level in FACTS.levels] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("code", "fact_kind", "class_key", "category"),
    [
        ("12G01", "fire", "workshop_fire", "mixed_use_workshop"),
        ("12G03", "fire", "dwelling_fire", "rental_house_fire"),
        ("12G99", "fire", "fire", "comprehensive"),
        ("12H02", "road_accident", "road_accident", "road_traffic"),
        ("12C01", "work_accident", "", "construction"),
        ("13A01", "", "", "comprehensive"),
    ],
)
def test_an_event_code_says_what_is_counted_and_whose_chain_answers(
    code: str, fact_kind: str, class_key: str, category: str
) -> None:
    kind = rules.kind_of(code, FACTS)
    assert (kind.fact_kind, kind.class_key, kind.category) == (fact_kind, class_key, category)


def test_the_missing_are_counted_among_those_who_came_to_harm() -> None:
    assert rules.harmed(dead=1, missing=1, serious=2, minor=3) == 7


def test_an_incident_is_the_fact_that_triggers_count() -> None:
    at = datetime(2026, 12, 2, 18, 14, 40, tzinfo=UTC)
    noted = Noted(
        id=UUID(int=1), incident_version=3, number="331002-1", kind="12G01", area_code="331002004219",
        sectors=("fire",), exercise=True, correlation_id=UUID(int=2), object_id=None, level_ordinal=3,
        production_related=True, people_harmed=1, at=at, heard_at=at, firm_id="9133",
    )  # fmt: skip
    fact = rules.as_fact(noted, FACTS)
    assert (fact.id, fact.kind, fact.class_key, fact.firm_id) == (noted.id, "fire", "workshop_fire", "9133")
    assert (fact.level_ordinal, fact.production_related, fact.exercise, fact.at) == (3, True, True, at)
