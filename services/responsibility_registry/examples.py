"""Examples in the API document: what a reader can send as it stands, from the duties and the order of one street."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict


def example(body: dict[str, Any]) -> ConfigDict:
    """The configuration of a form that shows this body."""
    return ConfigDict(json_schema_extra={"examples": [body]})


_POST = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701"
_DEPUTY = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c702"
_GRID_POST = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c703"
_PHOTO = "01a13000-79e0-714e-b493-4270173b7a98"
AREA = {
    "code": "331002004208", "name": "某村(演示)", "level": "village", "parent_code": "331002004000",
    "valid_from": "2020-01-01",
}  # fmt: skip
RENAME_AREA = {"name": "某街道(演示)", "at": "2026-06-01", "document": "省政府批复 2026-18号:撤镇设街道"}
MERGE_AREA = {"into": "331002005000", "at": "2027-01-01", "document": "省政府批复 2026-31号:两街道合并"}
SPLIT_AREA = {
    "into": ["331002006000", "331002007000"], "at": "2027-01-01", "document": "省政府批复 2026-32号:分设两街道",
}  # fmt: skip
POST = {
    "id": _POST, "code": "331002004000-police_station", "name_zh": "派出所所长",
    "name_en": "Head of the police station", "kind": "police_station_head", "tier": "township",
    "area_code": "331002004000", "sectors": ["fire", "police"], "organization": "派出所",
}  # fmt: skip
_ORGANIZATION = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c711"
ORGANIZATION = {
    "id": _ORGANIZATION, "code": "331002000000-emergency_bureau", "name_zh": "区应急管理局(演示)",
    "name_en": "District emergency bureau (demonstration)", "kind": "department", "area_code": "331002000000",
    "credit_code": "11331002MB1234567J", "sectors": ["fire", "industry"], "valid_from": "2019-01-01",
}  # fmt: skip
END_ORGANIZATION = {"on": "2027-01-01", "reason": "机构改革,并入新单位"}
VACATE = {"substitute_post_id": _DEPUTY, "reason": "所长调任,新任未到"}
FILL = {"reason": "新任所长到岗"}
TENURE = {
    "post_id": _POST, "subject": "person-01a13000-79e0-714e-b493-4270173b7a98", "valid_from": "2026-07-31T16:00:00Z",
    "document": "任职通知 2026-31号",
}  # fmt: skip
END_TENURE = {"at": "2026-12-31T16:00:00Z", "reason": "轮岗"}
HAND_OVER = {
    "to": "person-01a13000-79e0-714e-b493-4270173b7a99", "at": "2026-12-31T16:00:00Z",
    "document": "交接单 2026-12号",
}  # fmt: skip
DUTY = {
    "post_id": _POST, "area_code": "331002004000", "categories": ["ebike_charging", "rental_house_fire"],
    "sectors": ["fire"], "link": "police_station", "valid_from": "2026-01-01", "clause": "责任清单 第12项",
}  # fmt: skip
DUTY_ROW = {
    "post_code": "331002004000-police_station", "area_code": "331002004000",
    "categories": ["ebike_charging", "rental_house_fire"], "sectors": ["fire"], "link": "police_station",
    "valid_from": "2026-01-01", "clause": "责任清单 第12项",
}  # fmt: skip
REASSIGN = {"post_id": _DEPUTY, "at": "2026-12-31T16:00:00Z", "reason": "所长调任,由副所长接任"}
BULK = {
    "questions": [
        {"category": "ebike_charging", "area_code": "331002004208"},
        {"category": "gas", "object_id": "01a13000-79e0-714e-b493-4270173b7a97", "at": "2026-12-05T16:00:00Z"},
    ],
    "known_at": "2026-12-06T16:00:00Z",
}  # fmt: skip
SIMULATE = {
    "area_code": "331002004000", "categories": ["ebike_charging", "rental_house_fire"],
    "changes": [{"kind": "vacate", "post_id": _POST, "substitute_post_id": _DEPUTY}],
}  # fmt: skip
END = {"at": "2026-12-31T16:00:00Z", "reason": "职责移交"}
_LINE = {"type": "LineString", "coordinates": [[121.431, 28.662], [121.436, 28.665]]}
POINT = {"type": "Point", "coordinates": [121.4286, 28.6614]}
GRID_PROPERTIES = {
    "code": "331002004000001R", "kind": "railway", "name": "铁路护路一段(演示)", "area_code": "331002004000",
    "buffer_m": 200,
}  # fmt: skip
GRID_ROW = {
    **GRID_PROPERTIES, "shape": '{"type": "LineString", "coordinates": [[121.431, 28.662], [121.436, 28.665]]}',
}  # fmt: skip
GRID = {**GRID_PROPERTIES, "geometry": _LINE, "document": "铁路护路网格划分方案 2026-3号"}
GRID_FEATURE = {"type": "Feature", "properties": GRID_PROPERTIES, "geometry": _LINE}
GRID_FEATURES = {"type": "FeatureCollection", "features": [GRID_FEATURE]}
REDRAW_GRID = {"geometry": _LINE, "buffer_m": 300, "at": "2026-12-31T16:00:00Z", "reason": "管护范围扩大"}
END_GRID = {"at": "2026-12-31T16:00:00Z", "reason": "并入护路二段"}
LOCATE_GRIDS = {"geometry": POINT, "crs": "GCJ02", "kinds": ["community", "railway"]}
_DAYS = [{"day": "2027-01-01", "workday": False}, {"day": "2027-02-20", "workday": True}]
YEAR = {"year": 2027, "days": _DAYS, "source": "[P] 国务院办公厅关于2027年部分节假日安排的通知"}
CORRECTION = {
    "days": _DAYS[:1], "source": "[P] 国务院办公厅关于调整2027年节假日安排的通知", "reason": "调休日取消",
}  # fmt: skip
_LETTER_SHA256 = "3e6fd8a0c6f6ff4c9e3a43c9f2a1b7a2f2c0f7f2c4a1d3b59b0b6a9d1b7f7d10"
LETTER = {
    "title": "2027年度出租房消防安全责任书",
    "text": "一、每季度至少走访辖区出租房一次。\n二、发现飞线充电当日上报并督促整改。",
    "to_post_id": _POST, "sectors": ["fire"], "valid_from": "2026-12-31T16:00:00Z",
    "valid_to": "2027-12-31T16:00:00Z", "sign_by": "2027-01-31T16:00:00Z",
}  # fmt: skip
SIGN_LETTER = {"text_sha256": _LETTER_SHA256}
SIGNED_ON_PAPER = {"evidence": [_PHOTO]}
RETURN_LETTER = {"reason": "辖区已调整,该片出租房不属本网格"}
DRAFT = {
    "kind": "rectification_notice", "category": "ebike_charging", "words": "楼梯口电动自行车飞线充电,限期整改",
    "entity": "房屋出租人", "area_code": "331002004208", "sectors": ["fire"],
}  # fmt: skip
ISSUE = {
    "responsible": "房屋出租人", "measures": "楼梯间硬隔离,加装独立式烟感", "funds_fen": 1_200_000,
    "contingency": "整改期间夜间断电,每晚巡查", "limit_days": 10,
}  # fmt: skip
SERVE = {"words": "当面送达,出租人签收", "evidence": [_PHOTO]}
RETURN = {"reason": "不属于本部门职责"}
EXTENSION = {"asked_by_post_id": _POST, "due_at": "2026-12-10T16:00:00Z", "reason": "硬隔离材料晚到三天"}
RECTIFY = {"words": "楼梯间已隔离,烟感已装", "evidence": [_PHOTO], "helped_by": [_GRID_POST]}
INSPECT = {"passed": True, "words": "现场复查,已消除", "evidence": [_PHOTO]}
ASK_PAUSE = {
    "ground": "disaster", "words": "台风登陆,全镇停工停产", "evidence": [_PHOTO], "until": "2026-12-05T16:00:00Z",
}  # fmt: skip
DECIDE_PAUSE = {"approved": True, "words": "情况属实,同意中止计时"}
RESUME = {"words": "台风警报已解除,复工"}
ASSISTANTS = {"assistants": [{"post_id": _DEPUTY, "words": "负责临时断电和夜间巡查"}]}
PART = {"words": "已断电,每晚巡查两次", "evidence": [_PHOTO]}
BATCH = {
    "category": "rental_house_fire", "words": "出租房夜间巡查一周", "area_code": "331002004000", "sectors": ["fire"],
    "responsible": "驻村干部", "measures": "每晚巡查两次,逐户登记", "funds_fen": 0, "contingency": "发现充电立即断电",
    "rows": [{"post_id": _DEPUTY, "area_code": "331002004208"}, {"post_id": _GRID_POST, "area_code": "331002004208"}],
}  # fmt: skip
STAGE = {"name": "硬隔离完成一半", "due_at": "2026-12-04T10:00:00Z"}
STAGE_REPORT = {"percent": 60, "words": "一至三层已隔离,四层材料到场", "evidence": [_PHOTO]}
PROGRESS = {"name": "材料进场", "percent": 20, "words": "隔离材料已到场", "evidence": [_PHOTO]}
DROP_STAGE = {"reason": "与下一阶段合并上报"}
RECOUNT = {"reason": "2027年节假日安排已公布"}
TRACE = {"known_at": "2026-12-05T16:00:00Z"}
LIABILITY_TRACE = {
    "about_kind": "hazard", "about_id": "01a13000-79e0-714e-b493-4270173b7a98",
    "purpose": "核查逾期未整改的责任链条",
}  # fmt: skip
CONCLUSION = {"conclusion": "措施均已决定,材料归档"}
DECISION = {"decision": "accepted", "words": "经研究同意挂牌", "starts_on": "2026-12-08"}
OBJECTION = {"objection": "起火点不在本辖区,请求复核"}
RENEWAL = {"words": "整治尚未达到验收标准,提请续期一年"}
REVOCATION = {"words": "异议理由成立"}
_INDICATOR = {
    "id": "on_time_rate", "zh": "按期整改率", "en": "Orders done by their due time", "formula": "on_time_share",
    "facts": {"kind": "order"}, "weight": 30, "direction": "higher", "target": 9000, "none_at": 6000,
    "source": "[P] 年度考核办法 附件1",
}  # fmt: skip
_VETO = {
    "id": "larger_fire", "zh": "较大火灾一票否决", "en": "A larger fire",
    "any_of": [
        {
            "facts": {"kind": "incident", "tags": ["12G"], "worst_ordinal": 3}, "span": "year", "at_least": 1,
            "zh": "本年较大以上火灾", "en": "larger fires this year",
        }
    ],
    "source": "[P] 年度考核办法 第九条",
}  # fmt: skip
EVALUATION_PACK = {
    "area_code": "331000000000", "code": "area_safety", "zh": "区域公共安全考核", "en": "Public safety of areas",
    "valid_from": "2027-01-01", "indicators": [_INDICATOR], "vetoes": [_VETO], "ties": "competition",
    "missing": "left_out", "minimum_sample": 20, "appeal_days": 7, "source": "[P] 市安委办 2027年度考核办法",
}  # fmt: skip
EVALUATION = {
    "name": "2026年四季度县区考核", "area_code": "331000000000", "pack_code": "area_safety", "body_kind": "areas",
    "among": "county", "first_day": "2026-10-01", "last_day": "2026-12-31",
}  # fmt: skip
RETURN_EVALUATION = {"reason": "两起火灾的等级尚未核定"}
WITHDRAW_EVALUATION = {"reason": "周期填写有误"}
APPEAL = {"body": "331002000000", "words": "该指令单已于期限内办结,系统登记延后", "evidence": [_PHOTO]}
APPEAL_DECISION = {"upheld": True, "exclude": [_POST], "words": "经核查属实,剔除后重新计算"}
TOUR = {
    "name": "2026年四季度全覆盖巡查", "area_code": "331000000000", "body_kind": "areas", "among": "county",
    "first_day": "2026-10-01", "last_day": "2026-12-31",
}  # fmt: skip
VISIT = {
    "tour_id": _POST, "body": "331002000000", "visited_at": "2026-11-12T02:00:00Z",
    "words": "查阅台账,抽查三处出租房",
    "evidence": [_PHOTO],
    "findings": [{"category": "rental_house_fire", "words": "两处出租房未装独立式烟感"}],
}  # fmt: skip
ORDER_FINDING = {"finding": 1, "entity": "房屋出租人", "area_code": "331002004208", "sectors": ["fire"]}
CONCLUDE_TOUR = {"conclusion": "九个县区全部走访,问题均已交办"}
