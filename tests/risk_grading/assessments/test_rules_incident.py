"""What an accident does to the inputs of a pack: likelier, at least as grave as it was, never better."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.risk_grading.assessments.policies import AFTER_INCIDENT
from services.risk_grading.assessments.rules_incident import Harm, inputs_after
from services.risk_grading.models.policies import PACKS
from services.risk_grading.models.rules import grade

LEC = PACKS["lec-1"]
FIGURES = {factor.code: [one.value for one in factor.values] for factor in LEC.factors}


def after(before: dict[str, str] | None, **harm: int) -> dict[str, str]:
    was = None if before is None else {code: Decimal(figure) for code, figure in before.items()}
    inputs = inputs_after(AFTER_INCIDENT, was, FIGURES, Harm(**harm))
    return {code: str(figure) for code, figure in inputs.items()}


@pytest.mark.parametrize(
    ("before", "likelihood"), [("10", "10"), ("6", "10"), ("3", "6"), ("1", "3"), ("0.5", "3"), ("0.1", "3")]
)
def test_the_likelihood_goes_one_figure_up_and_never_below_possible(before: str, likelihood: str) -> None:
    assert after({"L": before, "E": "6", "C": "1"})["L"] == likelihood


@pytest.mark.parametrize(
    ("harm", "consequence"),
    [({}, "3"), ({"minor": 9}, "3"), ({"serious": 1}, "7"), ({"dead": 1}, "15"), ({"dead": 2}, "40"),
     ({"dead": 9}, "40"), ({"dead": 10}, "100"), ({"dead": 1, "serious": 9}, "15")],
)  # fmt: skip
def test_the_consequence_is_at_least_what_happened(harm: dict[str, int], consequence: str) -> None:
    assert after({"L": "1", "E": "6", "C": "3"}, **harm)["C"] == consequence
    assert after({"L": "1", "E": "6", "C": "100"}, **harm)["C"] == "100"


def test_an_object_that_nobody_had_assessed_is_graded_from_the_policys_own_inputs() -> None:
    assert after(None, dead=1) == {"L": "6", "E": "6", "C": "15"}


@given(
    st.sampled_from(list(product(FIGURES["L"], FIGURES["E"], FIGURES["C"]))),
    st.builds(Harm, dead=st.integers(0, 50), serious=st.integers(0, 50), minor=st.integers(0, 50)),
)
def test_no_accident_makes_a_grade_better_and_every_result_is_in_the_table(
    figures: tuple[Decimal, Decimal, Decimal], harm: Harm
) -> None:
    before = dict(zip("LEC", figures, strict=True))
    worse = inputs_after(AFTER_INCIDENT, before, FIGURES, harm)
    assert all(worse[code] >= before[code] for code in before)
    assert grade(LEC, worse).ordinal <= grade(LEC, before).ordinal
