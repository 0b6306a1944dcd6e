"""Samples of the catalogue of duties: a county adds a duty to the leaders' list, and repeals it two years later."""

from __future__ import annotations

from datetime import date

from libs.contracts import duty_items as told
from libs.contracts.sample_values.cast import COUNTY, post
from libs.contracts.sampling import Story

_OFFICE = post("county safety committee office")
_ENTERED = Story(word="rounds of rental houses", born="2026-12-01 09:00", area_code=COUNTY, sectors=("fire",))
_REPEALED = Story(word="rounds no longer asked", born="2028-12-01 09:00", area_code=COUNTY, sectors=("fire",))

SAMPLES = (
    _ENTERED.tell(
        "2026-12-01 09:00",
        told.DutyItemEntered(
            code="rental_house_rounds",
            edition=1,
            list="leaders",
            bearer="post",
            zh="每季度带队抽查出租房和电动自行车停放充电场所",
            en="Check rental houses and charging places each quarter",
            valid_from=date(2027, 1, 1),
            source="[P] 区安委办 2026-41号:居住出租房消防安全责任清单",
        ),
        post=_OFFICE,
    ),
    _REPEALED.tell(
        "2028-12-01 09:00",
        told.DutyItemRepealed(
            code="rental_house_rounds",
            edition=2,
            valid_from=date(2029, 1, 1),
            source="[P] 区安委办 2028-52号:清单修订",
        ),
        post=_OFFICE,
    ),
)
