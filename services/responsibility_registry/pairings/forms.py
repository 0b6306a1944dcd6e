"""The shapes of the doors of pairings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Moment, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_duty_lists as examples
from services.responsibility_registry.pairings.actions import NewPairing, Per

HomeKey = Annotated[
    str, Field(max_length=60, pattern=r"^[A-Za-z0-9._-]*$", description="an opaque key: no name, no address")
]


class PairingIn(Form):
    """Which post with which object or home, as what, from which day on."""

    model_config = examples.example(examples.PAIRING)

    id: UUID | None = None
    kind: Annotated[Code, Field(description="as in `/v1/pairings/kinds`")]
    post_id: UUID
    object_id: Annotated[UUID | None, Field(description="a risk object in your scope")] = None
    home_key: HomeKey = ""
    area_code: Annotated[AreaCode | None, Field(description="the object's where it is left out")] = None
    sectors: Annotated[tuple[Sector, ...], Field(max_length=16, description="the object's where none is said")] = ()
    valid_from: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 12, 31))]
    document: Name

    def new(self) -> NewPairing:
        """The pairing as the verb takes it."""
        said = {name: getattr(self, name) for name in type(self).model_fields if name != "id"}
        return NewPairing(**said, id=self.id or new_id())


class EndPairingIn(Form):
    """From when on it no longer holds, and why."""

    model_config = examples.example(examples.END_PAIRING)

    at: Moment
    reason: Words


class RhythmOut(Shown):
    """How often something has to be done."""

    times: int
    per: Per
    roll_forward: bool = Field(description="the next working day still counts where the last day is none")


class PairingOut(Shown):
    """A pairing. `home_key` is for its own post and for administrators; others get an empty one."""

    id: UUID
    version: int
    kind: str
    post_id: UUID
    object_id: UUID | None
    home_key: str
    area_code: str
    sectors: tuple[str, ...]
    record_kinds: tuple[str, ...] = Field(description="the kinds of duty records that keep it")
    rhythm: RhythmOut | None
    document: str
    valid_from: datetime
    counted_from: datetime
    valid_to: datetime | None
    ended_reason: str
    correlation_id: UUID
    actions: tuple[str, ...]


class PairingLabelOut(Shown):
    """A name in both languages."""

    zh: str
    en: str


class PairingKindOut(Shown):
    """One kind of pairing."""

    kind: str
    name: PairingLabelOut
    target: str
    record_kinds: tuple[str, ...]
    rhythm: RhythmOut | None
    sole: bool = Field(description="whether one post has it alone")
    source: str


class PairingKindsOut(Shown):
    """The kinds of pairings that there are."""

    kinds: tuple[PairingKindOut, ...]
