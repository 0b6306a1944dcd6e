"""Samples of enforcement facts: a penalty on the workshop is entered, mended, and taken back by a court."""

from __future__ import annotations

from datetime import date

from libs.contracts import enforcement as told
from libs.contracts.sample_values.cast import EMERGENCY_BUREAU, FIRM, INDUSTRY, WORKSHOP_VILLAGE
from libs.contracts.sampling import Story, at, sample_id

_PENALTY = Story(
    word="penalty about the major hazard", born="2026-11-20 09:00", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY
)


def _said(amount_fen: int, *, void: bool = False) -> told.EnforcementFactState:
    return told.EnforcementFactState(
        kind="penalty",
        decision_number="(椒)应急罚〔2026〕15号",
        authority_id=sample_id("county emergency bureau", at("2026-01-01 00:00")),
        authority_code="331002000000-emergency_bureau",
        subject_kind="firm",
        firm_id="91331002MA28G0000D",
        firm_name=FIRM.name,
        post_id=None,
        decided_on=date(2026, 11, 20),
        decided_at=at("2026-11-20 00:00"),
        law="中华人民共和国安全生产法",
        article="第一百零二条",
        major_hazard=True,
        amount_fen=amount_fen,
        category="mixed_use_workshop",
        object_id=None,
        effective_from=None,
        effective_to=None,
        void=void,
    )


SAMPLES = (
    _PENALTY.tell("2026-11-20 16:30", told.EnforcementFactEntered(state=_said(5_000_000)), post=EMERGENCY_BUREAU),
    _PENALTY.tell(
        "2026-11-23 09:10",
        told.EnforcementFactCorrected(
            state=_said(4_500_000), document="(椒)应急罚更〔2026〕2号", reason="罚款金额录入有误"
        ),
        post=EMERGENCY_BUREAU,
    ),
    _PENALTY.tell(
        "2027-03-02 10:00",
        told.EnforcementFactRevoked(
            state=_said(4_500_000, void=True), document="(2027)浙1002行终3号", reason="判决撤销该处罚决定"
        ),
        post=EMERGENCY_BUREAU,
    ),
)
