"""The truths about clients: dated grants, who may give them, and secrets of which two may live at once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

WHOLE_CITY = "000000000000"
LAST_AREA = "999999999999"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""A grant without a beginning holds from here on: before any clock, also a demonstration's, can stand."""
LIVE_SECRETS = 2
"""A new secret is spread while the old one still works; a third would only hide a forgotten one."""
OVERLAP = timedelta(hours=24)
"""[DEF] How long the old secret works after a rotation, unless the administrator says otherwise."""


class Role(StrEnum):
    """What a grant lets its holder be."""

    CALL_TAKER = "call_taker"
    DUTY_OFFICER = "duty_officer"
    GRID_MEMBER = "grid_member"
    INSPECTOR = "inspector"
    COMMANDER = "commander"
    LEADER = "leader"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    AGENCY = "agency"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientGrant:
    """One role over one range of area codes and some sectors (None: every sector), between two instants."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    role: Role
    post_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None


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
    posts: tuple[UUID, ...]
    grants: tuple[ClientGrant, ...]
    ended_at: datetime | None
    ended_reason: str | None
    public: bool = False
    """It can keep no secret (an app on people's phones), so it gets tokens only for the people who sign in by it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """The hash of one secret and when it stops working (None: not planned)."""

    id: UUID
    hash: bytes
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Administered:
    """A range of areas and sectors that the caller administers now."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None

    def covers(self, grant: ClientGrant) -> bool:
        """Whether the whole of a grant lies within: nobody gives what they do not have."""
        if not self.area_from <= grant.area_from <= grant.area_to <= self.area_to:
            return False
        if self.sectors is None:
            return True
        return grant.sectors is not None and set(grant.sectors) <= set(self.sectors)


class GrantMalformed(Exception):
    """A grant contradicts itself."""

    status = 422
    code = "grant_malformed"
    title = ("授权内容有误", "The grant contradicts itself")


class PublicClientHasNoOwn(Exception):
    """A client that cannot prove who it is neither acts for itself nor has a credential."""

    status = 422
    code = "public_client_has_no_own"
    title = ("公共客户端不能有自己的授权或密钥", "A public client has no rights and no credentials of its own")
    detail = (
        "请去掉岗位、授权和密钥：它按登录者的权限行事；自行办事的程序请登记为非公共客户端。",
        "Leave out posts, grants and credentials: it acts with the rights of whoever signs in by it. Register a"
        " client that is not public for a program that acts for itself.",
    )


class GrantBeyondOwn(Exception):
    """An administrator can grant only what lies within the areas and sectors that they administer."""

    status = 403
    code = "grant_beyond_own"
    title = ("授权超出本人管理范围", "The grant reaches beyond what you administer")

    def __init__(self, grant: ClientGrant) -> None:
        super().__init__(
            f"「Role.{grant.role}」在 {grant.area_from}–{grant.area_to} 超出您的管理范围；请找上级区划的管理员。",
            f"{grant.role} over {grant.area_from}–{grant.area_to} lies outside what you administer:"
            " ask an administrator of the wider area",
        )


class PostsBeyondOwn(Exception):
    """A post lets its holder take part in cases anywhere, and the gateway does not know where a post is."""

    status = 403
    code = "posts_need_whole_city"
    title = ("岗位须由全市管理员授予", "Posts are given by an administrator of everything")

    def __init__(self) -> None:
        super().__init__(
            "只有全市管理员可让客户端代岗位办理；请找其中一位。",
            "only an administrator of every area and sector can let a client act for posts: ask one of them",
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


def check_grants(posts: Iterable[UUID], grants: Iterable[ClientGrant]) -> None:
    """Raise GrantMalformed unless every grant has an order of areas and times, and a post that is held."""
    held = set(posts)
    for number, grant in enumerate(grants):
        where = f"grants/{number}"
        if grant.area_from > grant.area_to:
            raise GrantMalformed(f"{where}：area_from 大于 area_to。", f"{where}: area_from comes after area_to")
        if grant.valid_to is not None and grant.valid_to <= grant.valid_from:
            raise GrantMalformed(
                f"{where}：valid_to 须晚于 valid_from。", f"{where}: valid_to does not come after valid_from"
            )
        if grant.sectors is not None and not grant.sectors:
            raise GrantMalformed(
                f"{where}：请列出行业领域，或用 null 表示全部。", f"{where}: name a sector, or null for every sector"
            )
        if grant.post_id is not None and grant.post_id not in held:
            raise GrantMalformed(f"{where}：post_id 不在 posts 中。", f"{where}: post_id is not among posts")


def check_reach(administered: Iterable[Administered], grants: Iterable[ClientGrant]) -> None:
    """Raise GrantBeyondOwn unless one single administered range covers each grant."""
    ranges = tuple(administered)
    for grant in grants:
        if not any(one.covers(grant) for one in ranges):
            raise GrantBeyondOwn(grant)


def check_posts(administered: Iterable[Administered], posts: Iterable[UUID]) -> None:
    """Raise PostsBeyondOwn where posts are named and nobody's range is everything."""
    everything = any(
        one.area_from <= WHOLE_CITY and one.area_to >= LAST_AREA and one.sectors is None for one in administered
    )
    if tuple(posts) and not everything:
        raise PostsBeyondOwn


def check_own(client: Client) -> None:
    """Raise PublicClientHasNoOwn where a public client is to have posts or grants."""
    if client.posts or client.grants:
        require_own(client)


def require_own(client: Client) -> Client:
    """The client itself, where it can have rights and credentials of its own; raises PublicClientHasNoOwn."""
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


def is_live(secret: Secret, at: datetime) -> bool:
    """Whether a secret still works."""
    return secret.expires_at is None or at < secret.expires_at


def matches(secrets: Iterable[Secret], given: str, at: datetime) -> bool:
    """Whether one of the live secrets was given; takes as long for a wrong one as for a right one."""
    hashed = hash_secret(given)
    found = [hmac.compare_digest(secret.hash, hashed) for secret in secrets if is_live(secret, at)]
    return any(found)


def make_room(secrets: Iterable[Secret], at: datetime, overlap: timedelta) -> tuple[Secret, ...]:
    """The live secrets as they have to be before a new one is added: one is left, with an end.

    The youngest one lives for `overlap` at most; older ones end at once.
    """
    live = sorted((one for one in secrets if is_live(one, at)), key=lambda one: one.created_at, reverse=True)
    ends = [at + overlap] * (LIVE_SECRETS - 1) + [at] * len(live)
    return tuple(
        replace(one, expires_at=min(planned, one.expires_at or planned))
        for one, planned in zip(live, ends, strict=False)
    )
