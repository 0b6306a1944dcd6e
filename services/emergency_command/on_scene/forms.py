"""The shapes of the doors of leaders' calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import Form, Shown, Words
from libs.common.places import Place
from services.emergency_command import examples
from services.emergency_command.on_scene.rules import ArrivedBy, CallState

Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]
At = Annotated[Moment | None, Field(description="when it happened, if not just now")]


class AcknowledgeIn(Form):
    """The leader is coming."""

    model_config = examples.example(examples.ACKNOWLEDGE)

    at: At = None


class ArriveIn(Form):
    """Checked in. With a place: the leader's own position; without: your word that the leader is there."""

    model_config = examples.example(examples.ARRIVE)

    place: Place | None = None
    at: At = None


class ExcuseIn(Form):
    """Why the leader does not come."""

    model_config = examples.example(examples.EXCUSE)

    reason: Words


class LeaderCallOut(Shown):
    """A leader called to a scene. Without `post_id` nobody holds such a post there: a gap that people must fill."""

    id: UUID
    version: int
    incident_id: UUID
    place: Place
    place_words: str
    post_id: UUID | None
    stands_in_for: UUID | None
    post_kind: str
    tier: str
    row_at_least: Annotated[int, Field(description="deaths from which the matrix demands this post")]
    state: CallState
    called_at: datetime
    acknowledged_at: datetime | None
    arrived_at: datetime | None
    arrived_by: ArrivedBy | None
    distance_m: int | None
    witness_post: UUID | None
    excused_at: datetime | None
    reason: str
    source: str
    policy_version: str
    area_code: str
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
