"""Samples of what the responsibility registry tells of orders: the notice, the task, and those that went astray."""

from __future__ import annotations

from libs.contracts import responsibility_registry as told
from libs.contracts.sample_values.cast import (
    DOUBLE,
    FIRM,
    FUNDLESS_HAZARD,
    GRID_MEMBER,
    HAZARD,
    HOUSE,
    HOUSING,
    LANDLORD,
    NOTICE,
    POLICE_HEAD,
    POLICE_STATION,
    POSTLESS_HAZARD,
    TOWNSHIP_DEPUTY,
    VILLAGE,
    VILLAGE_HEAD,
    WORKSHOP,
    WORKSHOP_HAZARD,
    WORKSHOP_TASK,
    file,
)
from libs.contracts.sample_values.public_reporting import DISPUTED
from libs.contracts.sample_values.risk_grading import VERIFIED
from libs.contracts.sampling import Story, at

_LATE = Story(word="no post yet", born="2026-10-20 09:00", area_code=VILLAGE, sectors=HOUSING)
_DRAFT = Story(word="funds missing", born="2026-10-21 09:00", area_code=VILLAGE, sectors=HOUSING)
_MERGED = Story(word="of the merged hazard", born="2026-10-13 09:10", area_code=VILLAGE, sectors=HOUSING)
_REMINDER = Story(
    word="reminder of the notice",
    born="2026-10-19 09:00",
    area_code=VILLAGE,
    sectors=HOUSING,
    correlation=NOTICE.correlation_id,
)
_DUE = at("2026-10-23 00:00")


def _order(state: str, **changed: object) -> told.OrderFacts:
    facts = told.OrderFacts(
        state=state,
        kind="rectification_notice",
        hazard_id=HAZARD.id,
        risk_object_id=HOUSE.id,
        round=1,
        category="ebike_charging",
        entity=LANDLORD,
        issuing_post=POLICE_STATION,
        assigned_post=POLICE_STATION,
        due_at=_DUE,
        due_provisional=False,
        overdue=False,
    )
    return facts.model_copy(update=changed)


_TASK = {
    "kind": "task",
    "hazard_id": WORKSHOP_HAZARD.id,
    "risk_object_id": WORKSHOP.id,
    "category": "mixed_use_workshop",
    "entity": FIRM,
    "issuing_post": TOWNSHIP_DEPUTY,
    "assigned_post": TOWNSHIP_DEPUTY,
    "due_at": at("2026-11-20 00:00"),
}
_UNKNOWN = {"hazard_id": POSTLESS_HAZARD, "assigned_post": None}
_DRAFTED = {"hazard_id": FUNDLESS_HAZARD, "due_at": None}
_OTHER = {"hazard_id": DOUBLE.id}


SAMPLES = (
    NOTICE.tell(
        "2026-10-12 21:20",
        told.OrderIssued(order=_order("issued"), issued_at=at("2026-10-12 21:20")),
        post=POLICE_STATION,
        cause=VERIFIED,
        policy="deadline-1",
    ),
    NOTICE.tell(
        "2026-10-12 21:40",
        told.OrderServed(order=_order("served"), served_at=at("2026-10-12 21:40")),
        post=POLICE_STATION,
    ),
    _REMINDER.tell(
        "2026-10-19 09:00", told.OrderReminded(order_id=NOTICE.id, order=_order("served")), policy="deadline-1"
    ),
    NOTICE.tell(
        "2026-10-23 00:00",
        told.OrderEscalated(
            order=_order("served", overdue=True),
            step="supervision",
            act="supervision_notice",
            is_proposal=False,
            decided_by_posts=(),
            addressed_posts=(POLICE_HEAD, TOWNSHIP_DEPUTY),
            overdue_seconds=0,
            source="escalation-1 [DEF]",
        ),
        policy="escalation-1",
    ),
    NOTICE.tell(
        "2026-10-25 16:00",
        told.OrderRectified(
            order=_order("rectified", overdue=True),
            evidence=(file("separation", "2026-10-25 15:50"), file("detector", "2026-10-25 15:52")),
            rectified_at=at("2026-10-25 16:00"),
        ),
    ),
    NOTICE.tell(
        "2026-10-26 10:30",
        told.OrderClosed(order=_order("closed", overdue=True), closed_at=at("2026-10-26 10:30"), on_time=False),
        post=POLICE_STATION,
    ),
    NOTICE.tell(
        "2026-10-27 18:20:01",
        told.OrderDisputeDecided(order=_order("closed", overdue=True), words="楼梯口又停了两辆,没有隔离"),
        cause=DISPUTED,
    ),
    NOTICE.tell(
        "2026-10-27 21:00", told.OrderDisputeJoined(order=_order("closed", overdue=True), words="还是没有隔离")
    ),
    WORKSHOP_TASK.tell(
        "2026-11-04 15:30",
        told.OrderIssued(order=_order("issued", **_TASK), issued_at=at("2026-11-04 15:30")),
        post=TOWNSHIP_DEPUTY,
        policy="deadline-1",
    ),
    WORKSHOP_TASK.tell(
        "2026-11-04 17:00", told.OrderSignedFor(order=_order("signed_for", **_TASK)), post=TOWNSHIP_DEPUTY
    ),
    WORKSHOP_TASK.tell(
        "2026-11-10 09:00:01",
        told.OrderBroughtForward(
            order=_order("signed_for", **(_TASK | {"due_at": at("2026-11-15 00:00")})),
            reason="隐患升级为重大事故隐患",
        ),
    ),
    WORKSHOP_TASK.tell(
        "2026-11-12 11:00",
        told.OrderInspectionFailed(
            order=_order("signed_for", **(_TASK | {"round": 2})), reason="一层仍有电动自行车充电"
        ),
        post=GRID_MEMBER,
    ),
    WORKSHOP_TASK.tell(
        "2026-11-13 09:00",
        told.OrderExtended(
            order=_order("signed_for", **(_TASK | {"round": 2, "due_at": at("2026-11-20 00:00")})),
            reason="外迁宿舍签约中,经分管负责人批准",
        ),
        post=TOWNSHIP_DEPUTY,
    ),
    _LATE.tell(
        "2026-10-20 09:00",
        told.OrderUnassigned(order=_order("unassigned", **_UNKNOWN), gap="no_post_for_category_and_area"),
    ),
    _LATE.tell(
        "2026-10-21 14:00",
        told.OrderAssigned(
            order=_order("issued", **(_UNKNOWN | {"assigned_post": VILLAGE_HEAD, "kind": "task"})),
            unassigned_seconds=104_400,
        ),
    ),
    _LATE.tell(
        "2026-10-21 16:00",
        told.OrderReturned(
            order=_order("returned", **(_UNKNOWN | {"assigned_post": VILLAGE_HEAD, "kind": "task"})),
            reason="该处属工业园区管理,非本村职责",
        ),
        post=VILLAGE_HEAD,
    ),
    _LATE.tell(
        "2026-10-22 09:00",
        told.OrderDueRecounted(
            order=_order("returned", **(_UNKNOWN | {"due_at": at("2026-11-03 00:00")})),
            from_due_at=at("2026-11-02 00:00"),
            calendar_version="chinesecalendar-1.11.0+0a1b2c3d4e5f",
            reason="国务院办公厅公布年度放假安排",
        ),
    ),
    _DRAFT.tell(
        "2026-10-21 09:00",
        told.OrderDrafted(order=_order("drafted", **_DRAFTED), missing=("funds", "contingency")),
    ),
    _DRAFT.tell(
        "2026-10-21 11:00",
        told.OrderWithdrawn(order=_order("withdrawn", **_DRAFTED), reason="房屋已腾空拆除"),
        post=POLICE_STATION,
    ),
    _MERGED.tell(
        "2026-10-13 09:10", told.OrderIssued(order=_order("issued", **_OTHER), issued_at=at("2026-10-13 09:10"))
    ),
    _MERGED.tell("2026-10-13 09:15", told.OrderMoved(order=_order("issued"), from_hazard_id=_OTHER["hazard_id"])),
    _MERGED.tell("2026-10-13 09:20:01", told.OrderMerged(order=_order("merged_into", **_OTHER), into=NOTICE.id)),
)
