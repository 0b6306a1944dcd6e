"""The shapes of the doors of order batches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Category, Form, Line, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples
from services.responsibility_registry.order_batches.actions import NewBatch, OrderKind, OrderState
from services.responsibility_registry.order_batches.rules import MOST_ROWS


class BatchRowIn(Form):
    """Who gets an order, and for which area."""

    post_id: UUID
    area_code: AreaCode


class BatchIn(Form):
    """One order for many: the words and the five fixed items are the same."""

    model_config = examples.example(examples.BATCH)

    id: UUID = Field(default_factory=new_id, description="chosen by you, so that a retry is harmless")
    kind: OrderKind = OrderKind.TASK
    category: Category
    words: Words
    entity: Annotated[Line, Field(max_length=200)] = ""
    area_code: AreaCode = Field(description="the area of the whole batch; every row lies in it")
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
    major: bool = False
    exercise: bool = False
    responsible: Name
    measures: Words
    funds_fen: Annotated[int, Field(ge=0, le=10**15)]
    contingency: Words
    limit_days: Annotated[int | None, Field(ge=0, le=3650)] = None
    rows: Annotated[tuple[BatchRowIn, ...], Field(min_length=1, max_length=MOST_ROWS)]

    def new(self) -> NewBatch:
        """The batch as the verb takes it."""
        rows = tuple((row.post_id, row.area_code) for row in self.rows)
        return NewBatch(**self.model_dump(exclude={"rows"}), rows=rows)


class BatchRowOut(Shown):
    """One row: its order and where that stands, or why it got none."""

    post_id: UUID
    area_code: str
    order_id: UUID | None
    state: OrderState | None
    due_at: datetime | None
    overdue: bool
    code: str
    detail: str


class BatchProgressOut(Shown):
    """The counts; `taken_on` are served or signed for, whatever came of them since."""

    issued: int
    refused: int
    taken_on: int
    rectified: int
    closed: int
    overdue: int
    returned: int
    ended_otherwise: int


class BatchHeadOut(Shown):
    """A batch, without its rows."""

    id: UUID
    version: int
    kind: OrderKind
    category: str
    words: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    issued_by: UUID
    issued_at: datetime
    correlation_id: UUID


class BatchOut(BatchHeadOut):
    """A batch, how far it is, and its rows."""

    progress: BatchProgressOut
    rows: tuple[BatchRowOut, ...]
