"""What a risk object is: its type's attributes, who answers for it, and the colour it carries.

A natural person is never named here: the responsible entity is then a role word such as 房东 (landlord).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from re import compile as pattern
from typing import Any
from uuid import UUID

from services.risk_grading.objects.rules_attributes import AttributeRule, expected, fits

CREDIT_CODE = pattern(r"[0-9A-HJ-NPQRTUWXY]{18}")


class ObjectState(StrEnum):
    """An object is never deleted: it is ended, with a date and a reason."""

    IN_USE = "in_use"
    ENDED = "ended"


class Colour(StrEnum):
    """The four colours of risk control, worst first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class EntityKind(StrEnum):
    """Who may be responsible for an object."""

    PERSON = "person"
    FIRM = "firm"
    GOVERNMENT = "government"


MOVES: Mapping[ObjectState, tuple[str, ...]] = {
    ObjectState.IN_USE: ("correct", "grade", "end"),
    ObjectState.ENDED: (),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A point in WGS 84, degrees."""

    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponsibleEntity:
    """Who answers for the object; `code` is the unified social credit code, never a person's number."""

    name: str
    kind: EntityKind
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskObject:
    """A house, firm, vessel or place that can go wrong. Without an assessment it has no colour at all."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    type: str
    name: str
    address: str
    place: Place | None
    responsible_entity: ResponsibleEntity
    attributes: Mapping[str, Any]
    state: ObjectState = ObjectState.IN_USE
    ordinal: int | None = None
    colour: Colour | None = None
    scale: str | None = None
    graded_at: datetime | None = None
    assessment_id: UUID | None = None
    ended_at: datetime | None = None
    ended_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SizeBand:
    """Objects of a type from this size on are treated apart."""

    code: str
    attribute: str
    at_least: float
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectType:
    """What can be said of one type of object."""

    type: str
    title: Mapping[str, str]
    categories: tuple[str, ...]
    attributes: tuple[AttributeRule, ...]
    size_bands: tuple[SizeBand, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectTypes:
    """All types of one city at one time, and the role words that stand for persons; shaped like
    `types/object-types-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    role_words: tuple[Mapping[str, str], ...]
    types: tuple[ObjectType, ...]


class RiskObjectEnded(Exception):
    """Nothing changes any more on an object that was ended; register a new one."""

    status = 409
    code = "risk_object_ended"
    title = ("风险对象已注销", "The risk object has ended")

    def __init__(self, ended: RiskObject, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = ended.state
        self.open_moves = open_moves(ended)


class GradeOlderThanCurrent(RiskObjectEnded):
    """A newer assessment already decides the colour."""

    code = "grade_older_than_current"
    title = ("已有更新的评估", "A newer assessment decides")


class RiskObjectInvalid(Exception):
    """What was entered does not fit the type or names a person; `errors` are (pointer, code, detail)."""

    status = 422
    code = "risk_object_invalid"
    title = ("风险对象信息有误", "The risk object does not fit its type")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def check(entered: RiskObject, types: ObjectTypes) -> RiskObject:
    """The object itself where it fits its type. Raises RiskObjectInvalid with one entry a fault."""
    faults = [*_entity_faults(entered.responsible_entity, types), *_attribute_faults(entered, types)]
    if not entered.name.strip():
        faults.append(("/name", "required", ("请写明对象名称。", "give the object a name")))
    if faults:
        raise RiskObjectInvalid(*faults)
    return entered


def correct(known: RiskObject, corrected: RiskObject, types: ObjectTypes) -> RiskObject:
    """The object with what was entered anew: name, address, place, entity, attributes, sectors. Type,
    area and grade stay: another type or area is another object."""
    _open(known, "correct")
    return check(
        replace(
            known, name=corrected.name, address=corrected.address, place=corrected.place,
            responsible_entity=corrected.responsible_entity, attributes=corrected.attributes,
            sectors=corrected.sectors,
        ),
        types,
    )  # fmt: skip


def take_grade(
    known: RiskObject, *, assessment_id: UUID, ordinal: int, colour: Colour, scale: str, graded_at: datetime
) -> RiskObject:
    """The object takes the colour of its newest assessment. Raises GradeOlderThanCurrent."""
    _open(known, "grade")
    if known.graded_at is not None and graded_at < known.graded_at:
        at = known.graded_at.isoformat()
        raise GradeOlderThanCurrent(known, f"{at} 的评估更新，以它为准。", f"the assessment of {at} is newer")
    return replace(
        known, assessment_id=assessment_id, ordinal=ordinal, colour=colour, scale=scale, graded_at=graded_at
    )


def end(known: RiskObject, *, reason: str, now: datetime) -> RiskObject:
    """The object is no more (torn down, closed, sold for scrap). Its grades and hazards stay."""
    _open(known, "end")
    if not reason.strip():
        raise RiskObjectInvalid(("/reason", "required", ("请写明注销原因。", "say why the object ends")))
    return replace(known, state=ObjectState.ENDED, ended_at=now, ended_reason=reason)


def open_moves(known: RiskObject) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return MOVES[known.state]


def size_bands(known: RiskObject, types: ObjectTypes) -> tuple[str, ...]:
    """The codes of the size bands that the object reaches."""
    bands = next((each.size_bands for each in types.types if each.type == known.type), ())
    sizes = {code: size for code, size in known.attributes.items() if isinstance(size, int | float)}
    return tuple(b.code for b in bands if sizes.get(b.attribute, 0) >= b.at_least)


def _open(known: RiskObject, verb: str) -> None:
    if verb not in open_moves(known):
        zh = f"已于 {known.ended_at} 注销，不能「Move.{verb}」；请另行登记。"
        raise RiskObjectEnded(known, zh, f"cannot {verb}: ended {known.ended_at}; register a new object")


def _entity_faults(entity: ResponsibleEntity, types: ObjectTypes) -> Iterable[tuple[str, str, tuple[str, str]]]:
    words = [word for role in types.role_words for word in role.values()]
    person = entity.kind is EntityKind.PERSON
    if person and entity.name not in words:
        roles = ", ".join(words)
        yield (
            "/responsible_entity/name",
            "person_named",
            (f"请写角色而非姓名：{roles}。", f"say the role, one of: {roles}"),
        )
    if person and entity.code is not None:
        yield (
            "/responsible_entity/code",
            "person_identified",
            ("此处不保存个人号码。", "no number of a person is kept here"),
        )
    if not person and not entity.name.strip():
        yield "/responsible_entity/name", "required", ("请写明责任主体。", "say who is responsible")
    if not person and entity.code is not None and not CREDIT_CODE.fullmatch(entity.code):
        yield (
            "/responsible_entity/code",
            "not_a_credit_code",
            ("须为 18 位统一社会信用代码。", "18 characters of a unified credit code"),
        )


def _attribute_faults(entered: RiskObject, types: ObjectTypes) -> Iterable[tuple[str, str, tuple[str, str]]]:
    found = next((each for each in types.types if each.type == entered.type), None)
    if found is None:
        there = ", ".join(each.type for each in types.types)
        yield "/type", "unknown_type", (f"须为以下之一：{there}。", f"one of {there}")
        return
    rules = {rule.code: rule for rule in found.attributes}
    for code in sorted(set(entered.attributes) - set(rules)):
        yield (
            f"/attributes/{code}",
            "unknown_attribute",
            (f"{found.type} 没有 {code} 这一项。", f"a {found.type} has no {code}"),
        )
    for code, rule in rules.items():
        if code not in entered.attributes:
            if rule.required:
                yield (
                    f"/attributes/{code}",
                    "required",
                    (f"请写明{rule.label['zh']}。", f"say {rule.label['en'].lower()}"),
                )
        elif not fits(entered.attributes[code], rule):
            yield f"/attributes/{code}", "does_not_fit", expected(rule)
