"""The door to subjects, for who administers and who audits security; and to oneself, for everybody."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from gateway.subjects import actions
from gateway.subjects.actions_looks import look_at_subject, look_through_subjects
from gateway.subjects.actions_me import find_me
from gateway.subjects.forms import EndIn, GrantIn, MeOut, PartyIn, SubjectOut, me
from gateway.subjects.rules import Kind
from gateway.subjects.rules_reach import GrantBeyondOwn
from gateway.subjects.rules_refusals import (
    GrantMalformed,
    NeverGiven,
    NothingToEnd,
    NotToOneself,
    SubjectAlreadyEnded,
    TooManyGiven,
)
from gateway.subjects.rules_roles import OfficesJoined
from libs.common.doors import Change, Read
from libs.common.forms import Line, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import RoleMissing
from libs.common.strict_routes import router

routes = router("subjects")

_GIVING = (RoleMissing, NotToOneself, GrantBeyondOwn, GrantMalformed, TooManyGiven, SubjectAlreadyEnded)
_TAKING = (RoleMissing, NotToOneself, GrantBeyondOwn, NeverGiven, NothingToEnd, SubjectAlreadyEnded)


@routes.get("/v1/me", response_model=MeOut, summary="我是谁 Who I am and what I may do")
async def show_me(door: Read) -> Response:
    """Who calls: its subject and client, the posts that it holds with their names, roles and areas, and what was
    given to it by name, as they hold now. An app draws its first screen from it; nothing here grants anything."""
    async with door.read() as tx:
        found, roles = await find_me(tx)
        return door.answer(me(found, roles, tx.scope))


@routes.get("/v1/subjects", response_model=PageOut[SubjectOut], summary="主体列表 List who may act")
async def list_subjects(asked: Asked, door: Read, kind: Kind | None = None, subject: Line | None = None) -> Response:
    """Programs, people and one-time links of the areas whose security you administer or audit, ended ones too."""
    return await door.look(
        lambda tx: look_through_subjects(tx, asked, kind=kind, subject=subject), listed(SubjectOut.of)
    )


@routes.get("/v1/subjects/{id}", response_model=SubjectOut, summary="主体详情 What somebody may do, and why")
async def show_subject(id: UUID, door: Read) -> Response:  # noqa: A002
    """Every grant and party with who gave it, why, from when to when; the past ones; and the posts that it holds,
    with the roles that follow from each. For who administers or audits the security of its area."""
    return await door.look(lambda tx: look_at_subject(tx, id), SubjectOut.of)


@routes.post(
    "/v1/subjects/{id}/give-grant",
    response_model=SubjectOut,
    summary="授予角色 Give somebody a role",
    responses=refuses(*_GIVING, OfficesJoined),
)
async def give_grant(id: UUID, body: GrantIn, door: Change) -> Response:  # noqa: A002
    """One role over a range of areas, dated, with the reason; in force everywhere within seconds. For a security
    administrator over the whole of that range, and never for oneself. System, security and audit administration are
    three hands (三员分立, GB/T 22239-2019 8.1.5): two of them in one are refused, and a program gets none."""
    return await door.perform(
        lambda tx: actions.give_grant(tx, id, door.expected_version, body.grant()),
        SubjectOut.of, show_again=actions.find_subject,
    )  # fmt: skip


@routes.post(
    "/v1/subjects/{id}/grants/{grant_id}/end",
    response_model=SubjectOut,
    summary="终止角色 End a role that was given",
    responses=refuses(*_TAKING),
)
async def end_grant(id: UUID, grant_id: UUID, body: EndIn, door: Change) -> Response:  # noqa: A002
    """It ends now, with the reason, and stays on record: nothing that was given is ever deleted."""
    return await door.perform(
        lambda tx: actions.take_grant(tx, id, door.expected_version, grant_id, body.reason),
        SubjectOut.of, show_again=actions.find_subject,
    )  # fmt: skip


@routes.post(
    "/v1/subjects/{id}/give-party",
    response_model=SubjectOut,
    summary="关联本单位对象 Let somebody take part as its own object or team",
    responses=refuses(*_GIVING),
)
async def give_party(id: UUID, body: PartyIn, door: Change) -> Response:  # noqa: A002
    """A firm or landlord sees its own objects' orders, a team's app its own dispatches, and nothing around them.
    The gateway does not know where an object lies: only who administers the security of everything says so."""
    return await door.perform(
        lambda tx: actions.give_party(tx, id, door.expected_version, body.party()),
        SubjectOut.of, show_again=actions.find_subject,
    )  # fmt: skip


@routes.post(
    "/v1/subjects/{id}/parties/{given_id}/end",
    response_model=SubjectOut,
    summary="终止关联 End a party",
    responses=refuses(*_TAKING),
)
async def end_party(id: UUID, given_id: UUID, body: EndIn, door: Change) -> Response:  # noqa: A002
    """It takes part no more from now on, with the reason; what it did stays on record."""
    return await door.perform(
        lambda tx: actions.take_party(tx, id, door.expected_version, given_id, body.reason),
        SubjectOut.of, show_again=actions.find_subject,
    )  # fmt: skip
