"""The shapes of the doors of duty items."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_duty_lists as examples
from services.responsibility_registry.duty_items.rules import MOST_EDITIONS, Bearer, DutyItem, Tier

Day = Annotated[date, Field(ge=date(1949, 10, 1), le=date(2200, 12, 31), description="from its beginning, city time")]
Edition = Annotated[
    int, Field(ge=1, le=MOST_EDITIONS, description="1 for a new code in the area, else the one after the last")
]
Codes = Annotated[tuple[Code, ...], Field(max_length=50)]


class DutyItemIn(Form):
    """One edition of one duty of a list; it holds until a later edition or a repeal."""

    model_config = examples.example(examples.DUTY_ITEM)

    id: UUID | None = None
    area_code: AreaCode
    code: Code
    edition: Edition
    list: Annotated[Code, Field(description="leaders, general_managers, line_regulators, operators")]
    bearer: Bearer
    zh: Words
    en: Annotated[Words | None, Field(description="in English, where it is wanted")] = None
    sectors: Annotated[tuple[Sector, ...], Field(max_length=16, description="none: whatever the sector")] = ()
    tiers: Annotated[tuple[Tier, ...], Field(max_length=4, description="of posts; none: every tier")] = ()
    links: Annotated[Codes, Field(description="of the responsible chain; none: whatever the link")] = ()
    kinds: Annotated[Codes, Field(description="of posts, organisations or responsible entities")] = ()
    first_responsible: Annotated[bool, Field(description="only posts that answer for their whole unit")] = False
    bearer_ids: Annotated[
        tuple[UUID, ...], Field(max_length=50, description="single posts, organisations or risk objects")
    ] = ()
    valid_from: Day
    source: Annotated[Name, Field(description="its evidence tag first, then the law and article or the document")]

    def entered(self) -> DutyItem:
        """The edition as a row to be."""
        made = self.id or new_id()
        said = {name: getattr(self, name) for name in _AS_SAID}
        return DutyItem(
            **said, id=made, version=0, exercise=False, correlation_id=made, list_code=self.list, en=self.en or ""
        )


_AS_SAID = (
    "area_code", "code", "edition", "bearer", "zh", "sectors", "tiers", "links", "kinds", "first_responsible",
    "bearer_ids", "valid_from", "source",
)  # fmt: skip


class RepealIn(Form):
    """From which day on the duty no longer holds, where, and by what."""

    model_config = examples.example(examples.REPEAL_DUTY_ITEM)

    id: UUID | None = None
    area_code: AreaCode
    edition: Edition
    valid_from: Day
    source: Annotated[Name, Field(description="its evidence tag first, then the law and article or the document")]


class DutyItemOut(Shown):
    """One edition of one duty; `repealed` ones say from when on it no longer holds."""

    id: UUID
    version: int
    area_code: str = Field(description="000000000000: ships with the platform and holds everywhere")
    code: str
    edition: int
    list: str
    bearer: Bearer
    zh: str
    en: str
    sectors: tuple[str, ...]
    tiers: tuple[str, ...]
    links: tuple[str, ...]
    kinds: tuple[str, ...]
    first_responsible: bool
    bearer_ids: tuple[UUID, ...]
    valid_from: date
    repealed: bool
    source: str
    correlation_id: UUID
    actions: tuple[str, ...]


class LabelOut(Shown):
    """A name in both languages."""

    zh: str
    en: str


class ListOut(Shown):
    """One of the lists, with the duties on it."""

    list: str
    name: LabelOut
    source: str
    items: tuple[DutyItemOut, ...]


class CatalogueOut(Shown):
    """The duties that hold in an area on a day, list by list."""

    area_code: str
    day: date
    lists: tuple[ListOut, ...]
