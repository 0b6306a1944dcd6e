"""Who may see and do: a scope is a union of dated grants, and grants are never multiplied.

One single grant must give the role and the area and the sector together: a fire inspector in one county
who is a gas operator in another is neither in both.

How many sectors a grant has to have follows from what is done ([DEF]):
- *to see* a thing, one of its sectors; a thing without any is not yet triaged, and seen by who triages there;
- *a verb on what is there*, one of its sectors (`holds`, `require`): each body at a joint order does its part;
- *to create, or to issue what is to bind*, every sector, from that one grant (`holds_every`, `require_every`): nobody
  binds gas by what they may do about fire. To move a thing into other sectors is to create it there; triage alone
  hands a thing to whose it is, and needs no grant there;
- *to create what the creator does not choose the sectors of*, one of them: they follow from its kind by a table, or
  from what it is a part of; and *to tell what binds nobody* (a signal, a warning), one of them.

`tests/architecture/test_creating_verbs.py` lists every verb that creates, and which of these it asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import orjson

from libs.common.problems import PostUnsaid, RoleMissing

TRIAGE_ROLES = frozenset({"call_taker", "duty_officer"})
"""Roles that triage: they see rows whose sectors are still empty, that is, not yet triaged. Said here only."""

PLATFORM_ROLES = frozenset({"system_administrator", "security_administrator", "audit_administrator"})
"""Roles that look after the platform itself: they see nothing of the city's cases, and of the platform's own tables
those that name them. Said here only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role over a range of areas and over some sectors (None: every sector)."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    role: str
    post_id: UUID | None = None

    def sees(self, area_code: str, sectors: Iterable[str]) -> bool:
        """Whether a row there is in sight: not yet triaged only for who triages, else by one of its sectors."""
        asked = tuple(sectors)
        if self.role in PLATFORM_ROLES or (not asked and self.role not in TRIAGE_ROLES):
            return False
        return self.reaches(area_code, asked)

    def reaches(self, area_code: str, sectors: Iterable[str]) -> bool:
        """Whether this one grant covers the area and at least one of the sectors."""
        asked = tuple(sectors)
        return self._lies_over(area_code, asked) and (
            self.sectors is None or not asked or any(sector in self.sectors for sector in asked)
        )

    def covers(self, area_code: str, sectors: Iterable[str]) -> bool:
        """Whether this one grant covers the area and every one of the sectors."""
        asked = tuple(sectors)
        return self._lies_over(area_code, asked) and (
            self.sectors is None or all(sector in self.sectors for sector in asked)
        )

    def _lies_over(self, area_code: str, sectors: tuple[str, ...]) -> bool:
        """Over the area; what has no sector is for grants over every sector, and for who triages."""
        within = self.area_from <= area_code <= self.area_to
        return within and (bool(sectors) or self.sectors is None or self.role in TRIAGE_ROLES)


class Settings(NamedTuple):
    """A scope as PostgreSQL's settings carry it."""

    system: str
    grants: str
    parties: str
    subject: str
    client: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What one caller may see now. `system` names a scope that looks wider and decides what it discloses.

    One acts for `posts`; `parties` (own objects, teams, posts that one stands in for) only let one see and take part.
    """

    subject: str
    client_id: str = ""
    posts: frozenset[UUID] = frozenset()
    parties: frozenset[UUID] = frozenset()
    grants: tuple[Grant, ...] = ()
    post_id: UUID | None = None
    system: str | None = None

    @staticmethod
    def of_system(name: str) -> Scope:
        """A named system scope: sweeps, listeners and the doors that are open to the public."""
        return Scope(subject=f"system:{name}", client_id="system", system=name)

    def holds(self, *roles: str, area_code: str, sectors: Iterable[str]) -> bool:
        """For a verb on what is there: whether one single grant gives one of the roles over the area and a sector."""
        asked = tuple(sectors)
        if self.system is not None:
            return True
        return any(grant.role in roles and grant.reaches(area_code, asked) for grant in self.grants)

    def holds_every(self, *roles: str, area_code: str, sectors: Iterable[str]) -> bool:
        """For what is new: whether one single grant gives one of the roles over the area and every sector."""
        asked = tuple(sectors)
        if self.system is not None:
            return True
        return any(grant.role in roles and grant.covers(area_code, asked) for grant in self.grants)

    def require(self, *roles: str, area_code: str, sectors: Iterable[str]) -> None:
        """Raise RoleMissing (403) unless `holds` is true: for a verb on a thing that is there."""
        if not self.holds(*roles, area_code=area_code, sectors=sectors):
            raise RoleMissing(roles)

    def require_every(self, *roles: str, area_code: str, sectors: Iterable[str]) -> None:
        """Raise RoleMissing (403) unless `holds_every` is true: to create, to issue, to move into other sectors."""
        if not self.holds_every(*roles, area_code=area_code, sectors=sectors):
            raise RoleMissing(roles)

    def has_role(self, *roles: str) -> bool:
        """Whether any grant, wherever it lies, gives one of the roles."""
        return self.system is not None or any(grant.role in roles for grant in self.grants)

    @property
    def takes_part_as(self) -> frozenset[UUID]:
        """Everything through which the caller takes part in what lies beyond its grants."""
        return self.posts | self.parties

    def acting_post(self) -> UUID:
        """The post that decides; PostUnsaid (422) where the caller holds none, or several and names none."""
        if self.post_id is None:
            raise PostUnsaid(sorted(str(post) for post in self.posts))
        return self.post_id

    def settings(self) -> Settings:
        """The transaction settings that row-level security reads."""
        grants = [
            {
                "lo": grant.area_from,
                "hi": grant.area_to,
                "among": grant.sectors,
                "triage": grant.role in TRIAGE_ROLES,
                "platform": grant.role if grant.role in PLATFORM_ROLES else None,
            }
            for grant in self.grants
        ]
        parties = "{" + ",".join(sorted(str(party) for party in self.takes_part_as)) + "}"
        return Settings(self.system or "", orjson.dumps(grants).decode(), parties, self.subject, self.client_id)
