"""A trace of many parts reads as one, and says what it lacks."""

from typing import Any
from uuid import UUID

from gateway.traces.rules import MOST_TRACES, Part, links, merge, missing, not_yet_asked


def row(number: int, service: str, occurred: str, recorded: str | None = None, version: int = 1) -> dict[str, Any]:
    return {
        "id": str(UUID(int=number)),
        "service": service,
        "occurred_at": occurred,
        "recorded_at": recorded or occurred,
        "aggregate_version": version,
    }


def link(first: int, second: int) -> dict[str, Any]:
    return {
        "from_correlation": str(UUID(int=first)),
        "to_correlation": str(UUID(int=second)),
        "reason": "merged",
        "linked_at": "2026-10-12T11:40:00Z",
    }


def test_rows_stand_in_the_order_in_which_things_happened() -> None:
    first = row(1, "risk_grading", "2026-10-12T11:40:00Z", "2026-10-12T11:40:00.5Z")
    same_instant = row(2, "public_reporting", "2026-10-12T19:40:00+08:00", "2026-10-12T11:40:00.1Z")
    second_version = row(3, "public_reporting", "2026-10-12T11:40:00Z", "2026-10-12T11:40:00.1Z", version=2)
    later = row(4, "emergency_command", "2026-10-12T11:41:00Z")
    parts = (
        Part(service="risk_grading", items=(later, first)),
        Part(service="public_reporting", items=(second_version, same_instant)),
    )
    assert merge(parts) == [same_instant, second_version, first, later]


def test_a_row_that_two_answers_hold_is_shown_once() -> None:
    one = row(1, "risk_grading", "2026-10-12T11:40:00Z")
    parts = (Part(service="risk_grading", items=(one,)), Part(service="risk_grading", items=(one,)))
    assert merge(parts) == [one]


def test_links_lead_to_traces_that_were_not_asked_for_yet() -> None:
    parts = (Part(service="risk_grading", links=(link(1, 2), link(3, 1))),)
    assert not_yet_asked([UUID(int=1)], parts) == (UUID(int=2), UUID(int=3))
    assert not_yet_asked([UUID(int=1), UUID(int=2), UUID(int=3)], parts) == ()
    assert len(links((*parts, *parts))) == 2


def test_a_web_of_links_is_followed_only_so_far() -> None:
    parts = (Part(service="risk_grading", links=tuple(link(1, number) for number in range(2, 200))),)
    assert len(not_yet_asked([UUID(int=1)], parts)) == MOST_TRACES - 1


def test_a_part_that_is_missing_is_named_once_with_its_reason() -> None:
    parts = (
        Part(service="risk_grading", missing="timeout"),
        Part(service="risk_grading", missing="timeout"),
        Part(service="public_reporting"),
    )
    assert missing(parts) == [{"service": "risk_grading", "reason": "timeout"}]
