"""What may be traced without a case: an incident of which was heard, and a hazard where somebody stood."""

from __future__ import annotations

from uuid import UUID

from libs.common.db import Tx
from libs.common.problems import NotFound
from services.responsibility_registry.accountability import store
from services.responsibility_registry.accountability.actions_looks import look_into_case
from services.responsibility_registry.accountability.actions_trace import About, make_trace
from services.responsibility_registry.accountability.policies import FACTS, TRACE
from services.responsibility_registry.accountability.rules_facts import category_of
from services.responsibility_registry.accountability.store import READS, KeptTrace

__all__ = ["TRACE", "About", "KeptTrace", "about_hazard", "about_incident", "make_trace", "of_case"]


async def about_incident(tx: Tx, incident_id: UUID) -> About:
    """An incident as it was heard last, as of its clock zero; NotFound where the caller reads no cases there."""
    async with tx.system("accountability:about"):
        noted = await store.find_noted(tx, incident_id)
    if (
        noted is None
        or noted.enforced
        or not tx.scope.holds(*READS, area_code=noted.area_code, sectors=noted.sectors)
    ):
        raise NotFound("incidents", incident_id)
    return About(
        area_code=noted.area_code, sectors=noted.sectors, exercise=noted.exercise,
        correlation_id=noted.correlation_id, as_of=noted.at, category=category_of(noted, FACTS),
        object_id=noted.object_id,
        says={"incident": {"id": str(noted.id), "number": noted.number, "kind": noted.kind}},
    )  # fmt: skip


async def about_hazard(tx: Tx, hazard_id: UUID) -> About:
    """A hazard that somebody verified on site, as of now; NotFound where the caller reads no cases there."""
    async with tx.system("accountability:about"):
        found = await store.first_act(tx, hazard_id)
    if found is None or not tx.scope.holds(*READS, area_code=found[1], sectors=found[0].sectors):
        raise NotFound("hazards", hazard_id)
    act, area_code = found
    return About(
        area_code=area_code, sectors=act.sectors, exercise=False, correlation_id=act.correlation_id, as_of=tx.now,
        category=act.category or FACTS.default_category, object_id=act.object_id, hazard_id=hazard_id,
        says={"hazard": {"id": str(hazard_id), "category": act.category, "words": act.words}},
    )  # fmt: skip


async def of_case(tx: Tx, trace_id: UUID) -> KeptTrace | None:
    """A trace of a case, for whoever reads the case, and the row of that look; None where it is none, NotFound where
    the case is another's."""
    found = await store.find_trace(tx, trace_id)
    if found is not None:
        await look_into_case(tx, found.case_id)
    return found
