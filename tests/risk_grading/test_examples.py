"""What the API document shows can be sent as it stands."""

import json

import pytest

from libs.common.forms import Form
from services.risk_grading.assessments import forms as assessments
from services.risk_grading.hazards import forms as hazards
from services.risk_grading.monitoring.api import WarningIn
from services.risk_grading.objects import forms as objects

SHOWN: tuple[type[Form], ...] = (
    objects.ObjectIn, objects.ObjectRowIn, objects.ObjectPatch, objects.EndIn, assessments.AssessmentIn,
    hazards.VerifyIn, hazards.FixIn, hazards.PartIn, hazards.DismissIn, hazards.BasisIn, hazards.PlanIn,
    hazards.MergeIn, hazards.LookBackIn, hazards.ReopenIn, WarningIn,
)  # fmt: skip


@pytest.mark.parametrize("form", SHOWN, ids=lambda form: form.__name__)
def test_each_form_takes_its_own_example_and_no_unknown_field(form: type[Form]) -> None:
    (shown,) = form.model_json_schema()["examples"]
    assert form.model_validate_json(json.dumps(shown)).model_dump(exclude_unset=True)
    with pytest.raises(ValueError, match="extra"):
        form.model_validate_json(json.dumps(shown | {"strange": 1}))
