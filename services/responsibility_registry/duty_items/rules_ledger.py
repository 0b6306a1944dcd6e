"""Whose duties the ledger (责任台账) lists: catalogue × posts × assignments (以单定责、按单履责 [SEED])."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.responsibility_registry.duty_items.rules import Bearer, DutyItem, bears

MOST_POSTS = 200
"""[DEF] So many posts of one organisation are listed."""


class Assigned(Protocol):
    """What the ledger needs to know of an assignment that is in force."""

    @property
    def id(self) -> UUID: ...
    @property
    def post_id(self) -> UUID: ...
    @property
    def role(self) -> str: ...
    @property
    def sectors(self) -> Sequence[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """Whoever bears duties, as they are found on the books; `duties` are the assignments by which."""

    bearer: Bearer
    id: UUID
    zh: str
    en: str
    area_code: str
    kind: str
    tier: str = ""
    sectors: tuple[str, ...] = ()
    first_responsible: bool = False
    duties: tuple[Assigned, ...] = ()

    @property
    def links(self) -> frozenset[str]:
        """The links of the chain that it holds."""
        return frozenset(one.role for one in self.duties)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One duty of somebody, and the assignments that make it theirs; none where tier, kind or name does."""

    party: Party
    item: DutyItem
    duty_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What was asked about, and the duties of it and of its posts; `truncated` where there are more posts."""

    party: Party
    at: datetime
    entries: tuple[Entry, ...]
    truncated: bool = False


def sectors_of(own: Sequence[str], duties: Sequence[Assigned]) -> tuple[str, ...]:
    """The sectors that somebody answers for: their own and those of their assignments; none is every one.

    An assignment for every sector widens it to every one, and so does a post of every sector without assignments.
    """
    if any(not one.sectors for one in duties):
        return ()
    return tuple(sorted({*own, *(sector for one in duties for sector in one.sectors)}))


def entries(party: Party, items: Iterable[DutyItem]) -> list[Entry]:
    """What somebody bears of the duties that hold where they are."""
    return [
        Entry(
            party=party, item=item,
            duty_ids=tuple(one.id for one in party.duties if one.role in item.links),
        )
        for item in items
        if bears(item, party)
    ]  # fmt: skip
