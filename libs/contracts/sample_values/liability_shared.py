"""Samples of who shares what: a link is registered and ends; a lead is handed over; an honour is worn."""

from __future__ import annotations

from datetime import date

from libs.contracts import commendations, leads
from libs.contracts import liability_links as links
from libs.contracts.sample_values.cast import (
    EMERGENCY_BUREAU,
    FIRM,
    INDUSTRY,
    POLICE_STATION,
    TOWNSHIP,
    WORKSHOP_VILLAGE,
    file,
    post,
)
from libs.contracts.sampling import Story, at, sample_id

_LEASE = Story(word="lease of the workshop", born="2026-03-02 10:00", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY)
_LEAD = Story(word="lead about the mezzanine", born="2026-11-05 09:00", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY)
_STRAY = Story(word="lead for nobody here", born="2026-11-06 09:00", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY)
_HONOUR = Story(word="honour of the deputy", born="2026-02-10 09:00", area_code=TOWNSHIP, sectors=("fire",))
_BUREAU, _POLICE = (sample_id(word, at("2026-01-01 00:00")) for word in ("county emergency bureau", "county police"))


def _leased(valid_to: date | None = None) -> links.LiabilityLinkState:
    return links.LiabilityLinkState(
        relation="tenant_of",
        from_kind="firm",
        from_id="91331002MA28G0000D",
        from_name=FIRM.name,
        to_kind="firm",
        to_id="91331002MA2AB1234X",
        to_name="某工业园管理有限公司(演示)",
        valid_from=date(2026, 1, 1),
        valid_to=valid_to,
        document="厂房租赁合同 2026-08号",
    )


def _lead(state: str, **changed: object) -> leads.LeadState:
    told = leads.LeadState(
        kind="suspected_crime",
        state=state,
        from_organization_id=_BUREAU,
        to_organization_id=_POLICE,
        hops=1,
        case_id=None,
        sent_at=at("2026-11-05 09:00"),
        receipt_due_at=at("2026-11-06 09:00"),
        received_at=None,
    )
    return told.model_copy(update=changed)


def _honour(**changed: object) -> commendations.CommendationState:
    told = commendations.CommendationState(
        honour="消防安全先进岗位",
        level_ordinal=2,
        authority_id=_BUREAU,
        decision_number="椒应急〔2026〕8号",
        honoured_kind="post",
        honoured_id=str(post("township deputy in charge")),
        awarded_on=date(2026, 2, 10),
        valid_from=date(2026, 2, 10),
        valid_to=date(2029, 2, 10),
        revoked_at=None,
    )
    return told.model_copy(update=changed)


_RECEIVED = {"received_at": at("2026-11-06 15:00")}

SAMPLES = (
    _LEASE.tell("2026-03-02 10:00", links.LiabilityLinkRegistered(state=_leased()), post=EMERGENCY_BUREAU),
    _LEASE.tell(
        "2026-12-28 10:00",
        links.LiabilityLinkEnded(state=_leased(date(2027, 1, 1)), reason="租赁期满,不再续租"),
        post=EMERGENCY_BUREAU,
    ),
    _LEAD.tell(
        "2026-11-05 09:00",
        leads.LeadTransferred(
            state=_lead("sent"), attachments=(file("photos of the mezzanine", "2026-11-04 16:00"),)
        ),
        post=EMERGENCY_BUREAU,
    ),
    _LEAD.tell("2026-11-06 09:00", leads.LeadReceiptMissed(state=_lead("sent"))),
    _LEAD.tell("2026-11-06 15:00", leads.LeadReceived(state=_lead("received", **_RECEIVED)), post=POLICE_STATION),
    _LEAD.tell(
        "2026-11-09 11:00",
        leads.LeadConcluded(state=_lead("concluded", **_RECEIVED), outcome="not_filed"),
        post=POLICE_STATION,
    ),
    _STRAY.tell("2026-11-06 09:00", leads.LeadTransferred(state=_lead("sent")), post=EMERGENCY_BUREAU),
    _STRAY.tell(
        "2026-11-06 10:00",
        leads.LeadForwarded(state=_lead("sent", hops=2, to_organization_id=_BUREAU)),
        post=POLICE_STATION,
    ),
    _STRAY.tell(
        "2026-11-06 16:00",
        leads.LeadRefused(state=_lead("refused", hops=2, to_organization_id=_BUREAU)),
        post=EMERGENCY_BUREAU,
    ),
    _HONOUR.tell(
        "2026-02-10 09:00",
        commendations.CommendationAwarded(
            state=_honour(), evidence=(file("decision on honours", "2026-02-10 08:30"),)
        ),
        post=EMERGENCY_BUREAU,
    ),
    _HONOUR.tell(
        "2026-12-20 09:00",
        commendations.CommendationRevoked(
            state=_honour(revoked_at=at("2026-12-20 09:00")), document="椒应急〔2026〕31号", reason="材料不实"
        ),
        post=EMERGENCY_BUREAU,
    ),
)
