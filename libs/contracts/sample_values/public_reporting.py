"""Samples of what public reporting tells: the report of the stairwell, and others that went another way."""

from __future__ import annotations

from datetime import timedelta

from libs.contracts import public_reporting as told
from libs.contracts.sample_values.cast import (
    CALL_TAKER,
    FIVE,
    GRID_MEMBER,
    HAZARD,
    HOUSE,
    HOUSING,
    REPORT,
    SEEN,
    STAIRWELL,
    TOWNSHIP,
    VILLAGE,
    WORKSHOP_DOOR,
    WORKSHOP_VILLAGE,
    file,
)
from libs.contracts.sampling import Story, at
from libs.contracts.values import FiveItems

_DAY = timedelta(hours=24)
_TWICE = Story(word="told twice", born="2026-10-12 20:10", area_code=VILLAGE, sectors=HOUSING)
_LAMP = Story(word="street lamp", born="2026-10-13 08:15", area_code=TOWNSHIP, sectors=())
_URGENT = Story(word="smoke at the workshop", born="2026-12-03 02:15", area_code=WORKSHOP_VILLAGE, sectors=("fire",))
_ANSWER = Story(
    word="first answer",
    born="2026-10-12 21:30",
    area_code=VILLAGE,
    sectors=HOUSING,
    correlation=REPORT.correlation_id,
)


def _received(civil: str, source: str, category: str) -> told.ReportReceived:
    received_at = at(civil)
    return told.ReportReceived(
        source=source,
        category=category,
        place=STAIRWELL,
        received_at=received_at,
        due_first_answer_at=received_at + _DAY,
    )


RECEIVED = REPORT.tell("2026-10-12 19:40", _received("2026-10-12 19:40", "resident", "ebike_charging"))
ACCEPTED = REPORT.tell(
    "2026-10-12 20:05",
    told.ReportAccepted(
        source="resident",
        category="ebike_charging",
        summary="楼梯口4辆电瓶车飞线充电,楼上十几人",
        place=STAIRWELL,
        place_words="丁村某号出租房一楼楼梯口",
        urgent=False,
        life_at_risk=True,
        received_at=at("2026-10-12 19:40"),
    ),
    post=CALL_TAKER,
    policy="intake-1",
)
MOVED = REPORT.tell(
    "2026-10-12 20:50",
    told.ReportMoved(state="being_verified", hazard_ids=(HAZARD.id,)),
    policy="intake-1",
)
ANSWERED = REPORT.tell(
    "2026-10-12 21:30",
    told.ReportAnswered(by_post=CALL_TAKER, first=True, seconds_from_receipt=6_600),
    post=CALL_TAKER,
)
DISPUTED = REPORT.tell(
    "2026-10-27 18:20",
    told.ReportDisputed(words="楼梯口又停了两辆,没有隔离", hazard_ids=(HAZARD.id,)),
)
RESULT_TOLD = REPORT.tell("2026-10-27 18:21", told.ReportResultTold(state="fixed"))
REPLIED = _ANSWER.tell(
    "2026-10-12 21:30",
    told.ReplyWritten(report_id=REPORT.id, kind="first_answer", by_post=CALL_TAKER),
    post=CALL_TAKER,
)
_ON_THE_SPOT = told.OnSiteFinding(
    found_at=at("2026-10-12 20:50"),
    by_post=GRID_MEMBER,
    description="楼梯间停放充电电动自行车4辆,仅一部疏散楼梯,无硬隔离",
    is_major=False,
    fix_at_once=False,
    risk_object_id=HOUSE.id,
    before_evidence=(file("stairwell before", "2026-10-12 20:49"),),
    five_items=FIVE,
)
_AT_ONCE = told.OnSiteFinding(
    found_at=at("2026-10-12 20:50"),
    by_post=GRID_MEMBER,
    description="飞线充电",
    is_major=False,
    fix_at_once=True,
    risk_object_id=HOUSE.id,
    before_evidence=(file("wires before", "2026-10-12 20:51"),),
    after_evidence=(file("wires after", "2026-10-12 21:08"),),
    five_items=FiveItems(responsible="房屋出租人", measures="断电并拆除飞线"),
)

SAMPLES = (
    RECEIVED,
    ACCEPTED,
    MOVED,
    ANSWERED,
    DISPUTED,
    RESULT_TOLD,
    REPLIED,
    _TWICE.tell("2026-10-12 20:10", _received("2026-10-12 20:10", "resident", "ebike_charging")),
    _TWICE.tell(
        "2026-10-12 20:12", told.ReportRejected(reason="与已受理的举报为同一隐患,已并案办理"), post=CALL_TAKER
    ),
    _LAMP.tell("2026-10-13 08:15", _received("2026-10-13 08:15", "hotline", "road_traffic")),
    _LAMP.tell(
        "2026-10-13 08:40",
        told.ReportTransferred(to="乙区综合行政执法局", reason="路灯损坏,属市政设施管理职责"),
        post=CALL_TAKER,
    ),
    SEEN.tell("2026-10-12 20:52", _received("2026-10-12 20:50", "grid_member", "rental_house_fire")),
    SEEN.tell(
        "2026-10-12 20:53",
        told.ReportAccepted(
            source="grid_member",
            category="rental_house_fire",
            summary="出租房夜间检查:楼梯间停车充电,当场处置飞线",
            place=STAIRWELL,
            place_words="丁村某号出租房",
            urgent=False,
            life_at_risk=True,
            received_at=at("2026-10-12 20:50"),
            findings=(_ON_THE_SPOT, _AT_ONCE),
        ),
        post=GRID_MEMBER,
        policy="intake-1",
    ),
    _URGENT.tell("2026-12-03 02:15", _received("2026-12-03 02:15", "resident", "mixed_use_workshop")),
    _URGENT.tell(
        "2026-12-03 02:15:20",
        told.ReportAccepted(
            source="resident",
            category="mixed_use_workshop",
            summary="加工场一楼冒烟,楼上有人",
            place=WORKSHOP_DOOR,
            place_words="戊村加工场",
            urgent=True,
            life_at_risk=True,
            received_at=at("2026-12-03 02:15"),
        ),
        post=CALL_TAKER,
        policy="intake-1",
    ),
)
