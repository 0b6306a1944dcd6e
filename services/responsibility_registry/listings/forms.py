"""The shapes of the doors of listings: what is sent."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Code, Form, Line, Moment, Name, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_listings as examples
from services.responsibility_registry.examples import example
from services.responsibility_registry.listings.actions import NewListing
from services.responsibility_registry.listings.actions_work import NewPlan
from services.responsibility_registry.listings.rules import ListedUnitKind
from services.responsibility_registry.listings.rules_steps import Notice, Shown

Evidence = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")]
Level = Annotated[Code, Field(description="a level of the policy: township, county, city or province")]


class ListingIn(Form):
    """Which order is proposed to be listed, at which level, and why."""

    model_config = example(examples.LISTING)

    id: UUID = Field(default_factory=new_id, description="chosen by you, so that a retry is harmless")
    order_id: UUID
    level: Level
    words: Words

    def new(self) -> NewListing:
        """The proposal as the verb takes it."""
        return NewListing(id=self.id, order_id=self.order_id, level=self.level, words=self.words)


class IssueListingIn(Form):
    """The notice: unit, supervisor and content; the limit is the order's own."""

    model_config = example(examples.ISSUE_LISTING)

    level: Level
    unit: Name
    unit_kind: ListedUnitKind = Field(description="the name of a person is in the notice and never published")
    content: Words
    document: Name = Field(description="the number of the notice")
    supervisor_post_id: UUID

    def notice(self) -> Notice:
        """The notice as the verb takes it."""
        return Notice(
            level=self.level, unit=self.unit, unit_kind=self.unit_kind, content=self.content, document=self.document,
            supervisor_post_id=self.supervisor_post_id,
        )  # fmt: skip


class ListingReasonIn(Form):
    """Why it is not listed."""

    model_config = example(examples.REFUSE_LISTING)

    reason: Words


class PublishListingIn(Form):
    """Where it was published, when, under which number, and the words that the public reads here as well."""

    model_config = example(examples.PUBLISH_LISTING)

    published_at: Moment
    where: Name
    number: Annotated[Line, Field(min_length=1, max_length=60)]
    words: Words

    def shown(self) -> Shown:
        """The publication as the verb takes it."""
        return Shown(
            published_at=self.published_at.astimezone(UTC), where=self.where, number=self.number, words=self.words
        )


class ListingPlanIn(Form):
    """The unit's plan with the five fields."""

    model_config = example(examples.LISTING_PLAN)

    responsible: Name
    measures: Words
    funds_fen: Annotated[int, Field(ge=0, le=10**15)]
    until: Moment
    contingency: Words

    def plan(self) -> NewPlan:
        """The plan as the verb takes it."""
        return NewPlan(
            responsible=self.responsible, measures=self.measures, funds_fen=self.funds_fen,
            until=self.until.astimezone(UTC), contingency=self.contingency,
        )  # fmt: skip


class SuperviseListingIn(Form):
    """What the visit of supervision saw."""

    model_config = example(examples.SUPERVISE_LISTING)

    words: Words
    evidence: Evidence = ()


class AskListingInspectionIn(Form):
    """The application, with what shows that it is done."""

    model_config = example(examples.ASK_LISTING_INSPECTION)

    words: Words
    evidence: Annotated[Evidence, Field(min_length=1)]


class InspectListingIn(Form):
    """What another pair of eyes saw."""

    model_config = example(examples.INSPECT_LISTING)

    passed: bool
    words: Words


class DelistIn(Form):
    """The notice that takes it off."""

    model_config = example(examples.DELIST)

    words: Words


class LookBackListingIn(Form):
    """Whether the danger is gone for good."""

    model_config = example(examples.LOOK_BACK_LISTING)

    gone: bool
    words: Words


class ProposeConsequenceIn(Form):
    """What is to follow, and why."""

    model_config = example(examples.PROPOSE_CONSEQUENCE)

    consequence: Code
    words: Words


class DecideConsequenceIn(Form):
    """The decision on a consequence that was proposed, by its number."""

    model_config = example(examples.DECIDE_CONSEQUENCE)

    number: Annotated[int, Field(ge=1, le=1000)]
    accepted: bool
    words: Words
