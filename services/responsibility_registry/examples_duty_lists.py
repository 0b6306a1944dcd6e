"""Examples of duty lists, duty records and yearly work lists in the API document."""

from __future__ import annotations

from services.responsibility_registry.examples import example

__all__ = [
    "DUTY_ITEM",
    "DUTY_RECORD",
    "END_PAIRING",
    "PAIRING",
    "REPEAL_DUTY_ITEM",
    "RETURN_WORK_LIST",
    "REVISE_WORK_LIST",
    "WITHDRAW_RECORD",
    "WORK_LIST",
    "example",
]
_POST = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701"
_SUPERIOR = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c702"
_PHOTO = "01a13000-79e0-714e-b493-4270173b7a98"
DUTY_ITEM = {
    "area_code": "331002000000", "code": "rental_house_rounds", "edition": 1, "list": "leaders", "bearer": "post",
    "zh": "每季度带队抽查出租房和电动自行车停放充电场所",
    "en": "Check rental houses and charging places each quarter",
    "sectors": ["fire"], "tiers": ["township"], "links": ["township_deputy"], "valid_from": "2027-01-01",
    "source": "[P] 区安委办 2026-41号:居住出租房消防安全责任清单",
}  # fmt: skip
REPEAL_DUTY_ITEM = {
    "area_code": "331002000000", "edition": 2, "valid_from": "2028-01-01",
    "source": "[P] 区安委办 2027-52号:清单修订",
}  # fmt: skip
PAIRING = {
    "kind": "vulnerable_home", "post_id": _POST, "home_key": "H-2041", "area_code": "331002004208",
    "sectors": ["fire"], "valid_from": "2027-01-01", "document": "街道 2026-15号:重点住户结对名单",
}  # fmt: skip
END_PAIRING = {"at": "2027-06-30T16:00:00Z", "reason": "干部轮岗,由接任岗位另行结对"}
DUTY_RECORD = {
    "kind": "visit", "area_code": "331002004208", "done_at": "2026-10-12T02:00:00Z",
    "place": {"type": "Point", "coordinates": [121.405, 28.615]},
    "words": "走访三处出租房,当面讲清电动自行车不得入户",
    "values": {"problems_found": 1}, "evidence": [_PHOTO],
}  # fmt: skip
WITHDRAW_RECORD = {"reason": "误登到本岗位"}
_ITEMS = [
    {"words": "带队检查出租房", "times": 4, "due_on": "2026-12-20", "counts": ["check"], "needs_evidence": True},
    {"words": "参加安委会全体会议", "times": 4, "due_on": "2026-12-31", "counts": ["meeting"]},
]
WORK_LIST = {"post_id": _POST, "superior_post_id": _SUPERIOR, "year": 2026, "work_items": _ITEMS}
REVISE_WORK_LIST = {"work_items": _ITEMS[1:]}
RETURN_WORK_LIST = {"reason": "请增加夏季电动自行车专项检查"}
