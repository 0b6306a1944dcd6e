"""Samples of what risk grading tells of hazards: the rental house's stairwell, the workshop of 3 December."""

from __future__ import annotations

from libs.contracts import risk_grading as told
from libs.contracts.sample_values.cast import (
    AWNING,
    DOUBLE,
    DUTY_OFFICER,
    FIRM,
    FIVE,
    FIVE_FIRM,
    GRID_MEMBER,
    HAZARD,
    HOUSE,
    HOUSING,
    LANDLORD,
    NOTICE,
    REPORT,
    SEEN,
    SPOT_HAZARD,
    STAIRWELL,
    VILLAGE,
    WORKSHOP,
    WORKSHOP_DOOR,
    WORKSHOP_HAZARD,
)
from libs.contracts.sample_values.public_reporting import ACCEPTED, DISPUTED
from libs.contracts.sampling import Story, at

_UNFOUNDED = Story(word="unfounded", born="2026-10-14 10:00", area_code=VILLAGE, sectors=HOUSING)
_CHASED = Story(word="unfounded, chased", born="2026-10-14 12:00", area_code=VILLAGE, sectors=HOUSING)
_HALF_DONE = Story(word="spot, not fixed", born="2026-10-12 22:51", area_code=VILLAGE, sectors=HOUSING)
_LOOKED = Story(word="stairwell, look back", born="2026-11-25 10:30", area_code=VILLAGE, sectors=HOUSING)


def _hazard(state: str, **changed: object) -> told.HazardFacts:
    facts = told.HazardFacts(
        state=state,
        category="ebike_charging",
        description="楼梯间停放充电电动自行车4辆,仅一部疏散楼梯,无硬隔离",
        place=STAIRWELL,
        report_ids=(REPORT.id,),
        risk_object_id=HOUSE.id,
        entity=LANDLORD,
        is_major=False,
        handling="within_limit",
        round=1,
        five_items=FIVE,
    )
    return facts.model_copy(update=changed)


_SPOT = {"description": "飞线充电", "report_ids": (SEEN.id,)}
_AWNING = {"description": "室外充电棚", "report_ids": (AWNING.id,)}
_UNSEEN = {"is_major": None, "handling": None, "entity": None, "risk_object_id": None}
_WORKSHOP_FACTS = {
    "category": "mixed_use_workshop",
    "description": "加工场一层停放电动自行车充电,楼上住人",
    "place": WORKSHOP_DOOR,
    "report_ids": (),
    "risk_object_id": WORKSHOP.id,
    "entity": FIRM,
    "five_items": FIVE_FIRM,
}


REGISTERED = HAZARD.tell(
    "2026-10-12 20:05:01",
    told.HazardRegistered(hazard=_hazard("registered", **_UNSEEN), verify_by_at=at("2026-10-12 22:05")),
    cause=ACCEPTED,
    policy="verify-1",
)
VERIFIED = HAZARD.tell(
    "2026-10-12 20:50",
    told.HazardVerified(hazard=_hazard("verified"), verified_by=GRID_MEMBER, verified_at=at("2026-10-12 20:50")),
    post=GRID_MEMBER,
    policy="verify-1",
)
WORKSHOP_VERIFIED_AT = "2026-11-04 15:20"

SAMPLES = (
    REGISTERED,
    VERIFIED,
    SPOT_HAZARD.tell(
        "2026-10-12 20:51",
        told.HazardRegistered(hazard=_hazard("registered", **(_SPOT | _UNSEEN)), verify_by_at=at("2026-10-12 22:51")),
        post=GRID_MEMBER,
    ),
    SPOT_HAZARD.tell(
        "2026-10-12 20:52",
        told.HazardBeingFixed(
            hazard=_hazard("verified", description="飞线充电", handling="fix_at_once"),
            verified_by=GRID_MEMBER,
            verified_at=at("2026-10-12 20:52"),
        ),
        post=GRID_MEMBER,
    ),
    SPOT_HAZARD.tell(
        "2026-10-12 21:10",
        told.HazardFixedAtOnce(
            hazard=_hazard("closed", **_SPOT, handling="fix_at_once"),
            verified_by=GRID_MEMBER,
            verified_at=at("2026-10-12 21:10"),
        ),
        post=GRID_MEMBER,
    ),
    HAZARD.tell("2026-10-12 21:20:01", told.HazardRectifying(hazard=_hazard("rectifying"), order_id=NOTICE.id)),
    HAZARD.tell(
        "2026-10-25 16:00:01", told.HazardPendingReview(hazard=_hazard("pending_review"), order_id=NOTICE.id)
    ),
    HAZARD.tell(
        "2026-10-26 10:30:01",
        told.HazardClosed(hazard=_hazard("closed"), look_back_at=at("2026-11-25 10:30")),
        policy="look-back-1",
    ),
    HAZARD.tell(
        "2026-10-27 18:20:02",
        told.HazardReopened(hazard=_hazard("reopened", round=2), reason="举报人提出异议,楼梯间仍有停放"),
        cause=DISPUTED,
    ),
    _UNFOUNDED.tell(
        "2026-10-14 10:00",
        told.HazardRegistered(
            hazard=_hazard("registered", **(_AWNING | _UNSEEN)), verify_by_at=at("2026-10-14 12:00")
        ),
    ),
    _UNFOUNDED.tell(
        "2026-10-14 15:30",
        told.HazardDismissed(
            hazard=_hazard("dismissed", **_AWNING, handling=None), reason="现场核查:充电设施在室外棚内,符合要求"
        ),
        post=GRID_MEMBER,
    ),
    DOUBLE.tell(
        "2026-10-13 09:00",
        told.HazardRegistered(hazard=_hazard("registered", **_UNSEEN), verify_by_at=at("2026-10-15 09:00")),
    ),
    DOUBLE.tell("2026-10-13 09:20", told.HazardMerged(hazard=_hazard("merged"), into=HAZARD.id), post=GRID_MEMBER),
    WORKSHOP_HAZARD.tell(
        "2026-11-04 15:00",
        told.HazardRegistered(
            hazard=_hazard("registered", **(_WORKSHOP_FACTS | _UNSEEN)), verify_by_at=at("2026-11-06 15:00")
        ),
    ),
    WORKSHOP_HAZARD.tell(
        WORKSHOP_VERIFIED_AT,
        told.HazardVerified(
            hazard=_hazard("verified", **_WORKSHOP_FACTS),
            verified_by=GRID_MEMBER,
            verified_at=at(WORKSHOP_VERIFIED_AT),
        ),
        post=GRID_MEMBER,
    ),
    WORKSHOP_HAZARD.tell(
        "2026-11-10 09:00",
        told.HazardRegraded(
            hazard=_hazard("verified", **(_WORKSHOP_FACTS | {"is_major": True})),
            raised=True,
            reason="楼上住宿6人,符合重大事故隐患判定标准",
        ),
        post=DUTY_OFFICER,
    ),
    WORKSHOP_HAZARD.tell(
        "2026-11-11 09:00",
        told.HazardPlanFiled(
            hazard=_hazard("verified", **(_WORKSHOP_FACTS | {"is_major": True})), until=at("2026-11-19 12:00").date()
        ),
        post=DUTY_OFFICER,
    ),
    WORKSHOP_HAZARD.tell(
        "2026-12-20 22:30",
        told.HazardArchived(hazard=_hazard("archived", **(_WORKSHOP_FACTS | {"is_major": True}))),
        post=GRID_MEMBER,
    ),
    HAZARD.tell(
        "2026-10-28 09:00",
        told.HazardReopeningJoined(
            hazard=_hazard("reopened", round=2), reason="夜间巡查再次发现充电", cause="recurrence"
        ),
        post=GRID_MEMBER,
    ),
    HAZARD.tell("2026-10-28 09:10", told.HazardAbsorbed(hazard=_hazard("reopened", round=2), absorbed=DOUBLE.id)),
    HAZARD.tell("2026-10-28 10:00", told.HazardRectifying(hazard=_hazard("rectifying", round=2), order_id=NOTICE.id)),
    HAZARD.tell(
        "2026-10-28 16:00",
        told.HazardOrderWithdrawn(
            hazard=_hazard("registered", round=2), order_id=NOTICE.id, reason="送达对象有误,另行制发"
        ),
    ),
    _CHASED.tell(
        "2026-10-14 12:00:05",
        told.VerificationOverdue(
            hazard_id=_UNFOUNDED.id,
            hazard=_hazard("registered", **(_AWNING | _UNSEEN)),
            verify_by_at=at("2026-10-14 12:00"),
        ),
    ),
    _HALF_DONE.tell(
        "2026-10-12 22:51:05",
        told.FixOverdue(
            hazard_id=SPOT_HAZARD.id,
            hazard=_hazard("verified", description="飞线充电", handling="fix_at_once"),
            fix_by_at=at("2026-10-12 22:51"),
        ),
    ),
    _LOOKED.tell(
        "2026-11-25 10:30:05",
        told.LookBackDue(hazard_id=HAZARD.id, hazard=_hazard("closed"), look_back_at=at("2026-11-25 10:30")),
    ),
)
