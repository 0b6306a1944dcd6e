"""The doors of risk objects."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.changes import AskedSince, listed_changes
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, ChangesOut, Code, ImportedOut, Items, PageOut, show_import
from libs.common.imports import AskedImport, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.places import Place, area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.risk_grading.levels import level_of
from services.risk_grading.objects import actions, rules, store
from services.risk_grading.objects.forms import (
    EndIn,
    EntityOut,
    ObjectIn,
    ObjectOut,
    ObjectPatch,
    ObjectRowIn,
    TypeOut,
    TypesOut,
)
from services.risk_grading.objects.policies import TYPES
from services.risk_grading.objects.rules import (
    Colour,
    ObjectState,
    ObjectTypes,
    RiskObject,
    RiskObjectEnded,
    RiskObjectInvalid,
)

routes = router("risk-objects", prefix="/v1/risk-objects")
_VERBS = {
    "correct": actions.REGISTRARS,
    "grade": actions.ASSESSORS,
    "end": actions.ENDERS,
}
_NAMES = {"correct": "patch", "grade": "assess", "end": "end"}
_REFUSED = refuses(RiskObjectInvalid, RiskObjectEnded)


def show(known: RiskObject, scope: Scope) -> ObjectOut:
    """An object, and what the caller may do with it now."""
    place = None if known.place is None else Place(lon=known.place.lon, lat=known.place.lat)
    level = None if known.scale is None or known.ordinal is None else level_of(known.scale, known.ordinal)
    return ObjectOut(
        id=known.id, version=known.version, state=known.state, type=known.type, name=known.name,
        address=known.address, area_code=known.area_code, sectors=known.sectors, place=place,
        responsible_entity=EntityOut.model_validate(known.responsible_entity), attributes=dict(known.attributes),
        size_bands=rules.size_bands(known, TYPES), level=level, graded_at=known.graded_at,
        assessment_id=known.assessment_id, ended_at=known.ended_at, ended_reason=known.ended_reason,
        exercise=known.exercise, correlation_id=known.correlation_id, actions=_moves(known, scope),
    )  # fmt: skip


def _moves(known: RiskObject, scope: Scope) -> tuple[str, ...]:
    return tuple(
        _NAMES[verb]
        for verb in rules.open_moves(known)
        if scope.holds(*_VERBS[verb], area_code=known.area_code, sectors=known.sectors)
    )


def show_types(types: ObjectTypes, scope: Scope) -> TypesOut:
    """The types of risk objects."""
    del scope
    items = tuple(TypeOut.model_validate(one) for one in types.types)
    return TypesOut(version=types.version, source=types.source, items=items)


@routes.post(
    "", status_code=201, response_model=ObjectOut, summary="登记风险对象 Register a risk object", responses=_REFUSED
)
async def create(body: ObjectIn, door: Write) -> Response:
    """Put a house, firm, vessel or place on the books. It has no colour until it is assessed; no person is named."""
    return await door.perform(
        lambda tx: actions.register_object(tx, body.risk_object()), show, show_again=store.find_object
    )


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入风险对象 Import risk objects", responses=_REFUSED,
    openapi_extra=natural_key("type", "area_code", "name"),
)  # fmt: skip
async def import_objects(body: Items[ObjectRowIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 objects by id, or by type, area and name ([DEF]); a repeat changes nothing, and
    grades stay. For administrators."""
    rows = [one.risk_object() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions.import_objects, how, RiskObjectInvalid, RiskObjectEnded),
        show_import,
    )


@routes.get("", response_model=PageOut[ObjectOut], summary="风险对象列表 List risk objects")
async def list_objects(
    door: Read, asked: Asked, area_code: AreaCode | None = None, type: Code | None = None,  # noqa: A002
    colour: Colour | None = None, state: ObjectState | None = None,
) -> Response:  # fmt: skip
    """Risk objects within your scope, by area; filtered by an area with all below it, type, colour or state."""
    within = None if area_code is None else area_range(area_code)
    return await door.look(
        lambda tx: page(
            tx, store.list_objects(tx, area=within, type=type, colour=colour, state=state), keys=store.ORDER,
            asked=asked, load=lambda row: load(RiskObject, row),
            fingerprint=["risk-objects", area_code, type, colour, state],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/changes", response_model=ChangesOut[ObjectOut], summary="风险对象变更 Changes of risk objects")
async def list_changes(door: Read, since: AskedSince) -> Response:
    """Every object within your scope that was written since the cursor; ended ones are the tombstones."""
    return await door.look(lambda tx: store.changed_objects(tx, since), listed_changes(show))


@routes.get("/types", response_model=TypesOut, summary="风险对象类型 Types of risk objects")
async def list_types(door: Read) -> Response:
    """What can be said of each type of object ([DEF]: a city may extend it)."""

    async def find(tx: Tx) -> ObjectTypes:
        del tx
        return TYPES

    return await door.look(find, show_types)


@routes.get("/{object_id}", response_model=ObjectOut, summary="风险对象详情 One risk object")
async def get_object(object_id: UUID, door: Read) -> Response:
    """One risk object within your scope."""
    return await door.look(lambda tx: store.find_object(tx, object_id), show)


@routes.patch(
    "/{object_id}", response_model=ObjectOut, summary="更正风险对象 Correct a risk object", responses=_REFUSED
)
async def patch(object_id: UUID, body: ObjectPatch, door: Change) -> Response:
    """JSON Merge Patch of name, address, place, entity, attributes, sectors; type, area and grade stay."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.correct_object(tx, object_id, expected, body.corrected), show, show_again=store.find_object
    )


@routes.post(
    "/{object_id}/end", response_model=ObjectOut, summary="注销风险对象 End a risk object", responses=_REFUSED
)
async def end(object_id: UUID, body: EndIn, door: Change) -> Response:
    """The object is no more: torn down, closed, sold. Nothing is deleted; its grades and hazards stay."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_object(tx, object_id, expected, body.reason), show, show_again=store.find_object
    )
