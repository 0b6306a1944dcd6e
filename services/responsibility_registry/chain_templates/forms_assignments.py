"""The shapes of the doors of chain assignments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from libs.common.clocks import CITY_ZONE
from libs.common.forms import AreaCode, Code, Form, Line, Moment, Name, Shown, Words
from services.responsibility_registry import examples_chain_templates as examples
from services.responsibility_registry.chain_templates.actions_assignments import AssignmentRow
from services.responsibility_registry.chain_templates.rules_assignments import MOST_HOUSEHOLDS


class GroundSaidOnce(ValueError):
    """A row names its ground or its post in several ways, or in none."""

    code = "ground_said_once"


class AssignmentRowIn(Form):
    """One row of a list of who has charge of what: the ground by one of three, the posts by their codes or ids."""

    model_config = examples.example(examples.CHAIN_ASSIGNMENT_ROW)

    id: Annotated[UUID | None, Field(description="left out: the one of this ground, post, link and beginning")] = None
    template: Annotated[Code, Field(description="the template's code")]
    link: Annotated[Code, Field(description="one of the template's links")]
    area_code: Annotated[AreaCode | None, Field(description="the area, where the link lies on areas")] = None
    grid_code: Annotated[Line | None, Field(max_length=16, description="the grid by its code")] = None
    object_id: Annotated[UUID | None, Field(description="the risk object, in your scope")] = None
    post_code: Annotated[Name | None, Field(description="the post by its code")] = None
    post_id: Annotated[UUID | None, Field(description="the post by its id, where no code is given")] = None
    superior_post_code: Annotated[Name | None, Field(description="to whom it answers, where the list says so")] = None
    superior_post_id: UUID | None = None
    households: Annotated[int | None, Field(ge=0, le=MOST_HOUSEHOLDS, description="on its ground, by the list")] = (
        None
    )
    document: Name
    valid_from: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 30))]

    @model_validator(mode="after")
    def _said_once(self) -> AssignmentRowIn:
        grounds = (self.area_code, self.grid_code, self.object_id)
        if sum(one is not None for one in grounds) != 1 or (self.post_code is None) == (self.post_id is None):
            raise GroundSaidOnce(
                "用 area_code、grid_code、object_id 之一指明范围，用 post_code 或 post_id 之一指明岗位"
                " Name the ground by one of area_code, grid_code, object_id, and the post by post_code or by post_id"
            )
        return self

    def row(self) -> AssignmentRow:
        """The row as the verb takes it; from the beginning of its day in the city on."""
        said = {name: getattr(self, name) for name in type(self).model_fields if name != "valid_from"}
        begins = datetime.combine(self.valid_from, time(), CITY_ZONE).astimezone(UTC)
        return AssignmentRow(**said, valid_from=begins)


class EndAssignmentIn(Form):
    """From when on it no longer holds, and why."""

    model_config = examples.example(examples.END_CHAIN_ASSIGNMENT)

    at: Moment
    reason: Words


class ChainAssignmentOut(Shown):
    """A post in a link of a template over a ground: an area, or (`unit_id`) a grid or an object in it."""

    id: UUID
    version: int
    template: str
    link: str
    area_code: str
    unit_id: UUID | None
    post_id: UUID
    superior_post_id: UUID | None
    households: int | None
    sectors: tuple[str, ...]
    document: str
    valid_from: datetime
    valid_to: datetime | None
    ended_reason: str
    correlation_id: UUID
    actions: tuple[str, ...]
