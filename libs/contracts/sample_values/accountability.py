"""Samples of accountability: the case of the workshop fire, and the measures that its triggers proposed."""

from __future__ import annotations

from datetime import date

from libs.contracts import accountability as told
from libs.contracts.sample_values.cast import (
    EMERGENCY_BUREAU,
    FIRM,
    INCIDENT,
    INDUSTRY,
    TOWNSHIP,
    WORKSHOP_TASK,
    WORKSHOP_VILLAGE,
    post,
)
from libs.contracts.sampling import Story, at, sample_id

_LEADING_GROUP = post("city leading group")
_AS_OF = at("2026-12-03 02:14:40")


def _story(word: str, born: str, area_code: str) -> Story:
    sectors = ("fire",) if area_code == TOWNSHIP else INDUSTRY
    return Story(word=word, born=born, area_code=area_code, sectors=sectors, correlation=INCIDENT.correlation_id)


_CASE = _story("case of the workshop fire", "2026-12-03 05:00", WORKSHOP_VILLAGE)
_LISTED = _story("township listed", "2026-12-03 05:00:02", TOWNSHIP)
_FINED = _story("firm fined", "2026-12-03 05:00:02", WORKSHOP_VILLAGE)
_CLOSED = _story("closure of the workshop", "2026-11-20 10:00:02", WORKSHOP_VILLAGE)
_STOPPED = _story("production stopped", "2026-12-03 05:00:02", WORKSHOP_VILLAGE)
_PENALTIES = tuple(sample_id(f"penalty {day}", at(day)) for day in ("2026-08-03", "2026-09-28", "2026-11-20"))
_TRACED = _story("trace of the order", "2026-12-10 09:00", WORKSHOP_VILLAGE)
_FIRES = tuple(sample_id(word, at(day)) for word, day in (("fire 1", "2026-10-18"), ("fire 2", "2026-11-09")))


def _listed(state: str, **changed: object) -> told.MeasureFacts:
    facts = told.MeasureFacts(
        case_id=_CASE.id,
        kind="township_listed",
        state=state,
        trigger="three_fires_one_quarter",
        subject_kind="township",
        subject_id=TOWNSHIP,
        subject_name="",
        authority="city_leading_group",
        effects=(
            told.MeasureEffect(code="listed_rectification", follows="place", post_kinds=()),
            told.MeasureEffect(
                code="promotion_freeze",
                follows="holders",
                post_kinds=("township_party_first", "township_government_first"),
            ),
        ),
        starts_at=None,
        ends_at=None,
        amount_fen=None,
        objection_until=None,
    )
    return facts.model_copy(update=changed)


def _fined(state: str) -> told.MeasureFacts:
    return _listed(
        state,
        kind="penalty_114",
        trigger="firm_with_a_fire",
        subject_kind="firm",
        subject_id=FIRM.name,
        subject_name=FIRM.name,
        authority="county_emergency_bureau",
        effects=(),
    )


def _closed(state: str) -> told.MeasureFacts:
    return _listed(
        state,
        kind="closure",
        trigger="repeated_penalties",
        subject_kind="firm",
        subject_id="91331002MA28G0000D",
        subject_name=FIRM.name,
        authority="county_government_first",
        effects=(told.MeasureEffect(code="closed", follows="firm", post_kinds=()),),
    )


def _stopped(state: str, **changed: object) -> told.MeasureFacts:
    stopped = told.MeasureEffect(code="production_stopped", follows="firm", post_kinds=())
    return _fined(state).model_copy(update={"kind": "production_stopped", "effects": (stopped,)} | changed)


_MONTH = {
    "starts_at": at("2026-12-04 00:00"),
    "ends_at": at("2027-01-04 00:00"),
    "objection_until": at("2027-02-02 00:00"),
}
_DECIDED = {
    "starts_at": at("2026-12-08 00:00"),
    "ends_at": at("2027-12-08 00:00"),
    "objection_until": at("2027-01-08 00:00"),
}

SAMPLES = (
    _CASE.tell(
        "2026-12-03 05:00", told.CaseOpened(cause="harm", incident_id=INCIDENT.id, as_of=_AS_OF), policy="facts-1"
    ),
    _CASE.tell(
        "2026-12-03 05:00:02",
        told.CaseTraced(
            trace_id=sample_id("trace", at("2026-12-03 05:00:02")),
            as_of=_AS_OF,
            known_at=_AS_OF,
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            order_ids=(WORKSHOP_TASK.id,),
            most_days_overdue=13,
        ),
    ),
    _LISTED.tell(
        "2026-12-03 05:00:02",
        told.MeasureProposed(
            measure=_listed("proposed"),
            facts=(*_FIRES, INCIDENT.id),
            explanation_zh="本季度同类火灾 3/3:已触发",
            explanation_en="fires of this class in the quarter: 3 of 3: met",
            source="[SEED] 一市做法:同一隐患一季度内发生三起火灾的,乡镇(街道)挂牌一年;异议期限 [DEF]",
        ),
        policy="triggers-1",
    ),
    _FINED.tell(
        "2026-12-03 05:00:02",
        told.MeasureProposed(
            measure=_fined("proposed"),
            facts=(INCIDENT.id,),
            explanation_zh="该企业火灾 1/1:已触发",
            explanation_en="fire in the firm: 1 of 1: met",
            source="[S] 安全生产法(2021)第一百一十四条",
        ),
        policy="triggers-1",
    ),
    _FINED.tell(
        "2026-12-03 06:10",
        told.MeasureAmended(measure=_fined("proposed"), min_fen=100_000_000, max_fen=200_000_000),
        policy="triggers-1",
    ),
    _FINED.tell(
        "2026-12-09 10:00",
        told.MeasureDecided(
            measure=_fined("refused"),
            accepted=False,
            decided_by=EMERGENCY_BUREAU,
            words="另案处理",
            valid_from=None,
            valid_to=None,
        ),
        post=EMERGENCY_BUREAU,
    ),
    _LISTED.tell(
        "2026-12-08 10:00",
        told.MeasureDecided(
            measure=_listed("accepted", **_DECIDED),
            accepted=True,
            decided_by=_LEADING_GROUP,
            words="市安全工作领导小组会议决定",
            valid_from=date(2026, 12, 8),
            valid_to=date(2027, 12, 7),
        ),
        post=_LEADING_GROUP,
    ),
    _LISTED.tell(
        "2026-12-20 09:00",
        told.MeasureObjected(
            measure=_listed("accepted", **_DECIDED), objection="两起火灾发生在街道辖区之外的飞地,请求复核"
        ),
    ),
    _LISTED.tell(
        "2027-01-20 09:00",
        told.MeasureRevoked(
            measure=_listed("revoked", **(_DECIDED | {"ends_at": at("2027-01-20 09:00")})), words="异议理由成立"
        ),
        post=_LEADING_GROUP,
    ),
    _CLOSED.tell(
        "2026-11-20 10:00:02",
        told.MeasureProposed(
            measure=_closed("proposed"),
            facts=_PENALTIES,
            explanation_zh="180日内处罚 3/3;一年内处罚 3/4:已触发",
            explanation_en="penalties in 180 days: 3 of 3; penalties in one year: 3 of 4: met",
            source="[S] 安全生产法(2021)第一百一十三条",
        ),
        policy="triggers-1",
    ),
    _CLOSED.tell(
        "2026-11-27 15:00",
        told.MeasureWithdrawn(
            measure=_closed("withdrawn"),
            why_zh="所依据的事实已撤销或更正",
            why_en="the facts that it rests on were revoked or corrected",
        ),
    ),
    _STOPPED.tell(
        "2026-12-03 05:00:02",
        told.MeasureProposed(
            measure=_stopped("proposed"),
            facts=(INCIDENT.id,),
            explanation_zh="该企业火灾 1/1:已触发",
            explanation_en="fire in the firm: 1 of 1: met",
            source="[SEED] 一市做法:发生火灾的企业停产一个月",
        ),
        policy="triggers-1",
    ),
    _STOPPED.tell(
        "2026-12-03 17:00",
        told.MeasureDecided(
            measure=_stopped("accepted", **_MONTH),
            accepted=True,
            decided_by=EMERGENCY_BUREAU,
            words="停产停业整顿一个月",
            valid_from=date(2026, 12, 4),
            valid_to=date(2027, 1, 3),
        ),
        post=EMERGENCY_BUREAU,
    ),
    _STOPPED.tell(
        "2026-12-15 09:00",
        told.MeasureDoubted(measure=_stopped("accepted", **_MONTH), void_facts=(INCIDENT.id,)),
    ),
    _STOPPED.tell("2027-01-04 00:00", told.MeasureEnded(measure=_stopped("accepted", **_MONTH))),
    _CASE.tell("2027-01-21 09:00", told.CaseConcluded(conclusion="措施均已决定,材料移送归档")),
    _TRACED.tell(
        "2026-12-10 09:00",
        told.LiabilityTraced(
            about_kind="order",
            about_id=WORKSHOP_TASK.id,
            as_of=_AS_OF,
            known_at=_AS_OF,
            sha256="60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
            order_ids=(WORKSHOP_TASK.id,),
            most_days_overdue=13,
        ),
        policy="trace-1",
    ),
)
