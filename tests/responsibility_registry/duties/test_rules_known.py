"""Rows of the timeline, folded as they stood at an instant."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.duties import rules_known
from services.responsibility_registry.duties.rules_known import Recorded

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
POST = UUID(int=5)


def row(version: int, day: int, **details: Any) -> Recorded:
    return Recorded(
        fact="post.changed", id=POST, version=version, area_code="331002004000", correlation_id=UUID(int=1),
        at=BEGAN + timedelta(days=day), details=details,
    )  # fmt: skip


def state(*, vacant: bool, substitute: UUID | None = None) -> dict[str, Any]:
    return {
        "name_zh": "岗", "name_en": "Post", "kind": "post", "vacant": vacant,
        "substitute_post_id": None if substitute is None else str(substitute),
    }  # fmt: skip


def test_what_was_told_later_stands_over_what_was_told_before() -> None:
    last, told = rules_known.folded([row(1, 0, post_id="a", valid_to=None), row(2, 3, valid_to="x")])[POST]
    assert (last.version, told) == (2, {"post_id": "a", "valid_to": "x"})


def test_a_post_stands_as_the_last_row_by_then_says() -> None:
    rows = [row(1, 0, state=state(vacant=False)), row(2, 5, state=state(vacant=True, substitute=UUID(int=9)))]
    before = rules_known.posts_of(rules_known.stood_at(rows, BEGAN + timedelta(days=4)))[POST]
    after = rules_known.posts_of(rules_known.stood_at(rows, BEGAN + timedelta(days=5)))[POST]
    assert (before.vacant, before.substitute_post_id) == (False, None)
    assert (after.vacant, after.substitute_post_id) == (True, UUID(int=9))


def test_a_post_that_was_put_on_record_later_stands_as_it_was_first_entered() -> None:
    rows = [
        row(1, 3, state=state(vacant=False)), row(2, 3, state=state(vacant=True)),
        row(3, 5, state=state(vacant=False)),
    ]  # fmt: skip
    assert rules_known.posts_of(rules_known.stood_at(rows, BEGAN))[POST].vacant


def test_what_was_erased_by_law_is_no_post() -> None:
    assert rules_known.posts_of(rules_known.folded([row(1, 0)])) == {}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8).map(sorted), st.integers(-1, 31), st.integers(0, 10))
def test_rows_that_come_later_change_no_answer_for_an_earlier_instant(days: list[int], at: int, more: int) -> None:
    rows = [row(number + 1, day, state=state(vacant=number % 2 == 0)) for number, day in enumerate(days)]
    asked = BEGAN + timedelta(days=at)
    late = row(len(rows) + 1, max(days[-1], at) + 1 + more, state=state(vacant=True))
    assert rules_known.stood_at([*rows, late], asked) == rules_known.stood_at(rows, asked)
