"""A listing: an order about a major hazard that a level of government supervises in public until it is put right.

Proposed, listed with a notice, published, supervised, inspected on application by others than the unit, taken off
with a notice, and looked at once more. Its limit is the order's own due time and follows it ([P] the limit equals
that of the rectification notice). It is bound to the order, not to a post: a reassignment changes nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.listings.rules_policy import ListingStep, ListingTrigger


class ListingState(StrEnum):
    """Where a listing is; published and overdue are no states but overlays."""

    PROPOSED = "proposed"
    LISTED = "listed"
    INSPECTION_ASKED = "inspection_asked"
    PASSED = "passed"
    DELISTED = "delisted"
    PUT_RIGHT = "put_right"
    RECURRED = "recurred"
    REFUSED = "refused"
    LAPSED = "lapsed"


class ListedUnitKind(StrEnum):
    """What the listed unit is: the name of a natural person is never published."""

    FIRM = "firm"
    ORGANIZATION = "organization"
    PERSON = "person"


class ConsequenceState(StrEnum):
    """A consequence is a proposal until a post of its tier has decided."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


_S = ListingState
OPEN = (_S.PROPOSED, _S.LISTED, _S.INSPECTION_ASKED, _S.PASSED)
IN_FORCE = (_S.LISTED, _S.INSPECTION_ASKED, _S.PASSED)
MOVES: Mapping[str, tuple[ListingState, ...]] = {
    "issue": (_S.PROPOSED,),
    "refuse": (_S.PROPOSED,),
    "publish": (*IN_FORCE, _S.DELISTED),
    "file_plan": (_S.LISTED,),
    "supervise": (_S.LISTED, _S.INSPECTION_ASKED),
    "ask_inspection": (_S.LISTED,),
    "inspect": (_S.INSPECTION_ASKED,),
    "delist": (_S.PASSED,),
    "look_back": (_S.DELISTED,),
    "propose": (_S.LISTED, _S.INSPECTION_ASKED),
    "decide": IN_FORCE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A step that is to be done by an instant; `opens_at` is when it may be done at the earliest. `told_at` is when
    everybody was told that it was not, `open_told_at` that its time has come."""

    step: ListingStep
    due_at: datetime
    source: str
    policy_version: str
    provisional: bool = False
    opens_at: datetime | None = None
    open_told_at: datetime | None = None
    met_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """The listing, or its end (`delisting`), was published: where, when, under which number, and in which words."""

    delisting: bool
    published_at: datetime
    where: str
    number: str
    words: str
    by: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The unit's plan with the five fields ([P] 五落实); funds in CNY fen, 0 is an answer."""

    responsible: str
    measures: str
    funds_fen: int
    until: datetime
    contingency: str
    filed_at: datetime
    filed_by: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One visit of supervision."""

    at: datetime
    by: UUID
    words: str
    evidence: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """One application to be inspected, and what came of it. The subjects are kept here and in no event."""

    asked_at: datetime
    asked_by: UUID
    asked_subject: str
    words: str
    evidence: tuple[UUID, ...] = ()
    passed: bool | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    decision: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequence:
    """A consequence that was proposed, by a post or by the limit itself (`proposed_by` None); and its decision."""

    number: int
    code: str
    state: ConsequenceState
    words: str
    source: str
    proposed_at: datetime
    proposed_by: UUID | None = None
    proposed_subject: str = ""
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    decision: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """`limit_at` and `assignee_post_id` are the order's own, as they were last told; `document` is the number of the
    notice; `overdue_for` is the limit whose passing was told."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    order_id: UUID
    state: ListingState
    trigger: ListingTrigger
    level: str
    words: str
    policy_version: str
    proposed_at: datetime
    proposed_by: UUID | None = None
    limit_at: datetime | None = None
    assignee_post_id: UUID | None = None
    unit: str = ""
    unit_kind: ListedUnitKind | None = None
    content: str = ""
    document: str = ""
    supervisor_post_id: UUID | None = None
    listed_at: datetime | None = None
    listed_by: UUID | None = None
    public_number: str | None = None
    publications: tuple[Publication, ...] = ()
    plan: Plan | None = None
    visits: tuple[Visit, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    promises: tuple[Promise, ...] = ()
    overdue_for: datetime | None = None
    delisted_at: datetime | None = None
    delisting: str = ""
    looked_back_at: datetime | None = None
    looked_back_by: UUID | None = None
    looked_back: str = ""
    ended_at: datetime | None = None
    reason: str = ""


class ListingCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "listing_cannot_move"
    title = ("挂牌督办当前状态不允许此操作", "The listing is not in a state for this")

    def __init__(self, listing: Listing, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = listing.state
        self.open_moves = open_moves(listing)


class ListingTooEarly(ListingCannotMove):
    """The look-back has its time: who looks on the day of the delisting sees nothing that could have come back."""

    code = "listing_too_early"


class ListingWrong(Exception):
    """What was entered about a listing does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "listing_wrong"
    title = ("挂牌督办信息有误", "The listing is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def published(listing: Listing, *, delisting: bool) -> Publication | None:
    """The publication of the listing, or of its end."""
    return next((one for one in listing.publications if one.delisting is delisting), None)


def open_moves(listing: Listing) -> tuple[str, ...]:
    """The verbs that people may use now."""
    ends = listing.state is ListingState.DELISTED
    shut = {
        "publish": published(listing, delisting=ends) is not None,
        "file_plan": listing.plan is not None,
        "ask_inspection": listing.plan is None,
        "decide": all(one.state is not ConsequenceState.PROPOSED for one in listing.consequences),
    }
    return tuple(verb for verb, states in MOVES.items() if listing.state in states and not shut.get(verb, False))


def require_open(listing: Listing, verb: str) -> None:
    """Raises ListingCannotMove unless the verb is open; says what is missing where that is the plan."""
    if verb in open_moves(listing):
        return
    if verb == "ask_inspection" and listing.state is ListingState.LISTED:
        raise ListingCannotMove(listing, "请先报送整改方案。", "file the plan first")
    zh = f"挂牌督办为「ListingState.{listing.state}」，不能「Move.{verb}」。"
    raise ListingCannotMove(listing, zh, f"cannot {verb} a listing that is {listing.state}")


def look_at(listing: Listing, now: datetime, follow: timedelta) -> datetime | None:
    """When the sweep looks at it next: at the next instant of which somebody is to be told, and while it is bound to
    its order every so often, to follow that; None once nothing is to come."""
    waits = [one.due_at for one in listing.promises if one.met_at is None and one.told_at is None]
    waits += [
        one.opens_at
        for one in listing.promises
        if one.opens_at is not None and one.open_told_at is None and one.met_at is None
    ]
    if listing.state in OPEN:
        waits.append(now + follow)
    return min(waits, default=None)
