"""The door to clients, for system administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field, StringConstraints

from gateway.identity import actions, store
from gateway.identity.actions import GrantBeyondOwn, NewClient, Role, SubjectLooksAlike, WithSecret
from gateway.identity.rules import OVERLAP, Client, ClientAlreadyEnded, OfficeOfItsOwn, PublicClientHasNoOwn
from gateway.identity.rules_agencies import AgencyAlreadyEnded
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import Form, Line, Shown
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import AlreadyExists, IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("clients")

AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Name = Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
"""No colon: it would split a Basic header, and a subject that begins with `system:` is a scope of ours."""
Text = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

_EXAMPLE: dict[str, Any] = {
    "client_id": "police-app",
    "name": "警务端",
    "subject": "police-331002004000",
    "area_code": "331002004000",
}


class ClientIn(Form):
    """A program that is to be let in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    client_id: Name
    name: Text
    subject: Name = Field(description="as whom it acts in timelines and scopes; one client each")
    area_code: AreaCode = Field(description="the area of the body that answers for it")
    agency_id: UUID | None = Field(default=None, description="the agency that it belongs to, and ends with")
    public: bool = Field(
        default=False,
        description="it can keep no secret, such as an app on people's phones: it gets tokens only for the people"
        " who sign in by it, and has no secret, posts or grants of its own",
    )


class ClientPatch(Form):
    """JSON Merge Patch: what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "警务端"}]})

    name: Text


class EndIn(Form):
    """Why it ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "合同到期"}]})

    reason: Text


class RotateIn(Form):
    """How long the present secret goes on working beside the new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_seconds": 86400}]})

    overlap_seconds: int = Field(
        default=int(OVERLAP.total_seconds()), ge=0, le=7 * 86_400, description="0 ends it at once"
    )


class ClientOut(Shown):
    """A client as administrators see it."""

    id: UUID
    version: int
    client_id: str
    name: str
    subject: str
    area_code: AreaCode
    agency_id: UUID | None
    public: bool
    redirect_uris: list[str]
    state: str = Field(description="active or ended")
    ended_at: datetime | None
    ended_reason: str | None
    actions: list[str] = Field(description="what may be done with it now")

    @classmethod
    def of(cls, client: Client, scope: Scope) -> Self:
        """How a client is shown; there is nothing secret in it."""
        return cls.model_validate(_fields(client, scope))


class ClientWithSecretOut(ClientOut):
    """A client with its new secret."""

    client_secret: str | None = Field(
        description="shown this once and kept as a hash only; null in the answer to a repeat"
    )

    @classmethod
    def shown(cls, made: WithSecret, scope: Scope) -> Self:
        """How a client is shown the one time that its secret is known."""
        return cls.model_validate(_fields(made.client, scope) | {"client_secret": made.secret})


class ClientPage(Shown):
    """A page of clients."""

    items: list[ClientOut]
    next: str | None
    count: int | None = None


def _fields(client: Client, scope: Scope) -> dict[str, Any]:
    may = scope.holds(Role.SYSTEM_ADMINISTRATOR, area_code=client.area_code, sectors=())
    ended = client.ended_at is not None
    return {
        "id": client.id,
        "version": client.version,
        "client_id": client.client_id,
        "name": client.name,
        "subject": client.subject,
        "area_code": client.area_code,
        "agency_id": client.agency_id,
        "public": client.public,
        "redirect_uris": client.redirect_uris,
        "state": "ended" if ended else "active",
        "ended_at": client.ended_at,
        "ended_reason": client.ended_reason,
        "actions": _moves(client) if may and not ended else [],
    }


def _moves(client: Client) -> list[str]:
    return ["change", "end"] if client.public else ["change", "rotate-secret", "end"]


@routes.post(
    "/v1/clients",
    status_code=201,
    response_model=ClientWithSecretOut,
    summary="接入客户端 Let a program in",
    responses=refuses(RoleMissing, AgencyAlreadyEnded, SubjectLooksAlike, IdTaken, AlreadyExists),
)
async def register_client(body: ClientIn, door: Write) -> Response:
    """Register a client application and the subject that it acts as. For a system administrator over its area; what
    it may do a security administrator gives it, at `/v1/subjects`. The answer shows its secret, once."""

    async def verb(tx: Tx) -> WithSecret:
        new = NewClient(
            id=body.id or new_id(),
            client_id=body.client_id,
            name=body.name,
            subject=body.subject,
            area_code=body.area_code,
            agency_id=body.agency_id,
            public=body.public,
        )
        return await actions.register_client(tx, new)

    return await door.perform(verb, ClientWithSecretOut.shown, created=True, show_again=actions.show_without_secret)


@routes.get("/v1/clients", response_model=ClientPage, summary="客户端列表 List the clients that you administer")
async def list_clients(asked: Asked, door: Read) -> Response:
    """Every client whose body lies in an area in which you look after the platform, ended ones included."""
    return await door.look(lambda tx: store.list_clients(tx, asked), listed(ClientOut.of))


@routes.get("/v1/clients/{id}", response_model=ClientOut, summary="客户端详情 Look at a client")
async def show_client(id: UUID, door: Read) -> Response:  # noqa: A002
    """Who it is and as whom it acts. There is nothing secret in it."""
    return await door.look(lambda tx: actions.find_client(tx, id), ClientOut.of)


@routes.patch(
    "/v1/clients/{id}",
    response_model=ClientOut,
    summary="更改客户端名称 Call a client otherwise",
    responses=refuses(ClientAlreadyEnded, GrantBeyondOwn, OfficeOfItsOwn, RoleMissing),
)
async def change_client(id: UUID, body: ClientPatch, door: Change) -> Response:  # noqa: A002
    """Its name, as people read it. What it may do is changed at its subject."""
    return await door.perform(
        lambda tx: actions.rename_client(tx, id, door.expected_version, body.name),
        ClientOut.of,
        show_again=actions.find_client,
    )


@routes.post(
    "/v1/clients/{id}/end",
    response_model=ClientOut,
    summary="停用客户端 Shut a client out for good",
    responses=refuses(ClientAlreadyEnded, GrantBeyondOwn, OfficeOfItsOwn, RoleMissing),
)
async def end_client(id: UUID, body: EndIn, door: Change) -> Response:  # noqa: A002
    """It gets no more tokens, and the tokens that it has are refused from now on (`client_ended`)."""
    return await door.perform(
        lambda tx: actions.end_client(tx, id, door.expected_version, body.reason),
        ClientOut.of,
        show_again=actions.find_client,
    )


@routes.post(
    "/v1/clients/{id}/rotate-secret",
    response_model=ClientWithSecretOut,
    summary="更换客户端密钥 Give a client a new secret",
    responses=refuses(ClientAlreadyEnded, PublicClientHasNoOwn, GrantBeyondOwn, OfficeOfItsOwn, RoleMissing),
)
async def rotate_secret(id: UUID, body: RotateIn, door: Change) -> Response:  # noqa: A002
    """A new secret, shown once, beside the present one, which works a while longer so that nothing stops. At
    most two secrets work at a time."""
    overlap = timedelta(seconds=body.overlap_seconds)
    return await door.perform(
        lambda tx: actions.rotate_secret(tx, id, door.expected_version, overlap),
        ClientWithSecretOut.shown,
        show_again=actions.show_without_secret,
    )
