"""Everybody there could be: each role in each relation to where a thing lies, and those who have none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

from gateway.subjects.rules_roles import Role
from libs.common.scope import Grant, Scope

COUNTY, OTHER_COUNTY = ("331002000000", "331002999999"), ("331004000000", "331004999999")
EVERYWHERE = ("000000000000", "999999999999")
OTHER_SECTOR = ("fishery",)
"""Nothing that is planted lies in it."""
_POSTS = UUID("4f7c2c0a-5a08-5f0b-8a55-0c1f0b1d5d11")
PARTICIPANT = uuid5(_POSTS, "participant")
"""The party that takes part in everything that is planted."""
FIRM = uuid5(_POSTS, "firm")
"""The party that every planted notice is served on."""
OWNER = "police-331002004000"
"""Who made those planted things that belong to one subject."""

CITIZEN = "nobody"
"""Who has a token and no grant at all."""
ENDED, REVOKED = "ended", "revoked"
"""Subjects whose tokens are good for nothing any more: the one was ended, the other's token was revoked."""
JTI = "a-token-that-was-revoked"

NO_TOKEN, NOBODY = "without a token", "without a grant"
OWN, PARENT, BESIDE = "own area", "parent area", "other county"
OTHER, PART = "other sector", "other county, taking part"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody in one relation to what is planted; without a role where `role` is empty."""

    relation: str
    role: str = ""
    scope: Scope | None = None

    @property
    def subject(self) -> str:
        """The subject of its token."""
        return self.scope.subject if self.scope else ""


def _scope(subject: str, *grants: Grant, parties: frozenset[UUID] = frozenset()) -> Scope:
    post = uuid5(_POSTS, subject)
    return Scope(
        subject=subject, client_id=subject, posts=frozenset({post}), post_id=post, parties=parties, grants=grants
    )


def _grant(role: str, area: tuple[str, str], sectors: tuple[str, ...] | None = None) -> Grant:
    return Grant(area_from=area[0], area_to=area[1], sectors=sectors, role=role)


def _holding(role: str, relation: str) -> Caller:
    area = {PARENT: EVERYWHERE, BESIDE: OTHER_COUNTY, PART: OTHER_COUNTY}.get(relation, COUNTY)
    grant = _grant(role, area, OTHER_SECTOR if relation == OTHER else None)
    return Caller(
        relation,
        role,
        _scope(f"{role}, {relation}", grant, parties=frozenset({PARTICIPANT} if relation == PART else ())),
    )


def _everybody() -> Iterator[Caller]:
    yield Caller(NO_TOKEN)
    yield Caller(NOBODY, "", Scope(subject=CITIZEN, client_id=CITIZEN))
    yield Caller("taking part", "", _scope("participant", parties=frozenset({PARTICIPANT})))
    yield Caller("served on", "", _scope("firm", parties=frozenset({FIRM})))
    yield Caller("owner", "", _scope(OWNER, _grant("inspector", OTHER_COUNTY)))
    for relation in (OWN, PARENT, BESIDE, OTHER, PART):
        for role in Role:
            yield _holding(role, relation)


EVERYBODY = tuple(_everybody())
BY_SUBJECT = {one.subject: one.scope for one in EVERYBODY if one.scope is not None}
