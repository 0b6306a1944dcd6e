"""The verbs on clients: register, change, end, rotate a secret, and check one."""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from gateway.identity import store
from gateway.identity.model import clients
from gateway.identity.rules import (
    BEGINNING,
    LAST_AREA,
    OVERLAP,
    WHOLE_CITY,
    Administered,
    Client,
    ClientGrant,
    Role,
    Secret,
    check_grants,
    check_own,
    check_posts,
    check_reach,
    end,
    hash_secret,
    make_room,
    matches,
    require_live,
    require_own,
)
from libs.common.aggregates import record
from libs.common.announcing import Announced
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.event import Event
from libs.contracts.gateway import (
    ClientChanged,
    ClientEnded,
    ClientRegistered,
    ClientState,
    ClientStated,
)
from libs.contracts.gateway import ClientGrant as ToldGrant

_FOR_SECRETS = "clients: secrets"
_AT_START = "clients: administrator from settings"
_SECRET_BYTES = 32
_UNKNOWN = Secret(id=UUID(int=0), hash=hash_secret(""), created_at=BEGINNING, expires_at=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClient:
    """What an administrator says about a client to be."""

    id: UUID
    client_id: str
    name: str
    subject: str
    area_code: str
    posts: tuple[UUID, ...]
    grants: tuple[ClientGrant, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WithSecret:
    """A client and its new secret, which is shown this once and kept only as a hash; a public client has none."""

    client: Client
    secret: str | None

    @property
    def id(self) -> UUID:
        """The client's id."""
        return self.client.id

    @property
    def version(self) -> int:
        """The client's version."""
        return self.client.version


def state_of(client: Client) -> ClientState:
    """What every service copies of a client."""
    return ClientState(
        subject=client.subject,
        client_id=client.client_id,
        posts=client.posts,
        grants=tuple(
            ToldGrant(
                area_from=grant.area_from,
                area_to=grant.area_to,
                sectors=grant.sectors,
                role=grant.role,
                post_id=grant.post_id,
                valid_from=grant.valid_from,
                valid_to=grant.valid_to,
            )
            for grant in client.grants
        ),
        ended=client.ended_at is not None,
    )


CLIENTS = Announced(table=clients, row=Client, stated=ClientStated, state_of=state_of)


async def register_client(tx: Tx, new: NewClient) -> WithSecret:
    """A new client with its first secret.

    Raises RoleMissing (403) without administration over its area, GrantBeyondOwn, GrantMalformed,
    PublicClientHasNoOwn, and IdTaken or AlreadyExists (409) where its id, client_id or subject is in use.
    """
    client = Client(
        id=new.id,
        version=0,
        area_code=new.area_code,
        sectors=(),
        exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(),
        client_id=new.client_id,
        name=new.name,
        subject=new.subject,
        posts=new.posts,
        grants=new.grants,
        ended_at=None,
        ended_reason=None,
        public=new.public,
    )
    check_grants(client.posts, client.grants)
    check_own(client)
    _require_reach(tx, client)
    client = await _tell(tx, client, ClientRegistered(state=state_of(client)), why="registered")
    secret = None if client.public else await _new_secret(tx, client, overlap=timedelta())
    return WithSecret(client=client, secret=secret)


async def change_client(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    *,
    name: str | None = None,
    posts: tuple[UUID, ...] | None = None,
    grants: tuple[ClientGrant, ...] | None = None,
) -> Client:
    """Replace a client's name, posts or grants; what is None stays. In force everywhere within seconds."""
    before = require_live(await _lock_administered(tx, id, expected))
    after = replace(
        before,
        name=before.name if name is None else name,
        posts=before.posts if posts is None else posts,
        grants=before.grants if grants is None else grants,
    )
    check_grants(after.posts, after.grants)
    check_own(after)
    _require_reach(tx, after)
    return await _tell(tx, after, ClientChanged(state=state_of(after)), why="changed")


async def end_client(tx: Tx, id: UUID, expected: int | None, reason: str) -> Client:  # noqa: A002
    """No more tokens, and those that still run are refused. Raises ClientAlreadyEnded (409)."""
    after = end(await _lock_administered(tx, id, expected), tx.now, reason)
    return await _tell(tx, after, ClientEnded(state=state_of(after), reason=reason), why=reason)


async def rotate_secret(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    overlap: timedelta = OVERLAP,
) -> WithSecret:
    """A new secret beside the youngest old one, which works for `overlap` more; others end at once."""
    client = require_own(require_live(await _lock_administered(tx, id, expected)))
    client = await _tell(tx, client, ClientChanged(state=state_of(client)), why="secret rotated")
    return WithSecret(client=client, secret=await _new_secret(tx, client, overlap))


async def find_client(tx: Tx, id: UUID) -> Client:  # noqa: A002
    """One client; NotFound outside the scope, RoleMissing without administration over its area."""
    client = await store.find_client(tx, id)
    tx.scope.require(Role.ADMINISTRATOR, area_code=client.area_code, sectors=())
    return client


async def show_without_secret(tx: Tx, id: UUID) -> WithSecret:  # noqa: A002
    """The client for the answer to a repeated request: its secret was shown once and is not known any more."""
    return WithSecret(client=await find_client(tx, id), secret=None)


async def authenticate(tx: Tx, client_id: str, secret: str) -> Client | None:
    """The client whose live secret this is; None otherwise, after the same work. Real time decides."""
    async with tx.system(_FOR_SECRETS):
        client = await store.find_by_client_id(tx, client_id)
        kept = await store.secrets_of(tx, client.id) if client else (_UNKNOWN,)
    known = matches(kept, secret, system_now())
    return client if known and client is not None and client.ended_at is None else None


async def find_public(tx: Tx, client_id: str) -> Client | None:
    """The public client of that name, which proves nothing; None where it is none or has ended."""
    async with tx.system(_FOR_SECRETS):
        client = await store.find_by_client_id(tx, client_id)
    return client if client is not None and client.public and client.ended_at is None else None


async def ensure_administrator(tx: Tx, client_id: str, secret: str) -> Client:
    """The administrator of the settings exists and its secret works; runs at every start.

    The settings win: a changed secret there replaces the old one at once.
    """
    async with tx.system(_AT_START):
        await store.wait_for_turn(tx)
        client = await store.find_by_client_id(tx, client_id)
        if client is None:
            fresh = _administrator(client_id)
            client = await _tell(tx, fresh, ClientRegistered(state=state_of(fresh)), why="from the settings")
        kept = await store.secrets_of(tx, client.id)
        if not matches(kept, secret, system_now()):
            await _keep_secret(tx, client, secret, overlap=timedelta())
    return client


def _administrator(client_id: str) -> Client:
    everything = ClientGrant(
        area_from=WHOLE_CITY,
        area_to=LAST_AREA,
        sectors=None,
        role=Role.ADMINISTRATOR,
        post_id=None,
        valid_from=BEGINNING,
        valid_to=None,
    )
    return Client(
        id=new_id(),
        version=0,
        area_code=WHOLE_CITY,
        sectors=(),
        exercise=False,
        correlation_id=new_id(),
        client_id=client_id,
        name="Administrator",
        subject=client_id,
        posts=(),
        grants=(everything,),
        ended_at=None,
        ended_reason=None,
    )


async def _lock_administered(tx: Tx, id: UUID, expected: int | None) -> Client:  # noqa: A002
    client = await store.lock_client(tx, id, expected)
    # Whoever could rotate the secret of a client with wider grants would have those grants.
    _require_reach(tx, client)
    return client


def _require_reach(tx: Tx, client: Client) -> None:
    tx.scope.require(Role.ADMINISTRATOR, area_code=client.area_code, sectors=())
    reach = tuple(
        Administered(area_from=grant.area_from, area_to=grant.area_to, sectors=grant.sectors)
        for grant in store.administering(tx.scope).grants
    )
    if tx.scope.system is None:
        check_reach(reach, client.grants)
        check_posts(reach, client.posts)


async def _tell(tx: Tx, client: Client, event: Event, why: str) -> Client:
    written = await record(tx, clients, client, event, why=why)
    await store.mirror(tx, written, state_of(written).model_dump(mode="json")["grants"])
    return written


async def _new_secret(tx: Tx, client: Client, overlap: timedelta) -> str:
    secret = random_secrets.token_urlsafe(_SECRET_BYTES)
    await _keep_secret(tx, client, secret, overlap)
    return secret


async def _keep_secret(tx: Tx, client: Client, secret: str, overlap: timedelta) -> None:
    at = system_now()
    fresh = Secret(id=new_id(), hash=hash_secret(secret), created_at=at, expires_at=None)
    async with tx.system(_FOR_SECRETS):
        await store.limit_secrets(tx, make_room(await store.secrets_of(tx, client.id), at, overlap))
        await store.add_secret(tx, client.id, fresh)
