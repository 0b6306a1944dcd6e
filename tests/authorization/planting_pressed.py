"""What presses on the planted order: a listing that is published, a circular notice, and a stop measure."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.contracts.circular_notices import CircularNoticeIssued
from libs.contracts.listings import ListingPublished
from libs.contracts.sample_values import cast
from libs.contracts.stop_measures import StopMeasureDecided
from services.responsibility_registry.circular_notices import actions as circulars
from services.responsibility_registry.circular_notices import store as circular_store
from services.responsibility_registry.circular_notices.rules import Addressed, CircularNotice, CircularState, Receipt
from services.responsibility_registry.listings import actions_written as listings
from services.responsibility_registry.listings import store as listing_store
from services.responsibility_registry.listings.rules import (
    Inspection,
    ListedUnitKind,
    Listing,
    ListingState,
    Publication,
)
from services.responsibility_registry.listings.rules_policy import ListingTrigger
from services.responsibility_registry.stop_measures import actions_written as stops
from services.responsibility_registry.stop_measures import store as stop_store
from services.responsibility_registry.stop_measures.rules import StopMeasure, StopState
from tests.authorization.callers import FIRM
from tests.authorization.house import House
from tests.authorization.operations import Ids

_SERVICE = "responsibility_registry"
_SERVED_ON = ((FIRM, "entity"),)
_POST = UUID("5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c703")


async def plant_pressed(house: House, ids: Ids) -> None:
    """One of each about the planted order, by nobody whom the table asks."""
    order_id = UUID(ids["/v1/orders/"])
    listing = str(await _listed(house, order_id))
    ids["/v1/listings/"] = ids["/v1/published-listings/"] = listing
    ids["/v1/circular-notices/"] = str(await _circulated(house, order_id))
    ids["/v1/stop-measures/"] = str(await _stopped(house, order_id))


async def _listed(house: House, order_id: UUID) -> UUID:
    async with house.databases[_SERVICE].unit_of_work(Scope.of_system("list an order")) as tx:
        told = Publication(
            delisting=False, published_at=tx.now, where="区政府网站", number="演示1号", words="限期整改", by=_POST
        )
        asked = Inspection(asked_at=tx.now, asked_by=_POST, asked_subject="worker", words="申请验收")
        listing = Listing(
            id=new_id(), version=0, area_code=cast.VILLAGE, sectors=("fire",), exercise=False,
            correlation_id=new_id(), order_id=order_id, state=ListingState.LISTED, trigger=ListingTrigger.BY_HAND,
            level="county", words="重大火灾隐患", policy_version="listing-1", proposed_at=tx.now, unit="某加工场",
            unit_kind=ListedUnitKind.FIRM, content="外迁宿舍", document="演示1号", supervisor_post_id=_POST,
            listed_at=tx.now, listed_by=_POST, public_number=told.number, publications=(told,), inspections=(asked,),
        )  # fmt: skip
        event = ListingPublished(
            listing=listings.facts(listing), delisting=False, published_at=tx.now, where=told.where,
            number=told.number, words=told.words,
        )  # fmt: skip
        return (await listing_store.record_listing(tx, listing, event, look_at=None, parts=_SERVED_ON)).id


async def _circulated(house: House, order_id: UUID) -> UUID:
    async with house.databases[_SERVICE].unit_of_work(Scope.of_system("circulate")) as tx:
        notice = CircularNotice(
            id=new_id(), version=0, area_code=cast.VILLAGE, sectors=("fire",), exercise=False,
            correlation_id=new_id(), order_id=order_id, step="circular_notice", state=CircularState.ISSUED,
            words="逾期七日", source="[DEF]", policy_version="circular_notices-1", proposed_at=tx.now, deciding=(),
            receipts=(Receipt(party_id=_POST, kind=Addressed.POST),), sign_by=tx.now + timedelta(days=3),
        )  # fmt: skip
        event = CircularNoticeIssued(notice=circulars.facts(notice), decided_by=None, words="")
        return (await circular_store.record_notice(tx, notice, event)).id


async def _stopped(house: House, order_id: UUID) -> UUID:
    async with house.databases[_SERVICE].unit_of_work(Scope.of_system("stop a firm")) as tx:
        measure = StopMeasure(
            id=new_id(), version=0, area_code=cast.VILLAGE, sectors=("fire",), exercise=False,
            correlation_id=new_id(), order_id=order_id, kind="stop_business", supply=False, notice_hours=0,
            state=StopState.DECIDED, words="拒不整改", risk="通道被堵", evidence=(), policy_version="stop_measures-1",
            proposed_at=tx.now, proposed_by=_POST, proposed_subject="worker", decide_by=tx.now + timedelta(days=1),
            document="演示5号", decided_at=tx.now, decided_by=_POST, decision="同意", effect_at=tx.now,
            execute_by=tx.now + timedelta(hours=4),
        )  # fmt: skip
        event = StopMeasureDecided(
            measure=stops.facts(measure), document="演示5号", decided_by=_POST, words="同意", imminent=""
        )
        return (await stop_store.record_measure(tx, measure, event, look_at=None, parts=_SERVED_ON)).id
