"""How an object is entered again: what an import may change, and what a role word says of the responsible entity."""

from services.risk_grading.objects.rules import (
    EntityKind,
    ObjectTypes,
    Place,
    RiskObject,
    RiskObjectInvalid,
    correct,
)

_CHANGEABLE = ("name", "address", "place", "responsible_entity", "attributes", "sectors")
_FIXED = ("type", "area_code")


def kind_of_role(role: str) -> EntityKind:
    """A firm or a government by its own name; every other role word (landlord, skipper …) stands for a person."""
    return EntityKind(role) if role in {EntityKind.FIRM, EntityKind.GOVERNMENT} else EntityKind.PERSON


def enter_again(known: RiskObject, entered: RiskObject, types: ObjectTypes) -> RiskObject:
    """The known object with what was entered; itself where nothing is new, also when it has ended. The grade stays.

    Raises RiskObjectInvalid for another type or area (that is another object), RiskObjectEnded.
    """
    moved = [
        (f"/{name}", "another_object", (f"{name} 不能改；请另行登记对象。", f"{name} stays; register another object"))
        for name in _FIXED
        if getattr(known, name) != getattr(entered, name)
    ]
    if moved:
        raise RiskObjectInvalid(*moved)
    if all(getattr(known, name) == getattr(entered, name) for name in _CHANGEABLE):
        return known
    return correct(known, entered, types)


def place_of(known: RiskObject) -> Place:
    """Where the object is. Raises RiskObjectInvalid: what is nowhere cannot be on a map or sent a team."""
    if known.place is None:
        raise RiskObjectInvalid(("/place", "required", ("请写明对象位置。", "say where the object is")))
    return known.place
