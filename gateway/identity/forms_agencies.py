"""The shapes of what is said and shown of agencies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from gateway.identity.actions_agencies import KEEPER
from gateway.identity.rules_agencies import Agency
from libs.common.forms import AreaCode, Form, Line, Name, Sector, Shown, Words
from libs.common.ids import new_id
from libs.common.scope import Scope

_EXAMPLE: dict[str, Any] = {
    "name_zh": "某区应急管理局",
    "name_en": "District emergency bureau",
    "area_code": "331002000000",
    "sectors": ["emergency", "comprehensive"],
    "contact": "值班电话 0576-88880000",
}
Sectors = Annotated[tuple[Sector, ...], Field(max_length=50, description="empty: every sector")]
Contact = Annotated[Line, Field(max_length=200, description="an office's line or mailbox, never a person's own")]


class AgencyIn(Form):
    """A body that clients act for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    name_zh: Name
    name_en: Name
    credit_code: str | None = Field(
        default=None, max_length=18, description="统一社会信用代码 with its check sign (GB 32100-2015)"
    )
    area_code: AreaCode
    sectors: Sectors = ()
    contact: Contact = ""

    def agency(self) -> Agency:
        """The agency as it is to be."""
        return Agency(
            **self.model_dump(exclude={"id"}), id=self.id or new_id(), version=0, exercise=False,
            correlation_id=new_id(), ended_at=None, ended_reason=None,
        )  # fmt: skip


class AgencyPatch(Form):
    """JSON Merge Patch: what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact": "值班电话 0576-88880001"}]})

    name_zh: Name | None = None
    name_en: Name | None = None
    sectors: Sectors | None = None
    contact: Contact | None = None


class EndAgencyIn(Form):
    """Why it ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "机构撤并"}]})

    reason: Words


class AgencyOut(Shown):
    """A body that clients act for."""

    id: UUID
    version: int
    name_zh: str
    name_en: str
    credit_code: str | None
    area_code: AreaCode
    sectors: tuple[str, ...]
    contact: str
    state: str = Field(description="active or ended")
    ended_at: datetime | None
    ended_reason: str | None
    actions: tuple[str, ...]

    @classmethod
    def of(cls, agency: Agency, scope: Scope) -> Self:
        """How an agency is shown to who looks after the platform in its area."""
        ended = agency.ended_at is not None
        may = scope.holds(KEEPER, area_code=agency.area_code, sectors=())
        shown = {name: getattr(agency, name, None) for name in cls.model_fields}
        return cls.model_validate(
            shown
            | {"state": "ended" if ended else "active", "actions": ("change", "end") if may and not ended else ()}
        )
