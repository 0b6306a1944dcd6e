"""Examples in the API document: the duty room of one street, its shifts, a swap and a note to the next shift."""

from __future__ import annotations

from typing import Any

from services.responsibility_registry.examples import example

__all__ = [
    "CHANGE_CONTACT", "CHANGE_ROSTER", "CONTACT", "HAND_OVER_SHIFT", "HOURS", "MEMBER", "PUBLISH", "REASSIGN_SHIFT",
    "ROSTER", "ROSTER_REASON", "ROTA", "SHIFT", "SWAP", "TERM", "example",
]  # fmt: skip
_DEPUTY = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c702"
_OTHER_DEPUTY = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c703"
_ROSTER = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c741"
_SHIFT = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c742"
_NEXT_SHIFT = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c743"
MEMBER = {"post_id": _DEPUTY}
HOURS = {"begins": "17:30", "ends": "08:30"}
ROTA = {
    "code": "leader", "role": "leader_on_duty", "days": "every_day", "hours": [{"begins": "08:30", "ends": "08:30"}],
    "turns": [[0], [1]], "needs": 1, "first_day": "2026-12-01",
}  # fmt: skip
_OFFICER = ROTA | {"code": "officer", "role": "duty_officer", "turns": [[1], [0]]}
TERM = {
    "first_day": "2026-09-01", "last_day": "2027-01-29",
    "breaks": [{"first_day": "2026-11-12", "last_day": "2026-11-13"}],
}  # fmt: skip
_RULE: dict[str, Any] = {
    "name": "街道应急值班室(演示)", "place": "街道办事处一楼 101 室",
    "members": [MEMBER, {"post_id": _OTHER_DEPUTY}], "rotas": [ROTA, _OFFICER],
}  # fmt: skip
ROSTER: dict[str, Any] = _RULE | {
    "kind": "duty_room", "area_code": "331002004000", "sectors": [], "stands_for": "room", "first_day": "2026-12-22",
}  # fmt: skip
CHANGE_ROSTER: dict[str, Any] = _RULE | {"reason": "增加一名带班领导"}
PUBLISH = {"to": "2027-01-10"}
ROSTER_REASON = {"reason": "值班室并入县应急指挥中心"}
SHIFT = {
    "roster_id": _ROSTER, "rota": "officer", "post_id": _DEPUTY, "begins_at": "2026-12-28T00:30:00Z",
    "ends_at": "2026-12-29T00:30:00Z", "reason": "台风期间加强值守",
}  # fmt: skip
REASSIGN_SHIFT = {"post_id": _OTHER_DEPUTY, "reason": "原值班员因公外出"}
HAND_OVER_SHIFT = {"to_shift_id": _NEXT_SHIFT, "note": "一、3 号泵站停电，已报电力，预计 21 时恢复；二、其余无异常。"}
SWAP = {"shift_id": _SHIFT, "with_shift_id": _NEXT_SHIFT, "reason": "家中有事，与王副主任对调"}
_WAYS = [
    {"kind": "telephone", "value": "0576-8888 0001"},
    {"kind": "telephone", "value": "0576-8888 0002", "begins": "17:30", "ends": "08:30"},
    {"kind": "radio", "value": "防汛 3 频道"},
]
CONTACT = {"post_id": _DEPUTY, "ways": _WAYS}
CHANGE_CONTACT = {"ways": _WAYS[:2], "reason": "电台频道调整"}
