"""Examples in the API document: what a reader can send as it stands, from the story of one rental house."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict


def example(body: dict[str, Any]) -> ConfigDict:
    """The configuration of a form that shows this body."""
    return ConfigDict(json_schema_extra={"examples": [body]})


_PHOTO = "01a13000-79e0-714e-b493-4270173b7a98"
_OBJECT = {
    "type": "rental_house", "name": "某村出租房(演示)", "address": "某区某街道某村(演示门牌)",
    "area_code": "331002004208", "sectors": ["fire", "housing"],
    "responsible_entity": {"role": "landlord", "name": "房屋出租人"},
    "attributes": {"floors": 4, "tenants": 12, "stairs": 1, "hard_separation": False},
}  # fmt: skip
OBJECT = _OBJECT | {"place": {"type": "Point", "coordinates": [121.405, 28.615]}}
OBJECT_ROW = _OBJECT | {"id": "019cac0f-2680-70ff-8483-e3abf511bded", "lon": 121.405, "lat": 28.615}
OBJECT_PATCH = {"attributes": {"tenants": 9, "stairs": None}}
OBJECT_END = {"reason": "房屋已拆除"}
ASSESSMENT = {"pack": "lec", "inputs": {"L": 6, "E": 6, "C": 40}, "reason": "new_evidence"}
VERIFY = {
    "severity": "ordinary", "basis": "一般隐患:可限期整改", "handling": "within_limit",
    "words": "四层一梯,楼梯间无硬隔离",
    "proposal": {
        "responsible": "房屋出租人", "measures": "楼梯间硬隔离,加装独立式烟感", "funds_fen": 1_200_000,
        "limit_days": 10, "contingency": "整改期间夜间断电,每晚巡查",
    },
    "evidence": [_PHOTO],
}  # fmt: skip
FIX = {
    "words": "已断电,电动自行车移至室外", "before_evidence": [_PHOTO],
    "after_evidence": ["01a13006-3aa0-7b0c-9f0e-1f2f2a0e7c11"],
}  # fmt: skip
PART = {"words": "楼梯间无硬隔离", "category": "rental_house_fire"}
DISMISS = {"reason": "现场核查:充电设施在室外棚内,符合要求"}
BASIS = {"basis": "楼上住宿6人,符合重大事故隐患判定标准"}
PLAN = {
    "goal": "消除住宿与生产混用", "measures": "搬离住宿人员,拆除隔间", "funds_fen": 8_000_000,
    "organisation": "街道办事处", "until": "2027-01-03", "contingency": "整改期间停用,专人值守",
}  # fmt: skip
MERGE = {"into": "01a13000-79e0-714e-b493-4270173b7a98"}
LOOK_BACK = {"gone": True, "words": "夜间巡查未见充电", "evidence": [_PHOTO]}
REOPEN = {"words": "夜间巡查再次发现楼道充电"}
WARNING = {
    "source": "fire_iot", "source_id": "331002004219-D1/20261203T021330", "kind": "12G01", "level": 1,
    "headline": "加工场一层温度2分钟内上升40℃", "area_code": "331002004219", "sectors": ["fire"],
    "place": {"type": "Point", "coordinates": [121.418, 28.604]}, "raised_at": "2026-12-02T18:13:30Z",
}  # fmt: skip
