"""The verbs on subjects: open and end one, give to it and take from it, each dated and with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.subjects import store
from gateway.subjects.actions_reach import EVERYTHING, administered
from gateway.subjects.rules import (
    BEGINNING,
    OF_THE_SETTINGS,
    GivenGrant,
    GivenParty,
    HeldPost,
    Kind,
    Subject,
    add_party,
    end,
    end_grant,
    end_party,
    give,
)
from gateway.subjects.rules_names import SubjectLooksAlike, skeleton
from gateway.subjects.rules_reach import Reach, require_within
from gateway.subjects.rules_refusals import NotToOneself
from gateway.subjects.rules_roles import Role
from libs.common.aggregates import require_version
from libs.common.announcing import Announced
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import AlreadyExists, NotFound
from libs.contracts import gateway as told

_LOOKING = "subjects: by name"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewGrant:
    """What a security administrator says of a grant to be; from now on where no beginning is said."""

    role: Role
    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    valid_from: datetime | None
    valid_to: datetime | None
    reason: str

    @property
    def reach(self) -> Reach:
        """Where it would hold."""
        return Reach(area_from=self.area_from, area_to=self.area_to, sectors=self.sectors)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewParty:
    """What a security administrator says of a party to be."""

    party_id: UUID
    valid_from: datetime | None
    valid_to: datetime | None
    reason: str


def state_of(subject: Subject) -> told.SubjectState:
    """What every service copies of a subject: each grant from one post or one explicit grant, never joined."""
    by_name = [
        told.SubjectGrant(
            area_from=one.area_from, area_to=one.area_to, sectors=one.sectors, role=one.role,
            valid_from=one.valid_from, valid_to=one.valid_to,
        )
        for one in subject.grants
    ]  # fmt: skip
    by_posts = [
        told.SubjectGrant(
            area_from=post.area_from, area_to=post.area_to, sectors=held.sectors, role=held.role,
            post_id=post.post_id, valid_from=post.valid_from, valid_to=post.valid_to,
        )
        for post in subject.held
        for held in post.roles
    ]  # fmt: skip
    own = [one for one in subject.held if not one.stands_in]
    parties: list[tuple[UUID, GivenParty | HeldPost]] = [
        *((one.party_id, one) for one in subject.parties),
        *((one.post_id, one) for one in subject.held if one.stands_in),
    ]
    return told.SubjectState(
        subject=subject.subject, kind=subject.kind, grants=(*by_name, *by_posts), ended=subject.ended_at is not None,
        posts=tuple(
            told.SubjectPost(post_id=one.post_id, valid_from=one.valid_from, valid_to=one.valid_to) for one in own
        ),
        parties=tuple(
            told.SubjectParty(party_id=party, valid_from=one.valid_from, valid_to=one.valid_to)
            for party, one in parties
        ),
    )  # fmt: skip


SUBJECTS = Announced(table=store.TABLE, row=Subject, stated=told.SubjectStated, state_of=state_of)
"""What every service keeps a copy of."""


async def open_subject(tx: Tx, *, subject: str, kind: Kind, area_code: str) -> Subject:
    """Somebody who may act from now on and holds nothing yet. Whoever opens it has asked for the role.

    Raises AlreadyExists (409) where the name is in use, SubjectLooksAlike (409) where another reads like it.
    """
    seen = skeleton(subject)
    async with tx.system(_LOOKING):
        other = await store.name_of(tx, seen)
    if other is not None:
        raise AlreadyExists if other == subject else SubjectLooksAlike
    fresh = Subject(
        id=new_id(), version=0, area_code=area_code, sectors=(), exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(), subject=subject, kind=kind, skeleton=seen, grants=(),
        past_grants=(), parties=(), past_parties=(), held=(), follows=(), ended_at=None, ended_reason=None,
    )  # fmt: skip
    return await store.write(tx, fresh, told.SubjectOpened(state=state_of(fresh)), state_of(fresh), why="opened")


async def end_subject(tx: Tx, subject: str, reason: str) -> None:
    """It acts no more, here at once and everywhere within seconds. Whoever ends it has asked for the role.

    Raises NotFound (404), SubjectAlreadyEnded (409).
    """
    async with tx.system(_LOOKING):
        known = await store.lock_named(tx, subject)
        if known is None:
            raise NotFound("subjects", subject)
        after = end(known, tx.now, reason)
        await store.write(
            tx, after, told.SubjectEnded(state=state_of(after), reason=reason), state_of(after), why=reason
        )


async def give_grant(tx: Tx, id: UUID, expected: int | None, new: NewGrant) -> Subject:  # noqa: A002
    """One more role over a range of areas. For a security administrator over all of it, and never for oneself.

    Raises RoleMissing, NotToOneself, GrantBeyondOwn (403), GrantMalformed (422), OfficesJoined, TooManyGiven (409).
    """
    subject = await _lock(tx, id, expected)
    grant = GivenGrant(
        id=new_id(), role=new.role, area_from=new.area_from, area_to=new.area_to, sectors=new.sectors,
        valid_from=new.valid_from or tx.now, valid_to=new.valid_to, reason=new.reason, given_by=tx.caller.subject,
        given_at=tx.now,
    )  # fmt: skip
    after = give(subject, grant)
    require_within(administered(tx), [new.reach])
    return await _change(tx, after, "grant_given", new.reason)


async def take_grant(tx: Tx, id: UUID, expected: int | None, grant_id: UUID, reason: str) -> Subject:  # noqa: A002
    """A grant ends now and stays on record. Raises NeverGiven (404), NothingToEnd (409), GrantBeyondOwn (403)."""
    subject = await _lock(tx, id, expected)
    reach = [
        Reach(area_from=one.area_from, area_to=one.area_to, sectors=one.sectors)
        for one in subject.grants
        if one.id == grant_id
    ]
    require_within(administered(tx), reach)
    return await _change(tx, end_grant(subject, grant_id, tx.now, tx.caller.subject, reason), "grant_ended", reason)


async def give_party(tx: Tx, id: UUID, expected: int | None, new: NewParty) -> Subject:  # noqa: A002
    """It takes part as an object of its own, or as a team. The gateway does not know where that lies, so only
    who administers the security of every area and sector says so. Raises GrantBeyondOwn (403)."""
    subject = await _lock(tx, id, expected, EVERYTHING)
    party = GivenParty(
        id=new_id(), party_id=new.party_id, valid_from=new.valid_from or tx.now, valid_to=new.valid_to,
        reason=new.reason, given_by=tx.caller.subject, given_at=tx.now,
    )  # fmt: skip
    return await _change(tx, add_party(subject, party), "party_added", new.reason)


async def bind_party(tx: Tx, subject: str, party_id: UUID, reason: str) -> None:
    """A subject that another slice has opened takes part as this. Whoever binds it has asked for the role."""
    async with tx.system(_LOOKING):
        known = await store.lock_named(tx, subject)
        if known is None:
            raise NotFound("subjects", subject)
        party = GivenParty(
            id=new_id(), party_id=party_id, valid_from=tx.now, valid_to=None, reason=reason,
            given_by=tx.caller.subject, given_at=tx.now,
        )  # fmt: skip
        await _change(tx, add_party(known, party), "party_added", reason)


async def take_party(tx: Tx, id: UUID, expected: int | None, party_id: UUID, reason: str) -> Subject:  # noqa: A002
    """A party ends now and stays on record. Raises NeverGiven (404), NothingToEnd (409)."""
    subject = await _lock(tx, id, expected)
    return await _change(tx, end_party(subject, party_id, tx.now, tx.caller.subject, reason), "party_ended", reason)


async def find_subject(tx: Tx, id: UUID) -> Subject:  # noqa: A002
    """One subject; NotFound (404) for whoever neither administers nor audits the security of its area."""
    return await store.find_subject(tx, id)


async def ensure_office(tx: Tx, subject: str, role: Role) -> None:
    """A subject of the settings holds its office over everything; under a system scope."""
    known = await store.lock_named(tx, subject)
    if known is None or any(one.role is role for one in known.grants):
        return
    office = GivenGrant(
        id=new_id(), role=role, area_from=EVERYTHING.area_from, area_to=EVERYTHING.area_to, sectors=None,
        valid_from=BEGINNING, valid_to=None, reason="from the settings", given_by=OF_THE_SETTINGS, given_at=tx.now,
    )  # fmt: skip
    await _change(tx, give(known, office), "grant_given", office.reason)


async def area_of(tx: Tx, subject: str) -> str:
    """The area of the body that answers for a subject; NotFound (404) where nobody has that name."""
    async with tx.system(_LOOKING):
        known = await store.find_named(tx, subject)
    if known is None:
        raise NotFound("subjects", subject)
    return known.area_code


async def reach_of(tx: Tx, subject: str) -> tuple[frozenset[str], tuple[Reach, ...]]:
    """Which roles somebody holds or will hold, and over what: whoever had its secret would have all of it.

    Where it takes part beyond its grants, nobody here knows how far that is: it counts as everything.
    """
    async with tx.system(_LOOKING):
        known = await store.find_named(tx, subject)
    if known is None:
        return frozenset(), ()
    grants = state_of(known).grants
    ranges = {Reach(area_from=one.area_from, area_to=one.area_to, sectors=one.sectors) for one in grants}
    if known.parties or any(not one.roles for one in known.held):
        ranges.add(EVERYTHING)
    return frozenset(one.role for one in grants), tuple(ranges)


async def _lock(tx: Tx, id: UUID, expected: int | None, *within: Reach) -> Subject:  # noqa: A002
    subject = await store.lock_subject(tx, id)
    tx.caller.require(Role.SECURITY_ADMINISTRATOR, area_code=subject.area_code, sectors=())
    if subject.subject == tx.caller.subject:
        raise NotToOneself
    require_within(administered(tx), within)
    require_version(subject, expected)
    return subject


async def _change(tx: Tx, subject: Subject, by: str, why: str) -> Subject:
    state = state_of(subject)
    return await store.write(tx, subject, told.SubjectChanged(state=state, by=by), state, why=why)
