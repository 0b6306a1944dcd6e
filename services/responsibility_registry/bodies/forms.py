"""The shapes of bodies at the doors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import AreaCode, Form, Name, Sector, Shown, Words
from services.responsibility_registry import examples_bodies as examples
from services.responsibility_registry.bodies.rules import PLACES_MOST, BodyGap, BodyKind, PartyKind, SeatPart

_FIRST_SEATS_MOST = 300


class SeatIn(Form):
    """Who is to sit in a body, and as what."""

    model_config = examples.example(examples.SEAT)

    party_id: UUID = Field(description="a post or an organisation")
    party_kind: PartyKind
    part: SeatPart
    since: AwareDatetime | None = Field(default=None, description="from now on where it is left out")


class FoundIn(Form):
    """A body to be."""

    model_config = examples.example(examples.FOUND)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    kind: BodyKind
    name_zh: Name
    name_en: Name
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(max_length=30, description="empty: for all sectors")] = ()
    area_codes: Annotated[
        tuple[AreaCode, ...], Field(max_length=PLACES_MOST, description="places that it works for besides its own")
    ] = ()
    parent_id: UUID | None = Field(default=None, description="the body that it belongs to")
    document: Words = Field(description="what it rests on")
    valid_from: AwareDatetime | None = Field(default=None, description="from now on where it is left out")
    valid_to: AwareDatetime | None = Field(default=None, description="a task force has an end")
    exercise: bool = False
    seats: Annotated[tuple[SeatIn, ...], Field(max_length=_FIRST_SEATS_MOST)] = ()


class UnseatIn(Form):
    """Who is to sit there no more."""

    model_config = examples.example(examples.UNSEAT)

    party_id: UUID
    part: SeatPart
    at: AwareDatetime | None = Field(default=None, description="now where it is left out; never in the past")
    reason: Words


class ProlongIn(Form):
    """Until when it works on."""

    model_config = examples.example(examples.PROLONG)

    until: AwareDatetime
    document: Words


class EndBodyIn(Form):
    """Why it works no more."""

    model_config = examples.example(examples.END_BODY)

    reason: Words


class SeatOut(Shown):
    """Who sits or sat in a body, and as what."""

    party_id: UUID
    party_kind: PartyKind
    part: SeatPart
    since: datetime
    until: datetime | None
    ended_reason: str


class BodyOut(Shown):
    """A body, who sits in it, and what it lacks."""

    id: UUID
    version: int
    kind: BodyKind
    name_zh: str
    name_en: str
    area_code: str
    sectors: tuple[str, ...]
    area_codes: tuple[str, ...]
    parent_id: UUID | None
    document: str
    valid_from: datetime
    valid_to: datetime | None
    ended_at: datetime | None
    ended_reason: str | None
    exercise: bool
    seats: tuple[SeatOut, ...]
    gaps: tuple[BodyGap, ...]
    correlation_id: UUID
    actions: tuple[str, ...]
