"""What each verb makes of a listing, and which promises it keeps and begins."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.responsibility_registry.listings import rules_who
from services.responsibility_registry.listings.rules import (
    Inspection,
    ListedUnitKind,
    Listing,
    ListingState,
    ListingTooEarly,
    ListingWrong,
    Plan,
    Promise,
    Publication,
    Visit,
    require_open,
)
from services.responsibility_registry.listings.rules_policy import Counts, ListingPolicy, ListingStep
from services.responsibility_registry.listings.rules_public import require_publishable
from services.responsibility_registry.listings.rules_who import Actor, OrderSeen

MOST_VISITS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What the notice of a listing names."""

    level: str
    unit: str
    unit_kind: ListedUnitKind
    content: str
    document: str
    supervisor_post_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """Where and in which words something was published."""

    published_at: datetime
    where: str
    number: str
    words: str


def propose(listing: Listing, order: OrderSeen, policy: ListingPolicy, count: Counts, at: datetime) -> Listing:
    """Registered to be listed. Raises ListingWrong (422), OrderNotListable (409)."""
    if policy.level(listing.level) is None:
        raise ListingWrong(("/level", "unknown_level", ("没有此挂牌层级。", "there is no such level")))
    rules_who.require_listable(order, policy)
    proposed = replace(listing, proposed_at=at, limit_at=order.due_at, assignee_post_id=order.assignee_post_id)
    return _begun(proposed, policy, count, at, ListingStep.ISSUE)


def issue(
    listing: Listing, notice: Notice, order: OrderSeen, by: Actor, policy: ListingPolicy, count: Counts, at: datetime
) -> Listing:
    """Listed, with its notice, by a post of the level; another level than the proposed one is that level's to choose.

    The limit is the order's own. Raises ListingCannotMove, OrderNotListable (409), NotOfThisLevel (403),
    ListingWrong (422).
    """
    rules_who.require_level(notice.level, by, policy)
    require_open(listing, "issue")
    rules_who.require_listable(order, policy)
    if notice.supervisor_post_id == order.assignee_post_id:
        said = ("督办岗位不得是承办该指令单的岗位。", "who has the order does not supervise it")
        raise ListingWrong(("/supervisor_post_id", "is_the_assignee", said))
    listed = replace(
        _met(listing, ListingStep.ISSUE, at), state=ListingState.LISTED, level=notice.level, unit=notice.unit,
        unit_kind=notice.unit_kind, content=notice.content, document=notice.document,
        supervisor_post_id=notice.supervisor_post_id, listed_at=at, listed_by=by.post, limit_at=order.due_at,
        assignee_post_id=order.assignee_post_id,
    )  # fmt: skip
    return _begun(listed, policy, count, at, ListingStep.PUBLISH, ListingStep.FILE_PLAN, ListingStep.SUPERVISE)


def refuse(listing: Listing, by: Actor, reason: str, policy: ListingPolicy, at: datetime) -> Listing:
    """The level does not list it, and says why. Raises NotOfThisLevel (403), ListingCannotMove (409)."""
    rules_who.require_level(listing.level, by, policy)
    require_open(listing, "refuse")
    return _over(listing, ListingState.REFUSED, reason, at)


def publish(listing: Listing, shown: Shown, by: Actor, policy: ListingPolicy, at: datetime) -> Listing:
    """The listing, or once it is off its end, was published. Raises ListingWrong (422), NotOfThisLevel (403)."""
    rules_who.require_level(listing.level, by, policy)
    require_open(listing, "publish")
    ends = listing.state is ListingState.DELISTED
    since = (listing.delisted_at if ends else listing.listed_at) or at
    if not since <= shown.published_at <= at:
        said = (f"须在 {since.isoformat()} 与现在之间。", f"between {since.isoformat()} and now")
        raise ListingWrong(("/published_at", "out_of_range", said))
    person = listing.unit if listing.unit_kind is ListedUnitKind.PERSON else ""
    require_publishable(person, words=shown.words, where=shown.where, number=shown.number)
    entry = Publication(
        delisting=ends, published_at=shown.published_at, where=shown.where, number=shown.number, words=shown.words,
        by=by.post,
    )  # fmt: skip
    number = listing.public_number or shown.number
    after = replace(listing, publications=(*listing.publications, entry), public_number=number)
    return _met(after, ListingStep.PUBLISH_DELISTING if ends else ListingStep.PUBLISH, at)


def file_plan(listing: Listing, limit_at: datetime | None, plan: Plan, at: datetime) -> Listing:
    """The unit's plan, whose own end is not after the limit. Raises ListingWrong (422), ListingCannotMove (409)."""
    require_open(listing, "file_plan")
    if limit_at is not None and plan.until > limit_at:
        limit = limit_at.isoformat()
        said = (
            f"不得晚于挂牌期限 {limit}；如需更长时间请先申请延期。",
            f"the limit is {limit}: ask for an extension",
        )
        raise ListingWrong(("/until", "after_the_limit", said))
    return _met(replace(listing, plan=plan), ListingStep.FILE_PLAN, at)


def supervise(listing: Listing, visit: Visit, policy: ListingPolicy, count: Counts) -> Listing:
    """A visit of supervision; the next one is due so long after it. Raises ListingCannotMove (409)."""
    require_open(listing, "supervise")
    if len(listing.visits) >= MOST_VISITS:
        raise ListingWrong(("", "too_many", (f"最多 {MOST_VISITS} 次督导。", f"{MOST_VISITS} visits at most")))
    seen = _met(replace(listing, visits=(*listing.visits, visit)), ListingStep.SUPERVISE, visit.at)
    return _begun(seen, policy, count, visit.at, ListingStep.SUPERVISE)


def ask_inspection(
    listing: Listing, asked: Inspection, order: OrderSeen, policy: ListingPolicy, count: Counts
) -> Listing:
    """The unit applies to be inspected, once its work is reported done. Raises ListingCannotMove, OrderNotDone."""
    require_open(listing, "ask_inspection")
    rules_who.require_done(order)
    after = replace(listing, state=ListingState.INSPECTION_ASKED, inspections=(*listing.inspections, asked))
    return _begun(after, policy, count, asked.asked_at, ListingStep.INSPECT)


def inspect(
    listing: Listing, order: OrderSeen, by: Actor, *, passed: bool, words: str, policy: ListingPolicy, count: Counts,
    at: datetime,
) -> Listing:  # fmt: skip
    """Others than the unit look: passed, which needs the order closed by its own inspection, or back to work.

    Raises NotOfThisLevel (403), OwnWorkNotInspected, OrderNotClosed, ListingCannotMove (409).
    """
    rules_who.require_level(listing.level, by, policy)
    require_open(listing, "inspect")
    *before, asked = listing.inspections
    rules_who.require_others(order, asked, by)
    if passed:
        rules_who.require_closed(order)
    seen = replace(asked, passed=passed, decided_at=at, decided_by=by.post, decision=words)
    after = _met(replace(listing, inspections=(*before, seen)), ListingStep.INSPECT, at)
    if not passed:
        return replace(after, state=ListingState.LISTED)
    # Nobody has to supervise what has passed.
    return _begun(
        _dropped(replace(after, state=ListingState.PASSED), ListingStep.SUPERVISE),
        policy,
        count,
        at,
        ListingStep.DELIST,
    )


def delist(listing: Listing, by: Actor, words: str, policy: ListingPolicy, count: Counts, at: datetime) -> Listing:
    """Taken off with a notice; what was published has its end published too, and the look-back gets its time.

    Raises NotOfThisLevel (403), ListingCannotMove (409).
    """
    rules_who.require_level(listing.level, by, policy)
    require_open(listing, "delist")
    off = replace(
        _dropped(_met(listing, ListingStep.DELIST, at), ListingStep.PUBLISH), state=ListingState.DELISTED,
        delisted_at=at, delisting=words,
    )  # fmt: skip
    after = _begun(off, policy, count, at, ListingStep.PUBLISH_DELISTING) if listing.publications else off
    opens = at + timedelta(days=policy.look_back_after_days)
    return _begun(after, policy, count, opens, ListingStep.LOOK_BACK, opens_at=opens)


def look_back(listing: Listing, order: OrderSeen, by: Actor, *, gone: bool, words: str, at: datetime) -> Listing:
    """Looked at once more after its time has come, by others than the unit: put right, or there again.

    Raises ListingTooEarly, OwnWorkNotInspected, ListingCannotMove (409).
    """
    require_open(listing, "look_back")
    rules_who.require_others(order, listing.inspections[-1], by)
    opens = next((one.opens_at for one in listing.promises if one.step is ListingStep.LOOK_BACK), None)
    if opens is not None and at < opens:
        raise ListingTooEarly(
            listing, f"回头看自 {opens.isoformat()} 起进行。", f"the look-back opens at {opens.isoformat()}"
        )
    state = ListingState.PUT_RIGHT if gone else ListingState.RECURRED
    seen = replace(listing, looked_back_at=at, looked_back_by=by.post, looked_back=words)
    return _over(_met(seen, ListingStep.LOOK_BACK, at), state, words, at)


def lapse(listing: Listing, reason: str, at: datetime) -> Listing:
    """There is nothing to list any more: the order ended otherwise."""
    return _over(listing, ListingState.LAPSED, reason, at)


def _begun(
    listing: Listing, policy: ListingPolicy, count: Counts, start: datetime, *steps: ListingStep,
    opens_at: datetime | None = None,
) -> Listing:  # fmt: skip
    """The clocks of steps begin, each with its rule frozen."""
    begun = []
    for step in steps:
        clock = policy.clock(step)
        due_at, provisional = count(clock, start)
        begun.append(
            Promise(
                step=step,
                due_at=due_at,
                source=clock.source,
                policy_version=policy.name,
                provisional=provisional,
                opens_at=opens_at,
            )
        )
    return replace(listing, promises=(*listing.promises, *begun))


def _met(listing: Listing, step: ListingStep, at: datetime) -> Listing:
    kept = tuple(
        replace(one, met_at=at) if one.step is step and one.met_at is None else one for one in listing.promises
    )
    return replace(listing, promises=kept)


def _dropped(listing: Listing, step: ListingStep) -> Listing:
    """What nobody waits for any more, and nobody did."""
    left = tuple(one for one in listing.promises if one.step is not step or one.met_at is not None)
    return replace(listing, promises=left)


def _over(listing: Listing, state: ListingState, reason: str, at: datetime) -> Listing:
    done = tuple(one for one in listing.promises if one.met_at is not None or one.told_at is not None)
    return replace(listing, state=state, ended_at=at, reason=reason, promises=done)
