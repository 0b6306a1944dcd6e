"""What a webhook may be and do, when a message is tried again, and what an answer means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.webhooks import rules
from gateway.webhooks.rules import (
    Disabled,
    Format,
    State,
    Webhook,
    WebhookCannotMove,
    WebhookWrong,
    check,
    disable,
    enable,
    end,
    matches,
    open_moves,
)
from gateway.webhooks.rules_delivery import (
    JITTER,
    LONGEST_PAUSE,
    SCHEDULE,
    SHORTEST_PAUSE,
    Answer,
    Delivery,
    DeliveryState,
    Outcome,
    next_try,
    outcome_of,
    pause_until,
)

NOW = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)
TOLD = frozenset(
    {"risk_grading.hazard.registered.v1", "risk_grading.hazard.closed.v1", "public_reporting.report.a.v1"}
)
HOOK = Webhook(
    id=UUID(int=1), version=1, area_code="331002000000", sectors=(), exercise=False, correlation_id=UUID(int=2),
    owner="agency", client_id="agency", url="https://hooks.example.gov.cn/in", description="",
    format=Format.STANDARD, types=("risk_grading.hazard.*",), areas=(), wanted_sectors=(), with_exercises=False,
    state=State.ACTIVE,
)  # fmt: skip


def faults(**changes: object) -> set[tuple[str, str]]:
    """(pointer, code) of everything that is wrong with a webhook."""
    with pytest.raises(WebhookWrong) as refused:
        check(replace(HOOK, **changes), told_types=TOLD, plain_allowed=False)  # type: ignore[arg-type]
    return {(pointer, code) for pointer, code, _ in refused.value.errors}


def test_a_plain_https_address_and_types_that_there_are_will_do() -> None:
    assert check(HOOK, told_types=TOLD, plain_allowed=False) is HOOK
    for types in (("*",), ("risk_grading.hazard.closed.v1",), ("risk_grading.*",)):
        assert check(replace(HOOK, types=types), told_types=TOLD, plain_allowed=False).types == types


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.gov.cn/in", "not_https"),
        ("ftp://hooks.example.gov.cn/in", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("https://user:secret@hooks.example.gov.cn/", "credentials"),
        ("https://hooks.example.gov.cn/#here", "fragment"),
        ("https://", "no_host"),
        ("https://守土.example/", "no_host"),
        ("https://hooks.example.gov.cn:0/", "unreadable"),
        ("https://hooks.example.gov.cn:99999/", "unreadable"),
        ("https://[::1/", "unreadable"),
    ],
)
def test_an_address_that_does_not_do_is_named(url: str, code: str) -> None:
    assert ("/url", code) in faults(url=url)


def test_plain_http_is_for_those_whom_the_settings_allow() -> None:
    plain = replace(HOOK, url="http://127.0.0.1:9000/in")
    assert check(plain, told_types=TOLD, plain_allowed=True) is plain


def test_types_that_nobody_tells_are_named_by_their_place() -> None:
    assert faults(types=("risk_grading.hazard.*", "nobody.tells.this.v1", "risk_grading.hazards.*")) == {
        ("/types/1", "unknown_type"),
        ("/types/2", "unknown_type"),
    }


def test_a_prefix_ends_at_a_full_stop() -> None:
    assert matches("risk_grading.hazard.*", "risk_grading.hazard.closed.v1")
    assert not matches("risk_grading.hazard.*", "risk_grading.hazards.closed.v1")
    assert not matches("risk_grading.hazard", "risk_grading.hazard.closed.v1")
    assert matches("*", "whatever.there.is.v1")


def test_what_is_ended_stays_ended() -> None:
    ended = end(HOOK)
    assert open_moves(ended) == ()
    for verb in (lambda one: disable(one, Disabled.GONE), enable, end):
        with pytest.raises(WebhookCannotMove) as refused:
            verb(ended)
        assert (refused.value.state, refused.value.open_moves) == ("ended", ())


def test_disabled_says_why_and_enabled_forgets_it() -> None:
    standing = disable(HOOK, Disabled.EXHAUSTED)
    assert (standing.state, standing.disabled_because) == (State.DISABLED, Disabled.EXHAUSTED)
    with pytest.raises(WebhookCannotMove):
        disable(standing, Disabled.BY_HAND)
    with pytest.raises(WebhookCannotMove):
        enable(HOOK)
    assert enable(standing) == HOOK
    assert "test" not in open_moves(standing)


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    seconds = [delay.total_seconds() for delay in SCHEDULE]
    assert seconds == [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]


@given(share=st.floats(0, 1), tried=st.integers(1, 9))
def test_a_delay_is_never_shorter_than_the_schedule_and_at_most_a_tenth_longer(share: float, tried: int) -> None:
    again = next_try(tried, NOW, share)
    assert again is not None
    assert SCHEDULE[tried] <= again - NOW <= SCHEDULE[tried] * (1 + JITTER)


def test_after_the_last_try_there_is_no_other() -> None:
    assert next_try(len(SCHEDULE), NOW, 0) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.TAKEN), (204, Outcome.TAKEN), (299, Outcome.TAKEN), (301, Outcome.REFUSED),
        (302, Outcome.REFUSED), (400, Outcome.REFUSED), (401, Outcome.REFUSED), (410, Outcome.GONE),
        (429, Outcome.THROTTLED), (500, Outcome.REFUSED), (502, Outcome.THROTTLED), (504, Outcome.THROTTLED),
        (None, Outcome.REFUSED),
    ],
)  # fmt: skip
def test_what_an_answer_means(status: int | None, outcome: Outcome) -> None:
    assert outcome_of(Answer(status=status, error=None, seconds=0.1)) is outcome


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        (None, SHORTEST_PAUSE),
        ("120", timedelta(minutes=2)),
        ("0", timedelta(seconds=1)),
        ("999999999", LONGEST_PAUSE),
        ("9999999999999", SHORTEST_PAUSE),
        ("Mon, 12 Oct 2026 11:50:00 GMT", timedelta(minutes=10)),
        ("Mon, 12 Oct 2026 11:30:00 GMT", timedelta(seconds=1)),
        ("soon", SHORTEST_PAUSE),
        ("-5", SHORTEST_PAUSE),
        ("١٢", SHORTEST_PAUSE),
        ("1" * 200, SHORTEST_PAUSE),
    ],
)
def test_a_rest_that_is_asked_for_is_kept_within_bounds(said: str | None, pause: timedelta) -> None:
    answer = Answer(status=429, error=None, seconds=0.1, retry_after=said)
    assert pause_until(answer, NOW) - NOW == pause


def test_a_message_id_has_no_full_stop_and_stays() -> None:
    sent = Delivery(
        id=UUID("01923f5e-8a4b-7c31-9f00-000000000001"), webhook=HOOK.id, event_id=UUID(int=3), event_type="a.b.c.v1",
        state=DeliveryState.PENDING, attempts=0, next_at=NOW, created_at=NOW, done_at=None, last_status=None,
        last_error=None,
    )  # fmt: skip
    assert sent.message_id == "msg_01923f5e8a4b7c319f00000000000001"
    assert "." not in sent.message_id


def test_the_most_webhooks_are_said_in_the_refusal() -> None:
    assert all(str(rules.MOST_WEBHOOKS) in words for words in rules.TooManyWebhooks().args)
