"""Samples of the work on orders: a pause that was granted, one that was not, and reports on progress."""

from __future__ import annotations

from datetime import datetime

from libs.contracts import orders as told
from libs.contracts.responsibility_registry import OrderFacts, OrderIssued, OrderServed
from libs.contracts.sample_values.cast import (
    HOUSING,
    LANDLORD,
    POLICE_STATION,
    TOWNSHIP,
    TOWNSHIP_DEPUTY,
    VILLAGE,
    VILLAGE_HEAD,
    file,
)
from libs.contracts.sampling import Story, at, sample_id

_NOTICE = Story(word="notice in the typhoon", born="2026-11-20 09:00", area_code=VILLAGE, sectors=HOUSING)
_ASKED = Story(
    word="half of the separation", born="2026-11-20 10:00", area_code=VILLAGE, sectors=HOUSING,
    correlation=_NOTICE.correlation_id,
)  # fmt: skip
_DROPPED = Story(
    word="a stage too many", born="2026-11-20 10:05", area_code=VILLAGE, sectors=HOUSING,
    correlation=_NOTICE.correlation_id,
)  # fmt: skip
_BATCH = Story(word="night patrols", born="2026-11-21 10:00", area_code=TOWNSHIP, sectors=HOUSING)
_DUE, _LATER = at("2026-12-01 00:00"), at("2026-12-05 00:00")
_FROM, _UNTIL = at("2026-11-24 08:00"), at("2026-11-28 08:00")
_ORDER = OrderFacts(
    state="served", kind="rectification_notice", hazard_id=None, risk_object_id=None, round=1,
    category="rental_house_fire", entity=LANDLORD, issuing_post=POLICE_STATION, assigned_post=POLICE_STATION,
    due_at=_DUE, due_provisional=False, overdue=False,
)  # fmt: skip
_LONGER = _ORDER.model_copy(update={"due_at": _LATER})


def _stage(state: str, due_at: datetime, percent: int | None = None) -> told.StageFacts:
    return told.StageFacts(
        order_id=_NOTICE.id, name="硬隔离完成一半", state=state, due_at=due_at, percent=percent,
        assigned_post=POLICE_STATION, issuing_post=POLICE_STATION,
    )  # fmt: skip


SAMPLES = (
    _NOTICE.tell(
        "2026-11-20 09:00",
        OrderIssued(order=_ORDER.model_copy(update={"state": "issued"}), issued_at=at("2026-11-20 09:00")),
        post=POLICE_STATION,
    ),
    _NOTICE.tell(
        "2026-11-20 09:30", OrderServed(order=_ORDER, served_at=at("2026-11-20 09:30")), post=POLICE_STATION
    ),
    _NOTICE.tell(
        "2026-11-24 08:00",
        told.OrderPauseAsked(
            order=_ORDER,
            ground="disaster",
            words="台风登陆,全镇停工停产",
            evidence=(file("typhoon notice", "2026-11-24 07:50"),),
            from_at=_FROM,
            until=_UNTIL,
            asked_by=POLICE_STATION,
        ),
        post=POLICE_STATION,
    ),
    _NOTICE.tell(
        "2026-11-24 11:00",
        told.OrderPaused(
            order=_LONGER,
            ground="disaster",
            from_at=_FROM,
            until=_UNTIL,
            from_due_at=_DUE,
            reason="情况属实",
            evidence=(file("typhoon notice", "2026-11-24 07:50"),),
        ),
        post=TOWNSHIP_DEPUTY,
        policy="pauses-1",
    ),
    _NOTICE.tell(
        "2026-11-28 08:00",
        told.OrderResumed(order=_LONGER, from_at=_FROM, resumed_at=_UNTIL, early=False, reason=""),
    ),
    _NOTICE.tell(
        "2026-11-28 09:00",
        told.OrderPauseAsked(
            order=_LONGER,
            ground="permit",
            words="等待施工许可",
            evidence=(file("application", "2026-11-28 08:50"),),
            from_at=at("2026-11-28 09:00"),
            until=at("2026-12-03 09:00"),
            asked_by=POLICE_STATION,
        ),
        post=POLICE_STATION,
    ),
    _NOTICE.tell(
        "2026-11-28 15:00", told.OrderPauseRefused(order=_LONGER, reason="该项整改无须许可"), post=TOWNSHIP_DEPUTY
    ),
    _NOTICE.tell(
        "2026-11-28 16:00",
        told.OrderAssistantsNamed(order=_LONGER, assistants=(TOWNSHIP_DEPUTY, VILLAGE_HEAD)),
        post=POLICE_STATION,
    ),
    _NOTICE.tell("2026-11-28 17:00", told.OrderPartSignedFor(order=_LONGER, post=VILLAGE_HEAD), post=VILLAGE_HEAD),
    _NOTICE.tell(
        "2026-11-30 17:00",
        told.OrderPartReported(
            order=_LONGER,
            post=VILLAGE_HEAD,
            words="已断电,每晚巡查两次",
            evidence=(file("patrol of the night", "2026-11-30 16:50"),),
        ),
        post=VILLAGE_HEAD,
    ),
    _BATCH.tell(
        "2026-11-21 10:00",
        told.OrderBatchIssued(
            kind="task",
            category="rental_house_fire",
            refused=1,
            issued_by=TOWNSHIP_DEPUTY,
            orders=tuple(sample_id(f"night patrol {one}", at("2026-11-21 10:00")) for one in (1, 2)),
        ),
        post=TOWNSHIP_DEPUTY,
    ),
    _ASKED.tell("2026-11-20 10:00", told.StagePlanned(stage=_stage("planned", at("2026-11-29 18:00")))),
    _ASKED.tell("2026-11-29 18:00", told.StageMissed(stage=_stage("planned", at("2026-11-29 18:00")))),
    _ASKED.tell(
        "2026-11-30 09:00",
        told.StageReported(
            stage=_stage("reported", at("2026-11-29 18:00"), 50),
            words="一至三层已隔离",
            evidence=(file("half of the separation", "2026-11-30 08:50"),),
            reported_by=POLICE_STATION,
            late=True,
        ),
        post=POLICE_STATION,
    ),
    _DROPPED.tell("2026-11-20 10:05", told.StagePlanned(stage=_stage("planned", at("2026-11-25 18:00")))),
    _DROPPED.tell(
        "2026-11-21 09:00",
        told.StageDropped(stage=_stage("dropped", at("2026-11-25 18:00")), reason="与下一阶段合并上报"),
        post=POLICE_STATION,
    ),
)
