"""Samples of chains of contact responsibility: a county adopts the five contacts of forest fire, and repeals them two
years later; a leader has charge of a township for some months."""

from __future__ import annotations

from datetime import date
from typing import Any

from libs.contracts import chain_templates as told
from libs.contracts.sample_values.cast import COUNTY, TOWNSHIP, post
from libs.contracts.sampling import Story, at

_OFFICE, _LEADER = post("county forest fire office"), post("county deputy for forests")
_FORESTRY = ("forestry",)
_ADOPTED = Story(word="five contacts of forest fire", born="2026-09-01 09:00", area_code=COUNTY, sectors=_FORESTRY)
_REPEALED = Story(word="five contacts no longer", born="2028-09-01 09:00", area_code=COUNTY, sectors=_FORESTRY)
_CHARGE = Story(word="leader of a township", born="2026-09-05 10:00", area_code=TOWNSHIP, sectors=_FORESTRY)


def _charge(**changes: Any) -> told.ChainAssignmentFacts:
    said: dict[str, Any] = {
        "template": "forest_five_plots", "link": "county_leader", "unit_id": None, "post_id": _LEADER,
        "superior_post_id": None, "households": None, "document": "区森防指 2026-11号:五包责任名册",
        "valid_from": at("2026-10-01 00:00"), "valid_to": None,
    }  # fmt: skip
    return told.ChainAssignmentFacts(**(said | changes))


SAMPLES = (
    _ADOPTED.tell(
        "2026-09-01 09:00",
        told.ChainTemplateEntered(
            code="forest_five_plots", edition=1, zh="森林防火五包（林班地块网格）",
            en="Five contacts of forest fire, by plots drawn as grids", hangs_on="grid", of="forest_plot",
            links=("city_leader", "county_leader", "township_cadre", "village_cadre", "ranger"),
            valid_from=date(2026, 10, 1), source="[P] 区森防指 2026-11号:森林防火五包责任制",
        ),
        post=_OFFICE,
    ),
    _REPEALED.tell(
        "2028-09-01 09:00",
        told.ChainTemplateRepealed(
            code="forest_five_plots", edition=2, valid_from=date(2028, 10, 1),
            source="[P] 区森防指 2028-9号:责任制调整",
        ),
        post=_OFFICE,
    ),
    _CHARGE.tell("2026-09-05 10:00", told.ChainAssignmentBegun(assignment=_charge()), post=_OFFICE),
    _CHARGE.tell(
        "2026-09-06 10:00",
        told.ChainAssignmentChanged(assignment=_charge(document="区森防指 2026-12号:五包责任名册（更正）")),
        post=_OFFICE,
    ),
    _CHARGE.tell(
        "2027-06-30 17:00",
        told.ChainAssignmentEnded(
            assignment=_charge(document="区森防指 2026-12号:五包责任名册（更正）", valid_to=at("2027-07-01 00:00")),
            reason="干部轮岗，由接任岗位承担",
        ),
        post=_OFFICE,
    ),
)  # fmt: skip
