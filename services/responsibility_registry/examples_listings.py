"""Examples in the API document of listed supervision, of receipts of circular notices and of stop-work measures."""

from __future__ import annotations

_ORDER = "01a13000-79e0-714e-b493-4270173b7a99"
_POST = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701"
_PHOTO = "01a13000-79e0-714e-b493-4270173b7a98"
LISTING = {"order_id": _ORDER, "level": "county", "words": "重大火灾隐患,逾期未整改"}
ISSUE_LISTING = {
    "level": "county", "unit": "某塑料制品加工场(演示)", "unit_kind": "firm",
    "content": "清除一层停放充电的电动自行车,疏散住宿人员,恢复疏散通道", "document": "椒安督〔2026〕3号",
    "supervisor_post_id": _POST,
}  # fmt: skip
REFUSE_LISTING = {"reason": "隐患已移交省级挂牌"}
PUBLISH_LISTING = {
    "published_at": "2026-12-03T02:00:00Z", "where": "区政府网站、区广播电视台", "number": "椒安督〔2026〕3号",
    "words": "某塑料制品加工场(演示)存在住宿与生产合用的重大火灾隐患,现挂牌督办,限期整改。",
}  # fmt: skip
LISTING_PLAN = {
    "responsible": "加工场负责人", "measures": "外迁宿舍,封闭楼梯间,加装喷淋", "funds_fen": 30_000_000,
    "until": "2026-12-04T16:00:00Z", "contingency": "整改期间停止生产,村微型消防站夜间值守",
}  # fmt: skip
SUPERVISE_LISTING = {"words": "宿舍已外迁,喷淋正在安装", "evidence": [_PHOTO]}
ASK_LISTING_INSPECTION = {"words": "已按方案全部整改,申请验收", "evidence": [_PHOTO]}
INSPECT_LISTING = {"passed": True, "words": "现场验收,隐患已消除"}
DELIST = {"words": "经验收合格,现予摘牌"}
LOOK_BACK_LISTING = {"gone": True, "words": "回头看未发现反弹"}
PROPOSE_CONSEQUENCE = {"consequence": "interview", "words": "两次督导均无进展"}
DECIDE_CONSEQUENCE = {"number": 1, "accepted": True, "words": "同意约谈,由分管副区长主持"}
DECIDE_CIRCULAR = {"issued": True, "words": "予以通报,并抄送区消防救援大队", "also_to": []}
SIGN_CIRCULAR = {"words": "已收悉,三日内整改到位"}
STOP_MEASURE = {
    "order_id": _ORDER, "kind": "stop_business", "words": "拒不整改,仍在生产", "evidence": [_PHOTO],
    "risk": "住宿与生产合用,疏散通道被堵,存在群死群伤的现实危险",
}  # fmt: skip
DECIDE_STOP = {
    "document": "椒应急停〔2026〕5号", "words": "责令停产停业整顿", "effect_at": "2026-12-11T02:00:00Z",
    "imminent": "",
}  # fmt: skip
REFUSE_STOP = {"words": "当日已停止生产"}
NOTIFY_STOP = {
    "to": "firm", "given_at": "2026-12-10T02:00:00Z", "how": "当面送达,负责人签收", "evidence": [_PHOTO],
}  # fmt: skip
ACKNOWLEDGE_STOP = {"words": "已收到停止供电通知,届时执行", "evidence": [_PHOTO]}
EXECUTE_STOP = {"carried_out": True, "words": "已拉闸上锁", "evidence": [_PHOTO]}
