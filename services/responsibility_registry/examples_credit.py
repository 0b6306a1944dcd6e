"""Examples of credit and the blacklist in the API document: a workshop that stands badly."""

from __future__ import annotations

from services.responsibility_registry.examples import example

__all__ = [
    "ASK", "ASK_REPAIR", "CHANGE_FIRM", "CODE", "CREDIT_PACK", "DECIDE", "DECIDE_REPAIR", "FACT", "FEEDBACK", "FIRM",
    "FIRM_ID", "OBJECT", "PROPOSE", "REVIEW", "REVOKE", "SERVE", "VOID_FACT", "WITHDRAW", "example",
]  # fmt: skip
CODE = "91331002MA2DEM000J"
FIRM_ID = "ef06bf63-c611-5a2d-9b32-62ad52b9ceca"
"""What the file of this code is called."""
_PAPER = "01a13000-79e0-714e-b493-4270173b7a98"
_BUREAU = "区应急管理局(演示)"
FIRM = {
    "credit_code": CODE, "name": "丁塑料制品有限公司(演示)", "area_code": "331002004208",
    "sectors": ["fire", "industry"], "party_ids": ["01a13000-79e0-714e-b493-4270173b7b22"],
}  # fmt: skip
CHANGE_FIRM = {name: value for name, value in FIRM.items() if name != "credit_code"}
FACT = {
    "firm_id": FIRM_ID, "kind": "commitment_broken", "tag": "safety_commitment", "at": "2026-10-20T02:00:00Z",
    "authority": _BUREAU, "document": "安全信用承诺核查记录 2026-7号", "words": "承诺的喷淋系统未安装",
}  # fmt: skip
VOID_FACT = {"reason": "核查对象有误,系同名企业"}
CREDIT_PACK = {
    "area_code": "331002000000", "zh": "本区企业安全信用评价", "en": "Safety credit of the district's firms",
    "valid_from": "2199-01-01", "base": 80,
    "bands": [
        {"grade": "A", "zh": "守信", "en": "trustworthy", "from_score": 90},
        {"grade": "B", "zh": "基本守信", "en": "mostly trustworthy", "from_score": 70},
        {"grade": "C", "zh": "失信", "en": "in breach", "from_score": 50},
        {"grade": "D", "zh": "严重失信", "en": "seriously in breach", "from_score": 0},
    ],
    "rules": [
        {
            "id": "order_overdue", "zh": "整改逾期", "en": "Notices overdue", "facts": {"kind": "order_overdue"},
            "window_days": 365, "points": -5, "most": 25, "source": "[DEF] 区信用办法(演示)",
        }
    ],
    "caps": [
        {
            "id": "blacklisted", "zh": "列入名单", "en": "On the blacklist", "facts": {"kind": "blacklisted"},
            "at_least": 1, "grade": "D", "source": "[S] 安全生产法(2021)第七十八条",
        }
    ],
    "period": "quarter", "public_grades": ["A", "D"],
    "consequences": [
        {
            "id": "twice_the_checks", "zh": "加倍检查频次", "en": "Checked twice as often", "way": "penalty",
            "grades": ["D"], "listed": True, "department": "emergency_bureau", "effect": "check_frequency",
            "factor_percent": 200, "source": "[S] 安全生产法(2021)第七十八条;倍数 [DEF]",
        }
    ],
    "listing": {
        "grounds": [
            {
                "id": "orders_overdue", "zh": "一年内三次整改逾期", "en": "Three notices overdue in a year",
                "facts": {"kind": "order_overdue"}, "window_days": 365, "at_least": 3, "months": 12,
                "source": "[DEF] 次数与期限",
            }
        ],
        "defence_days": 10, "defence_unit": "workday", "repair_after_months": 6, "removal_shown_days": 30,
        "source": "[DEF] 期限",
    },
    "source": "[DEF] 区信用办法(演示)",
}  # fmt: skip
ASK = {"credit_codes": [CODE]}
FEEDBACK = {
    "credit_code": CODE, "consequence": "usual_checks", "done_at": "2026-09-01T02:00:00Z",
    "document": "检查计划调整单 2026-3号", "words": "按常规频次编入四季度检查计划",
}  # fmt: skip
PROPOSE = {"firm_id": FIRM_ID, "ground": "commitments_broken", "words": "一年内两次违背安全信用承诺"}
SERVE = {"how": "direct", "words": "送达回证 2026-15号,法定代表人签收", "evidence": [_PAPER]}
OBJECT = {"words": "第二次核查时系统已安装,附验收记录", "evidence": [_PAPER]}
REVIEW = {"upheld": False, "words": "验收日期晚于核查日期,异议不成立"}
DECIDE = {"listed": True, "document": "列入决定书 2026-2号", "words": "事实清楚,程序完备"}
WITHDRAW = {"reason": "事实尚待核实"}
ASK_REPAIR = {"words": "已完成整改并通过验收,一年内无新的失信行为", "evidence": [_PAPER]}
DECIDE_REPAIR = {"granted": True, "document": "移出决定书 2026-4号", "words": "整改属实,同意提前移出"}
REVOKE = {"document": "撤销决定书 2026-1号", "reason": "所依据的事故责任认定已被撤销"}
