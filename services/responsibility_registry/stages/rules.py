"""Stages of an order: what is to be reported by when, and what was reported, in words, per cent and evidence ([DEF];
practice 整改进展分阶段上报, [SEED] Turpan's tasks by week, ten days and month).

A stage moves neither the order nor its clock. One that nobody reported is told once, and may still be reported, late.
While the order's clock stands nobody is told; once the order is over, or reported done, nothing more is asked for.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

MOST_AHEAD = timedelta(days=3650)
MOST_STAGES = 200
"""So many stages an order has at most, planned and reported together."""


class StageState(StrEnum):
    """Where a stage is."""

    PLANNED = "planned"
    REPORTED = "reported"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One stage. `due_at` and `planned_by` are empty where somebody reported unasked; `reported_by` is a post or the
    party of an entity."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    order_id: UUID
    name: str
    state: StageState
    due_at: datetime | None = None
    planned_by: UUID | None = None
    percent: int | None = None
    words: str = ""
    evidence: tuple[UUID, ...] = ()
    reported_by: UUID | None = None
    reported_at: datetime | None = None
    missed_told_at: datetime | None = None
    reason: str = ""


class StageWrong(Exception):
    """What was entered about a stage does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "stage_wrong"
    title = ("阶段信息有误", "The stage is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class StageNotPlanned(Exception):
    """What was reported or dropped stays so: a further report is a stage of its own."""

    status = 409
    code = "stage_not_planned"
    title = ("该阶段已上报或已取消", "The stage is reported or dropped")

    def __init__(self, stage: Stage) -> None:
        super().__init__(
            f"阶段状态为「StageState.{stage.state}」；请另行上报进展。",
            f"it is {stage.state}: report further progress by itself",
        )
        self.state: str = stage.state
        self.open_moves: tuple[str, ...] = ()


class TooManyStages(Exception):
    """An order has so many stages and no more."""

    status = 409
    code = "too_many_stages"
    title = ("该指令单的阶段过多", "The order has too many stages")

    def __init__(self) -> None:
        super().__init__(f"每张指令单最多 {MOST_STAGES} 个阶段。", f"an order has {MOST_STAGES} stages at most")


def plan(stage: Stage, *, now: datetime, order_due_at: datetime | None, there: int) -> Stage:
    """Asked for by an instant to come, before the order is due. Raises StageWrong, TooManyStages."""
    _require_room(there)
    if stage.due_at is None or stage.due_at <= now:
        raise StageWrong(("/due_at", "too_early", ("须在现在之后。", "nobody can report in the past")))
    if order_due_at is not None and stage.due_at > order_due_at:
        said = (f"不得晚于指令单期限 {order_due_at.isoformat()}。", f"the order is due at {order_due_at.isoformat()}")
        raise StageWrong(("/due_at", "too_late", said))
    if stage.due_at - now > MOST_AHEAD:
        raise StageWrong(("/due_at", "too_late", ("须在十年之内。", "within ten years")))
    # Within the bounds it can be counted in any zone.
    return replace(stage, due_at=stage.due_at.astimezone(UTC))


def report(
    stage: Stage, *, percent: int | None, words: str, evidence: tuple[UUID, ...], by: UUID, at: datetime
) -> Stage:
    """Reported, in time or late. Raises StageNotPlanned (409), StageWrong (422)."""
    if stage.state is not StageState.PLANNED:
        raise StageNotPlanned(stage)
    if percent is not None and not 0 <= percent <= 100:
        raise StageWrong(("/percent", "out_of_range", ("须在 0 到 100 之间。", "between 0 and 100")))
    return replace(
        stage, state=StageState.REPORTED, percent=percent, words=words, evidence=evidence, reported_by=by,
        reported_at=at,
    )  # fmt: skip


def unasked(stage: Stage, *, there: int) -> Stage:
    """A stage for a report that nobody asked for. Raises TooManyStages."""
    _require_room(there)
    return stage


def drop(stage: Stage, *, reason: str) -> Stage:
    """Not asked for any more, and why. Raises StageNotPlanned (409)."""
    if stage.state is not StageState.PLANNED:
        raise StageNotPlanned(stage)
    return replace(stage, state=StageState.DROPPED, reason=reason)


def missed(stage: Stage, now: datetime) -> bool:
    """Whether a report that was asked for is not there."""
    return stage.state is StageState.PLANNED and stage.due_at is not None and stage.due_at <= now


def late(stage: Stage) -> bool:
    """Whether it was reported after it was due."""
    return stage.due_at is not None and stage.reported_at is not None and stage.reported_at > stage.due_at


def open_moves(stage: Stage) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("report", "drop") if stage.state is StageState.PLANNED else ()


def _require_room(there: int) -> None:
    if there >= MOST_STAGES:
        raise TooManyStages
