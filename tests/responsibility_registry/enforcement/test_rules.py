"""A decision is known by its authority and number; what it counts as is data; a person has a key and no name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import policies as accountability
from services.responsibility_registry.accountability.rules_facts import kind_of
from services.responsibility_registry.enforcement import rules
from services.responsibility_registry.enforcement.policies import KINDS
from services.responsibility_registry.enforcement.rules import EnforcementFact, KindPolicy, SubjectKind

TODAY = date(2026, 12, 1)
FACT = EnforcementFact(
    id=UUID(int=1), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=2), authority_id=UUID(int=3), authority_code="bureau", decision_number="罚〔2026〕1号",
    number_key="罚〔2026〕1号", kind="penalty", subject_kind=SubjectKind.FIRM, firm_id="91331002MA28G0000D",
    firm_name="某厂", post_id=None, person_key="", decided_on=date(2026, 11, 20), law="安全生产法", article="第102条",
    major_hazard=True, amount_fen=5_000_000, category="mixed_use_workshop", object_id=None, effective_from=None,
    effective_to=None, words="未消除重大事故隐患",
)  # fmt: skip


def codes(**changes: object) -> list[tuple[str, str]]:
    found = rules.faults_of(replace(FACT, **changes), KINDS, TODAY)  # type: ignore[arg-type]
    return [(pointer, code) for pointer, code, _ in found]


def test_the_policy_file_is_the_dataclass_and_nothing_else_and_every_kind_counts_as_something() -> None:
    file = Path(rules.__file__).parent / "policies" / "kinds-1.json"
    assert TypeAdapter(KindPolicy).dump_python(KINDS, mode="json") == json.loads(file.read_text())
    assert all(one.source.startswith("[") for one in (*KINDS.kinds, *KINDS.counted, KINDS))
    counted = [f"{rules.COUNTED}{one.code}" for one in KINDS.kinds] + [one.counts_as for one in KINDS.counted]
    assert [kind_of(one, accountability.FACTS).prefix for one in counted] == counted


@pytest.mark.parametrize("number", ["(椒)应急罚〔2026〕15号", "（椒）应急罚【2026】15号", " (椒) 应急罚[2026]15号"])
def test_brackets_and_spaces_make_no_other_number(number: str) -> None:
    assert rules.number_key(number) == rules.number_key("(椒)应急罚〔2026〕15号")
    assert rules.number_key(number) != rules.number_key("(椒)应急罚〔2026〕16号")


@pytest.mark.parametrize(
    ("law", "major", "counts_as"),
    [
        ("中华人民共和国安全生产法", True, "EF.penalty.major_hazard"),
        ("《安全生产法》(2021修正)", True, "EF.penalty.major_hazard"),
        ("安全生产法", False, "EF.penalty"),
        ("浙江省安全生产条例", True, "EF.penalty"),
        ("消防法", True, "EF.penalty"),
    ],
)
def test_a_penalty_counts_towards_closure_about_a_major_hazard_under_this_law_alone(
    law: str, major: bool, counts_as: str
) -> None:
    assert rules.counts_as(replace(FACT, law=law, major_hazard=major), KINDS) == counts_as


def test_what_does_not_do_is_said() -> None:
    assert codes() == []
    assert codes(kind="reward") == [("/kind", "unknown_kind")]
    assert codes(kind="detention", amount_fen=None) == [("/kind", "not_against_this")]
    assert codes(decided_on=date(2026, 12, 2)) == [("/decided_on", "in_the_future")]
    assert codes(number_key="") == [("/decision_number", "required")]
    assert codes(kind="stop") == [("/amount_fen", "no_amount")]
    assert codes(effective_from=TODAY) == [("/effective_from", "no_period")]
    stop: dict[str, object] = {"kind": "stop", "amount_fen": None}
    assert codes(**stop, effective_from=TODAY, effective_to=TODAY) == [("/effective_to", "before_its_beginning")]
    assert codes(**stop, effective_to=TODAY) == [("/effective_to", "before_its_beginning")]
    assert codes(**stop, effective_from=TODAY) == []


@given(st.permutations(["fire", "gas", "industry"]), st.text(max_size=20))
def test_a_digest_is_over_what_is_said_and_over_nothing_else(sectors: list[str], words: str) -> None:
    said = replace(FACT, sectors=tuple(sorted(sectors)), words=words)
    known = {rules.digest_of(said)}
    assert rules.same(replace(said, id=UUID(int=9), version=7, decision_number="又一号"), known)
    assert rules.same(replace(said, sectors=tuple(sectors)), known)
    assert not rules.same(replace(said, words=f"{words}改"), known)
    assert not rules.same(replace(said, amount_fen=None), known)


def test_what_is_revoked_stays_so_and_a_correction_says_something_else() -> None:
    void = rules.revoke(FACT)
    assert (void.void, rules.open_moves(void)) == (True, ())
    for move in (lambda: rules.revoke(void), lambda: rules.correct(void, replace(FACT, amount_fen=1))):
        with pytest.raises(rules.FactRevoked):
            move()
    with pytest.raises(rules.NothingCorrected):
        rules.correct(FACT, replace(FACT, id=UUID(int=9)))
    after = rules.correct(FACT, replace(FACT, amount_fen=1, decision_number="another", authority_code="another"))
    assert (after.amount_fen, after.decision_number, after.authority_code) == (1, "罚〔2026〕1号", "bureau")


def test_an_effect_lasts_from_its_first_day_to_before_its_end_while_it_stands() -> None:
    stop = replace(FACT, kind="stop", effective_from=date(2026, 12, 1), effective_to=date(2027, 1, 1))
    days = {date(2026, 11, 30): False, date(2026, 12, 1): True, date(2026, 12, 31): True, date(2027, 1, 1): False}
    assert {day: rules.in_force(stop, day) for day in days} == days
    assert rules.in_force(replace(stop, effective_to=None), date(2036, 1, 1))
    assert not rules.in_force(rules.revoke(stop), date(2026, 12, 2))
    assert not rules.in_force(FACT, TODAY)
