"""The shapes of the doors of risk objects."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, JsonValue

from libs.common.forms import AreaCode, Code, Form, Line, Name, Shown, Words
from libs.common.ids import new_id
from libs.common.imports import id_of
from libs.common.places import Place
from services.risk_grading import examples
from services.risk_grading.levels import LevelOut
from services.risk_grading.objects import actions, rules
from services.risk_grading.objects.rules import EntityKind, ObjectState, ResponsibleEntity, RiskObject
from services.risk_grading.objects.rules_entry import kind_of_role
from services.risk_grading.vocabulary import Sector

Sectors = Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
Address = Annotated[Line, Field(max_length=300)]
Attributes = Annotated[dict[Code, JsonValue], Field(max_length=60, json_schema_extra={"additionalProperties": False})]
_PATCHED = ("name", "address", "sectors")


class EntityIn(Form):
    """Who answers for the object. A person is never named: the name is then a role word such as 房屋出租人."""

    role: Annotated[Code, Field(description="firm, government, or a role word: landlord, owner, skipper …")]
    name: Name
    code: Annotated[Line | None, Field(max_length=18, description="unified social credit code, of a firm only")] = (
        None
    )

    def entity(self) -> ResponsibleEntity:
        """The entity in the words of the rules."""
        return ResponsibleEntity(name=self.name, kind=kind_of_role(self.role), code=self.code)


class ObjectIn(Form):
    """A new risk object."""

    model_config = examples.example(examples.OBJECT)

    id: Annotated[UUID | None, Field(description="the client's own UUID: makes offline drafts safe")] = None
    type: Code
    name: Name
    address: Address = ""
    area_code: AreaCode
    sectors: Sectors
    place: Place
    responsible_entity: EntityIn
    attributes: Attributes = Field(default_factory=dict)
    exercise: bool = False

    def risk_object(self) -> RiskObject:
        """The object as a row to be."""
        return RiskObject(
            id=self.id or new_id(), version=0, area_code=self.area_code, sectors=self.sectors, exercise=self.exercise,
            correlation_id=new_id(), type=self.type, name=self.name, address=self.address,
            place=rules.Place(lon=self.place.lon, lat=self.place.lat),
            responsible_entity=self.responsible_entity.entity(), attributes=self.attributes,
        )  # fmt: skip


class ObjectRowIn(Form):
    """One row of an import; `lon` and `lat` are WGS 84 degrees."""

    model_config = examples.example(examples.OBJECT_ROW)

    id: Annotated[UUID | None, Field(description="left out: the object of this type, area and name")] = None
    type: Code
    name: Name
    address: Address = ""
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    area_code: AreaCode
    sectors: Sectors
    responsible_entity: EntityIn
    attributes: Attributes = Field(default_factory=dict)

    def risk_object(self) -> RiskObject:
        """The object as a row to be."""
        return RiskObject(
            id=self.id or id_of(actions.NOUN, self.type, self.area_code, self.name), version=0,
            area_code=self.area_code, sectors=self.sectors, exercise=False, correlation_id=new_id(), type=self.type,
            name=self.name, address=self.address, place=rules.Place(lon=self.lon, lat=self.lat),
            responsible_entity=self.responsible_entity.entity(), attributes=self.attributes,
        )  # fmt: skip


class ObjectPatch(Form):
    """A JSON Merge Patch (RFC 7396): what is left out stays, and a null takes an attribute away."""

    model_config = examples.example(examples.OBJECT_PATCH)

    name: Name = ""
    address: Address = ""
    sectors: Sectors = ()
    place: Place | None = None
    responsible_entity: EntityIn | None = None
    attributes: Attributes = Field(default_factory=dict)

    def corrected(self, known: RiskObject) -> RiskObject:
        """The object with what the patch names. Raises RiskObjectInvalid where a null would take a fact away."""
        said = {name: getattr(self, name) for name in _PATCHED if name in self.model_fields_set}
        return replace(
            known, place=self._place(known), responsible_entity=self._entity(known),
            attributes=merged(known.attributes, self.attributes), **said,
        )  # fmt: skip

    def _place(self, known: RiskObject) -> rules.Place | None:
        if "place" not in self.model_fields_set:
            return known.place
        return None if self.place is None else rules.Place(lon=self.place.lon, lat=self.place.lat)

    def _entity(self, known: RiskObject) -> ResponsibleEntity:
        if "responsible_entity" not in self.model_fields_set:
            return known.responsible_entity
        if self.responsible_entity is None:
            raise rules.RiskObjectInvalid(
                ("/responsible_entity", "required", ("责任主体不能为空。", "somebody always answers for it"))
            )
        return self.responsible_entity.entity()


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396: members of the patch replace, nulls remove, everything else stays."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


class EndIn(Form):
    """Why the object is no more."""

    model_config = examples.example(examples.OBJECT_END)

    reason: Words


class EntityOut(Shown):
    """Who answers for the object; a person is a role word."""

    name: str
    kind: EntityKind
    code: str | None


class ObjectOut(Shown):
    """A risk object. `level` is null until it was assessed for the first time: unassessed is not low risk."""

    id: UUID
    version: int
    state: ObjectState
    type: str
    name: str
    address: str
    area_code: str
    sectors: tuple[str, ...]
    place: Place | None
    responsible_entity: EntityOut
    attributes: dict[str, JsonValue]
    size_bands: tuple[str, ...]
    level: LevelOut | None
    graded_at: datetime | None
    assessment_id: UUID | None
    ended_at: datetime | None
    ended_reason: str
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]


class AttributeOut(Shown):
    """One attribute of a type."""

    code: str
    label: dict[str, str]
    kinds: tuple[str, ...]
    required: bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]


class TypeOut(Shown):
    """One type of risk object, and what can be said of it."""

    type: str
    title: dict[str, str]
    categories: tuple[str, ...]
    attributes: tuple[AttributeOut, ...]


class TypesOut(Shown):
    """The types in force."""

    version: str
    source: str
    items: tuple[TypeOut, ...]
    next: None = None
