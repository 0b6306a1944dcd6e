"""The truths of an answer: what it says, whether it came in time, and until when it may be disputed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from services.public_reporting.replies import rules
from services.public_reporting.replies.rules import Timeliness
from services.public_reporting.reports.rules import ReportState

POLICIES = Path(rules.__file__).with_name("policies")
MONDAY = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)
DUE = MONDAY + timedelta(hours=24)


def policy(name: str) -> dict[str, Any]:
    return dict(json.loads((POLICIES / name).read_text("utf-8")))


ANSWERS = TypeAdapter(rules.AnswerPolicy).validate_python(policy("answers-1.json"))


def reply(**changes: object) -> rules.Reply:
    given: dict[str, object] = {
        "reply_id": UUID(int=3),
        "area_code": "331002004208",
        "sectors": ("fire",),
        "exercise": False,
        "correlation_id": UUID(int=8),
        "report_id": UUID(int=7),
        "kind": rules.ReplyKind.RESULT,
        "words_zh": "已断电并清走车辆,限期整改另行跟进。",
        "words_en": None,
        "by_post": UUID(int=1),
        "now": MONDAY + timedelta(minutes=110),
    }
    return rules.write_reply(**(given | changes))  # type: ignore[arg-type]


def test_an_answer_is_written_once_and_offers_no_moves() -> None:
    written = reply()
    assert written.version == 0
    assert rules.open_moves(written) == ()


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"words_zh": "  "}, ["/words_zh"]),
        ({"words_zh": "字" * 2001}, ["/words_zh"]),
        ({"words_en": ""}, ["/words_en"]),
        ({"words_zh": "", "words_en": ""}, ["/words_zh", "/words_en"]),
    ],
)
def test_an_answer_says_something(changes: dict[str, object], pointers: list[str]) -> None:
    with pytest.raises(rules.ReplyIncomplete) as refused:
        reply(**changes)
    assert [pointer for pointer, _, _ in refused.value.errors] == pointers
    assert refused.value.status == 422


def test_an_automatic_receipt_does_not_stop_the_first_answer_clock() -> None:
    assert rules.stops_the_clock(reply())
    assert not rules.stops_the_clock(reply(by_post=None))


@pytest.mark.parametrize(
    ("answered_at", "now", "is_"),
    [
        (MONDAY + timedelta(minutes=110), DUE, Timeliness.ON_TIME),
        (DUE, DUE, Timeliness.ON_TIME),
        (DUE + timedelta(seconds=1), DUE, Timeliness.LATE),
        (None, DUE, Timeliness.WAITING),
        (None, DUE + timedelta(seconds=1), Timeliness.OVERDUE),
    ],
)
def test_the_first_answer_is_in_time_up_to_the_due_instant(
    answered_at: datetime | None, now: datetime, is_: Timeliness
) -> None:
    assert rules.first_answer_timeliness(due_at=DUE, answered_at=answered_at, now=now) is is_


def test_the_rate_counts_overdue_answers_and_leaves_out_those_that_may_still_come() -> None:
    answers = (Timeliness.ON_TIME, Timeliness.LATE, Timeliness.OVERDUE, Timeliness.WAITING)
    assert rules.on_time_rate(answers) == pytest.approx(1 / 3)


def test_the_rate_of_nothing_is_not_a_hundred_percent() -> None:
    assert rules.on_time_rate(()) is None
    assert rules.on_time_rate((Timeliness.WAITING,)) is None


def test_the_reporter_may_dispute_for_thirty_days_after_the_fix() -> None:
    over = MONDAY + timedelta(days=30)
    assert rules.dispute_until(fixed_at=MONDAY, answers=ANSWERS) == over
    assert rules.may_dispute(fixed_at=MONDAY, answers=ANSWERS, now=over - timedelta(seconds=1))
    assert not rules.may_dispute(fixed_at=MONDAY, answers=ANSWERS, now=over)
    assert not rules.may_dispute(fixed_at=None, answers=ANSWERS, now=MONDAY)


def test_every_figure_of_the_answer_policy_carries_its_source() -> None:
    data = policy("answers-1.json")
    assert TypeAdapter(rules.AnswerPolicy).dump_python(ANSWERS, mode="json") == data
    figures = {name for name, value in data.items() if isinstance(value, int)}
    assert set(data["sources"]) == figures


def test_the_public_has_words_for_every_state_of_a_report() -> None:
    data = policy("public-words-1.json")
    words = TypeAdapter(rules.PublicWords).validate_python(data)
    assert set(words.words) == {str(state) for state in ReportState}


def test_words_in_one_language_only_are_refused() -> None:
    data = policy("public-words-1.json")
    data["words"]["fixed"] = {"zh": "已整改"}
    with pytest.raises(ValidationError, match="fixed"):
        TypeAdapter(rules.PublicWords).validate_python(data)
