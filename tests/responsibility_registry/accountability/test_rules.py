"""Cases: what opens one, and that nobody is judged before it is traced."""

from dataclasses import replace
from datetime import datetime
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import rules
from services.responsibility_registry.accountability.rules import (
    Case,
    CaseAlreadyConcluded,
    CaseMoveRefused,
    CaseNotTraced,
    CaseState,
    Cause,
    MeasuresUndecided,
    NoCaseForThis,
)

CITY = ZoneInfo("Asia/Shanghai")
FIRE_AT = datetime(2026, 12, 3, 2, 14, tzinfo=CITY)
LATER = datetime(2026, 12, 20, 9, 0, tzinfo=CITY)


def case(**changes: object) -> Case:
    known = Case(
        id=UUID(int=1),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        cause=Cause.HARM,
        cause_id=UUID(int=2),
        as_of=FIRE_AT,
        opened_at=FIRE_AT,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("people", "ordinal", "trigger", "cause"),
    [
        (1, 4, None, Cause.HARM),
        (0, 3, None, Cause.HARM),
        (0, 4, "three_fires_one_quarter", Cause.TRIGGER),
        (2, 4, "three_fires_one_quarter", Cause.HARM),
        (0, None, "repeated_penalties", Cause.TRIGGER),
    ],
)
def test_a_case_opens_on_harm_or_on_a_trigger(
    people: int, ordinal: int | None, trigger: str | None, cause: Cause
) -> None:
    assert rules.cause_of(people_harmed=people, level_ordinal=ordinal, trigger_id=trigger) is cause


def test_one_overdue_order_opens_no_case() -> None:
    with pytest.raises(NoCaseForThis) as refused:
        rules.cause_of(people_harmed=0, level_ordinal=None, trigger_id=None)
    assert refused.value.status == 422


def test_a_case_is_traced_again_as_more_is_known_and_then_concluded() -> None:
    traced = rules.trace(rules.trace(case(), UUID(int=5), FIRE_AT), UUID(int=6), LATER)
    assert (traced.trace_id, traced.traced_at) == (UUID(int=6), LATER)
    with pytest.raises(MeasuresUndecided):
        rules.conclude(traced, LATER, conclusion="-", undecided=2)
    done = rules.conclude(traced, LATER, conclusion="移送", undecided=0)
    assert (done.state, done.concluded_at, done.conclusion) == (CaseState.CONCLUDED, LATER, "移送")


def test_nobody_is_judged_before_the_trace() -> None:
    with pytest.raises(CaseNotTraced):
        rules.conclude(case(), LATER, conclusion="-", undecided=0)


VERBS = {
    "trace": lambda known: rules.trace(known, UUID(int=7), LATER),
    "conclude": lambda known: rules.conclude(known, LATER, conclusion="done", undecided=0),
}


@pytest.mark.parametrize(("state", "verb"), list(product(CaseState, VERBS)))
def test_every_verb_in_every_state_moves_or_raises(state: CaseState, verb: str) -> None:
    known = case(state=state)
    if verb in rules.open_moves(known):
        assert VERBS[verb](known) != known
        return
    with pytest.raises(CaseMoveRefused) as refused:
        VERBS[verb](known)
    assert (refused.value.status, refused.value.state) == (409, state.value)
    assert refused.value.open_moves == rules.open_moves(known)
    assert isinstance(refused.value, CaseAlreadyConcluded) is (state is CaseState.CONCLUDED)


def test_a_case_survives_its_row() -> None:
    adapter = TypeAdapter(Case)
    known = rules.trace(case(), UUID(int=5), FIRE_AT)
    assert adapter.validate_python(adapter.dump_python(known, mode="json")) == known
