"""Samples of inspection tours: a county's townships are visited, one finding becomes an order, the tour ends."""

from __future__ import annotations

from datetime import date

from libs.contracts import inspection_tours as told
from libs.contracts.sample_values.cast import COUNTY, TOWNSHIP, file, post
from libs.contracts.sampling import Story, at, sample_id

_INSPECTORS = post("county safety committee office")
_TOUR = Story(word="tour of the fourth quarter", born="2026-10-09 09:00", area_code=COUNTY)
_VISIT = Story(
    word="visit to the township", born="2026-11-12 10:00", area_code=TOWNSHIP, correlation=_TOUR.correlation_id
)

SAMPLES = (
    _TOUR.tell(
        "2026-10-09 09:00",
        told.TourPlanned(
            name="2026年四季度全覆盖巡查",
            bodies=(TOWNSHIP, "331002005000"),
            first_day=date(2026, 10, 10),
            last_day=date(2026, 12, 31),
        ),
        post=_INSPECTORS,
    ),
    _VISIT.tell(
        "2026-11-12 16:00",
        told.VisitRecorded(
            tour_id=_TOUR.id,
            body=TOWNSHIP,
            visited_at=at("2026-11-12 10:00"),
            by_post=_INSPECTORS,
            findings=(told.FindingFacts(number=1, category="rental_house_fire", words="两处出租房未装独立式烟感"),),
            evidence=(file("ledger of the township", "2026-11-12 10:30"),),
        ),
        post=_INSPECTORS,
    ),
    _VISIT.tell(
        "2026-11-13 09:00",
        told.FindingOrdered(
            tour_id=_TOUR.id,
            body=TOWNSHIP,
            number=1,
            order_id=sample_id("order of the finding", at("2026-11-13 09:00")),
        ),
        post=_INSPECTORS,
    ),
    _TOUR.tell(
        "2026-12-18 17:00",
        told.TourConcluded(planned=2, visited=1, findings=1, conclusion="一个街道因台风延至明年一季度"),
        post=_INSPECTORS,
    ),
)
