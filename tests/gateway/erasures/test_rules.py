"""Two persons decide on an erasure, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.erasures.rules import Erasure, ErasureDecided, ErasureState, SamePersonDecides, decide, open_moves

NOW = datetime(2026, 10, 12, tzinfo=UTC)
ASKED = Erasure(
    id=UUID(int=1), version=1, area_code="331002000000", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=2), timeline_id=UUID(int=3), service="risk_grading",
    article="PIPL Art 47", ground="withdrawn",
    state=ErasureState.REQUESTED, requested_by="wang", requested_at=NOW, decided_by=None, decided_at=None,
    decided_reason=None,
)  # fmt: skip


@pytest.mark.parametrize("state", [ErasureState.ORDERED, ErasureState.REFUSED])
def test_another_person_decides_and_nothing_is_open_then(state: ErasureState) -> None:
    after = decide(ASKED, state, by="li", at=NOW, reason="because")
    assert (after.state, after.decided_by, after.decided_at, after.decided_reason) == (state, "li", NOW, "because")
    assert (open_moves(ASKED), open_moves(after)) == (("order", "refuse"), ())
    with pytest.raises(ErasureDecided) as refused:
        decide(after, ErasureState.ORDERED, by="zhao", at=NOW, reason=None)
    assert (refused.value.state, refused.value.open_moves) == (state, ())


def test_whoever_asked_does_not_decide() -> None:
    with pytest.raises(SamePersonDecides):
        decide(ASKED, ErasureState.REFUSED, by="wang", at=NOW, reason=None)
    with pytest.raises(ErasureDecided):
        decide(replace(ASKED, state=ErasureState.ORDERED), ErasureState.ORDERED, by="wang", at=NOW, reason=None)
