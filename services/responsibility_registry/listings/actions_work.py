"""The verbs of those who work under a listing and of those who look: plan, visits, inspection, what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.contracts import listings as told
from services.responsibility_registry.listings import rules_consequences, rules_steps
from services.responsibility_registry.listings.actions_written import (
    ListingOfOrder,
    NotTheAssignee,
    actor_of,
    counting,
    facts,
    lock_at_level,
    lock_for,
    lock_listing,
    seen_as,
    worker_of,
    write,
)
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import Inspection, Plan, Visit
from services.responsibility_registry.listings.rules_policy import ListingStep
from services.responsibility_registry.listings.rules_who import Actor, OwnWorkNotInspected
from services.responsibility_registry.orders.actions_work import works_on

__all__ = ["INSPECTS", "NewPlan", "NotTheAssignee", "seen_as", "works_on"]
INSPECTS = ("inspector", "leader")
DECIDES = ("leader",)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPlan:
    """The five fields of the unit's plan ([P] 五落实)."""

    responsible: str
    measures: str
    funds_fen: int
    until: datetime
    contingency: str


async def file_plan(tx: Tx, listing_id: UUID, expected: int | None, plan: NewPlan) -> ListingOfOrder:
    """By whoever has the order, or the entity of a notice. Raises NotTheAssignee (403), ListingCannotMove (409),
    ListingWrong (422)."""
    found, worker = await _at_work(tx, listing_id, expected)
    filed = Plan(
        responsible=plan.responsible, measures=plan.measures, funds_fen=plan.funds_fen, until=plan.until,
        contingency=plan.contingency, filed_at=tx.now, filed_by=worker,
    )  # fmt: skip
    after = rules_steps.file_plan(found.listing, found.order.due_at, filed, tx.now)
    event = told.ListingPlanFiled(
        listing=facts(after), measures=plan.measures, funds_fen=plan.funds_fen, until=plan.until
    )
    return await write(tx, found, after, event, why=plan.measures)


async def supervise(
    tx: Tx, listing_id: UUID, expected: int | None, words: str, evidence: tuple[UUID, ...]
) -> ListingOfOrder:
    """A visit by the supervisor, or who inspects there; never by who has the order.

    Raises RoleMissing (403), OwnWorkNotInspected, ListingCannotMove (409).
    """
    found, by = await _supervising(tx, listing_id, expected)
    if by.post == found.order.assignee_post_id:
        raise OwnWorkNotInspected
    visit = Visit(at=tx.now, by=by.post, words=words, evidence=evidence)
    after = rules_steps.supervise(found.listing, visit, POLICY, await counting(tx))
    event = told.ListingSupervised(listing=facts(after), by=by.post, words=words, evidence=evidence)
    return await write(tx, found, after, event, why=words)


async def ask_inspection(
    tx: Tx, listing_id: UUID, expected: int | None, words: str, evidence: tuple[UUID, ...]
) -> ListingOfOrder:
    """The unit applies to be inspected. Raises NotTheAssignee (403), OrderNotDone, ListingCannotMove (409)."""
    found, worker = await _at_work(tx, listing_id, expected)
    asked = Inspection(
        asked_at=tx.now, asked_by=worker, asked_subject=tx.caller.subject, words=words, evidence=evidence
    )
    order = seen_as(found.order, tx.now)
    after = rules_steps.ask_inspection(found.listing, asked, order, POLICY, await counting(tx))
    until = next(
        (one.due_at for one in after.promises if one.step is ListingStep.INSPECT and one.met_at is None), None
    )
    event = told.ListingInspectionAsked(listing=facts(after), words=words, evidence=evidence, inspect_by=until)
    return await write(tx, found, after, event, why=words)


async def inspect(tx: Tx, listing_id: UUID, expected: int | None, *, passed: bool, words: str) -> ListingOfOrder:
    """Others than the unit look. Raises RoleMissing, NotOfThisLevel (403), OwnWorkNotInspected, OrderNotClosed,
    ListingCannotMove (409)."""
    found, by = await lock_at_level(tx, listing_id, expected, INSPECTS)
    after = rules_steps.inspect(
        found.listing, seen_as(found.order, tx.now), by, passed=passed, words=words, policy=POLICY,
        count=await counting(tx), at=tx.now,
    )  # fmt: skip
    event = told.ListingInspected(listing=facts(after), passed=passed, by=by.post, words=words)
    return await write(tx, found, after, event, why=words)


async def look_back(tx: Tx, listing_id: UUID, expected: int | None, *, gone: bool, words: str) -> ListingOfOrder:
    """Looked at again. Raises RoleMissing (403), ListingTooEarly, OwnWorkNotInspected, ListingCannotMove (409)."""
    found, by = await _supervising(tx, listing_id, expected)
    after = rules_steps.look_back(found.listing, seen_as(found.order, tx.now), by, gone=gone, words=words, at=tx.now)
    event = told.ListingLookedBack(listing=facts(after), gone=gone, by=by.post, words=words)
    return await write(tx, found, after, event, why=words)


async def propose_consequence(
    tx: Tx, listing_id: UUID, expected: int | None, consequence: str, words: str
) -> ListingOfOrder:
    """What is to follow is proposed. Raises RoleMissing (403), ListingCannotMove (409), ListingWrong (422)."""
    found, by = await _supervising(tx, listing_id, expected)
    after = rules_consequences.propose(found.listing, consequence, words=words, by=by, at=tx.now, policy=POLICY)
    event = told.ListingConsequenceProposed(
        listing=facts(after), number=after.consequences[-1].number, consequence=consequence, words=words
    )
    return await write(tx, found, after, event, why=words)


async def decide_consequence(
    tx: Tx, listing_id: UUID, expected: int | None, number: int, *, accepted: bool, words: str
) -> ListingOfOrder:
    """A post of the tier decides. Raises RoleMissing, NotOfThisLevel (403), AnotherMustDecideConsequence,
    ListingCannotMove (409), ListingWrong (422)."""
    found, by = await lock_for(tx, listing_id, expected, DECIDES)
    after = rules_consequences.decide(
        found.listing, number, accepted=accepted, words=words, by=by, at=tx.now, policy=POLICY
    )
    event = told.ListingConsequenceDecided(
        listing=facts(after), number=number, consequence=after.consequences[number - 1].code, accepted=accepted,
        by=by.post, words=words,
    )  # fmt: skip
    return await write(tx, found, after, event, why=words)


async def _at_work(tx: Tx, listing_id: UUID, expected: int | None) -> tuple[ListingOfOrder, UUID]:
    """The listing, locked, and the post or party that has its order now. Raises NotTheAssignee (403)."""
    found = await lock_listing(tx, listing_id)
    worker = worker_of(tx, found.order)
    require_version(found.listing, expected)
    return found, worker


async def _supervising(tx: Tx, listing_id: UUID, expected: int | None) -> tuple[ListingOfOrder, Actor]:
    """The listing, locked, for its supervisor, or who inspects in its place. Raises RoleMissing (403)."""
    found = await lock_listing(tx, listing_id)
    own = found.listing.supervisor_post_id is not None and tx.caller.post_id == found.listing.supervisor_post_id
    if not own:
        tx.caller.require(*INSPECTS, area_code=found.listing.area_code, sectors=found.listing.sectors)
    require_version(found.listing, expected)
    return found, await actor_of(tx)
