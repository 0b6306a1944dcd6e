"""The shapes of the doors of inspection tours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import AreaCode, Category, Code, Form, Name, Sector, Shown, Words
from services.responsibility_registry import examples
from services.responsibility_registry.inspection_tours.actions import BodyKind, NewOrder, NewTour, NewVisit
from services.responsibility_registry.inspection_tours.rules import MOST_FINDINGS, TourState

Body = Annotated[
    str, Field(pattern=r"^[0-9a-f-]{12,36}$", examples=["331002000000"], description="area code or post id")
]


class PlanTourIn(Form):
    """Whom to visit between which days: the areas of one level, or the posts of one kind."""

    model_config = examples.example(examples.TOUR)

    name: Name
    area_code: AreaCode
    body_kind: BodyKind
    among: Code
    first_day: date
    last_day: date

    def entered(self) -> NewTour:
        """The tour as the verb takes it."""
        return NewTour(**dict(self))


class TourFindingIn(Form):
    """Something that was found."""

    category: Category
    words: Words


class VisitIn(Form):
    """Who was visited when, and what was seen."""

    model_config = examples.example(examples.VISIT)

    tour_id: UUID
    body: Body
    visited_at: AwareDatetime
    words: Words
    evidence: Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")] = ()
    findings: Annotated[tuple[TourFindingIn, ...], Field(max_length=MOST_FINDINGS)] = ()

    def entered(self) -> NewVisit:
        """The visit as the verb takes it."""
        return NewVisit(
            tour_id=self.tour_id, body=self.body, visited_at=self.visited_at.astimezone(UTC), words=self.words,
            evidence=self.evidence, findings=tuple((one.category, one.words) for one in self.findings),
        )  # fmt: skip


class OrderFindingIn(Form):
    """The order for one finding: to whom, where and of which sectors; its words are the finding's."""

    model_config = examples.example(examples.ORDER_FINDING)

    finding: Annotated[int, Field(ge=1, le=MOST_FINDINGS)]
    entity: Annotated[str, Field(max_length=200)] = ""
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
    major: bool = False

    def entered(self) -> NewOrder:
        """The order as the verb takes it."""
        return NewOrder(**dict(self))


class ConcludeTourIn(Form):
    """What it came to."""

    model_config = examples.example(examples.CONCLUDE_TOUR)

    conclusion: Words


class TourBodyOut(Shown):
    """Who is to be visited."""

    key: str
    zh: str
    en: str
    area_code: str


class TourOut(Shown):
    """An inspection tour."""

    id: UUID
    version: int
    name: str
    area_code: str
    body_kind: BodyKind
    among: str
    bodies: tuple[TourBodyOut, ...]
    first_day: date
    last_day: date
    state: TourState
    planned_at: datetime
    planned_by: UUID
    conclusion: str
    concluded_at: datetime | None
    correlation_id: UUID
    actions: tuple[str, ...]


class CoverageOut(Shown):
    """How many of the planned bodies were visited, and who is left."""

    planned: int
    visited: int
    share: str | None = Field(description="visited of planned, to four places; null where nobody is planned")
    visits: int
    findings: int
    ordered: int = Field(description="findings for which there is an order")
    left: tuple[TourBodyOut, ...]


class TourFindingOut(Shown):
    """Something that was found, and its order."""

    number: int
    category: str
    words: str
    order_id: UUID | None


class VisitOut(Shown):
    """A visit."""

    id: UUID
    version: int
    tour_id: UUID
    body_key: str
    area_code: str
    visited_at: datetime
    by_post: UUID
    words: str
    evidence: tuple[UUID, ...]
    findings: tuple[TourFindingOut, ...]
    correlation_id: UUID
    actions: tuple[str, ...]
