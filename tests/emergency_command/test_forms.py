"""What can be read and what is known, at the doors of emergency command."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.city.data_files import read_city
from infra.city.generate import generate
from services.emergency_command import examples
from services.emergency_command.after_action.forms import CompleteIn
from services.emergency_command.alarms.forms import AlarmIn, ReasonIn
from services.emergency_command.dispatch.forms import DeclineIn
from services.emergency_command.dispatch.policies import DISPATCH
from services.emergency_command.incidents.forms import IncidentIn, SendIn
from services.emergency_command.resources.forms import TeamRowIn
from services.emergency_command.vocabulary import CAPABILITIES


@pytest.mark.parametrize(
    ("form", "body", "field", "text"),
    [
        (AlarmIn, examples.ALARM, "source_id", "D1\nD2"),
        (AlarmIn, examples.ALARM, "source_id", "D1\x00"),
        (AlarmIn, examples.ALARM, "source_id", "D1\u202e"),
        (AlarmIn, examples.ALARM, "device", "\u2066"),
        (AlarmIn, examples.ALARM, "zone", "Z1\r\nZ2"),
        (AlarmIn, examples.ALARM, "words", "\u200b\u200f"),
        (ReasonIn, examples.REASON, "reason", "\u202a\u202c"),
        (IncidentIn, examples.INCIDENT, "place_words", "某村\n某路"),
        (DeclineIn, examples.DECLINE, "reason", "\x1b"),
        (CompleteIn, examples.COMPLETE, "conclusion", "\u3164"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    form: Any, body: dict[str, Any], field: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(body | {field: text})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


@pytest.mark.parametrize(
    ("form", "body", "at"),
    [
        (TeamRowIn, examples.TEAM_ROW | {"capabilities": ["fire", "teleport"]}, ("capabilities", 1)),
        (SendIn, {"capability": "teleport"}, ("capability",)),
    ],
)
def test_a_capability_that_no_team_is_kept_for_is_refused(
    form: Any, body: dict[str, Any], at: tuple[Any, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(body)
    error = refused.value.errors()[0]
    assert (error["loc"], error["ctx"]["error"].code) == (at, "unknown_capability")


def test_every_team_of_the_city_and_every_card_asks_for_known_capabilities() -> None:
    teams = generate(read_city("taizhou")).teams
    assert {capability for team in teams for capability in team.capabilities} <= CAPABILITIES
    assert {need.capability for card in DISPATCH.cards for need in card.needs} <= CAPABILITIES
