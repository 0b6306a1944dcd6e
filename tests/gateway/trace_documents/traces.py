"""A trace as the registry answers it: a grid post that found, an order that stood open, a link that nobody holds."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

TRACE_ID = UUID("01a13000-79e0-714e-b493-427017000007")
ORDER_ID = "01a13000-79e0-714e-b493-427017000008"
GRID_POST = "01a13000-79e0-714e-b493-427017000009"
FOUND = "一层电动自行车充电"


def entry(what: str, **changed: Any) -> dict[str, Any]:
    at = "2026-12-01T01:00:00Z"
    return {"who": GRID_POST, "what": what, "about": ORDER_ID, "at": at, "recorded_at": at, "words": FOUND} | changed


def order(number: str = "task-427017000008", **changed: Any) -> dict[str, Any]:
    told = {
        "order_id": ORDER_ID, "number": number, "words": FOUND, "who": GRID_POST,
        "issued_at": "2026-11-01T01:00:00Z", "due_at": "2026-11-20T01:00:00Z", "done_at": None,
        "recorded_at": "2026-11-01T01:00:00Z", "done_recorded_at": None,
    }  # fmt: skip
    return {"order": told | changed, "days_overdue": 12, "pressed": [entry("reminder")]}


def document(**changed: Any) -> dict[str, Any]:
    link = {
        "answerer": {"who": GRID_POST, "role": "grid_post", "tier": "village", "clause": "[S] 第四条"},
        "knew": [entry("delivered"), entry("reminder")], "orders": [order()], "did": [entry("inspected")],
        "exempts": [{"id": "found", "zh": "已发现并上报", "en": "Found and passed on", "source": "[DEF]"}],
    }  # fmt: skip
    told: dict[str, Any] = {
        "as_of": "2026-12-02T18:14:40Z", "known_at": "2026-12-02T18:14:40Z", "links": [link], "orders": [order()],
        "policy_version": "1", "area_code": "331002004208", "truncated": ["acts"],
        "order": {"id": ORDER_ID, "kind": "task", "words": FOUND},
        "risk_object": {"id": "01a13000-79e0-714e-b493-427017000001", "name": "加工场(演示)"},
        "chain": {
            "category": "comprehensive", "policy_version": "1", "basis": "known_then", "further_categories": [],
            "gaps": [{"role": "township_deputy", "tier": "township", "sector": None, "why": "no_duty", "clause": ""}],
            "stands_in": [],
        },
        "posts": {GRID_POST: {"zh": "网格三号岗", "en": "Grid post three", "kind": "grid_post"}},
    }  # fmt: skip
    return told | changed


def trace(told: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answer of `/v1/liability-traces/{id}`."""
    found = told or document()
    return {
        "id": str(TRACE_ID), "about_kind": "order", "about_id": ORDER_ID, "as_of": found["as_of"],
        "known_at": found["known_at"], "made_at": "2026-12-03T00:00:00Z", "policy_version": "1", "later_rows": 2,
        "sha256": sha256(orjson.dumps(found, option=orjson.OPT_SORT_KEYS)).hexdigest(), "document": found,
    }  # fmt: skip
