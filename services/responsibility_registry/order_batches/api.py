"""The doors of order batches."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.languages import Said, spoken
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.order_batches import actions, rules, store
from services.responsibility_registry.order_batches.actions import BatchInFull
from services.responsibility_registry.order_batches.forms import (
    BatchHeadOut,
    BatchIn,
    BatchOut,
    BatchProgressOut,
    BatchRowOut,
)
from services.responsibility_registry.order_batches.rules import Batch, BatchRow

routes = router("order-batches", prefix="/v1/order-batches")


def show_head(batch: Batch, _: Scope) -> BatchHeadOut:
    """A batch, without its rows."""
    return BatchHeadOut.model_validate(batch)


def show(found: BatchInFull, scope: Scope) -> BatchOut:
    """A batch, how far it is, and its rows."""
    head = show_head(found.batch, scope)
    return BatchOut(
        **head.model_dump(), progress=BatchProgressOut.model_validate(found.counts),
        rows=tuple(_row(row, found) for row in found.batch.rows),
    )  # fmt: skip


def _row(row: BatchRow, found: BatchInFull) -> BatchRowOut:
    now = found.orders.get(row.order_id) if row.order_id is not None else None
    return BatchRowOut(
        post_id=row.post_id, area_code=row.area_code, order_id=row.order_id, state=now.state if now else None,
        due_at=now.due_at if now else None, overdue=bool(now and now.overdue), code=row.code,
        detail=Said(row.zh, row.en).to(spoken()),
    )  # fmt: skip


@routes.post(
    "", status_code=201, response_model=BatchOut, summary="批量下达指令单 Issue a batch of orders",
    responses=refuses(RoleMissing, NotFound, PostUnsaid, rules.BatchRefused, IdTaken),
)  # fmt: skip
async def issue(body: BatchIn, door: Write) -> Response:
    """The same order to up to a hundred posts and areas in one act, each its own with its own clock ([DEF]).

    A row that cannot be is told with its reason, and the others go out; where none can, nothing is kept. For those
    who may issue orders in the whole of the batch's area and sectors.
    """
    new = body.new()
    return await door.perform(lambda tx: actions.issue_batch(tx, new), show, show_again=actions.find_batch)


@routes.get("", response_model=PageOut[BatchHeadOut], summary="批量下达列表 List batches")
async def list_batches(door: Read, asked: Asked, area_code: AreaCode | None = None) -> Response:
    """Batches within your scope, the newest first."""

    async def find(tx: Tx) -> Page[Batch]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_batches(tx, within), keys=store.ORDER, asked=asked, load=lambda row: load(Batch, row),
            fingerprint=["order-batches", area_code],
        )  # fmt: skip

    return await door.look(find, listed(show_head))


@routes.get("/{batch_id}", response_model=BatchOut, summary="批量下达进度 One batch", responses=refuses(NotFound))
async def get_batch(batch_id: UUID, door: Read) -> Response:
    """How many of its orders are taken on, overdue and closed, and where each stands now."""
    return await door.look(lambda tx: actions.find_batch(tx, batch_id), show)
