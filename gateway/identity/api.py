"""The door to clients, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from gateway.identity import actions, store
from gateway.identity.actions import NewClient, WithSecret
from gateway.identity.rules import (
    BEGINNING,
    OVERLAP,
    Client,
    ClientAlreadyEnded,
    ClientGrant,
    GrantBeyondOwn,
    GrantMalformed,
    PostsBeyondOwn,
    PublicClientHasNoOwn,
    Role,
)
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import Form, Line, Sector, Shown
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
    "grants": [{"role": "inspector", "area_from": "331002004000", "area_to": "331002004999", "sectors": ["fire"]}],
}


class GrantIn(Form):
    """One role over one range of areas; `sectors` null means every sector."""

    role: Role
    area_from: AreaCode
    area_to: AreaCode
    sectors: list[Sector] | None = Field(default=None, max_length=50)
    post_id: UUID | None = Field(default=None, description="the post that this role comes from")
    valid_from: AwareDatetime | None = Field(default=None, description="where it is left out: it always held")
    valid_to: AwareDatetime | None = None

    def grant(self) -> ClientGrant:
        """The grant with its times in UTC."""
        return ClientGrant(
            role=self.role,
            area_from=self.area_from,
            area_to=self.area_to,
            sectors=None if self.sectors is None else tuple(self.sectors),
            post_id=self.post_id,
            valid_from=(self.valid_from or BEGINNING).astimezone(UTC),
            valid_to=self.valid_to.astimezone(UTC) if self.valid_to else None,
        )


Grants = Annotated[list[GrantIn], Field(max_length=200)]
Posts = Annotated[list[UUID], Field(max_length=200)]


class ClientIn(Form):
    """A program that is to be let in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    client_id: Name
    name: Text
    subject: Name = Field(description="as whom it acts in timelines and scopes; one client each")
    area_code: AreaCode = Field(description="the area of the body that answers for it")
    posts: Posts = Field(default_factory=list)
    grants: Grants = Field(default_factory=list)
    public: bool = Field(
        default=False,
        description="it can keep no secret, such as an app on people's phones: it gets tokens only for the people"
        " who sign in by it, and has no secret, posts or grants of its own",
    )


class ClientPatch(Form):
    """JSON Merge Patch: what is left out stays; lists are replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "警务端", "grants": _EXAMPLE["grants"]}]})

    name: Text | None = None
    posts: Posts | None = None
    grants: Grants | None = None


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


class GrantOut(Shown):
    """One role over one range of areas."""

    role: Role
    area_from: AreaCode
    area_to: AreaCode
    sectors: list[str] | None
    post_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None


class ClientOut(Shown):
    """A client as administrators see it."""

    id: UUID
    version: int
    client_id: str
    name: str
    subject: str
    area_code: AreaCode
    posts: list[UUID]
    grants: list[GrantOut]
    public: bool
    state: str = Field(description="active or ended")
    ended_at: datetime | None
    ended_reason: str | None
    actions: list[str] = Field(description="what may be done with it now")

    @classmethod
    def of(cls, client: Client, _: Scope) -> Self:
        """How a client is shown; there is nothing secret in it."""
        return cls.model_validate(_fields(client))


class ClientWithSecretOut(ClientOut):
    """A client with its new secret."""

    client_secret: str | None = Field(
        description="shown this once and kept as a hash only; null in the answer to a repeat, and for a public client"
    )

    @classmethod
    def shown(cls, made: WithSecret, _: Scope) -> Self:
        """How a client is shown the one time that its secret is known."""
        return cls.model_validate(_fields(made.client) | {"client_secret": made.secret})


class ClientPage(Shown):
    """A page of clients."""

    items: list[ClientOut]
    next: str | None
    count: int | None = None


def _fields(client: Client) -> dict[str, Any]:
    ended = client.ended_at is not None
    return {
        "id": client.id,
        "version": client.version,
        "client_id": client.client_id,
        "name": client.name,
        "subject": client.subject,
        "area_code": client.area_code,
        "posts": client.posts,
        "grants": [{name: getattr(grant, name) for name in GrantOut.model_fields} for grant in client.grants],
        "public": client.public,
        "state": "ended" if ended else "active",
        "ended_at": client.ended_at,
        "ended_reason": client.ended_reason,
        "actions": [] if ended else ["change", "end"] if client.public else ["change", "rotate-secret", "end"],
    }


@routes.post(
    "/v1/clients",
    status_code=201,
    response_model=ClientWithSecretOut,
    summary="Let a program in",
    responses=refuses(GrantMalformed, PublicClientHasNoOwn, GrantBeyondOwn, PostsBeyondOwn, IdTaken, AlreadyExists),
)
async def register_client(body: ClientIn, door: Write) -> Response:
    """Register a client application, as whom it acts and what it may do where and when. Administrators only,
    and only within the areas and sectors that they administer. The answer shows its secret, once."""

    async def verb(tx: Tx) -> WithSecret:
        new = NewClient(
            id=body.id or new_id(),
            client_id=body.client_id,
            name=body.name,
            subject=body.subject,
            area_code=body.area_code,
            posts=tuple(body.posts),
            grants=tuple(one.grant() for one in body.grants),
            public=body.public,
        )
        return await actions.register_client(tx, new)

    return await door.perform(verb, ClientWithSecretOut.shown, created=True, show_again=actions.show_without_secret)


@routes.get("/v1/clients", response_model=ClientPage, summary="List the clients that you administer")
async def list_clients(asked: Asked, door: Read) -> Response:
    """Every client whose body lies in an area that you administer, ended ones included."""
    return await door.look(lambda tx: store.list_clients(tx, asked), listed(ClientOut.of))


@routes.get("/v1/clients/{id}", response_model=ClientOut, summary="Look at a client")
async def show_client(id: UUID, door: Read) -> Response:  # noqa: A002
    """Who it is, as whom it acts, and what it may do. There is nothing secret in it."""
    return await door.look(lambda tx: actions.find_client(tx, id), ClientOut.of)


@routes.patch(
    "/v1/clients/{id}",
    response_model=ClientOut,
    summary="Change what a client may do",
    responses=refuses(
        ClientAlreadyEnded, GrantMalformed, PublicClientHasNoOwn, GrantBeyondOwn, PostsBeyondOwn, RoleMissing
    ),
)
async def change_client(id: UUID, body: ClientPatch, door: Change) -> Response:  # noqa: A002
    """Replace its name, posts or grants. In force everywhere within seconds, also for tokens that still run:
    rights are looked up on every request and are in no token."""

    async def verb(tx: Tx) -> Client:
        grants = None if body.grants is None else tuple(one.grant() for one in body.grants)
        posts = None if body.posts is None else tuple(body.posts)
        return await actions.change_client(tx, id, door.expected_version, name=body.name, posts=posts, grants=grants)

    return await door.perform(verb, ClientOut.of, show_again=actions.find_client)


@routes.post(
    "/v1/clients/{id}/end",
    response_model=ClientOut,
    summary="Shut a client out for good",
    responses=refuses(ClientAlreadyEnded, GrantBeyondOwn, PostsBeyondOwn),
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
    summary="Give a client a new secret",
    responses=refuses(ClientAlreadyEnded, PublicClientHasNoOwn, GrantBeyondOwn, PostsBeyondOwn),
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
