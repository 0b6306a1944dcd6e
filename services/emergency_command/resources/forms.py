"""The shapes of the doors of teams."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Name, Shown, Words
from libs.common.ids import new_id
from libs.common.imports import id_of
from libs.common.places import Place
from services.emergency_command import examples
from services.emergency_command.resources import actions
from services.emergency_command.resources.rules import Team, TeamStatus, Turnout
from services.emergency_command.vocabulary import Capability

TurnoutWord = Literal["dispatch", "request"]
_TURNOUTS = {word: turnout for turnout, word in actions.TURNOUT_WORDS.items()}
NEAR = r"^-?[0-9]{1,3}(\.[0-9]{1,12})?,-?[0-9]{1,2}(\.[0-9]{1,12})?$"


class TeamRowIn(Form):
    """One row of an import; `lon` and `lat` are WGS 84 degrees."""

    model_config = examples.example(examples.TEAM_ROW)

    id: Annotated[UUID | None, Field(description="left out: the team of this area and name")] = None
    name: Name
    kind: Code
    capabilities: Annotated[tuple[Capability, ...], Field(min_length=1, max_length=30)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    area_code: AreaCode
    turnout: Annotated[TurnoutWord, Field(description="request: its own service (119, 120) sends it")]
    status: Annotated[Literal["free", "out_of_service"], Field(description="of a new team only")] = "free"

    def team(self) -> Team:
        """The team as a row to be."""
        return actions.with_sectors(
            Team(
                id=self.id or id_of(actions.NOUN, self.area_code, self.name), version=0, area_code=self.area_code,
                sectors=(), exercise=False, correlation_id=new_id(), name=self.name, kind=self.kind,
                capabilities=self.capabilities, lon=self.lon, lat=self.lat, turnout=Turnout(_TURNOUTS[self.turnout]),
                status=TeamStatus(self.status),
            )
        )  # fmt: skip


class OutOfServiceIn(Form):
    """Why the team cannot be sent."""

    model_config = examples.example(examples.OUT_OF_SERVICE)

    reason: Words


class TeamOut(Shown):
    """A rescue team; `distance_m` is there where the list was asked near a point."""

    id: UUID
    version: int
    name: str
    kind: str
    capabilities: tuple[str, ...]
    area_code: str
    sectors: tuple[str, ...]
    place: Place
    turnout: TurnoutWord
    status: TeamStatus
    claimed_by: Annotated[UUID | None, Field(description="the dispatch that has it")]
    reason: str
    distance_m: int | None
    correlation_id: UUID
    actions: tuple[str, ...]
