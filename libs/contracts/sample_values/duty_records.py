"""Samples of pairings and duty records: a bureau head and a plant, visits, a quarter missed."""

from __future__ import annotations

from typing import Any

from libs.contracts import duty_records as told
from libs.contracts.sample_values.cast import COUNTY, WORKSHOP, WORKSHOP_VILLAGE, file, post
from libs.contracts.sampling import Story, at

_HEAD, _OFFICE = post("county emergency bureau head"), post("county safety committee office")
_INDUSTRY = ("industry",)
_PAIRING = Story(word="bureau head and plant", born="2026-06-20 09:00", area_code=WORKSHOP_VILLAGE, sectors=_INDUSTRY)
_VISIT = Story(
    word="visit to the plant", born="2026-08-03 10:00", area_code=WORKSHOP_VILLAGE, sectors=_INDUSTRY,
    correlation=_PAIRING.correlation_id,
)  # fmt: skip
_BETTER = Story(
    word="better record of the visit", born="2026-08-04 09:00", area_code=WORKSHOP_VILLAGE, sectors=_INDUSTRY,
    correlation=_PAIRING.correlation_id,
)  # fmt: skip
_MISSED = Story(
    word="quarter without a visit", born="2027-01-05 00:00", area_code=WORKSHOP_VILLAGE, sectors=_INDUSTRY,
    correlation=_PAIRING.correlation_id,
)  # fmt: skip
_MISTAKEN = Story(word="talk entered by mistake", born="2026-09-01 10:00", area_code=COUNTY, sectors=_INDUSTRY)


def _pairing(valid_to: str | None = None) -> told.PairingFacts:
    return told.PairingFacts(
        kind="bureau_head_firm", post_id=_HEAD, object_id=WORKSHOP.id, valid_from=at("2026-07-01 00:00"),
        valid_to=None if valid_to is None else at(valid_to), document="区安委办 2026-18号:局长联系企业名单",
    )  # fmt: skip


def _record(kind: str = "visit", **changes: Any) -> told.DutyRecordFacts:
    said: dict[str, Any] = {
        "kind": kind, "post_id": _HEAD, "by_post": _HEAD, "pairing_id": _PAIRING.id, "object_id": WORKSHOP.id,
        "grid_id": None, "duty_item": None, "done_at": at("2026-08-03 10:00"), "late": False, "corrects": None,
    }  # fmt: skip
    return told.DutyRecordFacts(**(said | changes))


_TALK = {"pairing_id": None, "object_id": None, "done_at": at("2026-09-01 09:00")}

SAMPLES = (
    _PAIRING.tell("2026-06-20 09:00", told.PairingBegun(pairing=_pairing()), post=_OFFICE),
    _VISIT.tell(
        "2026-08-03 11:00",
        told.DutyRecorded(record=_record(), evidence=(file("plant gate", "2026-08-03 10:10"),)),
        post=_HEAD,
    ),
    _VISIT.tell(
        "2026-08-04 09:00", told.DutyRecordCorrected(record=_record(), corrected_by=_BETTER.id), post=_HEAD
    ),
    _BETTER.tell("2026-08-04 09:00", told.DutyRecorded(record=_record(corrects=_VISIT.id)), post=_HEAD),
    _MISTAKEN.tell("2026-09-01 10:00", told.DutyRecorded(record=_record("talk", **_TALK)), post=_HEAD),
    _MISTAKEN.tell(
        "2026-09-01 10:05",
        told.DutyRecordWithdrawn(record=_record("talk", **_TALK), reason="误登到本岗位"),
        post=_HEAD,
    ),
    _MISSED.tell(
        "2027-01-05 00:00",
        told.PeriodMissed(
            pairing_id=_PAIRING.id, post_id=_HEAD, kind="bureau_head_firm", begins_at=at("2026-10-01 00:00"),
            due_at=at("2027-01-01 00:00"), asked=1, done=0, post_vacant=False,
        ),
    ),
    _PAIRING.tell(
        "2027-03-31 18:00", told.PairingEnded(pairing=_pairing("2027-04-01 00:00"), reason="岗位调整"), post=_OFFICE
    ),
)  # fmt: skip
