"""Samples of credit: a firm that falls, is listed, puts things right and is removed; and how else an entry ends."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts import credit as told
from libs.contracts.sample_values.cast import COUNTY, EMERGENCY_BUREAU, INDUSTRY, WORKSHOP_VILLAGE, file, post
from libs.contracts.sampling import Story, at, sample_id

_CODE = "91331002MA2DEM000J"
_LEADER, _OTHER_LEADER = post("county executive deputy"), post("county head")
_FIRM = Story(word="credit file of the works", born="2026-03-02 09:00", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY)
_PACK = Story(word="the county's rules of credit", born="2026-12-20 09:00", area_code=COUNTY)


def _of_firm(word: str, born: str) -> Story:
    return Story(word=word, born=born, area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY, correlation=_FIRM.correlation_id)


_FACT = _of_firm("commitment broken", "2026-10-20 10:00")
_WRONG = _of_firm("commitment of another", "2026-10-21 10:00")
_FEEDBACK = _of_firm("checked twice as often", "2026-12-02 10:00")
_LISTED = _of_firm("entry that is repaired", "2026-11-02 09:00")
_BACK = _of_firm("entry taken back", "2026-10-22 09:00")
_NOT = _of_firm("entry that is not listed", "2026-10-26 09:00")
_OVER = _of_firm("entry that is over", "2025-03-03 09:00")
_UNDONE = _of_firm("entry that is undone", "2025-06-03 09:00")


def _firm(grade: str, score: int, graded_at: str, *, listed: bool = False) -> told.FirmFacts:
    return told.FirmFacts(
        credit_code=_CODE, grade=grade, score=score, listed=listed, pack_number=0, graded_at=at(graded_at)
    )


def _standing(civil: str) -> UUID:
    return sample_id("kept standing", at(civil))


def _broken(source: Story) -> told.CreditFactFacts:
    return told.CreditFactFacts(
        firm_id=_FIRM.id, kind="commitment_broken", tag="safety_commitment", source_id=source.id,
        at=at("2026-10-20 10:00"), ends_at=None, authority="区应急管理局(演示)",
    )  # fmt: skip


def _entry(
    state: str, *, defence_until: datetime | None = None, listed_at: datetime | None = None,
    ends_at: datetime | None = None, ended_at: datetime | None = None,
) -> told.EntryFacts:  # fmt: skip
    return told.EntryFacts(
        firm_id=_FIRM.id, credit_code=_CODE, ground="commitments_broken", pack_number=0, state=state,
        facts=(_FACT.id,), defence_until=defence_until, listed_at=listed_at, ends_at=ends_at, ended_at=ended_at,
    )  # fmt: skip


_UNTIL, _ON, _OFF = at("2026-11-18 00:00"), at("2026-11-26 10:00"), at("2027-11-26 10:00")
_NOTICED = _entry("noticed", defence_until=_UNTIL)
_STANDS = _entry("listed", defence_until=_UNTIL, listed_at=_ON, ends_at=_OFF)
_RECEIPT = (file("receipt of the notice", "2026-11-03 10:00"),)
_REPORT = (file("acceptance of the sprinklers", "2026-11-10 10:00"),)
_PROPOSED = told.BlacklistProposed(entry=_entry("proposed"), proposed_by=EMERGENCY_BUREAU)
_SERVED = told.BlacklistNoticeServed(entry=_NOTICED, how="direct", evidence=_RECEIPT)
_WAS_ON, _WAS_OFF = at("2025-04-01 10:00"), at("2026-04-01 10:00")
_WAS = _entry("listed", defence_until=at("2025-03-20 00:00"), listed_at=_WAS_ON, ends_at=_WAS_OFF)

SAMPLES = (
    _FIRM.tell("2026-03-02 09:00", told.CreditFirmOpened(firm=_firm("B", 80, "2026-03-02 09:00"))),
    _FIRM.tell(
        "2026-03-02 09:20",
        told.CreditFirmChanged(
            firm=_firm("B", 80, "2026-03-02 09:00"), party_ids=(sample_id("workshop party", at("2026-03-02 09:20")),)
        ),
        post=EMERGENCY_BUREAU,
    ),
    _FIRM.tell(
        "2026-09-01 09:00",
        told.CreditFirmScored(
            firm=_firm("B", 75, "2026-09-01 09:00"), standing_id=_standing("2026-09-01 09:00"), score_before=80
        ),
    ),
    _FIRM.tell(
        "2026-10-01 00:00",
        told.CreditPeriodClosed(
            firm=_firm("B", 75, "2026-09-01 09:00"), standing_id=_standing("2026-10-01 00:00"), period="2026-Q3",
            grade="B", score=75, ended_at=at("2026-10-01 00:00"),
        ),
    ),
    _FIRM.tell(
        "2026-10-20 10:05",
        told.CreditFirmRegraded(
            firm=_firm("C", 65, "2026-10-20 10:05"), standing_id=_standing("2026-10-20 10:05"), grade_before="B",
            fell=True, caps=("in_arrears",), facts=(_FACT.id,),
        ),
    ),
    _FACT.tell("2026-10-20 10:00", told.CreditFactCounted(fact=_broken(_FACT)), post=EMERGENCY_BUREAU),
    _WRONG.tell("2026-10-21 10:00", told.CreditFactCounted(fact=_broken(_WRONG)), post=EMERGENCY_BUREAU),
    _WRONG.tell(
        "2026-10-22 10:00", told.CreditFactVoided(fact=_broken(_WRONG), reason="同名企业,核查对象有误"), post=_LEADER
    ),
    _PACK.tell(
        "2026-12-20 09:00",
        told.CreditPackAdopted(
            number=1, valid_from=date(2027, 1, 1), rules=("order_overdue", "blacklisted"),
            consequences=("twice_the_checks",), grounds=("orders_overdue",), source="[P] 区信用办法(演示)",
        ),
    ),
    _FEEDBACK.tell(
        "2026-12-02 10:00",
        told.CreditFeedbackReported(
            firm_id=_FIRM.id, credit_code=_CODE, consequence="twice_the_checks", way="penalty",
            department="emergency_bureau", done_at=at("2026-12-02 09:00"),
        ),
    ),
    _BACK.tell("2026-10-22 09:00", _PROPOSED, post=EMERGENCY_BUREAU),
    _BACK.tell(
        "2026-10-22 11:00", told.BlacklistWithdrawn(entry=_entry("withdrawn"), reason="事实尚待核实"),
        post=EMERGENCY_BUREAU,
    ),
    _NOT.tell("2026-10-26 09:00", _PROPOSED, post=EMERGENCY_BUREAU),
    _NOT.tell("2026-10-26 10:00", _SERVED, post=EMERGENCY_BUREAU),
    _NOT.tell(
        "2026-10-30 10:00",
        told.BlacklistDismissed(entry=_entry("dismissed"), decided_by=_LEADER, words="情节轻微,已改正"), post=_LEADER,
    ),
    _LISTED.tell("2026-11-02 09:00", _PROPOSED, post=EMERGENCY_BUREAU),
    _LISTED.tell("2026-11-03 10:00", _SERVED, post=EMERGENCY_BUREAU),
    _LISTED.tell(
        "2026-11-10 10:00",
        told.BlacklistObjected(entry=_entry("objected", defence_until=_UNTIL), evidence=_REPORT),
    ),
    _LISTED.tell(
        "2026-11-16 10:00",
        told.BlacklistObjectionReviewed(
            entry=_NOTICED, upheld=False, reviewed_by=_LEADER, words="验收晚于核查,异议不成立"
        ),
        post=_LEADER,
    ),
    _LISTED.tell(
        "2026-11-26 10:00",
        told.BlacklistListed(entry=_STANDS, decided_by=_OTHER_LEADER, document="列入决定书 2026-2号(演示)"),
        post=_OTHER_LEADER, policy="firm_credit-0",
    ),
    _LISTED.tell("2027-05-27 10:00", told.BlacklistRepairAsked(entry=_STANDS, evidence=_REPORT)),
    _LISTED.tell(
        "2027-06-10 10:00",
        told.BlacklistRepairRefused(entry=_STANDS, decided_by=_LEADER, words="整改尚未全部验收"), post=_LEADER,
    ),
    _LISTED.tell("2027-07-12 10:00", told.BlacklistRepairAsked(entry=_STANDS, evidence=_REPORT)),
    _LISTED.tell(
        "2027-07-20 10:00",
        told.BlacklistRepaired(
            entry=_STANDS.model_copy(update={"state": "repaired", "ended_at": at("2027-07-20 10:00")}),
            decided_by=_LEADER, words="整改属实,同意提前移出",
        ),
        post=_LEADER,
    ),
    _OVER.tell("2025-03-03 09:00", _PROPOSED, post=EMERGENCY_BUREAU),
    _OVER.tell("2025-03-04 09:00", _SERVED, post=EMERGENCY_BUREAU),
    _OVER.tell(
        "2025-04-01 10:00",
        told.BlacklistListed(entry=_WAS, decided_by=_LEADER, document="列入决定书 2025-1号(演示)"), post=_LEADER,
    ),
    _OVER.tell(
        "2026-04-01 10:00",
        told.BlacklistExpired(entry=_WAS.model_copy(update={"state": "expired", "ended_at": _WAS_OFF})),
    ),
    _UNDONE.tell("2025-06-03 09:00", _PROPOSED, post=EMERGENCY_BUREAU),
    _UNDONE.tell("2025-06-04 09:00", _SERVED, post=EMERGENCY_BUREAU),
    _UNDONE.tell(
        "2025-07-01 10:00",
        told.BlacklistListed(entry=_WAS, decided_by=_LEADER, document="列入决定书 2025-4号(演示)"), post=_LEADER,
    ),
    _UNDONE.tell(
        "2025-08-01 10:00",
        told.BlacklistRevoked(
            entry=_WAS.model_copy(update={"state": "revoked", "ended_at": at("2025-08-01 10:00")}),
            decided_by=_OTHER_LEADER, reason="所依据的责任认定已被撤销",
        ),
        post=_OTHER_LEADER,
    ),
)  # fmt: skip
