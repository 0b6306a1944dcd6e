"""The doors of traces on demand. For those who audit or lead, and nobody else."""

from __future__ import annotations

from uuid import UUID

import orjson
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.liability_traces import actions, store
from services.responsibility_registry.liability_traces.forms import (
    LiabilityDocumentOut,
    LiabilityTraceIn,
    LiabilityTraceOut,
)
from services.responsibility_registry.liability_traces.rules import InstantImpossible, LiabilityTrace, TraceAbout

routes = router("liability-traces", prefix="/v1/liability-traces")
_FIELDS = tuple(LiabilityTraceOut.model_fields)
_OF_ITS_OWN = {"about_kind", "about_id", "document"}
_SAME = tuple(name for name in LiabilityDocumentOut.model_fields if name not in _OF_ITS_OWN)


def show(trace: LiabilityTrace, scope: Scope) -> LiabilityTraceOut:
    """A trace as it is listed."""
    del scope
    return LiabilityTraceOut.model_validate({name: getattr(trace, name) for name in _FIELDS})


def show_document(trace: LiabilityTrace | actions.KeptTrace, scope: Scope) -> LiabilityDocumentOut:
    """A trace with its document."""
    del scope
    about = (trace.about_kind.value, trace.about_id) if isinstance(trace, LiabilityTrace) else ("case", trace.case_id)
    told = {"about_kind": about[0], "about_id": about[1], "document": orjson.loads(trace.document)}
    return LiabilityDocumentOut.model_validate({name: getattr(trace, name) for name in _SAME} | told)


@routes.get("", response_model=PageOut[LiabilityTraceOut], summary="责任倒查列表 List traces of liability")
async def list_traces(
    door: Read, asked: Asked, about_kind: TraceAbout | None = None, about_id: UUID | None = None,
    area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Traces that were made on demand, the newest first, for those who audit or lead there; those of cases stand with
    their case."""

    async def find(tx: Tx) -> Page[LiabilityTrace]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_traces(tx.scope, kind=about_kind, about_id=about_id, areas=within), keys=store.ORDER,
            asked=asked, load=lambda row: load(LiabilityTrace, row),
            fingerprint=["liability-traces", about_kind, str(about_id), area_code],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.post(
    "", status_code=201, response_model=LiabilityTraceOut, summary="发起责任倒查 Trace who answered",
    responses=refuses(NotFound, InstantImpossible),
)  # fmt: skip
async def trace(body: LiabilityTraceIn, door: Write) -> Response:
    """Who answered for an incident, a hazard or an order at an instant, by the data known then: what each knew and
    when, what was overdue, what was done, what exempts ([SEED] 责任倒查). It is kept as it is, judges nobody, and
    stands at `/v1/trace-documents/{id}` as a signed PDF or sheet."""
    return await door.perform(
        lambda tx: actions.trace_liability(tx, body.wanted()), show, show_again=actions.show_again
    )


@routes.get("/{trace_id}", response_model=LiabilityDocumentOut, summary="责任倒查详情 One trace of liability")
async def get_trace(trace_id: UUID, door: Read) -> Response:
    """One trace with its document, on demand or of a case. The timeline notes who looked."""
    return await door.look(lambda tx: actions.look_into_trace(tx, trace_id), show_document)
