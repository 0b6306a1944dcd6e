"""The verbs on clients: register, change, end, rotate a secret, and check one."""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from gateway.identity import store, store_agencies
from gateway.identity.model import clients
from gateway.identity.rules import (
    BEGINNING,
    OVERLAP,
    Client,
    OfficeOfItsOwn,
    Secret,
    client_of,
    end,
    hash_secret,
    make_room,
    matches,
    require_live,
    require_own,
)
from gateway.identity.rules_agencies import require_live as require_agency
from gateway.subjects import actions as subjects
from gateway.subjects.actions_reach import administered
from gateway.subjects.rules import Kind
from gateway.subjects.rules_names import SubjectLooksAlike, skeleton
from gateway.subjects.rules_reach import GrantBeyondOwn, require_within
from gateway.subjects.rules_roles import SEPARATED, Role
from libs.common.aggregates import record, require_version
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.gateway import ClientChanged, ClientEnded, ClientRegistered, ClientState

__all__ = [
    "GrantBeyondOwn", "NewClient", "Role", "SubjectLooksAlike", "WithSecret", "authenticate", "end_client",
    "find_client", "find_public", "keep_secret", "register_client", "rename_client", "rotate_secret",
    "show_without_secret", "state_of",
]  # fmt: skip

_FOR_SECRETS = "clients: secrets"
_SECRET_BYTES = 32
_OF_THE_SETTINGS = frozenset(skeleton(client_of(office)) for office in SEPARATED)
"""What the settings' administrators are called, also before the settings name them."""
_UNKNOWN = Secret(id=UUID(int=0), hash=hash_secret(""), created_at=BEGINNING, expires_at=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClient:
    """What an administrator says about a client to be."""

    id: UUID
    client_id: str
    name: str
    subject: str
    area_code: str
    agency_id: UUID | None = None
    public: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WithSecret:
    """A client and its new secret, which is shown this once and kept only as a hash."""

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
    """What is told of a client; what it may do its subject says."""
    return ClientState(
        subject=client.subject, client_id=client.client_id, agency_id=client.agency_id,
        ended=client.ended_at is not None,
    )  # fmt: skip


async def register_client(tx: Tx, new: NewClient) -> WithSecret:
    """A new client with its first secret, and the subject that it acts as, which may do nothing yet.

    Raises RoleMissing (403) without system administration over its area, IdTaken or AlreadyExists (409) where its
    id, client_id or subject is in use, SubjectLooksAlike (409) where another subject reads like it, or an
    administrator of the settings would: whoever had that name first would be given the office.
    """
    tx.caller.require(Role.SYSTEM_ADMINISTRATOR, area_code=new.area_code, sectors=())
    if not _OF_THE_SETTINGS.isdisjoint((skeleton(new.client_id), skeleton(new.subject))):
        raise SubjectLooksAlike
    if new.agency_id is not None:
        require_agency(await store_agencies.lock_agency(tx, new.agency_id))
    await subjects.open_subject(tx, subject=new.subject, kind=Kind.CLIENT, area_code=new.area_code)
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
        agency_id=new.agency_id,
        ended_at=None,
        ended_reason=None,
        public=new.public,
    )
    client = await record(tx, clients, client, ClientRegistered(state=state_of(client)), why="registered")
    secret = None if client.public else await _new_secret(tx, client, overlap=timedelta())
    return WithSecret(client=client, secret=secret)


async def rename_client(tx: Tx, id: UUID, expected: int | None, name: str) -> Client:  # noqa: A002
    """Call it otherwise; what it may do is its subject's. Raises ClientAlreadyEnded (409)."""
    after = replace(require_live(await _lock_administered(tx, id, expected)), name=name)
    return await record(tx, clients, after, ClientChanged(state=state_of(after)), why="renamed")


async def lead_client(tx: Tx, id: UUID, expected: int | None, redirects: tuple[str, ...]) -> Client:  # noqa: A002
    """Where people who sign in by it are led back to from now on; the caller has checked the addresses."""
    after = replace(require_live(await _lock_administered(tx, id, expected)), redirect_uris=redirects)
    return await record(tx, clients, after, ClientChanged(state=state_of(after)), why="redirects changed")


async def end_client(tx: Tx, id: UUID, expected: int | None, reason: str) -> Client:  # noqa: A002
    """No more tokens, and those that still run are refused. Raises ClientAlreadyEnded (409)."""
    after = end(await _lock_administered(tx, id, expected), tx.now, reason)
    await subjects.end_subject(tx, after.subject, reason)
    return await record(tx, clients, after, ClientEnded(state=state_of(after), reason=reason), why=reason)


async def rotate_secret(
    tx: Tx,
    id: UUID,  # noqa: A002
    expected: int | None,
    overlap: timedelta = OVERLAP,
) -> WithSecret:
    """A new secret beside the youngest old one, which works for `overlap` more; others end at once."""
    client = await change_credentials(tx, id, expected, why="secret rotated")
    return WithSecret(client=client, secret=await _new_secret(tx, client, overlap))


async def change_credentials(tx: Tx, id: UUID, expected: int | None, why: str) -> Client:  # noqa: A002
    """The client, locked and in its next version, whose secrets or keys are about to change.

    Raises NotFound, StaleVersion, RoleMissing, GrantBeyondOwn, ClientAlreadyEnded, PublicClientHasNoOwn.
    """
    client = require_own(require_live(await _lock_administered(tx, id, expected)))
    return await record(tx, clients, client, ClientChanged(state=state_of(client)), why=why)


async def find_client(tx: Tx, id: UUID) -> Client:  # noqa: A002
    """One client; NotFound (404) for whoever does not look after the platform in its area."""
    return await store.find_client(tx, id)


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


async def _lock_administered(tx: Tx, id: UUID, expected: int | None) -> Client:  # noqa: A002
    client = await store.lock_client(tx, id)
    tx.caller.require(Role.SYSTEM_ADMINISTRATOR, area_code=client.area_code, sectors=())
    # Whoever could rotate the secret of a client with wider grants would have those grants.
    roles, ranges = await subjects.reach_of(tx, client.subject)
    if SEPARATED.intersection(roles):
        raise OfficeOfItsOwn
    require_within(administered(tx, Role.SYSTEM_ADMINISTRATOR), ranges)
    require_version(client, expected)
    return client


async def _new_secret(tx: Tx, client: Client, overlap: timedelta) -> str:
    secret = random_secrets.token_urlsafe(_SECRET_BYTES)
    await keep_secret(tx, client, secret, overlap)
    return secret


async def keep_secret(tx: Tx, client: Client, secret: str, overlap: timedelta) -> None:
    """This secret works from now on, and the youngest one before it for `overlap` more."""
    at = system_now()
    fresh = Secret(id=new_id(), hash=hash_secret(secret), created_at=at, expires_at=None)
    async with tx.system(_FOR_SECRETS):
        await store.limit_secrets(tx, make_room(await store.secrets_of(tx, client.id), at, overlap))
        await store.add_secret(tx, client.id, fresh)
