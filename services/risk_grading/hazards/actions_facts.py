"""A hazard as its events carry it, and the one way in which every verb of hazards writes and tells."""

from __future__ import annotations

from collections.abc import Callable

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.contracts import risk_grading as told
from libs.contracts.event import Event
from libs.contracts.risk_grading import HazardFacts
from libs.contracts.values import Entity, FiveItems, Point
from services.risk_grading.hazards import rules_parts, store
from services.risk_grading.hazards.rules import Handling, Hazard, HazardState, Severity
from services.risk_grading.objects import actions as objects


async def tell(tx: Tx, hazard: Hazard, event: Callable[[HazardFacts], Event], *, why: str = "") -> Hazard:
    """Write the hazard's next version with the event that its facts make."""
    return await store.record_hazard(tx, hazard, event(await facts_of(tx, hazard)), why=why)


async def tell_verified(tx: Tx, hazard: Hazard, *, why: str = "") -> Hazard:
    """The same for a hazard that a post has verified: within a limit it asks for an order, on the spot for none."""
    seen = hazard.verification
    if seen is None:
        raise ValueError("a verified hazard has been seen")
    event = told.HazardBeingFixed if hazard.handling is Handling.FIX_AT_ONCE else told.HazardVerified
    by_post, at, shown = seen.by_posts[0], seen.at, seen.evidence
    return await tell(
        tx,
        hazard,
        lambda facts: event(hazard=facts, verified_by=by_post, verified_at=at, evidence=shown),
        why=why,
    )


async def tell_projection(tx: Tx, hazard: Hazard, *, why: str = "") -> Hazard:
    """The same for a hazard that follows its order: the event is the one of the state that it is in now."""

    def event(facts: HazardFacts) -> Event:
        if hazard.state is HazardState.CLOSED:
            return told.HazardClosed(hazard=facts, look_back_at=hazard.look_back_due_at)
        if hazard.order_id is None:
            raise ValueError(f"a hazard that is {hazard.state} without an order follows none")
        if hazard.state is HazardState.PENDING_REVIEW:
            return told.HazardPendingReview(hazard=facts, order_id=hazard.order_id)
        return told.HazardRectifying(hazard=facts, order_id=hazard.order_id)

    return await tell(tx, hazard, event, why=why)


async def facts_of(tx: Tx, hazard: Hazard) -> HazardFacts:
    """The whole of a hazard that others need, with the entity that answers for its object."""
    entity = await objects.entity_of(tx, hazard.object_id) if hazard.object_id else None
    return _facts(hazard, entity)


def _facts(hazard: Hazard, entity: Entity | None) -> HazardFacts:
    seen = hazard.verification.words if hazard.verification is not None else ""
    return HazardFacts(
        state=hazard.state, category=hazard.category, description=seen or hazard.words, place=_point(hazard),
        report_ids=hazard.report_ids, risk_object_id=hazard.object_id, entity=entity,
        is_major=None if hazard.severity is None else hazard.severity is Severity.MAJOR, handling=hazard.handling,
        round=hazard.round, five_items=_five_items(hazard), place_words=hazard.place_words,
        life_at_risk=hazard.life_at_risk, severity_basis=hazard.severity_basis, order_id=hazard.order_id,
        due_at=hazard.due_at, hands=hazard.hands,
    )  # fmt: skip


def _point(hazard: Hazard) -> Point | None:
    return None if hazard.place is None else Point(lon=hazard.place.lon, lat=hazard.place.lat)


def _five_items(hazard: Hazard) -> FiveItems:
    proposal, verification = hazard.proposal, hazard.verification
    if proposal is None or verification is None:
        return FiveItems()
    days = None
    if proposal.due_at is not None:
        days = rules_parts.limit_days_of(proposal.due_at, verification.at, CITY_ZONE)
    return FiveItems(
        responsible=proposal.responsible, measures=proposal.measures, funds_fen=proposal.funds_fen, limit_days=days,
        contingency=proposal.contingency,
    )  # fmt: skip
