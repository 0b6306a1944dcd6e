"""A batch of orders (批量下达): one act, the same words and items, an order of its own for each post ([DEF]).

Rows that cannot be are refused one by one, with what is wrong with them; the others go out. Where none can, nothing
is kept. Every row lies within the batch's area: who sees the batch sees its orders.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MOST_ROWS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRow:
    """One post and area, and the order that it got; or why it got none (`code`, and the words in two languages)."""

    post_id: UUID
    area_code: str
    order_id: UUID | None = None
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One batch; its orders live on by themselves."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: str
    category: str
    words: str
    issued_by: UUID
    issued_at: datetime
    rows: tuple[BatchRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where one order of a batch stands."""

    state: str
    overdue: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchProgress:
    """How far a batch is: of the orders that went out, how many are signed for or served, reported done, closed,
    overdue, returned or withdrawn; `refused` rows got none."""

    issued: int
    refused: int
    taken_on: int
    rectified: int
    closed: int
    overdue: int
    returned: int
    ended_otherwise: int


class BatchRefused(Exception):
    """Not one row can be an order; `errors` say why, row by row."""

    status = 422
    code = "batch_refused"
    title = ("没有一行可以下达", "No row can be an order")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def fault_of(number: int, rows: Sequence[tuple[UUID, str]], within: tuple[str, str]) -> tuple[str, str, str] | None:
    """What is wrong with a row before it is tried: (code, Chinese, English)."""
    if rows[number] in rows[:number]:
        return "named_twice", "同一岗位、同一区划只列一次。", "the same post and area stand above already"
    if not within[0] <= rows[number][1] <= within[1]:
        return "outside_the_batch", "该区划不在批量下达的区划之内。", "the area lies outside the area of the batch"
    return None


def require_one(rows: Sequence[BatchRow]) -> None:
    """Raises BatchRefused where no row got an order."""
    if all(row.order_id is None for row in rows):
        raise BatchRefused(*((f"/rows/{number}", row.code, (row.zh, row.en)) for number, row in enumerate(rows)))


def progress(rows: Sequence[BatchRow], standing: Sequence[Standing]) -> BatchProgress:
    """The counts of a batch."""
    states = Counter(one.state for one in standing)
    return BatchProgress(
        issued=sum(row.order_id is not None for row in rows), refused=sum(row.order_id is None for row in rows),
        taken_on=sum(states[state] for state in ("served", "signed_for", "rectified", "closed")),
        rectified=states["rectified"], closed=states["closed"], overdue=sum(one.overdue for one in standing),
        returned=states["returned"], ended_otherwise=states["withdrawn"] + states["merged_into"],
    )  # fmt: skip
