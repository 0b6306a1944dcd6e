"""Samples of stop measures: a workshop is told to stop and defies it, its power is cut, and both are lifted."""

from __future__ import annotations

from libs.contracts import stop_measures as told
from libs.contracts.sample_values.cast import (
    EMERGENCY_BUREAU,
    INDUSTRY,
    TOWNSHIP_DEPUTY,
    WORKSHOP_TASK,
    WORKSHOP_VILLAGE,
    file,
    post,
)
from libs.contracts.sampling import Sample, Story, at, sample_id

_HEAD, _GRID_COMPANY = post("head of the county emergency bureau"), post("power supply company")
_SUPPLIER = sample_id("power supply company", at("2026-01-01 00:00"))
_PAPER = (file("written notice", "2026-11-21 10:00"),)


def _story(word: str, born: str) -> Story:
    return Story(
        word=word, born=born, area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY, correlation=WORKSHOP_TASK.correlation_id
    )


_STOP = _story("stop of the workshop", "2026-11-20 09:00")
_CUT = _story("power cut of the workshop", "2026-11-21 15:00")
_REFUSED = _story("stop that was refused", "2026-11-19 09:00")
_WITHDRAWN = _story("stop that was withdrawn", "2026-11-18 09:00")
_OF_STOP = told.StopFacts(
    order_id=WORKSHOP_TASK.id, kind="stop_business", state="proposed", about_measure_id=None,
    supplier_organization_id=None, effect_at=None, imminent=False,
)  # fmt: skip
_OF_CUT = _OF_STOP.model_copy(
    update={"kind": "power_cut", "about_measure_id": _STOP.id, "supplier_organization_id": _SUPPLIER}
)


def _is(facts: told.StopFacts, state: str, effect: str = "") -> told.StopFacts:
    return facts.model_copy(update={"state": state, "effect_at": at(effect) if effect else None})


def _proposed(story: Story, when: str, facts: told.StopFacts = _OF_STOP) -> Sample:
    return story.tell(
        when,
        told.StopMeasureProposed(
            measure=facts, words="拒不整改,仍在生产", risk="疏散通道被堵,存在群死群伤的现实危险", evidence=_PAPER
        ),
        post=EMERGENCY_BUREAU,
        policy="stop_measures-1",
    )


def _decided(story: Story, when: str, facts: told.StopFacts, effect: str) -> Sample:
    return story.tell(
        when,
        told.StopMeasureDecided(
            measure=_is(facts, "decided", effect),
            document="椒应急停〔2026〕5号",
            decided_by=_HEAD,
            words="同意",
            imminent="",
        ),
        post=_HEAD,
    )


_IN_FORCE, _CUT_AT = "2026-11-20 16:00", "2026-11-23 10:00"
SAMPLES = (
    _proposed(_STOP, "2026-11-20 09:00"),
    _decided(_STOP, "2026-11-20 11:00", _OF_STOP, _IN_FORCE),
    _STOP.tell(
        "2026-11-20 14:00",
        told.StopMeasureNotified(
            measure=_is(_OF_STOP, "decided", _IN_FORCE), to="firm", given_at=at("2026-11-20 13:50"), evidence=_PAPER
        ),
        post=EMERGENCY_BUREAU,
    ),
    _STOP.tell(
        "2026-11-21 09:00",
        told.StopMeasureExecuted(
            measure=_is(_OF_STOP, "defied", _IN_FORCE),
            carried_out=False,
            by=EMERGENCY_BUREAU,
            words="仍在生产",
            evidence=(file("machines that run", "2026-11-21 08:50"),),
        ),
        post=EMERGENCY_BUREAU,
    ),
    _proposed(_CUT, "2026-11-21 15:00", _OF_CUT),
    _decided(_CUT, "2026-11-21 17:00", _OF_CUT, _CUT_AT),
    _CUT.tell(
        "2026-11-22 09:00",
        told.StopMeasureNotified(
            measure=_is(_OF_CUT, "decided", _CUT_AT), to="supplier", given_at=at("2026-11-22 08:50"), evidence=_PAPER
        ),
        post=EMERGENCY_BUREAU,
    ),
    _CUT.tell(
        "2026-11-22 11:00",
        told.StopMeasureAcknowledged(
            measure=_is(_OF_CUT, "decided", _CUT_AT), by=_GRID_COMPANY, words="已收到,届时执行", evidence=()
        ),
        post=_GRID_COMPANY,
    ),
    _CUT.tell(
        "2026-11-23 14:00",
        told.StopMeasureLate(measure=_is(_OF_CUT, "decided", _CUT_AT), steps=("execute",)),
    ),
    _CUT.tell(
        "2026-11-23 15:00",
        told.StopMeasureExecuted(
            measure=_is(_OF_CUT, "executed", _CUT_AT),
            carried_out=True,
            by=_GRID_COMPANY,
            words="已拉闸上锁",
            evidence=(file("open switch", "2026-11-23 14:50"),),
        ),
        post=_GRID_COMPANY,
    ),
    _CUT.tell(
        "2026-11-26 10:00",
        told.StopMeasureLiftAsked(
            measure=_is(_OF_CUT, "executed", _CUT_AT),
            by=TOWNSHIP_DEPUTY,
            words="宿舍已全部外迁",
            lift_by=at("2026-12-01 00:00"),
        ),
        post=TOWNSHIP_DEPUTY,
    ),
    _CUT.tell(
        "2026-11-27 10:00",
        told.StopMeasureLifted(measure=_is(_OF_CUT, "lifted", _CUT_AT), by=_HEAD, words="隐患已消除,恢复供电"),
        post=_HEAD,
    ),
    _proposed(_REFUSED, "2026-11-19 09:00"),
    _REFUSED.tell(
        "2026-11-19 11:00",
        told.StopMeasureRefused(measure=_is(_OF_STOP, "refused"), reason="当日已自行停产"),
        post=_HEAD,
    ),
    _proposed(_WITHDRAWN, "2026-11-18 09:00"),
    _WITHDRAWN.tell(
        "2026-11-18 11:00",
        told.StopMeasureWithdrawn(measure=_is(_OF_STOP, "withdrawn"), by=_HEAD, reason="证据不足,重新调查"),
        post=_HEAD,
    ),
)
