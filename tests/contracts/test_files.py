"""No event and no form that holds evidence can forget that it refers to files."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

import services
from gateway.files.listen import LISTENS
from gateway.files.rules import PATHS
from libs.common.forms import Form
from libs.contracts import (
    bodies,
    commendations,
    credit,
    duty_records,
    evaluations,
    inspection_tours,
    leads,
    letters,
    listings,
    orders,
    public_reporting,
    responsibility_registry,
    risk_grading,
    stop_measures,
)
from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import noun_of, producer_of
from libs.contracts.files import file_fields, files_in, refers_to_files
from libs.contracts.values import FileId

_EVIDENCE = re.compile(r"(photo|evidence|attachment|file)(s|_ids?)?$")
_NOT_FILES = {"gateway.file_reminder.awaited.v1 file_id"}
"""It tells of a file that is missing, and needs none."""
_TOLD_BY = {
    "ReportIn photos": (public_reporting.ReportReceived,),
    "FindingIn before_evidence": (public_reporting.OnSiteFinding,),
    "FindingIn after_evidence": (public_reporting.OnSiteFinding,),
    "ServeIn evidence": (responsibility_registry.OrderServed,),
    "RectifyIn evidence": (responsibility_registry.OrderRectified,),
    "InspectIn evidence": (responsibility_registry.OrderClosed, responsibility_registry.OrderInspectionFailed),
    "AskPauseIn evidence": (orders.OrderPauseAsked, orders.OrderPaused),
    "PartIn evidence": (orders.OrderPartReported,),
    "StageReportIn evidence": (orders.StageReported,),
    "ProgressIn evidence": (orders.StageReported,),
    "SignedOnPaperIn evidence": (letters.LetterSigned,),
    "LeadIn attachments": (leads.LeadTransferred,),
    "ConcludeLeadIn attachments": (leads.LeadConcluded,),
    "CommendationIn evidence": (commendations.CommendationAwarded,),
    "SuperviseListingIn evidence": (listings.ListingSupervised,),
    "AskListingInspectionIn evidence": (listings.ListingInspectionAsked,),
    "StopMeasureIn evidence": (stop_measures.StopMeasureProposed,),
    "NotifyStopIn evidence": (stop_measures.StopMeasureNotified,),
    "AcknowledgeStopIn evidence": (stop_measures.StopMeasureAcknowledged,),
    "ExecuteStopIn evidence": (stop_measures.StopMeasureExecuted,),
    "MinutesIn files": (bodies.MeetingMinuted,),
    "DutyRecordIn evidence": (duty_records.DutyRecorded,),
    "AppealIn evidence": (evaluations.AppealLodged,),
    "CreditFactIn evidence": (credit.CreditFactCounted,),
    "FeedbackIn evidence": (credit.CreditFeedbackReported,),
    "ServeNoticeIn evidence": (credit.BlacklistNoticeServed,),
    "ObjectToListingIn evidence": (credit.BlacklistObjected,),
    "AskRepairIn evidence": (credit.BlacklistRepairAsked,),
    "VisitIn evidence": (inspection_tours.VisitRecorded,),
    "AssessmentIn evidence": (risk_grading.AssessmentMade,),
    "VerifyIn evidence": (risk_grading.HazardVerified, risk_grading.HazardBeingFixed),
    "FixIn before_evidence": (risk_grading.HazardFixedAtOnce,),
    "FixIn after_evidence": (risk_grading.HazardFixedAtOnce,),
    "DismissIn evidence": (risk_grading.HazardDismissed,),
    "LookBackIn evidence": (
        risk_grading.HazardArchived, risk_grading.HazardReopened, risk_grading.HazardReopeningJoined,
    ),
}  # fmt: skip
"""Which events tell the files of which field of a body: what is not told is not kept for longer than 48 hours."""


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for part in get_args(annotation):
        yield from _models(part)


def _looks_like_files(model: type[BaseModel]) -> set[str]:
    return {name for name, field in model.model_fields.items() if _EVIDENCE.search(name) and _holds_ids(field)}


def _holds_ids(field: Any) -> bool:
    return "UUID" in repr(field.annotation)


def test_every_field_of_an_event_that_is_called_evidence_is_typed_as_files() -> None:
    forgotten = {
        f"{type_} {name}"
        for type_, event in CATALOGUE.items()
        for model in _models(event)
        for name in _looks_like_files(model) - file_fields(model)
    }
    assert forgotten - _NOT_FILES == set()


def test_every_event_that_can_refer_to_a_file_is_heard_and_has_a_door() -> None:
    referring = {type_ for type_, event in CATALOGUE.items() if refers_to_files(event)}
    assert {row.event.type for row in LISTENS} == referring
    assert len(referring) >= 13
    assert {f"{producer_of(type_)}.{noun_of(type_)}" for type_ in referring} == set(PATHS)


def test_a_forgotten_field_would_be_noticed() -> None:
    class Forgotten(BaseModel):
        evidence: tuple[UUID, ...] = ()

    class Remembered(BaseModel):
        evidence: tuple[FileId, ...] = ()
        photo: FileId | None = None

    assert _looks_like_files(Forgotten) - file_fields(Forgotten) == {"evidence"}
    assert file_fields(Remembered) == {"evidence", "photo"}
    one, other = uuid4(), uuid4()
    assert [*files_in(Remembered(evidence=(one,), photo=other))] == [("evidence", one), ("photo", other)]


def test_files_in_the_parts_of_an_event_are_found() -> None:
    found = next(row.event for row in LISTENS if row.event is public_reporting.ReportAccepted)
    assert not file_fields(found)
    assert refers_to_files(found)
    assert not refers_to_files(risk_grading.WarningRaised)


def _forms() -> Iterator[type[Form]]:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if re.search(r"\.(api|forms)(_\w+)?$", module.name):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and issubclass(value, Form) and value is not Form:
                    yield value


def test_the_files_of_every_body_are_told_by_an_event() -> None:
    fields = {f"{form.__name__} {name}" for form in _forms() for name in _looks_like_files(form)}
    assert fields == set(_TOLD_BY)


@pytest.mark.parametrize("said", sorted(_TOLD_BY))
def test_the_event_has_the_field(said: str) -> None:
    field = said.partition(" ")[2]
    for told in _TOLD_BY[said]:
        assert field in file_fields(told), told
