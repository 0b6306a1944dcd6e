"""The shapes of what is said of subjects, and of what is shown of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from gateway.subjects.actions import NewGrant, NewParty
from gateway.subjects.rules import GivenGrant, GivenParty, HeldPost, Kind, Subject
from gateway.subjects.rules_roles import Role
from libs.common.forms import AreaCode, Form, Sector, Shown, Words
from libs.common.scope import Scope

_GRANT: dict[str, Any] = {
    "role": "auditor",
    "area_from": "331002000000",
    "area_to": "331002999999",
    "valid_to": "2027-12-31T16:00:00Z",
    "reason": "年度安全巡查",
}
_PARTY: dict[str, Any] = {"party_id": "01a13000-79e0-714e-b493-4270173b7a98", "reason": "该户房屋出租人"}


Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC))]
"""[DEF] A time that every zone has: the first and last day of the calendar have none in UTC."""


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


class GrantIn(Form):
    """One role over one range of areas; `sectors` null means every sector."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GRANT]})

    role: Role
    area_from: AreaCode
    area_to: AreaCode
    sectors: Annotated[list[Sector], Field(max_length=50)] | None = None
    valid_from: Moment | None = Field(default=None, description="from now on where it is left out")
    valid_to: Moment | None = None
    reason: Words

    def grant(self) -> NewGrant:
        """The grant with its times in UTC."""
        return NewGrant(
            role=self.role, area_from=self.area_from, area_to=self.area_to,
            sectors=None if self.sectors is None else tuple(self.sectors), valid_from=_utc(self.valid_from),
            valid_to=_utc(self.valid_to), reason=self.reason,
        )  # fmt: skip


class PartyIn(Form):
    """An object or a team that it takes part as."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PARTY]})

    party_id: UUID = Field(description="the id of its risk object, or of its team")
    valid_from: Moment | None = Field(default=None, description="from now on where it is left out")
    valid_to: Moment | None = None
    reason: Words

    def party(self) -> NewParty:
        """The party with its times in UTC."""
        return NewParty(
            party_id=self.party_id, valid_from=_utc(self.valid_from), valid_to=_utc(self.valid_to),
            reason=self.reason,
        )  # fmt: skip


class EndIn(Form):
    """Why it ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "巡查结束"}]})

    reason: Words


class GivenOut(Shown):
    """What stands of everything that was given by name."""

    id: UUID
    valid_from: datetime
    valid_to: datetime | None
    reason: str
    given_by: str = Field(description="the subject of the security administrator, or `settings`")
    given_at: datetime
    ended_by: str | None
    ended_reason: str | None


class GrantOut(GivenOut):
    """A role over a range of areas."""

    role: Role
    area_from: AreaCode
    area_to: AreaCode
    sectors: tuple[str, ...] | None


class PartyOut(GivenOut):
    """What it takes part as."""

    party_id: UUID


class HeldRoleOut(Shown):
    """A role that follows from a post; `sectors` null means every sector."""

    role: Role
    sectors: tuple[str, ...] | None


class HeldPostOut(Shown):
    """A post that it holds, or stands in for while that is vacant."""

    post_id: UUID
    tenure_id: UUID
    name_zh: str
    name_en: str
    kind: str
    area_from: AreaCode
    area_to: AreaCode
    roles: tuple[HeldRoleOut, ...]
    valid_from: datetime
    valid_to: datetime | None
    stands_in: bool = Field(description="the post is vacant and this is its substitute's holder")


class SubjectOut(Shown):
    """Who somebody is to the platform, and everything that they hold or held."""

    id: UUID
    version: int
    subject: str
    kind: Kind
    area_code: AreaCode
    grants: tuple[GrantOut, ...]
    past_grants: tuple[GrantOut, ...]
    parties: tuple[PartyOut, ...]
    past_parties: tuple[PartyOut, ...]
    posts: tuple[HeldPostOut, ...]
    state: str = Field(description="active or ended")
    ended_at: datetime | None
    ended_reason: str | None
    actions: tuple[str, ...] = Field(description="what the caller may do with it now")

    @classmethod
    def of(cls, subject: Subject, scope: Scope) -> Self:
        """How a subject is shown to who administers or audits the security of its area."""
        ended = subject.ended_at is not None
        may = scope.holds(Role.SECURITY_ADMINISTRATOR, area_code=subject.area_code, sectors=())
        given = ("give-grant", "give-party") if may and not ended and subject.subject != scope.subject else ()
        return cls(
            id=subject.id, version=subject.version, subject=subject.subject, kind=subject.kind,
            area_code=subject.area_code, grants=_grants(subject.grants), past_grants=_grants(subject.past_grants),
            parties=_parties(subject.parties), past_parties=_parties(subject.past_parties),
            posts=_posts(subject.held), state="ended" if ended else "active", ended_at=subject.ended_at,
            ended_reason=subject.ended_reason, actions=given,
        )  # fmt: skip


class MeOut(Shown):
    """Who the caller is, for the first screen of an app."""

    subject: str
    kind: Kind | None = Field(description="client, person or link; null where the platform does not know the caller")
    client_id: str
    acting_post: UUID | None = Field(description="the post that acts; name one in Acting-Post where it is null")
    roles: tuple[str, ...] = Field(description="every role that holds now, whatever gives it")
    posts: tuple[HeldPostOut, ...] = Field(description="the posts that the caller holds or stands in for now")
    grants: tuple[GrantOut, ...] = Field(description="what was given by name and holds now")
    parties: tuple[UUID, ...] = Field(description="its own objects, and teams")


def _grants(given: tuple[GivenGrant, ...]) -> tuple[GrantOut, ...]:
    return tuple(GrantOut.model_validate(one) for one in given)


def _parties(given: tuple[GivenParty, ...]) -> tuple[PartyOut, ...]:
    return tuple(PartyOut.model_validate(one) for one in given)


def _posts(held: tuple[HeldPost, ...]) -> tuple[HeldPostOut, ...]:
    return tuple(HeldPostOut.model_validate(one) for one in held)


def me(subject: Subject | None, roles: frozenset[str], scope: Scope) -> MeOut:
    """What an app draws its first screen from."""
    return MeOut(
        subject=scope.subject, kind=subject.kind if subject else None, client_id=scope.client_id,
        acting_post=scope.post_id, roles=tuple(sorted(roles)), posts=_posts(subject.held) if subject else (),
        grants=_grants(subject.grants) if subject else (),
        parties=tuple(one.party_id for one in subject.parties) if subject else (),
    )  # fmt: skip
