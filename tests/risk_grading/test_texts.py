"""What can be read and what cannot, at the doors of risk grading: names of other systems in one line, words said."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.risk_grading import examples
from services.risk_grading.hazards.forms import DismissIn, VerifyIn
from services.risk_grading.monitoring.api import WarningIn
from services.risk_grading.objects.forms import ObjectIn
from services.risk_grading.objects.policies import TYPES
from services.risk_grading.objects.rules_attributes import fits


@pytest.mark.parametrize(
    ("form", "body", "field", "text"),
    [
        (WarningIn, examples.WARNING, "source_id", "D1\nD2"),
        (WarningIn, examples.WARNING, "source_id", "D1\x07"),
        (WarningIn, examples.WARNING, "source_id", "D1\u202e"),
        (WarningIn, examples.WARNING, "source_id", "\u200b"),
        (WarningIn, examples.WARNING, "headline", "\u202e\u2066"),
        (ObjectIn, examples.OBJECT, "address", "某路\n1号"),
        (VerifyIn, examples.VERIFY, "words", "\u200f\u200e"),
        (VerifyIn, examples.VERIFY, "basis", "\x01"),
        (DismissIn, examples.DISMISS, "reason", "\u2066\u2069"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    form: Any, body: dict[str, Any], field: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(body | {field: text})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_an_attribute_that_is_a_text_can_be_read() -> None:
    rule = next(rule for one in TYPES.types for rule in one.attributes if rule.kinds == ("text",))
    assert [fits(said, rule) for said in ("浙\u3000J", "a\nb", "\u202e", " ")] == [True, False, False, False]
