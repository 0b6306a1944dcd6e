"""Who may see and do: a scope is a union of dated grants, and grants are never multiplied.

One single grant must give the role and the area and the sector together: a fire inspector in one county
who is a gas operator in another is neither in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import orjson

from libs.common.problems import PostUnsaid, RoleMissing

TRIAGE_ROLES = frozenset({"call_taker", "duty_officer"})
"""Roles that see rows whose sectors are still empty, that is, not yet triaged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role over a range of areas and over some sectors (None: every sector)."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    role: str
    post_id: UUID | None = None

    def reaches(self, area_code: str, sectors: Iterable[str]) -> bool:
        """Whether this one grant covers the area and at least one of the sectors."""
        if not self.area_from <= area_code <= self.area_to:
            return False
        if self.sectors is None:
            return True
        asked = tuple(sectors)
        if not asked:
            return self.role in TRIAGE_ROLES
        return any(sector in self.sectors for sector in asked)


class Settings(NamedTuple):
    """A scope as PostgreSQL's settings carry it."""

    system: str
    grants: str
    parties: str
    subject: str
    client: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What one caller may see now. `system` names a scope that looks wider and decides what it discloses."""

    subject: str
    client_id: str = ""
    posts: frozenset[UUID] = frozenset()
    grants: tuple[Grant, ...] = ()
    post_id: UUID | None = None
    system: str | None = None

    @staticmethod
    def of_system(name: str) -> Scope:
        """A named system scope: sweeps, listeners and the doors that are open to the public."""
        return Scope(subject=f"system:{name}", client_id="system", system=name)

    def holds(self, *roles: str, area_code: str, sectors: Iterable[str]) -> bool:
        """Whether one single grant gives one of the roles over the area and a sector."""
        asked = tuple(sectors)
        if self.system is not None:
            return True
        return any(grant.role in roles and grant.reaches(area_code, asked) for grant in self.grants)

    def require(self, *roles: str, area_code: str, sectors: Iterable[str]) -> None:
        """Raise RoleMissing (403) unless `holds` is true."""
        if not self.holds(*roles, area_code=area_code, sectors=sectors):
            raise RoleMissing(roles)

    def has_role(self, *roles: str) -> bool:
        """Whether any grant, wherever it lies, gives one of the roles."""
        return self.system is not None or any(grant.role in roles for grant in self.grants)

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
            }
            for grant in self.grants
        ]
        parties = "{" + ",".join(sorted(str(post) for post in self.posts)) + "}"
        return Settings(self.system or "", orjson.dumps(grants).decode(), parties, self.subject, self.client_id)
