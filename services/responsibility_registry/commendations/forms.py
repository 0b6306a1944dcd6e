"""The shapes of the doors of commendations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Form, Line, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_enforcement as examples
from services.responsibility_registry.commendations.actions import NewCommendation
from services.responsibility_registry.commendations.rules import HonouredKind
from services.responsibility_registry.examples import example

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Evidence = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")]
HonouredId = Annotated[
    Line, Field(min_length=18, max_length=36, description="of a post or organisation, or a firm's credit code")
]


class CommendationIn(Form):
    """Who is honoured how, for what, by whose decision, from when to when."""

    model_config = example(examples.COMMENDATION)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    honour: Name
    level_ordinal: Annotated[int, Field(ge=1, le=9, description="1 the city's, 2 a county's, 3 a township's")]
    authority_code: Name = Field(description="the code of the authority in the register of organisations")
    decision_number: Name
    honoured_kind: HonouredKind
    honoured_id: HonouredId
    honoured_name: Annotated[Line, Field(max_length=200, description="of a firm; others have the registry's")] = ""
    words: Words = Field(description="for what")
    evidence: Evidence = ()
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
    awarded_on: Day
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="the first day on which it is worn no more")

    def new(self) -> NewCommendation:
        """The honour as the verb takes it."""
        return NewCommendation(**dict(self) | {"id": self.id or new_id()})


class RevokeCommendationIn(Form):
    """By which decision it is taken back, and why."""

    model_config = example(examples.REVOKE_COMMENDATION)

    document: Name
    reason: Words


class CommendationOut(Shown):
    """One honour; it is worn from the beginning of `valid_from` to the beginning of `valid_to`."""

    id: UUID
    version: int
    honour: str
    level_ordinal: int
    level_zh: str
    level_en: str
    authority_id: UUID
    decision_number: str
    honoured_kind: HonouredKind
    honoured_id: str
    honoured_name: str
    words: str
    evidence: tuple[UUID, ...]
    area_code: str
    sectors: tuple[str, ...]
    awarded_on: date
    valid_from: date
    valid_to: date | None
    worn: bool
    revoked_at: datetime | None
    revoked_by_document: str
    revoked_reason: str
    policy_version: str
    correlation_id: UUID
    actions: tuple[str, ...]
