"""Samples of what risk grading tells of risk objects, their grades, and warnings."""

from __future__ import annotations

from libs.contracts import risk_grading as told
from libs.contracts.sample_values.cast import (
    FIRM,
    GRID_MEMBER,
    HOUSE,
    HOUSING,
    INDUSTRY,
    LANDLORD,
    STAIRWELL,
    VILLAGE,
    WORKSHOP,
    WORKSHOP_DOOR,
    WORKSHOP_VILLAGE,
)
from libs.contracts.sampling import Story, at, sample_id
from libs.contracts.values import Point

_GRADING = Story(word="LEC of the house", born="2026-10-12 20:50", area_code=VILLAGE, sectors=HOUSING)
_TORN_DOWN = Story(word="shed torn down", born="2026-03-02 09:10", area_code=VILLAGE, sectors=HOUSING)
_WARNING = Story(word="rain above a town", born="2026-08-11 15:40", area_code="331003101000", sectors=("water",))


def _house(ordinal: int | None, colour: str | None) -> told.RiskObjectState:
    return told.RiskObjectState(
        type="rental_house",
        name="丁村12号出租房(演示)",
        address="甲市乙区丙街道丁村12号",
        lon=STAIRWELL.lon,
        lat=STAIRWELL.lat,
        area_code=VILLAGE,
        sectors=HOUSING,
        entity=LANDLORD,
        attributes={"floors": 4, "tenants": 12, "stairs": 1, "hard_separation": False},
        ordinal=ordinal,
        colour=colour,
    )


def _workshop(ordinal: int | None, colour: str | None) -> told.RiskObjectState:
    return told.RiskObjectState(
        type="workshop",
        name="戊村塑料制品加工场(演示)",
        address="甲市乙区丙街道戊村",
        lon=WORKSHOP_DOOR.lon,
        lat=WORKSHOP_DOOR.lat,
        area_code=WORKSHOP_VILLAGE,
        sectors=INDUSTRY,
        entity=FIRM,
        attributes={"floors": 3, "residents": 6, "storage": True},
        ordinal=ordinal,
        colour=colour,
    )


WORKSHOP_REGISTERED = WORKSHOP.tell("2026-03-02 09:05", told.RiskObjectRegistered(state=_workshop(None, None)))

SAMPLES = (
    HOUSE.tell("2026-03-02 09:00", told.RiskObjectRegistered(state=_house(None, None)), post=GRID_MEMBER),
    HOUSE.tell("2026-10-12 20:48", told.RiskObjectChanged(state=_house(None, None)), post=GRID_MEMBER),
    HOUSE.tell(
        "2026-10-12 20:50:02",
        told.RiskObjectGraded(
            state=_house(1, "red"),
            assessment_id=sample_id("LEC of the house", at("2026-10-12 20:50")),
            pack="lec",
            pack_version="lec-1",
            reason="L 6 × E 6 × C 40 = 1440 > 320",
        ),
        policy="lec-1",
    ),
    WORKSHOP_REGISTERED,
    _WARNING.tell(
        "2026-08-11 15:40",
        told.WarningRaised(
            source="rain_gauge",
            source_id="NX-R-03/20260811T154000",
            kind="11A51",
            ordinal=1,
            colour="red",
            headline="己镇 1 小时降雨 92 毫米,山洪红色预警",
            place=Point(lon=121.012, lat=28.571),
            risk_object_id=None,
            raised_at=at("2026-08-11 15:40"),
        ),
    ),
    HOUSE.tell("2026-11-01 03:00", told.RiskObjectStated(state=_house(1, "red"))),
    _GRADING.tell(
        "2026-10-12 20:50:01",
        told.AssessmentMade(
            object_id=HOUSE.id,
            reason="new_evidence",
            caused_by=None,
            pack="lec",
            pack_version="1",
            pack_digest="a" * 64,
            inputs={"L": "6", "E": "6", "C": "40"},
            product="1440",
            band="A",
            ordinal=1,
            colour="red",
            scale="risk_control",
            fingerprint="b" * 64,
            previous_id=None,
            course="first",
        ),
        post=GRID_MEMBER,
        policy="lec-1",
    ),
    _TORN_DOWN.tell("2026-03-02 09:10", told.RiskObjectRegistered(state=_house(None, None))),
    _TORN_DOWN.tell(
        "2026-12-21 10:00",
        told.RiskObjectEnded(
            state=_house(None, None).model_copy(update={"ended": True}),
            ended_at=at("2026-12-21 10:00"),
            reason="已拆除",
        ),
        post=GRID_MEMBER,
    ),
)
