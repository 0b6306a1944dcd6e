"""The shapes of the doors of hazards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Form, Name, Shown, Words
from libs.common.places import Place
from services.risk_grading import examples
from services.risk_grading.hazards import rules
from services.risk_grading.hazards.actions import VerifyAsked
from services.risk_grading.hazards.actions_register import PartAsked
from services.risk_grading.hazards.rules import Cause, Handling, HazardState, MajorPlan, Proposal, Severity
from services.risk_grading.vocabulary import Category

Evidence = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and documents")]
Posts = Annotated[
    tuple[UUID, ...],
    Field(max_length=10, description="other posts that stood there too: held now, and with reach over the area"),
]
Fen = Annotated[int, Field(ge=0, le=10**15, description="CNY fen")]
Said = Annotated[str, Field(max_length=2000)]


class ProposalIn(Form):
    """The five fixed items as the verifying post proposes them; the order fixes them ([P] 五落实)."""

    responsible: Name
    measures: Words
    funds_fen: Fen
    limit_days: Annotated[int | None, Field(ge=0, le=3650, description="none leaves it to the policy")] = None
    contingency: Words


class VerifyIn(Form):
    """What was seen on site. `basis` names the criterion or the pack version by which it is ordinary or major."""

    model_config = examples.example(examples.VERIFY)

    severity: Severity
    basis: Words
    handling: Handling
    words: Said = ""
    proposal: ProposalIn | None = None
    evidence: Evidence = ()
    with_posts: Posts = ()
    risk_object_id: UUID | None = None

    def asked(self) -> VerifyAsked:
        """The same in the words of the verb."""
        five = self.proposal
        proposal = None if five is None else Proposal(
            responsible=five.responsible, measures=five.measures, funds_fen=five.funds_fen,
            contingency=five.contingency,
        )  # fmt: skip
        return VerifyAsked(
            severity=self.severity, basis=self.basis, handling=self.handling, words=self.words, proposal=proposal,
            limit_days=five.limit_days if five else None, evidence=self.evidence, with_posts=self.with_posts,
            object_id=self.risk_object_id,
        )  # fmt: skip


class FixIn(Form):
    """Fixed on the spot: photos from after, and from before where the verification has none."""

    model_config = examples.example(examples.FIX)

    words: Said = ""
    before_evidence: Evidence = ()
    after_evidence: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)]
    with_posts: Posts = ()


class PartIn(Form):
    """A further danger of the same report; what is left out is inherited."""

    model_config = examples.example(examples.PART)

    words: Words
    category: Category | None = None
    place: Place | None = None
    life_at_risk: bool | None = None

    def asked(self) -> PartAsked:
        """The same in the words of the verb."""
        place = None if self.place is None else rules.Place(lon=self.place.lon, lat=self.place.lat)
        return PartAsked(words=self.words, category=self.category, place=place, life_at_risk=self.life_at_risk)


class DismissIn(Form):
    """Why it is no hazard; the reporter is told."""

    model_config = examples.example(examples.DISMISS)

    reason: Words
    evidence: Evidence = ()


class BasisIn(Form):
    """The criterion by which it is graver or less grave than thought."""

    model_config = examples.example(examples.BASIS)

    basis: Words


class PlanIn(Form):
    """The treatment plan of a major hazard, in six parts ([P] order 16 of 2008)."""

    model_config = examples.example(examples.PLAN)

    goal: Words
    measures: Words
    funds_fen: Fen
    organisation: Words
    until: date
    contingency: Words

    def plan(self) -> MajorPlan:
        """The same in the words of the rules."""
        return MajorPlan(**self.model_dump())


class MergeIn(Form):
    """The hazard that survives."""

    model_config = examples.example(examples.MERGE)

    into: UUID


class LookBackIn(Form):
    """What was found on looking back: gone for good, or there again."""

    model_config = examples.example(examples.LOOK_BACK)

    gone: bool
    words: Words
    evidence: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)]


class ReopenIn(Form):
    """What was found: it has come back."""

    model_config = examples.example(examples.REOPEN)

    words: Words


class FindingOut(Shown):
    """What posts saw or did."""

    at: datetime
    by_posts: tuple[UUID, ...]
    words: str
    evidence: tuple[UUID, ...]
    before: tuple[UUID, ...]


class ProposalOut(Shown):
    """The five fixed items as they were proposed."""

    responsible: str
    measures: str
    funds_fen: int
    due_at: datetime | None
    contingency: str


class PlanOut(Shown):
    """The treatment plan of a major hazard."""

    goal: str
    measures: str
    funds_fen: int
    organisation: str
    until: date
    contingency: str


class ReopeningOut(Shown):
    """One reason for the running round."""

    cause: Cause
    at: datetime
    words: str
    by_post: UUID | None


class HazardOut(Shown):
    """A hazard. It has no colour: it is ordinary or major. `order_id` and `due_at` are its order's."""

    id: UUID
    version: int
    state: HazardState
    category: str
    words: str
    area_code: str
    sectors: tuple[str, ...]
    place: Place | None
    place_words: str
    report_ids: tuple[UUID, ...]
    risk_object_id: UUID | None
    life_at_risk: bool
    severity: Severity | None
    severity_basis: str
    handling: Handling | None
    registered_at: datetime
    verify_due_at: datetime
    verification: FindingOut | None
    proposal: ProposalOut | None
    plan: PlanOut | None
    fix: FindingOut | None
    order_id: UUID | None
    due_at: datetime | None
    round: int
    reopenings: tuple[ReopeningOut, ...]
    dismissed_reason: str
    closed_at: datetime | None
    look_back_due_at: datetime | None
    looked_back: FindingOut | None
    merged_into: UUID | None
    merged_from: tuple[UUID, ...]
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
