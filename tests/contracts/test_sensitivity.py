"""Which facts leave the house: closed unless a class says so, and every class that stays inside is listed here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import INTERNAL, SHARED, Event
from libs.contracts.plumbing import PRODUCERS

_PLUMBING = (
    "announcement.begun.v1",
    "announcement.ended.v1",
    "announcement.digest_told.v1",
    "copy.doubted.v1",
    "seal_head.sealed.v1",
    "daily_head.closed.v1",
)
INSIDE = {f"{producer}.{kind}" for producer in PRODUCERS for kind in _PLUMBING} | {
    # What single posts did or left undone, and to which firms and homes they are bound.
    "responsibility_registry.pairing.begun.v1",
    "responsibility_registry.pairing.ended.v1",
    "responsibility_registry.duty_record.entered.v1",
    "responsibility_registry.duty_record.corrected.v1",
    "responsibility_registry.duty_record.withdrawn.v1",
    "responsibility_registry.missed_period.noted.v1",
    # Leads may say of whom something is suspected.
    "responsibility_registry.lead.transferred.v1",
    "responsibility_registry.lead.received.v1",
    "responsibility_registry.lead.refused.v1",
    "responsibility_registry.lead.forwarded.v1",
    "responsibility_registry.lead.concluded.v1",
    "responsibility_registry.lead.receipt_missed.v1",
    # What counts for a firm, and what is proposed and said before anybody has decided about it.
    "responsibility_registry.credit_firm.opened.v1",
    "responsibility_registry.credit_firm.changed.v1",
    "responsibility_registry.credit_firm.scored.v1",
    "responsibility_registry.credit_fact.counted.v1",
    "responsibility_registry.credit_fact.voided.v1",
    "responsibility_registry.blacklist_entry.proposed.v1",
    "responsibility_registry.blacklist_entry.notice_served.v1",
    "responsibility_registry.blacklist_entry.objected.v1",
    "responsibility_registry.blacklist_entry.objection_reviewed.v1",
    "responsibility_registry.blacklist_entry.withdrawn.v1",
    "responsibility_registry.blacklist_entry.dismissed.v1",
    "responsibility_registry.blacklist_entry.repair_asked.v1",
    "responsibility_registry.blacklist_entry.repair_refused.v1",
    # Who may do what, who may come in and by whose word, and a demonstration's clock.
    "gateway.client.registered.v1",
    "gateway.client.changed.v1",
    "gateway.client.ended.v1",
    "gateway.token.revoked.v1",
    "gateway.provider.registered.v1",
    "gateway.provider.changed.v1",
    "gateway.provider.ended.v1",
    "gateway.external_identity.linked.v1",
    "gateway.external_identity.ended.v1",
    "gateway.clock.set.v1",
    # Who may act, and by which post: the accounts of people and programs.
    "gateway.agency.changed.v1",
    "gateway.agency.ended.v1",
    "gateway.agency.registered.v1",
    "gateway.entry_link.closed.v1",
    "gateway.entry_link.issued.v1",
    "gateway.entry_link.revoked.v1",
    "gateway.entry_link.used.v1",
    "gateway.post_role_table.adopted.v1",
    "gateway.subject.changed.v1",
    "gateway.subject.ended.v1",
    "gateway.subject.opened.v1",
    "gateway.subject.stated.v1",
    "responsibility_registry.tenure.begun.v1",
    "responsibility_registry.tenure.ended.v1",
    "responsibility_registry.tenure.stated.v1",
    # How posts are reached: for the house and its command.
    "responsibility_registry.contact.entered.v1",
    "responsibility_registry.contact.changed.v1",
    "responsibility_registry.contact.stated.v1",
    # Who stands which shift, where a shared post has more than one: by the account's subject; and who swaps.
    "responsibility_registry.shift.planned.v1",
    "responsibility_registry.shift.reassigned.v1",
    "responsibility_registry.shift.cancelled.v1",
    "responsibility_registry.shift.handed_over.v1",
    "responsibility_registry.shift.taken_over.v1",
    "responsibility_registry.shift.stated.v1",
    "responsibility_registry.shift_swap.asked.v1",
    "responsibility_registry.shift_swap.accepted.v1",
    "responsibility_registry.shift_swap.approved.v1",
    "responsibility_registry.shift_swap.refused.v1",
    "responsibility_registry.shift_swap.declined.v1",
    "responsibility_registry.shift_swap.withdrawn.v1",
    # Where who listens.
    "gateway.webhook.registered.v1",
    "gateway.webhook.changed.v1",
    "gateway.webhook.enabled.v1",
    "gateway.webhook.disabled.v1",
    "gateway.webhook.ended.v1",
    # Who signs in here; as whom somebody acts is in the events of what they do.
    "gateway.person.invited.v1",
    "gateway.person.enrolled.v1",
    "gateway.person.changed.v1",
    "gateway.person.ended.v1",
    # Files: what is public of a photo is told by what refers to it.
    "gateway.file.kept.v1",
    "gateway.file.ended.v1",
    "gateway.file_reminder.awaited.v1",
    # What is said about rows of the timeline; that one is to be erased is told outside, where copies are kept.
    "gateway.correction.recorded.v1",
    "gateway.erasure.requested.v1",
    "gateway.erasure.refused.v1",
    # What is not published yet: a ranking under review is nobody's business.
    "responsibility_registry.evaluation.submitted.v1",
    "responsibility_registry.evaluation.returned.v1",
    # Rows said again for copies: no news.
    "responsibility_registry.area.stated.v1",
    "responsibility_registry.calendar_year.stated.v1",
    "responsibility_registry.post.stated.v1",
    "risk_grading.risk_object.stated.v1",
}
"""A new fact is in here by decision, or says `sensitivity=SHARED`."""


def test_every_class_that_stays_in_the_house_is_listed() -> None:
    assert {name for name, event in CATALOGUE.items() if event.sensitivity == INTERNAL} == INSIDE


def _shapes(annotation: Any) -> Iterator[type[BaseModel]]:
    for inner in get_args(annotation):
        yield from _shapes(inner)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _shapes(field.annotation)


def _of_persons(event: type[Event]) -> list[str]:
    return [shape.__name__ for shape in _shapes(event) if shape.__name__.endswith("Person")]


def test_what_leaves_the_house_holds_nothing_about_a_person() -> None:
    """An agency's bus carries an event as it is: nothing can be taken out on the way, so nothing may be in it."""
    shared = [event for event in CATALOGUE.values() if event.sensitivity == SHARED]
    assert shared
    assert [event.type for event in shared if _of_persons(event)] == []


class ReporterPerson(BaseModel):
    """What an event about a person would hold."""

    name: str


class _Told(Event):
    """A fact with a person deep inside."""

    of: tuple[ReporterPerson | None, ...]


def test_a_person_in_an_event_would_be_noticed() -> None:
    assert _of_persons(_Told) == ["ReporterPerson"]


def test_a_misspelt_sensitivity_is_refused() -> None:
    with pytest.raises(ValueError, match="no sensitivity"):
        type("Misspelt", (Event,), {}, sensitivity="public")
