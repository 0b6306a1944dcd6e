"""The door to accounts of people, for who keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self, cast
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import ConfigDict, Field, StringConstraints

from gateway.people import actions
from gateway.people.actions import Account, EndSignIns, GrantBeyondOwn, NewPerson
from gateway.people.actions_looks import look_at_account, look_through_accounts
from gateway.people.rules import (
    ADMINISTERS,
    LoginNameMalformed,
    LoginNameTaken,
    NoSecondFactor,
    OfficeOfItsOwn,
    OwnAccount,
    PersonEnded,
    PersonState,
)
from gateway.settings import Settings
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Form, Line, Shown
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("people", prefix="/v1/people")

DisplayName = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reason = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_EXAMPLE: dict[str, Any] = {"login_name": "guo.zz", "display_name": "乡镇领导(演示)", "area_code": "331002004000"}


def end_sign_ins_of(request: Request) -> EndSignIns:
    """How what apps got for a person ends, as this app was put together."""
    return cast(EndSignIns, request.app.state.end_sign_ins)


Ending = Annotated[EndSignIns, Depends(end_sign_ins_of)]


class PersonIn(Form):
    """A person who is to sign in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    login_name: str = Field(
        min_length=3,
        max_length=64,
        description="what they sign in with: Latin letters, digits, dot, underscore and hyphen; one like another's"
        " (`zhang1`, `zhangl`) is refused",
    )
    display_name: DisplayName = Field(description="what they are called; kept sealed, and in no event or log")
    area_code: AreaCode = Field(description="the area of the body that answers for the account")


class PersonPatch(Form):
    """JSON Merge Patch: what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"display_name": "乡镇领导(演示)"}]})

    display_name: DisplayName


class ReasonIn(Form):
    """Why it is done; it stands in the timeline."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "调离本岗位"}]})

    reason: Reason


class PersonOut(Shown):
    """An account as its administrators see it; there is no password in it, for nobody knows one."""

    id: UUID
    version: int
    subject: str = Field(description="as whom they act in timelines and scopes; it says nothing about them")
    login_name: str
    display_name: str
    area_code: AreaCode
    state: PersonState
    second_factor: bool = Field(description="whether they have set up a second factor")
    invited_until: datetime | None = Field(description="until when the last enrolment code works; null: used")
    locked_until: datetime | None = Field(
        description="until when some place has to wait after wrong sign-ins; null in lists"
    )
    ended_at: datetime | None
    ended_reason: str | None
    actions: list[str] = Field(description="what you may do with it now")

    @classmethod
    def of(cls, account: Account, scope: Scope) -> Self:
        """How an account is shown."""
        return cls.model_validate(_fields(account, scope))


class PersonWithCodeOut(PersonOut):
    """An account with a new enrolment code."""

    enrolment_code: str | None = Field(
        description="shown this once and kept as a hash only, for 72 hours: hand it over in person; null in the"
        " answer to a repeat"
    )

    @classmethod
    def shown(cls, account: Account, scope: Scope) -> Self:
        """How an account is shown the one time that its code is known."""
        return cls.model_validate(_fields(account, scope) | {"enrolment_code": account.enrolment_code})


class PersonPage(Shown):
    """A page of accounts."""

    items: list[PersonOut]
    next: str | None
    count: int | None = None


def _fields(account: Account, scope: Scope) -> dict[str, Any]:
    person = account.person
    return {
        "id": person.id,
        "version": person.version,
        "subject": person.subject,
        "login_name": person.login_name,
        "display_name": account.display_name,
        "area_code": person.area_code,
        "state": person.state,
        "second_factor": person.second_factor,
        "invited_until": account.invited_until,
        "locked_until": account.locked_until,
        "ended_at": person.ended_at,
        "ended_reason": person.ended_reason,
        "actions": _moves(account, scope),
    }


def _moves(account: Account, scope: Scope) -> list[str]:
    person = account.person
    may = scope.holds(*ADMINISTERS, area_code=person.area_code, sectors=())
    if person.state is PersonState.ENDED or person.subject == scope.subject or not may:
        return []
    moves = ["change", "invite", "unlock", "end"]
    return [*moves, "reset-second-factor"] if person.second_factor else moves


@routes.post(
    "",
    status_code=201,
    response_model=PersonWithCodeOut,
    summary="邀请人员 Invite a person",
    responses=refuses(LoginNameMalformed, LoginNameTaken, IdTaken),
)
async def invite_person(body: PersonIn, door: Write, settings: Settings) -> Response:
    """Open an account within the area that you administer, and the subject that it acts as. What it may do follows
    from its posts, or a security administrator gives it at `/v1/subjects`. The answer shows an enrolment code, once;
    with it the person sets a password of their own at `/oauth/enrol` within 72 hours [DEF]: nobody else knows it."""

    async def verb(tx: Tx) -> Account:
        new = NewPerson(
            id=body.id or new_id(),
            login_name=body.login_name,
            display_name=body.display_name,
            area_code=body.area_code,
        )
        return await actions.invite_person(tx, settings.seals, new)

    return await door.perform(verb, PersonWithCodeOut.shown, created=True, show_again=_again(settings))


@routes.get("", response_model=PersonPage, summary="列出人员 List the people whose accounts you keep")
async def list_people(asked: Asked, door: Read, settings: Settings) -> Response:
    """Every account whose body lies in an area that you administer, ended ones included."""

    async def find(tx: Tx) -> Page[Account]:
        return await look_through_accounts(tx, settings.seals, asked)

    return await door.look(find, listed(PersonOut.of))


@routes.get("/{id}", response_model=PersonOut, summary="查看人员 Look at a person's account")
async def show_person(id: UUID, door: Read, settings: Settings) -> Response:  # noqa: A002
    """Who it is, whether they have enrolled, and whether somebody has tried to guess their password."""
    return await door.look(lambda tx: look_at_account(tx, settings.seals, id), PersonOut.of)


@routes.patch(
    "/{id}",
    response_model=PersonOut,
    summary="更正姓名 Correct what a person is called",
    responses=refuses(PersonEnded, OwnAccount),
)
async def rename_person(id: UUID, body: PersonPatch, door: Change, settings: Settings) -> Response:  # noqa: A002
    """Another display name. The login name stays for good: it stands in the person's head."""

    async def verb(tx: Tx) -> Account:
        return await actions.rename_person(tx, settings.seals, id, door.expected_version, body.display_name)

    return await door.perform(verb, PersonOut.of, show_again=_again(settings))


@routes.post(
    "/{id}/invite",
    response_model=PersonWithCodeOut,
    summary="重新邀请 Give a person a new enrolment code",
    responses=refuses(PersonEnded, OwnAccount, OfficeOfItsOwn, GrantBeyondOwn),
)
async def invite_again(id: UUID, door: Change, settings: Settings) -> Response:  # noqa: A002
    """For a code that was lost or a password that was forgotten. The earlier code stops working, the present
    password works until the new code is used, and a second factor stays."""

    async def verb(tx: Tx) -> Account:
        return await actions.invite_again(tx, settings.seals, id, door.expected_version)

    return await door.perform(verb, PersonWithCodeOut.shown, show_again=_again(settings))


@routes.post(
    "/{id}/end",
    response_model=PersonOut,
    summary="停用人员 End a person's account for good",
    responses=refuses(PersonEnded, OwnAccount),
)
async def end_person(id: UUID, body: ReasonIn, door: Change, settings: Settings) -> Response:  # noqa: A002
    """They sign in no more; sessions and refresh tokens of theirs are refused from now on."""

    async def verb(tx: Tx) -> Account:
        return await actions.end_person(tx, settings.seals, id, door.expected_version, body.reason)

    return await door.perform(verb, PersonOut.of, show_again=_again(settings))


@routes.post(
    "/{id}/unlock",
    response_model=PersonOut,
    summary="解除锁定 Let a person sign in without waiting",
    responses=refuses(PersonEnded, OwnAccount),
)
async def unlock_person(id: UUID, body: ReasonIn, door: Change, settings: Settings) -> Response:  # noqa: A002
    """Forget the wrong sign-ins of the account. A lock passes by itself within half an hour [DEF], and never keeps
    a browser out in which the person has signed in before."""

    async def verb(tx: Tx) -> Account:
        return await actions.unlock_person(tx, settings.seals, id, door.expected_version, body.reason)

    return await door.perform(verb, PersonOut.of, show_again=_again(settings))


@routes.post(
    "/{id}/reset-second-factor",
    response_model=PersonOut,
    summary="重置第二因素 Take a lost second factor away",
    responses=refuses(PersonEnded, NoSecondFactor, OwnAccount, OfficeOfItsOwn, GrantBeyondOwn),
)
async def reset_second_factor(
    id: UUID, body: ReasonIn, door: Change, settings: Settings, end: Ending,  # noqa: A002
) -> Response:  # fmt: skip
    """For a lost phone without recovery codes. The person is signed out everywhere and sets up a new one at the
    next sign-in, before anything else, where a role of theirs needs it; tokens that apps hold are refused."""

    async def verb(tx: Tx) -> Account:
        return await actions.reset_second_factor(tx, settings.seals, id, door.expected_version, body.reason, end)

    return await door.perform(verb, PersonOut.of, show_again=_again(settings))


def _again(settings: Settings) -> Any:
    async def find(tx: Tx, id: UUID) -> Account:  # noqa: A002
        return await actions.show_account(tx, settings.seals, id)

    return find
