"""The verb of order batches: the same order to many posts in one act; and how far a batch is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.common.problems import RoleMissing
from libs.contracts import orders as told
from services.responsibility_registry.order_batches import rules, store
from services.responsibility_registry.order_batches.rules import Batch, BatchProgress, BatchRow, Standing
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.actions import ISSUES, Drafted
from services.responsibility_registry.orders.actions_progress import Progress, progress_of
from services.responsibility_registry.orders.rules import OrderIncomplete, OrderKind, OrderState
from services.responsibility_registry.orders.rules_chosen import Chosen

__all__ = ["OrderKind", "OrderState"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBatch:
    """The same words and items for each of the rows (post, area)."""

    id: UUID
    kind: OrderKind
    category: str
    words: str
    entity: str
    area_code: str
    sectors: tuple[str, ...]
    major: bool
    exercise: bool
    responsible: str | None
    measures: str | None
    funds_fen: int | None
    contingency: str | None
    limit_days: int | None
    rows: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchInFull:
    """A batch, and where its orders stand now. `id` and `version` are the batch's."""

    batch: Batch
    orders: dict[UUID, Progress]
    counts: BatchProgress

    @property
    def id(self) -> UUID:
        """The batch's id."""
        return self.batch.id

    @property
    def version(self) -> int:
        """The batch's version."""
        return self.batch.version

    @property
    def correlation_id(self) -> UUID:
        """The trace of the batch and all its orders."""
        return self.batch.correlation_id


async def issue_batch(tx: Tx, new: NewBatch) -> BatchInFull:
    """Issue an order for each row that can be; a row that cannot is told with its reason and undoes nothing else.

    Raises RoleMissing (403), BatchRefused (422) where none can.
    """
    tx.caller.require_every(*ISSUES, area_code=new.area_code, sectors=new.sectors)
    issuer, trace = tx.caller.acting_post(), new_id()
    rows = [await _row(tx, new, number, trace) for number in range(len(new.rows))]
    rules.require_one(rows)
    batch = Batch(
        id=new.id, version=0, area_code=new.area_code, sectors=new.sectors, exercise=new.exercise,
        correlation_id=trace, kind=new.kind, category=new.category, words=new.words, issued_by=issuer,
        issued_at=tx.now, rows=tuple(rows),
    )  # fmt: skip
    issued = tuple(row.order_id for row in rows if row.order_id is not None)
    event = told.OrderBatchIssued(
        kind=new.kind, category=new.category, orders=issued, refused=len(rows) - len(issued), issued_by=issuer
    )
    return await in_full(tx, await store.add_batch(tx, batch, event))


async def find_batch(tx: Tx, batch_id: UUID) -> BatchInFull:
    """One batch within the scope, and how far it is; NotFound (404) otherwise."""
    return await in_full(tx, await store.find_batch(tx, batch_id))


async def in_full(tx: Tx, batch: Batch) -> BatchInFull:
    """A batch with where its orders stand: who sees it sees all of its area."""
    ids: Sequence[UUID] = [row.order_id for row in batch.rows if row.order_id is not None]
    found = await progress_of(tx, ids)
    standing = [Standing(state=one.state, overdue=one.overdue) for one in found.values()]
    return BatchInFull(batch=batch, orders=found, counts=rules.progress(batch.rows, standing))


async def _row(tx: Tx, new: NewBatch, number: int, trace: UUID) -> BatchRow:
    post, area = new.rows[number]
    fault = rules.fault_of(number, new.rows, area_range(new.area_code))
    if fault is not None:
        return BatchRow(post_id=post, area_code=area, code=fault[0], zh=fault[1], en=fault[2])
    try:
        async with tx.apart():
            return BatchRow(post_id=post, area_code=area, order_id=await _issue(tx, new, post, area, trace))
    except OrderIncomplete as refused:
        said = [said for _, _, said in refused.errors]
        return BatchRow(
            post_id=post, area_code=area, code=refused.errors[0][1], zh="；".join(one[0] for one in said),
            en="; ".join(one[1] for one in said),
        )  # fmt: skip
    except RoleMissing as refused:
        return BatchRow(
            post_id=post, area_code=area, code=refused.code, zh="您的授权不及于该区划。",
            en="your grants do not reach this area",
        )  # fmt: skip


async def _issue(tx: Tx, new: NewBatch, post: UUID, area: str, trace: UUID) -> UUID:
    drafted = await orders.draft_order(
        tx,
        Drafted(
            kind=new.kind, category=new.category, words=new.words, entity=new.entity, area_code=area,
            sectors=new.sectors, object_id=None, major=new.major, exercise=new.exercise, correlation_id=trace,
        ),
    )  # fmt: skip
    chosen = Chosen(
        responsible=new.responsible, measures=new.measures, funds_fen=new.funds_fen, contingency=new.contingency,
        limit_days=new.limit_days, assignee_post_id=post,
    )  # fmt: skip
    return (await orders.issue_order(tx, drafted.id, None, chosen)).id
