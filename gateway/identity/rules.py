"""The truths about clients: how they end, and secrets of which two may live at once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any clock can stand."""
LIVE_SECRETS = 2
"""A new secret is spread while the old one still works; a third would only hide a forgotten one."""
OVERLAP = timedelta(hours=24)
"""[DEF] How long the old secret works after a rotation, unless the administrator says otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A program that may ask for tokens; its area is that of the body which answers for it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    client_id: str
    name: str
    subject: str
    agency_id: UUID | None
    ended_at: datetime | None
    ended_reason: str | None
    public: bool = False
    """It can keep no secret (an app on people's phones), so it gets tokens only for the people who sign in by it."""
    redirect_uris: tuple[str, ...] = ()
    """Where people who sign in by it are led back to; none: nobody signs in by it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """The hash of one secret and when it stops working (None: not planned)."""

    id: UUID
    hash: bytes
    created_at: datetime
    expires_at: datetime | None


class PublicClientHasNoOwn(Exception):
    """A client that cannot prove who it is has no credential."""

    status = 422
    code = "public_client_has_no_own"
    title = ("公共客户端不能有自己的密钥", "A public client has no credentials of its own")
    detail = (
        "请去掉密钥：它按登录者的权限行事；自行办事的程序请登记为非公共客户端。",
        "Leave out credentials: it acts with the rights of whoever signs in by it. Register a client that is not"
        " public for a program that acts for itself.",
    )


class OfficeOfItsOwn(Exception):
    """Whoever could give an administrator's client another secret would hold its office beside their own."""

    status = 403
    code = "office_of_its_own"
    title = ("管理员凭据不得代管", "An administrator's secret is nobody else's to give")

    def __init__(self) -> None:
        super().__init__(
            "该客户端担任三员之一，其密钥只由系统配置给定。",
            "this client holds one of the three administrators' offices: its secret comes from the settings",
        )


class ClientAlreadyEnded(Exception):
    """An ended client stays ended: register a new one."""

    status = 409
    code = "client_already_ended"
    title = ("客户端已停用", "The client has ended")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, client: Client) -> None:
        super().__init__(
            f"{client.client_id} 已于 {client.ended_at} 停用；请另行登记。",
            f"{client.client_id} ended at {client.ended_at}: register a new client",
        )


def client_of(office: str) -> str:
    """The client_id, and the subject, of the settings' holder of an office."""
    return f"bootstrap-{office.replace('_', '-')}"


def require_own(client: Client) -> Client:
    """The client itself, where it can have credentials of its own; raises PublicClientHasNoOwn."""
    if client.public:
        raise PublicClientHasNoOwn
    return client


def require_live(client: Client) -> Client:
    """The client itself; raises ClientAlreadyEnded."""
    if client.ended_at is not None:
        raise ClientAlreadyEnded(client)
    return client


def end(client: Client, at: datetime, reason: str) -> Client:
    """The client after its end; raises ClientAlreadyEnded the second time."""
    return replace(require_live(client), ended_at=at, ended_reason=reason)


def hash_secret(secret: str) -> bytes:
    """SHA-256 of a secret.

    Our secrets are 256 random bits: nobody can try them out, so a slow hash would protect nothing and let
    34 token requests a second use up a processor. A password that a person chose needs argon2id instead.
    """
    return hashlib.sha256(b"shoutu client secret\x00" + secret.encode()).digest()


class Expiring(Protocol):
    """A secret or a key: it came at one instant and may end at another."""

    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime | None: ...


E = TypeVar("E", bound=Expiring)


def is_live(credential: Expiring, at: datetime) -> bool:
    """Whether a secret or key still works."""
    return credential.expires_at is None or at < credential.expires_at


def matches(secrets: Iterable[Secret], given: str, at: datetime) -> bool:
    """Whether one of the live secrets was given; takes as long for a wrong one as for a right one."""
    hashed = hash_secret(given)
    found = [hmac.compare_digest(secret.hash, hashed) for secret in secrets if is_live(secret, at)]
    return any(found)


def make_room(credentials: Iterable[E], at: datetime, overlap: timedelta) -> tuple[tuple[E, datetime], ...]:
    """The live secrets or keys with the ends that they need before a new one is added: one is left beside it.

    The youngest one lives for `overlap` at most; older ones end at once.
    """
    live = sorted((one for one in credentials if is_live(one, at)), key=lambda one: one.created_at, reverse=True)
    ends = [at + overlap] * (LIVE_SECRETS - 1) + [at] * len(live)
    return tuple((one, min(planned, one.expires_at or planned)) for one, planned in zip(live, ends, strict=False))
