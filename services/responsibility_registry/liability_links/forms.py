"""The shapes of the doors of links of liability."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Line, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_enforcement as examples
from services.responsibility_registry.examples import example
from services.responsibility_registry.liability_links.actions import NewLink
from services.responsibility_registry.liability_links.rules import EndKind, Party

PartyId = Annotated[Line, Field(min_length=18, max_length=36, description="a credit code, or a risk object's id")]
PartyName = Annotated[Line, Field(max_length=200, description="of a firm; a risk object has its own")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class LinkIn(Form):
    """Who belongs together as what, from when to when, by which paper."""

    model_config = example(examples.LINK)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    relation: Code
    from_kind: EndKind
    from_id: PartyId
    from_name: PartyName = ""
    to_kind: EndKind
    to_id: PartyId
    to_name: PartyName = ""
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="the first day on which they are linked no more")
    document: Name

    def new(self) -> NewLink:
        """The link as the verb takes it."""
        return NewLink(
            id=self.id or new_id(), relation=self.relation,
            from_party=Party(kind=self.from_kind, id=self.from_id, name=self.from_name),
            to_party=Party(kind=self.to_kind, id=self.to_id, name=self.to_name), area_code=self.area_code,
            sectors=self.sectors, valid_from=self.valid_from, valid_to=self.valid_to, document=self.document,
        )  # fmt: skip


class EndLinkIn(Form):
    """When and why they belong together no more."""

    model_config = example(examples.END_LINK)

    on: Day | None = Field(default=None, description="today where it is left out; never in the past")
    reason: Words


class LinkOut(Shown):
    """One link; it is there from the beginning of `valid_from` to the beginning of `valid_to`."""

    id: UUID
    version: int
    relation: str
    relation_zh: str
    relation_en: str
    from_kind: EndKind
    from_id: str
    from_name: str
    to_kind: EndKind
    to_id: str
    to_name: str
    area_code: str
    sectors: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    document: str
    ended_reason: str
    correlation_id: UUID
    actions: tuple[str, ...]
