"""What a right over an area becomes where the area is merged or split: one like it over each successor.

Only rights over exactly that area: who holds a wider one reaches the successors already, or was never meant to.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gateway.subjects.rules import GivenGrant, Subject

Range = tuple[str, str]
BY_SUCCESSION = "area-succession"
"""Who gives what follows from an area's succession: nobody's hand, but the document's."""


def inherited(
    subject: Subject,
    becomes: Mapping[Range, Iterable[Range]],
    begins: datetime,
    document: str,
    now: datetime,
    make_id: Callable[[], UUID],
) -> tuple[GivenGrant, ...]:
    """The grants that a subject has yet to be given, by the ranges that each range becomes from an instant on.

    What it holds already is left out, so that the same succession told twice gives nothing twice.
    """
    known = {_likeness(one) for one in subject.grants}
    found: list[GivenGrant] = []
    for grant in subject.grants:
        if grant.valid_to is not None and grant.valid_to <= max(begins, now):
            continue
        for area_from, area_to in becomes.get((grant.area_from, grant.area_to), ()):
            heir = replace(
                grant, id=make_id(), area_from=area_from, area_to=area_to, reason=document,
                valid_from=max(begins, grant.valid_from), given_by=BY_SUCCESSION, given_at=now,
            )  # fmt: skip
            if _likeness(heir) not in known:
                known.add(_likeness(heir))
                found.append(heir)
    return tuple(found)


def _likeness(grant: GivenGrant) -> tuple[object, ...]:
    return grant.role, grant.area_from, grant.area_to, grant.sectors, grant.valid_to
