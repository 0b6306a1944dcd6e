"""The doors of measures that hold: which do, on whom, and the proposal that one goes on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read
from libs.common.forms import AreaCode, Code, Line, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.accountability import actions_ends, store, store_resting
from services.responsibility_registry.accountability.actions_ends import InForce
from services.responsibility_registry.accountability.api_shown import show_measure
from services.responsibility_registry.accountability.forms import MeasureInForceOut, MeasureOut, RenewIn
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureNotInForce

routes = router("accountability-cases", prefix="/v1/accountability-cases")
in_force_routes = router("measures-in-force", prefix="/v1/measures-in-force")
SubjectId = Annotated[
    Line | None, Query(max_length=200, description="a firm's credit code, or the code of an area")
]  # fmt: skip


def show_in_force(found: InForce, scope: Scope) -> MeasureInForceOut:
    """A measure that holds, with the posts whose holders it follows."""
    return MeasureInForceOut(**show_measure(found.measure, scope).model_dump(), post_ids=found.posts)


@in_force_routes.get("", response_model=PageOut[MeasureInForceOut], summary="生效中的措施 Measures in force")
async def list_in_force(
    door: Read, asked: Asked, area_code: AreaCode | None = None, code: Code | None = None,
    subject_id: SubjectId = None, post_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Measures whose effects hold now, within what you audit or lead: by area, by effect (`promotion_freeze`), by the
    firm or place that they are against, or, with `post_id`, those that whoever holds a post now took along from a
    post that they held when it happened ([SEED] 挂牌期间主要负责人不得提拔: it follows the person, not the post)."""

    async def find(tx: Tx) -> Page[InForce]:
        within = await door.within(tx, area_code)
        ids = None if post_id is None else await actions_ends.measures_on_holders(tx, post_id)
        found = await page(
            tx,
            store_resting.list_in_force(tx, tx.now, areas=within, code=code, subject_id=subject_id, ids=ids),
            keys=store_resting.IN_FORCE_ORDER, asked=asked, load=lambda row: load(Measure, row),
            fingerprint=["measures-in-force", area_code, code, subject_id, str(post_id)],
        )  # fmt: skip
        return Page(
            items=await actions_ends.each_in_force(tx, found.items), next=found.next, count=found.count
        )  # fmt: skip

    return await door.look(find, listed(show_in_force))


@routes.post(
    "/{case_id}/measures/{measure_id}/renew",
    status_code=201,
    response_model=MeasureOut,
    summary="提请续期 Propose to renew",
    responses=refuses(MeasureNotInForce),
)
async def renew(case_id: UUID, measure_id: UUID, body: RenewIn, door: Change) -> Response:
    """A measure with a period is over at its end, which is told once. That it goes on is a proposal of its own, for
    the same period, decided by the same authority."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_ends.renew_measure(tx, case_id, measure_id, expected, body.words), show_measure,
        show_again=store.find_measure,
        location=lambda renewal: f"/v1/accountability-cases/{renewal.case_id}/measures/{renewal.id}",
    )  # fmt: skip
