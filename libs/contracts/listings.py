"""What the responsibility registry tells of listed supervision 挂牌督办; apart for length's sake."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class ListingFacts(Value):
    """A listing as its events carry it: of the unit no name, which the published notice alone says."""

    order_id: UUID
    state: str
    level: str
    trigger: str
    limit_at: datetime | None
    supervisor_post: UUID | None
    assigned_post: UUID | None
    public_number: str | None


class ListingProposed(Event, type="responsibility_registry.listing.proposed.v1", sensitivity=SHARED):
    """An order is proposed to be listed: by hand, or because a major hazard's order was issued or is overdue."""

    listing: ListingFacts
    words: str


class ListingRefused(Event, type="responsibility_registry.listing.refused.v1", sensitivity=SHARED):
    """The level does not list it, and said why."""

    listing: ListingFacts
    reason: str


class ListingIssued(Event, type="responsibility_registry.listing.issued.v1", sensitivity=SHARED):
    """Listed by a notice that names unit, supervisor, content and limit; `document` is its number."""

    listing: ListingFacts
    document: str
    listed_by: UUID


class ListingPublished(Event, type="responsibility_registry.listing.published.v1", sensitivity=SHARED):
    """The listing, or its end (`delisting`), was published: where, when, under which number, in these words."""

    listing: ListingFacts
    delisting: bool
    published_at: datetime
    where: str
    number: str
    words: str


class ListingPlanFiled(Event, type="responsibility_registry.listing.plan_filed.v1", sensitivity=SHARED):
    """The unit filed its plan with the five fields; `until` is its own end, within the limit."""

    listing: ListingFacts
    measures: str
    funds_fen: int
    until: datetime


class ListingSupervised(Event, type="responsibility_registry.listing.supervised.v1", sensitivity=SHARED):
    """A visit of supervision."""

    listing: ListingFacts
    by: UUID
    words: str
    evidence: tuple[FileId, ...]


class ListingInspectionAsked(Event, type="responsibility_registry.listing.inspection_asked.v1", sensitivity=SHARED):
    """The unit applied to be inspected; somebody else has to look by `inspect_by`."""

    listing: ListingFacts
    words: str
    evidence: tuple[FileId, ...]
    inspect_by: datetime | None


class ListingInspected(Event, type="responsibility_registry.listing.inspected.v1", sensitivity=SHARED):
    """Others than the unit looked: passed, or back to work."""

    listing: ListingFacts
    passed: bool
    by: UUID
    words: str


class ListingDelisted(Event, type="responsibility_registry.listing.delisted.v1", sensitivity=SHARED):
    """Taken off with a notice; the look-back opens at `look_back_from`."""

    listing: ListingFacts
    words: str
    look_back_from: datetime | None


class ListingLookBackDue(Event, type="responsibility_registry.listing.look_back_due.v1", sensitivity=SHARED):
    """The time of the look-back has come; told once."""

    listing: ListingFacts
    look_back_by: datetime | None


class ListingLookedBack(Event, type="responsibility_registry.listing.looked_back.v1", sensitivity=SHARED):
    """Looked at once more: `gone`, or there again."""

    listing: ListingFacts
    gone: bool
    by: UUID
    words: str


class ListingConsequenceProposed(
    Event, type="responsibility_registry.listing.consequence_proposed.v1", sensitivity=SHARED
):
    """A post proposed what is to follow: a talk, a held licence, a stop, closing."""

    listing: ListingFacts
    number: int
    consequence: str
    words: str


class ListingConsequenceDecided(
    Event, type="responsibility_registry.listing.consequence_decided.v1", sensitivity=SHARED
):
    """A post of the tier decided on a proposed consequence."""

    listing: ListingFacts
    number: int
    consequence: str
    accepted: bool
    by: UUID
    words: str


class ListingOverdue(Event, type="responsibility_registry.listing.overdue.v1", sensitivity=SHARED):
    """The limit passed and it is not put right: told once for each limit, with what is proposed to follow."""

    listing: ListingFacts
    consequences: tuple[str, ...]


class ListingFollowed(Event, type="responsibility_registry.listing.followed.v1", sensitivity=SHARED):
    """The order's due time, its post or (after a merge) the order itself changed, and the listing went with it."""

    listing: ListingFacts
    from_limit_at: datetime | None
    from_assigned_post: UUID | None
    from_order_id: UUID


class ListingLapsed(Event, type="responsibility_registry.listing.lapsed.v1", sensitivity=SHARED):
    """The order ended otherwise: there is nothing to list any more."""

    listing: ListingFacts
    reason: str


class ListingStepsMissed(Event, type="responsibility_registry.listing.steps_missed.v1", sensitivity=SHARED):
    """What was promised is not there in time: publication, plan, visit, inspection …; each told once."""

    listing: ListingFacts
    steps: tuple[str, ...]
