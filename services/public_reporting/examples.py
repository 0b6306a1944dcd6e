"""Examples in the API document: what a reader can send as it stands, from the story of one stairwell."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict


def example(body: dict[str, Any]) -> ConfigDict:
    """The configuration of a form that shows this body."""
    return ConfigDict(json_schema_extra={"examples": [body]})


REPORT = {
    "category": "ebike_charging", "words": "楼梯口4辆电瓶车飞线充电,楼上十几人", "area_code": "331002004208",
    "place": {"type": "Point", "coordinates": [121.41, 28.62], "crs": "GCJ02"}, "place_words": "丁村出租房一楼",
}  # fmt: skip
ACCEPT = {
    "category": "ebike_charging", "area_code": "331002004208", "sectors": ["fire", "housing"], "life_at_risk": True,
}  # fmt: skip
REJECT = {"reason": "与已受理的举报为同一隐患,已并案办理"}
TRANSFER = {"to": "乙区综合行政执法局", "reason": "路灯损坏,属市政设施管理职责"}
ANSWER = {"words_zh": "已派网格员今晚到场核查", "words_en": "A grid member will look at it tonight"}
DISPUTE = {"words": "楼梯口又停了两辆,没有隔离"}
