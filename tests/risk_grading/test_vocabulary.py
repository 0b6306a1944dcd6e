"""The words of the classification: the service's own tables speak them, and its doors refuse every other one."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.contracts.classification import CATEGORIES
from services.risk_grading import examples
from services.risk_grading.hazards.forms import PartIn
from services.risk_grading.monitoring.api import WarningIn
from services.risk_grading.objects.forms import ObjectIn, ObjectPatch
from services.risk_grading.objects.policies import TYPES
from services.risk_grading.vocabulary import Kind


def test_the_types_of_objects_speak_the_words_of_the_classification() -> None:
    assert {category for one in TYPES.types for category in one.categories} <= CATEGORIES


@pytest.mark.parametrize(
    ("form", "said", "at", "code"),
    [
        (ObjectIn, examples.OBJECT | {"sectors": ["fire", "fier"]}, ("sectors", 1), "unknown_sector"),
        (ObjectPatch, {"sectors": ["fier"]}, ("sectors", 0), "unknown_sector"),
        (WarningIn, examples.WARNING | {"sectors": ["fier"]}, ("sectors", 0), "unknown_sector"),
        (WarningIn, examples.WARNING | {"kind": "quake"}, ("kind",), "unknown_category"),
        (PartIn, examples.PART | {"category": "ebike"}, ("category",), "unknown_category"),
    ],
)
def test_a_word_that_the_city_does_not_have_is_refused_where_it_stands(
    form: Any, said: dict[str, Any], at: tuple[str | int, ...], code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(said)
    error = refused.value.errors()[0]
    assert (error["loc"], error["ctx"]["error"].code) == (at, code)


def test_a_warning_is_about_an_event_code_or_a_category() -> None:
    kinds = TypeAdapter(Kind)
    assert [kinds.validate_python(said) for said in ("12G01", "12Y", "gas")] == ["12G01", "12Y", "gas"]
    for wrong in ("12I01", "gas!", "99"):
        with pytest.raises(ValidationError):
            kinds.validate_python(wrong)
