"""The shapes of the doors of dispatches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import Form, Shown, Words
from libs.common.places import Place
from services.emergency_command import examples
from services.emergency_command.dispatch.rules import DispatchState, Light, Mode, Stage

Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]
At = Annotated[Moment | None, Field(description="when it happened, if not just now")]


class StageIn(Form):
    """A stage was reached."""

    model_config = examples.example(examples.MOMENT)

    at: At = None


class DeclineIn(Form):
    """Why the team cannot go."""

    model_config = examples.example(examples.DECLINE)

    reason: Words


class StageOut(Shown):
    """One stage: its limit, when it was reached, and its light now."""

    stage: Stage
    start_at: datetime
    due_at: datetime
    done_at: datetime | None
    light: Light
    late_seconds: int
    label: dict[str, str]
    source: str


class DispatchOut(Shown):
    """A team on its way to an incident. `expected_at` is when it is likely to arrive."""

    id: UUID
    version: int
    incident_id: UUID
    kind: str
    place: Place
    place_words: str
    team_id: UUID
    team_name: str
    team_kind: str
    capability: str
    mode: Mode
    state: DispatchState
    distance_m: int
    travel_seconds: int
    expected_at: datetime
    sent_at: datetime
    acknowledged_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    reason: str
    stages: tuple[StageOut, ...]
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
