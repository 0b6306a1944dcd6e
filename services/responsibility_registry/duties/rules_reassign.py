"""A duty passes from one post to another at one instant; and who is first responsible already.

党政同责 ([P] 地方党政领导干部安全生产责任制规定, 2018): an area has one first-responsible post of the Party and
one of government. Two of one kind, for the same categories and sectors, at the same time contradict each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.duties.rules import Duty, DutyWrong, end_duty

FIRST = "_first"
"""How the roles of first-responsible posts end."""


class FirstResponsibleHeld(Exception):
    """An area has one first-responsible post of each kind at a time."""

    status = 409
    code = "first_responsible_held"
    title = ("该地已有第一责任人", "Somebody is first responsible there then")

    def __init__(self, held: Duty) -> None:
        super().__init__(*_held_by(held))


def contradicts(one: Duty, other: Duty) -> bool:
    """Whether two duties make two posts first responsible for the same at the same time. One that names a category
    or a sector goes before one that names none, so those two do not contradict each other."""
    return (
        one.id != other.id
        and one.role.endswith(FIRST)
        and (one.role, one.area_code) == (other.role, other.area_code)
        and _share(one.categories, other.categories)
        and _share(one.sectors, other.sectors)
        and (one.valid_to is None or other.valid_from < one.valid_to)
        and (other.valid_to is None or one.valid_from < other.valid_to)
    )


def require_first(duty: Duty, beside: Iterable[Duty]) -> Duty:
    """The duty, if none of those beside contradicts it. Raises FirstResponsibleHeld."""
    for other in beside:
        if contradicts(duty, other):
            raise FirstResponsibleHeld(other)
    return duty


def first_faults(entered: Sequence[Duty], beside: Iterable[Duty]) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """What contradicts a duty on the books or an earlier row, for each row of an import that does; `beside` are those
    of the books, of which the rows themselves count as they are entered."""
    of_batch = {one.id for one in entered}
    known = [one for one in beside if one.id not in of_batch]
    for number, one in enumerate(entered):
        held = next((other for other in known if contradicts(one, other)), None)
        before = next((at for at, other in enumerate(entered[:number]) if contradicts(one, other)), None)
        if held is not None:
            yield f"/items/{number}/link", FirstResponsibleHeld.code, _held_by(held)
        elif before is not None:
            said = (
                f"与本批第 {before + 1} 条同期担任同一地区的第一责任人；只能留一条。",
                f"item {before + 1} of this batch makes another post first responsible there then: keep one of them",
            )
            yield f"/items/{number}/link", FirstResponsibleHeld.code, said


def reassign(duty: Duty, post_id: UUID, id_: UUID, *, at: datetime, reason: str, clause: str) -> tuple[Duty, Duty]:
    """The duty as it ends, and the one that begins at that instant. Raises DutyAlreadyEnded, DutyWrong."""
    if post_id == duty.post_id:
        raise DutyWrong(
            ("/post_id", "same_post", ("须移交给另一岗位。", "name another post than the one that has it"))
        )
    ended = end_duty(duty, at=at, reason=reason)
    begun = replace(duty, id=id_, version=0, post_id=post_id, valid_from=at, clause=clause or duty.clause)
    return ended, begun


def _held_by(held: Duty) -> tuple[str, str]:
    until = held.valid_to.isoformat() if held.valid_to else None
    return (
        f"责任 {held.id} 同期在此担任第一责任人（至 {until or '未定'}）；请先终止，或用移交。",
        f"duty {held.id} is first responsible there then (until {until or 'further notice'}): end or reassign it",
    )


def _share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return bool(set(one) & set(other)) if one and other else one == other
