"""Examples in the API document: what a reader can send as it stands, from the night of one workshop fire."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict


def example(body: dict[str, Any]) -> ConfigDict:
    """The configuration of a form that shows this body."""
    return ConfigDict(json_schema_extra={"examples": [body]})


_DOOR = {"type": "Point", "coordinates": [121.418, 28.604]}
ALARM = {
    "source_id": "331002004219-D1/20261203T021400", "kind": "12G01", "place": _DOOR, "area_code": "331002004219",
    "device": "331002004219-D1", "zone": "Z1", "words": "一层感烟探测器报警",
    "occurred_at": "2026-12-02T18:14:00Z", "linked_group": ["B1", "B2", "B3"],
}  # fmt: skip
REASON = {"reason": "现场确认为另一处垃圾桶起火"}
INCIDENT = {
    "kind": "12G01", "area_code": "331002004219", "place": _DOOR, "place_words": "某村加工场",
    "occurred_at": "2026-12-02T18:10:00Z",
}  # fmt: skip
CASUALTIES = {"missing": 1, "serious": 1}
HARM = CASUALTIES | {"loss_fen": 120_000_000}
PRODUCTION = {"answer": "yes", "unit_learned_at": "2026-12-02T18:25:00Z"}
MOMENT = {"at": "2026-12-02T19:25:00Z"}
CLOSE = {"words": "明火已扑灭,无复燃可能"}
REPORT_MADE = {"clock": "phone_report", "told": "某县应急管理局值班室"}
SEND = {"capability": "rescue", "teams": 1}
DECLINE = {"reason": "水泵故障"}
ACKNOWLEDGE = {"at": "2026-12-02T18:33:00Z"}
ARRIVE = {"place": _DOOR}
EXCUSE = {"reason": "在省里开会,已委托副职"}
TEAM_ROW = {
    "id": "0b9c5b0e-54b1-5b5f-9d0a-6f6f8f3a2c11", "name": "某村微型消防站(演示)", "kind": "micro_station",
    "capabilities": ["fire", "evacuation"], "lon": 121.4225, "lat": 28.6068, "area_code": "331002004219",
    "turnout": "dispatch", "status": "free",
}  # fmt: skip
OUT_OF_SERVICE = {"reason": "车辆年检"}
EXPLANATION = {"key": "report:phone_report", "words": "电话占线"}
LESSON = {"words": "五分钟线:专职队驻点前移", "answers": [], "leads_to": "plan_revision"}
COMPLETE = {"explanations": [EXPLANATION], "lessons": [LESSON], "conclusion": "驻点前移,值班电话加线"}
