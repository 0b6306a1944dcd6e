"""Examples of chain templates and chain assignments in the API document."""

from __future__ import annotations

from services.responsibility_registry.examples import example

__all__ = [
    "ADOPT_TEMPLATE",
    "CHAIN_ASSIGNMENT_ROW",
    "CHAIN_COUNT",
    "CHAIN_LINK",
    "CHAIN_TEMPLATE",
    "END_CHAIN_ASSIGNMENT",
    "REPEAL_TEMPLATE",
    "example",
]
CHAIN_LINK = {
    "code": "section_chief", "zh": "路段长", "en": "Chief of the road section", "on": "unit", "most_grounds": 10,
    "source": "[DEF] 每段一人，每人至多 10 段",
}  # fmt: skip
CHAIN_COUNT = {
    "tier": "village", "link": "section_chief", "at_least": 1, "source": "[DEF] 有路段的村至少一名路段长",
}  # fmt: skip
CHAIN_TEMPLATE = {
    "area_code": "331002000000", "code": "mountain_road_chiefs", "edition": 1, "zh": "山区公路路长制",
    "en": "Chiefs of mountain roads", "sectors": ["traffic"], "category": "road_traffic", "hangs_on": "grid",
    "of": "road_section",
    "links": [
        {
            "code": "township_road_chief", "zh": "乡级路长", "en": "Township road chief", "on": "township",
            "post_tiers": ["township"], "at_most": None, "source": "[P] 区道安委 2026-7号",
        },
        CHAIN_LINK,
    ],
    "counts": [CHAIN_COUNT], "valid_from": "2027-01-01", "source": "[P] 区道安委 2026-7号:山区公路路长制",
}  # fmt: skip
ADOPT_TEMPLATE = {
    "area_code": "331002000000", "edition": 1, "valid_from": "2027-01-01",
    "source": "[P] 区森防指 2026-11号:森林防火五包责任制",
}  # fmt: skip
REPEAL_TEMPLATE = {"edition": 2, "valid_from": "2028-01-01", "source": "[P] 区森防指 2027-9号:责任制调整"}
CHAIN_ASSIGNMENT_ROW = {
    "template": "road_chiefs", "link": "township_road_chief", "area_code": "331002004000",
    "post_code": "331002004000-township_deputy", "document": "街道 2026-21号:路长名册", "valid_from": "2027-01-01",
}  # fmt: skip
END_CHAIN_ASSIGNMENT = {"at": "2027-06-30T16:00:00Z", "reason": "干部轮岗，由接任岗位承担"}
