"""Examples in the API document: a task force of one street, its meeting and what was decided there."""

from __future__ import annotations

from services.responsibility_registry.examples import example

__all__ = [
    "CANCEL", "END_BODY", "FOUND", "HOLD", "MINUTES", "PLAN", "POSTPONE", "PROLONG", "SEAT", "TASK", "UNSEAT",
    "example",
]  # fmt: skip
_CHAIR = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c702"
_OFFICE = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c711"
_BODY = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c721"
_PAPER = "01a13000-79e0-714e-b493-4270173b7a98"
SEAT = {"party_id": _OFFICE, "party_kind": "organization", "part": "office"}
FOUND = {
    "kind": "task_force", "name_zh": "电动自行车整治工作专班(演示)",
    "name_en": "Task force on electric bicycles (demonstration)", "area_code": "331002004000", "sectors": ["fire"],
    "document": "街道安委会 2026-12号", "valid_to": "2027-06-30T16:00:00Z",
    "seats": [{"party_id": _CHAIR, "party_kind": "post", "part": "chair"}, SEAT],
}  # fmt: skip
UNSEAT = {"party_id": _OFFICE, "part": "office", "at": "2026-12-31T16:00:00Z", "reason": "办公室调整"}
PROLONG = {"until": "2027-12-31T16:00:00Z", "document": "街道安委会 2027-7号"}
END_BODY = {"reason": "整治任务完成"}
PLAN = {
    "body_id": _BODY, "kind": "regular", "title": "第四季度例会", "agenda": "听取整治进展,研究楼梯间充电问题",
    "place": "街道三楼会议室", "planned_at": "2026-12-10T06:00:00Z",
}  # fmt: skip
POSTPONE = {"planned_at": "2026-12-11T06:00:00Z", "reason": "与防汛会商冲突"}
CANCEL = {"reason": "并入全市会议"}
HOLD = {"held_at": "2026-12-10T06:00:00Z", "chaired_by": _CHAIR, "attended": [_CHAIR]}
MINUTES = {"words": "一、通报进展;二、议定楼梯间充电点一周内清零", "files": [_PAPER]}
TASK = {
    "words": "一周内清零楼梯间充电点", "category": "ebike_charging", "area_code": "331002004208", "sectors": ["fire"],
    "responsible": "派出所", "measures": "逐栋清查,设室外集中充电点", "funds_fen": 3_000_000,
    "contingency": "清查期间夜间巡逻", "limit_days": 7,
}  # fmt: skip
