"""The truths about erasures: two persons, a ground and an article; what is decided stays decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ErasureState(StrEnum):
    """Where an erasure stands. What was ordered is carried out by the service's sealer within seconds."""

    REQUESTED = "requested"
    ORDERED = "ordered"
    REFUSED = "refused"


_OPEN_MOVES = {ErasureState.REQUESTED: ("order", "refuse"), ErasureState.ORDERED: (), ErasureState.REFUSED: ()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """One row's details that are to go, on which ground; area, sectors and trace are the row's."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    timeline_id: UUID
    service: str
    article: str
    ground: str
    state: ErasureState
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None


class ErasureDecided(Exception):
    """It was decided already."""

    status = 409
    code = "erasure_decided"
    title = ("该删除申请已有决定", "This erasure is decided already")

    def __init__(self, erasure: Erasure) -> None:
        self.state, self.open_moves = str(erasure.state), open_moves(erasure)
        super().__init__(
            f"该申请已于 {erasure.decided_at} 作出决定；如有误，请另行申请。",
            f"it is {erasure.state} since {erasure.decided_at}: ask anew where that was wrong",
        )


class SamePersonDecides(Exception):
    """Whoever asked for an erasure does not decide it: two persons answer for what nobody can bring back."""

    status = 403
    code = "erasure_needs_second_person"
    title = ("须由另一人决定", "Another person has to decide this")

    def __init__(self) -> None:
        super().__init__(
            "此项删除由您本人申请，须由本区域另一名审计人员决定。",
            "you asked for this erasure yourself: another auditor of the area has to decide it",
        )


class NothingToErase(Exception):
    """The row's details are gone already, or the row is itself an order of erasure, which stays."""

    status = 409
    code = "nothing_to_erase"
    title = ("没有可删除的内容", "There is nothing to erase")


def open_moves(erasure: Erasure) -> tuple[str, ...]:
    """What may be done with it in its state."""
    return _OPEN_MOVES[erasure.state]


def decide(erasure: Erasure, state: ErasureState, *, by: str, at: datetime, reason: str | None) -> Erasure:
    """The erasure after its decision. Raises ErasureDecided, SamePersonDecides."""
    if erasure.state is not ErasureState.REQUESTED:
        raise ErasureDecided(erasure)
    if erasure.requested_by == by:
        raise SamePersonDecides
    return replace(erasure, state=state, decided_by=by, decided_at=at, decided_reason=reason)
