"""The truths about subjects: what is given to them by name, dated and with a reason, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from gateway.subjects.rules_refusals import (
    MOST_EVER,
    MOST_LIVE,
    GrantMalformed,
    NeverGiven,
    NothingToEnd,
    SubjectAlreadyEnded,
    TooManyGiven,
)
from gateway.subjects.rules_roles import SEPARATED, Role, require_separated

WHOLE_CITY = "000000000000"
LAST_AREA = "999999999999"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""A grant without a beginning holds from here on: before any clock, also a demonstration's, can stand."""
OF_THE_SETTINGS = "settings"
"""Who gives the first administrators their offices."""


class Kind(StrEnum):
    """Who acts: a program, a person, or whoever follows a one-time link."""

    CLIENT = "client"
    PERSON = "person"
    LINK = "link"


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenGrant:
    """One role over one range of areas and some sectors (None: every sector), given by name and by somebody."""

    id: UUID
    role: Role
    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    valid_from: datetime
    valid_to: datetime | None
    reason: str
    given_by: str
    given_at: datetime
    ended_by: str | None = None
    ended_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenParty:
    """What it takes part as: an object of its own, or a team; it sees what that takes part in."""

    id: UUID
    party_id: UUID
    valid_from: datetime
    valid_to: datetime | None
    reason: str
    given_by: str
    given_at: datetime
    ended_by: str | None = None
    ended_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRole:
    """A role that follows from a post, over its sectors or over every one (None)."""

    role: Role
    sectors: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldPost:
    """A post that it holds by a tenure, or stands in for, as the registry tells it, and the roles that follow."""

    tenure_id: UUID
    post_id: UUID
    name_zh: str
    name_en: str
    kind: str
    area_from: str
    area_to: str
    roles: tuple[HeldRole, ...]
    valid_from: datetime
    valid_to: datetime | None
    stands_in: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Somebody who acts; its area is that of the body which answers for it.

    What is over moves to the past with the next change: it stays on record, and is copied no more. `follows` are the
    posts that `held` was drawn from.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    subject: str
    kind: Kind
    skeleton: str
    grants: tuple[GivenGrant, ...]
    past_grants: tuple[GivenGrant, ...]
    parties: tuple[GivenParty, ...]
    past_parties: tuple[GivenParty, ...]
    held: tuple[HeldPost, ...]
    follows: tuple[UUID, ...]
    ended_at: datetime | None
    ended_reason: str | None


class Dated(Protocol):
    """Something given, from when to when."""

    @property
    def id(self) -> UUID: ...
    @property
    def valid_from(self) -> datetime: ...
    @property
    def valid_to(self) -> datetime | None: ...
    @property
    def ended_by(self) -> str | None: ...


G = TypeVar("G", GivenGrant, GivenParty)


def require_live(subject: Subject) -> Subject:
    """The subject itself; raises SubjectAlreadyEnded."""
    if subject.ended_at is not None:
        raise SubjectAlreadyEnded(subject.subject, subject.ended_at)
    return subject


def end(subject: Subject, at: datetime, reason: str) -> Subject:
    """The subject after its end; raises SubjectAlreadyEnded the second time."""
    return replace(require_live(subject), ended_at=at, ended_reason=reason)


def give(subject: Subject, grant: GivenGrant) -> Subject:
    """With one more grant. Raises GrantMalformed, OfficesJoined, TooManyGiven, SubjectAlreadyEnded."""
    _check(grant)
    now = settled(require_live(subject), grant.given_at)
    require_separated(one.role for one in (*now.grants, grant))
    if grant.role in SEPARATED and subject.kind is not Kind.PERSON and grant.given_by != OF_THE_SETTINGS:
        # Whoever registers a program has seen its secret, and would hold its office with it.
        raise GrantMalformed(
            (
                "/role",
                "for_persons",
                ("管理员角色只能授予个人账号。", "an administrator's office is a person's: give it to an account"),
            )
        )
    _require_room(now.grants, now.past_grants)
    return replace(now, grants=(*now.grants, grant))


def add_party(subject: Subject, party: GivenParty) -> Subject:
    """With one more party. Raises GrantMalformed, TooManyGiven, SubjectAlreadyEnded."""
    _check_dates(party)
    now = settled(require_live(subject), party.given_at)
    _require_room(now.parties, now.past_parties)
    return replace(now, parties=(*now.parties, party))


def end_grant(subject: Subject, id: UUID, at: datetime, by: str, reason: str) -> Subject:  # noqa: A002
    """Without the grant from `at` on; it stays on record. Raises NeverGiven, NothingToEnd, SubjectAlreadyEnded."""
    live = settled(require_live(subject), at)
    return settled(replace(live, grants=_ended(live.grants, live.past_grants, id, at, by, reason)), at)


def end_party(subject: Subject, id: UUID, at: datetime, by: str, reason: str) -> Subject:  # noqa: A002
    """Without the party from `at` on; it stays on record. Raises NeverGiven, NothingToEnd, SubjectAlreadyEnded."""
    live = settled(require_live(subject), at)
    return settled(replace(live, parties=_ended(live.parties, live.past_parties, id, at, by, reason)), at)


def hold(subject: Subject, held: tuple[HeldPost, ...], follows: tuple[UUID, ...], at: datetime) -> Subject:
    """With the posts that it holds or stands in for now."""
    return replace(settled(subject, at), held=held, follows=follows)


def settled(subject: Subject, at: datetime) -> Subject:
    """With what is over among the past."""
    grants, past_grants = _parted(subject.grants, at)
    parties, past_parties = _parted(subject.parties, at)
    return replace(
        subject, grants=grants, parties=parties, past_grants=(*subject.past_grants, *past_grants),
        past_parties=(*subject.past_parties, *past_parties),
    )  # fmt: skip


def roles_at(subject: Subject, at: datetime) -> frozenset[str]:
    """Every role that holds at an instant, whatever gave it."""
    given = {one.role for one in subject.grants if holds_at(one.valid_from, one.valid_to, at)}
    by_posts = {held.role for one in subject.held if holds_at(one.valid_from, one.valid_to, at) for held in one.roles}
    own = any(holds_at(one.valid_from, one.valid_to, at) for one in subject.parties)
    return frozenset(given | by_posts | ({Role.RESPONSIBLE_ENTITY} if own and not subject.held else set()))


def holds_at(valid_from: datetime, valid_to: datetime | None, at: datetime) -> bool:
    """Whether something so dated holds: from its beginning on, and at its end no more."""
    return valid_from <= at and (valid_to is None or at < valid_to)


def _check(grant: GivenGrant) -> None:
    faults = []
    if grant.role is Role.RESPONSIBLE_ENTITY:
        faults.append(
            (
                "/role",
                "needs_party",
                (
                    "责任主体按其对象关联，不按区划授权。",
                    "a firm or landlord is given its objects as parties, never an area",
                ),
            )
        )
    if grant.area_from > grant.area_to:
        faults.append(
            ("/area_to", "before_its_beginning", ("area_to 不得小于 area_from。", "area_to comes before area_from"))
        )
    if grant.sectors is not None and not grant.sectors:
        faults.append(
            ("/sectors", "empty", ("请列出行业领域，或用 null 表示全部。", "name a sector, or null for every sector"))
        )
    if grant.role in SEPARATED and grant.sectors is not None:
        faults.append(
            (
                "/sectors",
                "of_no_sector",
                ("平台管理员不分行业领域，请留空。", "the platform's own offices are of no sector: leave it null"),
            )
        )
    if faults:
        raise GrantMalformed(*faults)
    _check_dates(grant)


def _check_dates(given: Dated) -> None:
    if given.valid_to is not None and given.valid_to <= given.valid_from:
        raise GrantMalformed(
            (
                "/valid_to",
                "before_its_beginning",
                ("valid_to 须晚于 valid_from。", "valid_to does not come after valid_from"),
            )
        )


def _is_over(given: Dated, at: datetime) -> bool:
    return given.valid_to is not None and given.valid_to <= at


def _require_room(given: Sequence[Dated], past: Sequence[Dated]) -> None:
    if len(given) >= MOST_LIVE or len(given) + len(past) >= MOST_EVER:
        raise TooManyGiven


def _parted(given: tuple[G, ...], at: datetime) -> tuple[tuple[G, ...], tuple[G, ...]]:
    return tuple(one for one in given if not _is_over(one, at)), tuple(one for one in given if _is_over(one, at))


def _ended(
    given: tuple[G, ...], past: tuple[G, ...], id: UUID, at: datetime, by: str, reason: str  # noqa: A002
) -> tuple[G, ...]:  # fmt: skip
    found = next((one for one in given if one.id == id), None)
    if found is None:
        raise NothingToEnd if any(one.id == id for one in past) else NeverGiven
    # What had not begun never holds: it ends where it would begin, and that is over at once.
    ended = replace(found, valid_to=at, valid_from=min(found.valid_from, at), ended_by=by, ended_reason=reason)
    return tuple(ended if one.id == id else one for one in given)
