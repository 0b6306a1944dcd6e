"""The doors of hazards: reading. The verbs by which people move them are in `api_verbs`."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.changes import AskedSince, listed_changes
from libs.common.doors import Read
from libs.common.forms import AreaCode, ChangesOut, PageOut
from libs.common.pagination import Asked, listed, page
from libs.common.places import Place, area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.risk_grading.hazards import actions, actions_register, rules, rules_parts, store
from services.risk_grading.hazards.actions_register import Alike
from services.risk_grading.hazards.forms import HazardOut
from services.risk_grading.hazards.rules import Hazard, HazardState, Severity
from services.risk_grading.vocabulary import Category

routes = router("hazards", prefix="/v1/hazards")
_PATHS = {
    "verify": ("verify", actions_register.SEES),
    "dismiss": ("dismiss", actions_register.SEES),
    "fix_at_once": ("fix-at-once", actions_register.SEES),
    "raise_to_major": ("raise", actions.JUDGES),
    "lower_to_ordinary": ("lower", actions.JUDGES),
    "file_plan": ("file-plan", actions.JUDGES),
    "merge": ("merge", actions_register.SORTS),
    "look_back": ("look-back", actions_register.SEES),
    "reopen": ("reopen", actions_register.SORTS),
    "part": ("part", actions_register.SEES),
}
"""Each move of the rules: the last part of its path, and who may make it."""
_SHOWN = tuple(name for name in HazardOut.model_fields if name not in {"actions", "place", "risk_object_id"})


def show(hazard: Hazard, scope: Scope) -> HazardOut:
    """A hazard, and what the caller may do with it now."""
    place = None if hazard.place is None else Place(lon=hazard.place.lon, lat=hazard.place.lat)
    said = {name: getattr(hazard, name) for name in _SHOWN}
    return HazardOut.model_validate(
        said | {"place": place, "risk_object_id": hazard.object_id, "actions": open_to(hazard, scope)}
    )


def open_to(hazard: Hazard, scope: Scope) -> tuple[str, ...]:
    """The moves that are open in this state, as far as the caller's roles reach."""
    moves = (*rules.open_moves(hazard), *(("part",) if rules_parts.may_part(hazard) else ()))
    return tuple(
        path
        for path, roles in (_PATHS[move] for move in moves)
        if scope.holds(*roles, area_code=hazard.area_code, sectors=hazard.sectors)
    )


@routes.get("", response_model=PageOut[HazardOut], summary="隐患列表 List hazards")
async def list_hazards(
    door: Read, asked: Asked, state: HazardState | None = None, category: Category | None = None,
    severity: Severity | None = None, area_code: AreaCode | None = None, risk_object_id: UUID | None = None,
    report_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Hazards within your scope, the newest first; the parts of one report by `report_id`."""
    within = None if area_code is None else area_range(area_code)
    return await door.look(
        lambda tx: page(
            tx,
            store.list_hazards(
                tx, state=state, category=category, severity=severity, area=within, object_id=risk_object_id,
                report_id=report_id,
            ),
            keys=store.ORDER, asked=asked, load=lambda row: load(Hazard, row),
            fingerprint=["hazards", state, category, severity, area_code, risk_object_id, report_id],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/changes", response_model=ChangesOut[HazardOut], summary="隐患变更 Changes of hazards")
async def list_changes(door: Read, since: AskedSince) -> Response:
    """Every hazard within your scope that was written since the cursor; merged and archived ones are included."""
    return await door.look(lambda tx: store.changed_hazards(tx, since), listed_changes(show))


class AlikeOut(PageOut[HazardOut]):
    """Hazards to compare; `truncated`: more lie around than are compared."""

    truncated: bool


@routes.get("/{hazard_id}", response_model=HazardOut, summary="隐患详情 One hazard")
async def get_hazard(hazard_id: UUID, door: Read) -> Response:
    """One hazard within your scope."""
    return await door.look(lambda tx: store.find_hazard(tx, hazard_id), show)


def show_alike(alike: Alike, scope: Scope) -> dict[str, object]:
    """Hazards to compare, and whether there are more."""
    return {"items": [show(one, scope) for one in alike.hazards], "next": None, "truncated": alike.truncated}


@routes.get("/{hazard_id}/likely-same", response_model=AlikeOut, summary="疑似同一隐患 Likely the same hazard")
async def list_likely_same(hazard_id: UUID, door: Read) -> Response:
    """Open hazards that a person should compare with this one ([DEF] 50 m, one category); nothing merges.

    For those who sort hazards there. `truncated`: more lie around than are compared.
    """
    return await door.look(lambda tx: actions_register.suggest_same(tx, hazard_id), show_alike)
