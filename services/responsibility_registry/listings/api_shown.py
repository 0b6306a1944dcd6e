"""A listing as its doors show it, and what the caller may do with it now."""

from __future__ import annotations

from libs.common.clocks import now
from libs.common.scope import Scope
from services.responsibility_registry.listings import rules, rules_who
from services.responsibility_registry.listings.actions import LISTS, PUBLISHES, ListingOfOrder
from services.responsibility_registry.listings.actions_work import DECIDES, INSPECTS, seen_as, works_on
from services.responsibility_registry.listings.forms_shown import (
    ArchiveOut,
    ConsequenceProposedOut,
    ListingInspectionOut,
    ListingLabelOut,
    ListingOut,
    ListingPlanOut,
    ListingPublicationOut,
    PromiseOut,
    PublishedListingOut,
    QuarterCountOut,
    SupervisionVisitOut,
)
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import ListingState
from services.responsibility_registry.listings.rules_counts import Archive, QuarterCount
from services.responsibility_registry.listings.rules_public import for_public

_NEEDS = {
    "issue": LISTS, "refuse": LISTS, "delist": LISTS, "publish": PUBLISHES, "inspect": INSPECTS, "decide": DECIDES,
}  # fmt: skip
_SUPERVISES = frozenset({"supervise", "look_back", "propose"})
_OWN = frozenset({"file_plan", "ask_inspection"})
_OTHERWISE = frozenset({
    "level_label", "limit_at", "overdue", "assignee_post_id", "publications", "plan", "visits", "inspections",
    "consequences", "promises", "actions",
})  # fmt: skip
_SAME = tuple(name for name in ListingOut.model_fields if name not in _OTHERWISE)
_COUNTED = tuple(name for name in QuarterCountOut.model_fields if name not in {"level", "label"})


def show(found: ListingOfOrder, scope: Scope) -> ListingOut:
    """A listing with its order's limit and post as they are now, and what the caller may do."""
    one, order = found.listing, seen_as(found.order, now())
    return ListingOut(
        **{name: getattr(one, name) for name in _SAME}, level_label=label(one.level), limit_at=order.due_at,
        overdue=one.state is ListingState.LISTED and order.overdue, assignee_post_id=order.assignee_post_id,
        publications=tuple(ListingPublicationOut.model_validate(each) for each in one.publications),
        plan=None if one.plan is None else ListingPlanOut.model_validate(one.plan),
        visits=tuple(SupervisionVisitOut.model_validate(each) for each in one.visits),
        inspections=tuple(ListingInspectionOut.model_validate(each) for each in one.inspections),
        consequences=tuple(ConsequenceProposedOut.model_validate(each) for each in one.consequences),
        promises=tuple(PromiseOut.model_validate(each) for each in one.promises),
        actions=tuple(move for move in rules.open_moves(one) if _may(move, found, scope)),
    )  # fmt: skip


def show_published(found: ListingOfOrder, _: Scope) -> PublishedListingOut:
    """A listing as anybody reads it."""
    order = seen_as(found.order, now())
    told = for_public(found.listing, order.due_at)
    return PublishedListingOut(
        id=found.id, public_number=told.listing.public_number or "", level=told.listing.level,
        level_label=label(told.listing.level), area_code=told.listing.area_code,
        unit=ListingLabelOut(zh=told.unit[0], en=told.unit[1]), words=told.words, where=told.where,
        published_at=told.published_at, limit_at=told.limit_at, overdue=not told.over and order.overdue,
        delisted_at=told.listing.delisted_at, delisting_words=told.delisting_words,
        delisting_where=told.delisting_where, delisting_published_at=told.delisting_published_at,
    )  # fmt: skip


def show_archive(one: Archive) -> ArchiveOut:
    """What one level keeps."""
    return ArchiveOut(
        level=one.level.code, label=label(one.level.code), by_state=dict(one.by_state), standing=one.standing,
        overdue=one.overdue,
    )  # fmt: skip


def show_quarter(one: QuarterCount) -> QuarterCountOut:
    """What happened at one level."""
    counts = {name: getattr(one, name) for name in _COUNTED}
    return QuarterCountOut(level=one.level.code, label=label(one.level.code), **counts)


def label(level: str) -> ListingLabelOut:
    """A level's name; a code that the policy no longer has stands for itself."""
    found = POLICY.level(level)
    return ListingLabelOut(zh=level, en=level) if found is None else ListingLabelOut(zh=found.zh, en=found.en)


def _may(move: str, found: ListingOfOrder, scope: Scope) -> bool:
    """By role and part; whether the acting post is of the level's tier is checked by the verb."""
    one = found.listing
    if move in _OWN:
        return works_on(found.order, scope.posts, scope.parties)
    if move in {"inspect", "look_back"} and not _is_other(found, scope):
        return False
    if move == "supervise" and scope.post_id == found.order.assignee_post_id:
        return False
    if move in _SUPERVISES and scope.post_id is not None and scope.post_id == one.supervisor_post_id:
        return True
    return scope.holds(*_NEEDS.get(move, INSPECTS), area_code=one.area_code, sectors=one.sectors)


def _is_other(found: ListingOfOrder, scope: Scope) -> bool:
    asked = found.listing.inspections[-1]
    return rules_who.is_other(seen_as(found.order, now()), asked, scope.post_id, scope.subject)
