"""The shapes of the doors of alarms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import AreaCode, Form, Line, Name, Shown, Words
from libs.common.places import Place
from services.emergency_command import examples
from services.emergency_command.alarms.actions import Told
from services.emergency_command.alarms.rules import AlarmSource, AlarmState
from services.emergency_command.vocabulary import AreaDoubt

Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]
KindCode = Annotated[
    str, Field(pattern=r"^1[1-4][A-HJ-NP-Z]([0-9]{2})?$", examples=["12G01"], description="event code, family 1")
]
SourceId = Annotated[
    Name,
    Field(
        examples=["DBQ-S-01/20261203T021400"],
        description="your own id of it: the same id again is the same alarm, and harmless",
    ),
]  # fmt: skip
Device = Annotated[Line, Field(min_length=1, max_length=100)]


class AlarmIn(Form):
    """An alarm. Its source follows from your role: a system that names a device is a detector."""

    model_config = examples.example(examples.ALARM)

    id: Annotated[UUID | None, Field(description="the client's own UUID")] = None
    source_id: SourceId | None = None
    kind: KindCode
    place: Place
    area_code: Annotated[
        AreaCode | None, Field(description="left out: the county around the place, which decides where they disagree")
    ] = None
    device: Device | None = None
    zone: Annotated[Device | None, Field(description="the zone of a building that the device watches")] = None
    words: Annotated[str, Field(max_length=2000)] = ""
    occurred_at: Annotated[Moment | None, Field(description="by the device's or the caller's word")] = None
    risk_object_id: UUID | None = None
    linked_group: Annotated[
        tuple[Name, ...], Field(max_length=100, description="buildings whose sirens and lights go off with it")
    ] = ()
    exercise: bool = False

    def told(self) -> Told:
        """The alarm in the words of the verbs."""
        return Told(
            alarm_id=self.id, source_id=self.source_id, kind=self.kind, lon=self.place.lon, lat=self.place.lat,
            area_code=self.area_code, device=self.device, zone=self.zone, words=self.words,
            occurred_at=self.occurred_at, risk_object_id=self.risk_object_id, linked_group=self.linked_group,
            exercise=self.exercise,
        )  # fmt: skip


class ReasonIn(Form):
    """Why."""

    model_config = examples.example(examples.REASON)

    reason: Words


class AlarmOut(Shown):
    """An alarm. `judge_by_at` is set while nobody has judged it; after that it goes to the duty office by itself."""

    id: UUID
    version: int
    state: AlarmState
    source: AlarmSource
    source_system: str
    source_id: str
    kind: str
    place: Place
    area_code: str
    sectors: tuple[str, ...]
    device: str | None
    zone: str | None
    risk_object_id: UUID | None
    linked_group: tuple[str, ...]
    words: str
    occurred_at: datetime
    received_at: datetime
    judge_by_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str | None
    incident_id: UUID | None
    split_from: tuple[UUID, ...]
    reason: str
    area_told: Annotated[str | None, Field(description="the area that was told, where the place lies elsewhere")]
    area_doubt: Annotated[AreaDoubt, Field(description="what place and area say of each other: empty, they agree")]
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
