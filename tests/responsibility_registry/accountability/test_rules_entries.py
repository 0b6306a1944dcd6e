"""What the rows of an order say: to whom it came, who was pressed, who did what, and how it stood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.responsibility_registry.accountability import rules_entries as rules
from services.responsibility_registry.accountability.rules_entries import Act, Place, Told

ORDER, HAZARD, OBJECT = UUID(int=1), UUID(int=2), UUID(int=3)
ISSUER, POLICE, DEPUTY, GRID = (str(UUID(int=number)) for number in (11, 12, 13, 14))
BEGAN = datetime(2026, 11, 4, 1, tzinfo=UTC)
DUE = BEGAN + timedelta(days=15)


def row(fact: str, day: float, *, actor: str | None = None, kind: str = "rectification_notice", **more: Any) -> Told:
    order = {
        "kind": kind, "category": "ebike_charging", "hazard_id": str(HAZARD), "risk_object_id": str(OBJECT),
        "entity": {"name": "firm", "kind": "entity"}, "issuing_post": ISSUER, "assigned_post": POLICE,
        "due_at": DUE.isoformat(),
    }  # fmt: skip
    return Told(
        fact=fact, order_id=ORDER, version=1, correlation_id=UUID(int=9), area_code="331002004219",
        sectors=("fire",), actor_post=UUID(actor) if actor else None, at=BEGAN + timedelta(days=day), why="",
        details={"order": order | more.pop("order", {})} | more,
    )  # fmt: skip


def said(*rows: Told) -> list[tuple[str, str]]:
    return [(entry.who, entry.what) for entry in rules.entries_of(rows)]


@pytest.mark.parametrize(
    ("told", "entries"),
    [
        (row("order.issued", 0), [(ISSUER, "issued_order"), (POLICE, "delivered")]),
        (row("order.issued", 0, kind="supervision_notice"), []),
        (row("order.issued", 0, order={"issuing_post": None}), [(POLICE, "delivered")]),
        (row("order.assigned", 0), [(POLICE, "delivered")]),
        (row("order.served", 1, actor=POLICE), [(POLICE, "served"), ("firm", "delivered")]),
        (row("order.signed_for", 1, actor=POLICE), [(POLICE, "signed_for"), (POLICE, "read")]),
        (row("order.rectified", 5), [("firm", "rectified")]),
        (row("order.rectified", 5, actor=POLICE), [(POLICE, "rectified")]),
        (row("order.inspection_failed", 6, actor=DEPUTY), [(DEPUTY, "inspected")]),
        (row("order.inspection_failed", 6), []),
        (row("order.closed", 6, actor=DEPUTY), [(DEPUTY, "inspected")]),
        (row("order.read", 6, actor=POLICE), [(POLICE, "read")]),
        (row("order_reminder.told", 12), [(POLICE, "reminder")]),
        (row("order.extended", 12), []),
    ],
)
def test_each_fact_says_who_was_told_and_who_did_what(told: Told, entries: list[tuple[str, str]]) -> None:
    assert said(told) == entries


def test_an_escalation_presses_whom_it_addresses_and_is_the_issuers_act() -> None:
    pressed = row(
        "order.escalated", 16, act="supervision_notice", addressed_posts=[POLICE, DEPUTY], is_proposal=False
    )
    assert said(pressed) == [(ISSUER, "escalated"), (POLICE, "supervision_notice"), (DEPUTY, "supervision_notice")]


def test_of_a_proposed_notice_only_those_know_who_decide_it() -> None:
    proposed = row(
        "order.escalated", 22, act="circular_notice", addressed_posts=[POLICE], is_proposal=True,
        decided_by_posts=[DEPUTY],
    )  # fmt: skip
    assert said(proposed) == [(ISSUER, "escalated"), (DEPUTY, "reported")]


def test_a_taken_over_order_is_delivered_to_the_next_tier() -> None:
    taken = row("order.escalated", 0, act="take_over", addressed_posts=[DEPUTY], is_proposal=False)
    assert said(taken) == [(ISSUER, "escalated"), (DEPUTY, "delivered")]


def test_what_was_found_on_site_counts_for_each_order_that_came_of_it() -> None:
    act = Act(
        who=UUID(GRID), what="inspected", hazard_id=HAZARD, object_id=OBJECT, correlation_id=UUID(int=9), at=BEGAN,
        told_at=BEGAN, words="charging",
    )  # fmt: skip
    about = [entry.about for entry in rules.entries_of_acts([act], {HAZARD: [ORDER, UUID(int=5)]})]
    assert about == [ORDER, UUID(int=5)]
    assert [entry.about for entry in rules.entries_of_acts([act], {})] == [HAZARD]


def test_an_order_stands_as_its_last_row_by_then_leaves_it() -> None:
    later = (DUE + timedelta(days=5)).isoformat()
    rows = [row("order.issued", 0), row("order.extended", 10, order={"due_at": later}), row("order.rectified", 30)]
    stood = rules.order_row(rows, BEGAN + timedelta(days=29), {HAZARD: "charging"})
    assert stood is not None
    assert (stood.due_at, stood.done_at, stood.words, stood.who) == (
        DUE + timedelta(days=5), None, "charging", "firm",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "done"),
    [
        (("order.rectified",), 5),
        (("order.rectified", "order.inspection_failed"), None),
        (("order.rectified", "order.inspection_failed", "order.rectified"), 7),
        (("order.rectified", "order.closed"), 5),
        (("order.withdrawn",), 5),
        (("order.merged",), 5),
    ],
)
def test_done_is_when_there_was_nothing_left_to_do(facts: tuple[str, ...], done: int | None) -> None:
    rows = [row("order.issued", 0), *(row(fact, 5 + number) for number, fact in enumerate(facts))]
    stood = rules.order_row(rows, BEGAN + timedelta(days=60), {})
    assert stood is not None
    assert stood.done_at == (None if done is None else BEGAN + timedelta(days=done))


@pytest.mark.parametrize(
    ("kind", "post", "who"),
    [("rectification_notice", POLICE, "firm"), ("task", POLICE, POLICE), ("task", None, "unassigned")],
)
def test_a_notice_is_the_entitys_to_carry_out_and_a_task_the_posts(kind: str, post: str | None, who: str) -> None:
    stood = rules.order_row([row("order.unassigned", 0, kind=kind, order={"assigned_post": post})], DUE, {})
    assert stood is not None
    assert stood.who == who


def test_drafts_and_supervision_notices_are_no_orders_of_the_trace() -> None:
    assert rules.order_row([row("order.drafted", 0)], DUE, {}) is None
    assert rules.order_row([row("order.issued", 0, kind="supervision_notice")], DUE, {}) is None


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (Place(object_id=OBJECT, area_codes=frozenset(), sectors=()), True),
        (Place(object_id=UUID(int=8), area_codes=frozenset({"331002004219"}), sectors=("fire",)), False),
        (Place(object_id=None, area_codes=frozenset({"331002004219"}), sectors=("fire", "industry")), True),
        (Place(object_id=None, area_codes=frozenset({"331002004219"}), sectors=("gas",)), False),
        (Place(object_id=None, area_codes=frozenset({"331002004208"}), sectors=("fire",)), False),
    ],
)
def test_orders_are_about_the_object_or_else_about_the_village_in_a_shared_sector(place: Place, found: bool) -> None:
    assert bool(rules.about([row("order.issued", 0)], place)) is found
