"""What the API document shows can be sent as it stands."""

import json

import pytest

from libs.common.forms import Form
from services.emergency_command.after_action import forms as after_action
from services.emergency_command.alarms import forms as alarms
from services.emergency_command.dispatch import forms as dispatch
from services.emergency_command.incidents import forms as incidents
from services.emergency_command.on_scene import forms as on_scene
from services.emergency_command.resources import forms as resources

SHOWN: tuple[type[Form], ...] = (
    alarms.AlarmIn, alarms.ReasonIn, incidents.CasualtiesIn, incidents.IncidentIn, incidents.HarmIn,
    incidents.ProductionIn, incidents.MomentIn, incidents.CloseIn, incidents.ReportMadeIn, incidents.SendIn,
    dispatch.StageIn, dispatch.DeclineIn, on_scene.AcknowledgeIn, on_scene.ArriveIn, on_scene.ExcuseIn,
    resources.TeamRowIn, resources.OutOfServiceIn, after_action.ExplanationIn, after_action.LessonIn,
    after_action.CompleteIn,
)  # fmt: skip


@pytest.mark.parametrize("form", SHOWN, ids=lambda form: form.__name__)
def test_each_form_takes_its_own_example_and_no_unknown_field(form: type[Form]) -> None:
    (shown,) = form.model_json_schema()["examples"]
    assert form.model_validate_json(json.dumps(shown)).model_dump(exclude_unset=True)
    with pytest.raises(ValueError, match="extra"):
        form.model_validate_json(json.dumps(shown | {"strange": 1}))
