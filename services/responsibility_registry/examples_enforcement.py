"""Examples in the API document: a workshop's third penalty about a major hazard, and what follows from it."""

from __future__ import annotations

__all__ = [
    "COMMENDATION", "CONCLUDE_LEAD", "CORRECTION", "END_LINK", "FACT", "FORWARD_LEAD", "LEAD", "LINK", "RECEIVE_LEAD",
    "REFUSE_LEAD", "REVOCATION", "REVOKE_COMMENDATION",
]  # fmt: skip
_SAID = {
    "kind": "penalty", "credit_code": "91331002MA28G0000D", "firm_name": "某塑料制品加工场(演示)",
    "decided_on": "2026-03-20", "law": "中华人民共和国安全生产法", "article": "第一百零二条", "major_hazard": True,
    "amount_fen": 5_000_000, "area_code": "331002004208", "sectors": ["fire"], "category": "mixed_use_workshop",
    "words": "车间违规住人,未采取措施消除重大事故隐患",
}  # fmt: skip
FACT = {
    **_SAID, "authority_code": "331002000000-emergency_bureau", "decision_number": "(椒)应急罚〔2026〕15号",
}  # fmt: skip
CORRECTION = {
    **_SAID, "amount_fen": 4_500_000, "document": "(椒)应急罚更〔2026〕2号", "reason": "罚款金额录入有误",
}  # fmt: skip
REVOCATION = {"document": "(2027)浙1002行终3号", "reason": "判决撤销该处罚决定"}
LINK = {
    "relation": "tenant_of", "from_kind": "firm", "from_id": "91331002MA28G0000D",
    "from_name": "某塑料制品加工场(演示)", "to_kind": "firm", "to_id": "91331002MA2AB1234X",
    "to_name": "某工业园管理有限公司(演示)", "area_code": "331002004208", "sectors": ["fire", "industry"],
    "valid_from": "2026-01-01", "document": "厂房租赁合同 2026-08号",
}  # fmt: skip
END_LINK = {"reason": "租赁期满,不再续租"}
_ORGANIZATION = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c711"
_POST = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c702"
LEAD = {
    "kind": "other_department", "title": "加工场违规住人线索",
    "grounds": "消防检查中发现车间夹层住人,疑似未办理用工登记,现移送核查处理。", "to_organization_id": _ORGANIZATION,
    "area_code": "331002004208", "sectors": ["fire"],
}  # fmt: skip
RECEIVE_LEAD = {"document": ""}
REFUSE_LEAD = {"reason": "不属于本部门职责,也不掌握应由哪个部门办理"}
FORWARD_LEAD = {"to_organization_id": _ORGANIZATION, "reason": "属应急管理部门职责"}
CONCLUDE_LEAD = {"outcome": "dealt_with", "words": "已责令清退夹层住宿人员,立案处罚另行录入"}
COMMENDATION = {
    "honour": "消防安全先进岗位", "level_ordinal": 2, "authority_code": "331002000000-emergency_bureau",
    "decision_number": "椒应急〔2026〕8号", "honoured_kind": "post", "honoured_id": _POST,
    "words": "连续三年辖区出租房零火灾", "area_code": "331002004000", "sectors": ["fire"],
    "awarded_on": "2026-02-10", "valid_from": "2026-02-10", "valid_to": "2029-02-10",
}  # fmt: skip
REVOKE_COMMENDATION = {"document": "椒应急〔2026〕31号", "reason": "材料不实"}
