"""Another city, small enough to break on purpose: one county, two townships, three villages, six posts' kinds."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

REGIONS = """code,name,level,parent_code
110000000000,甲省,province,
110100000000,乙市,city,110000000000
110101000000,丙区,county,110100000000
110101001000,丁街道,township,110101000000
110101001001,戊社区,village,110101001000
110101001201,己村委会,village,110101001000
110101100000,庚镇,township,110101000000
110101100201,辛村村委会,village,110101100000
"""
TOWNSHIP, OTHER_TOWNSHIP, VILLAGE = "110101001000", "110101100000", "110101001201"
SQUARE = [[[100.0, 30.0], [100.2, 30.0], [100.2, 30.2], [100.0, 30.2], [100.0, 30.0]]]

CITY: dict[str, Any] = {
    "code": "110100000000",
    "name_zh": "乙市",
    "name_en": "Yi",
    "timezone": "Asia/Shanghai",
    "seed": 7,
    "fiction": {"zh": "虚构", "en": "invented"},
    "areas_valid_from": "2023-01-01",
    "duties_valid_from": "2026-01-01",
    "sizes": {"teams": 1, "risk_objects": 3},
    "required_posts": {"county": ["bureau"], "township": ["head"], "village": ["grid"]},
    "handling_links": ["grid_post", "township_government_first", "sector_supervisor"],
    "gaps": [{"area_code": VILLAGE, "category": "gas", "zh": "无人认领", "en": "nobody claims it"}],
    "vacancies": [
        {
            "kind": "grid",
            "area_code": VILLAGE,
            "substitute": {"kind": "grid", "area_code": "110101001001"},
            "zh": "空缺",
            "en": "vacant",
        }
    ],
}
POSTS: dict[str, Any] = {
    "short_names": [["村村委会", "村"], ["村委会", "村"]],
    "stems": [["街道", ""], ["镇", ""]],
    "words": [
        {"tier": "township", "segment": [1, 99], "values": {"town_head": "主任"}},
        {"tier": "township", "segment": [100, 199], "values": {"town_head": "镇长"}},
    ],
    "posts": [
        {"kind": "bureau", "tier": "county", "zh": "{name}局", "en": "Bureau, {en}", "organization": "{name}局"},
        {"kind": "head", "tier": "township", "zh": "{name}{town_head}", "en": "Head, {en}", "organization": "{name}"},
        {"kind": "grid", "tier": "village", "zh": "{short}网格", "en": "Grid, {en}", "organization": "{township}"},
    ],
}
DUTIES: list[dict[str, Any]] = [
    {"post": "grid", "link": "grid_post", "clause": "规范 [M-H]"},
    {"post": "head", "link": "township_government_first", "clause": "规定 [P]"},
    {"post": "bureau", "link": "sector_supervisor", "clause": "法 [S]"},
]
TEAMS: list[dict[str, Any]] = [
    {"kind": "station", "at": "stations", "turnout": "dispatch", "name": "{stem}站", "capabilities": ["fire"]}
]
OBJECTS: dict[str, Any] = {
    "firm_words": {"firm": ["子", "丑"]},
    "types": [
        {
            "type": "house",
            "count": 2,
            "category": "rental_house_fire",
            "sectors": ["fire"],
            "name": "{short}{n}号",
            "role": "owner",
            "entity": "业主",
            "attributes": [{"key": "floors", "between": [1, 6]}, {"key": "lift", "one_of": [True, False]}],
        }
    ],
    "named": [
        {
            "key": "first",
            "type": "house",
            "category": "rental_house_fire",
            "sectors": ["fire"],
            "area_code": VILLAGE,
            "lon": 100.1,
            "lat": 30.1,
            "name": "头一户",
            "address": "己村",
            "role": "owner",
            "entity": "业主",
            "attributes": {"floors": 2},
        }
    ],
}
POST_ROLES: dict[str, Any] = {
    "label": "1", "source": "[DEF] test", "rows": [{"kind": "grid_post", "role": "grid_member"}],
}  # fmt: skip
CLIENTS: list[dict[str, Any]] = [
    {
        "client_id": "grid-app",
        "kind": "app",
        "zh": "网格端",
        "en": "Grid app",
        "subjects": [
            {
                "subject": "grid",
                "post": ["grid", VILLAGE],
                "grants": [{"role": "grid_member", "area_code": TOWNSHIP}],
                "teams": [["station", TOWNSHIP]],
                "objects": ["first"],
            }
        ],
    }
]
PLACES: dict[str, Any] = {
    "anchors": [{"area_code": TOWNSHIP, "lon": 100.05, "lat": 30.05}],
    "sets": {"stations": [TOWNSHIP]},
}
SHAPES: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "110101000000",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": SQUARE},
        }
    ],
}


def files() -> dict[str, Any]:
    """The files of a sound city by name, free to be changed: CSV as text, the rest as JSON values."""
    return deepcopy(
        {
            "regions.csv": REGIONS,
            "names_en.csv": "code,name_en\n110101000000,Bing District\n",
            "counties.geojson": SHAPES,
            "city.json": CITY,
            "places.json": PLACES,
            "posts.json": POSTS,
            "duties.json": DUTIES,
            "teams.json": TEAMS,
            "objects.json": OBJECTS,
            "clients.json": CLIENTS,
            "post_roles.json": POST_ROLES,
        }
    )


def written(folder: Path, contents: dict[str, Any]) -> Path:
    """The folder, with the files in it."""
    for name, content in contents.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
