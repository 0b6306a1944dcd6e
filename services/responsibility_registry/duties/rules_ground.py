"""Duties on the ground of a place, as they count there: those of a code that the ground had before lie on it now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.duties.rules import Claim


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """A duty that was given for an area which has become another one."""

    id: UUID
    post_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    role: str
    categories: tuple[str, ...]
    clause: str
    valid_from: datetime
    valid_to: datetime | None


def carried(duties: Iterable[Claim], counts_as: Mapping[str, str]) -> Iterator[Claim]:
    """The duties, those on a former code as lying where that is now. A list entered for the new area since goes
    before them by its later beginning; until they are ended both are told as an overlap."""
    for one in duties:
        place = counts_as.get(one.area_code)
        yield one if place is None else Carried(
            id=one.id, post_id=one.post_id, area_code=place, sectors=tuple(one.sectors), role=one.role,
            categories=tuple(one.categories), clause=one.clause, valid_from=one.valid_from, valid_to=one.valid_to,
        )  # fmt: skip
