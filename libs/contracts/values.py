"""Values that several producers' events carry."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class OfFile:
    """Marks an id as that of a file: a photo, a paper, a recording."""


FileId = Annotated[UUID, OfFile()]
"""The id of a file. Every field of an event that refers to files has this type: so the files learn who needs them."""


class Later:
    """Marks an optional field of a `…State` that came after the first copies of it were made.

    A copy keeps it where its table has the column and goes on without it where not; digests are made without it, so
    that both agree with the producer. What must be compared is an event or a noun of its own.
    """


LATER = Later()


class Value(BaseModel):
    """A part of an event; fields are only ever added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Point(Value):
    """A point in WGS 84, degrees."""

    lon: float
    lat: float


class Entity(Value):
    """A responsible entity; a natural person is named by a role word only, such as landlord."""

    name: str
    kind: str
    code: str | None = None


class FiveItems(Value):
    """The five fixed items as they are proposed or fixed: who, measures, funds, time limit, contingency."""

    responsible: str | None = None
    measures: str | None = None
    funds_fen: int | None = None
    limit_days: int | None = None
    contingency: str | None = None


class PlacedApart(Value):
    """Something whose place lies elsewhere than was told: the area that was told, and what the two say of each other
    (`other_area`, `no_known_area`; empty: they agree)."""

    area_told: str | None = None
    area_doubt: str = ""
