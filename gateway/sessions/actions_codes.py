"""The verbs on an app's request to sign somebody in: whom to answer, what comes first, and the code."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from gateway.identity.actions_redirects import find_leading
from gateway.identity.rules import Client
from gateway.identity.rules_redirects import leads_to
from gateway.sessions import actions_offices, store
from gateway.sessions.actions import SYSTEM, Visitor
from gateway.sessions.rules import CODE_LIFE, OPENID_SCOPES, Authorization, Lives, Stage, is_fresh
from gateway.sessions.rules_asked import Asked, AskedWrongly, RequestRefused, Target, asked_of, target_of
from gateway.sessions.store import Code
from gateway.tokens.rules import SCOPE
from libs.common.db import Tx
from libs.common.ids import new_id

_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuing:
    """By whom, for how long and when: what the settings and the clock say."""

    issuer: str
    scopes: tuple[str, ...]
    lives: Lives
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The person goes back to the app, at this address."""

    address: str


@dataclass(frozen=True, slots=True)
class Halted:
    """The person has to prove something first."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The person has to say that they mean this app, and where it leads them."""

    app: str
    host: str


def code_hash(code: str) -> bytes:
    """What is kept of a code: 256 random bits need no slow hash."""
    return sha256(b"shoutu authorization code\x00" + code.encode(errors="replace")).digest()


async def find_target(tx: Tx, given: Mapping[str, str]) -> tuple[Target, Client]:
    """Whom to answer, and by which client; RequestRefused unless it is known and registered that very address."""
    target = target_of(given)
    client = await find_leading(tx, target.client_id)
    if client is None:
        raise RequestRefused("unknown_client")
    if not leads_to(client.redirect_uris, target.redirect_uri):
        raise RequestRefused("unknown_redirect")
    return target, client


async def authorize(
    tx: Tx, given: Mapping[str, str], visitor: Visitor, issuing: Issuing
) -> Sent | Halted | Unconfirmed:
    """A code for who is signed in, or what has to come before; RequestRefused where nobody may be told."""
    target, client = await find_target(tx, given)
    try:
        asked = asked_of(given, target, {*issuing.scopes, *OPENID_SCOPES}, SCOPE)
        if not asked.again and _is_signed_in(visitor, asked.max_age, issuing.at):
            if await _must_confirm(tx, visitor, target, client):
                if asked.silent:
                    raise AskedWrongly("consent_required", "the person has to confirm the app first")
                return Unconfirmed(client.name, target.host)
            code = await _code(tx, asked, client, visitor, issuing)
            return Sent(target.answered(issuing.issuer, code=code))
        if asked.silent:
            raise AskedWrongly("login_required", "somebody has to sign in first")
    except AskedWrongly as wrong:
        return Sent(target.answered(issuing.issuer, error=wrong.error, error_description=wrong.description))
    return Halted(asked)


def _is_signed_in(visitor: Visitor, max_age: int | None, at: datetime) -> bool:
    if visitor.stage is not Stage.READY or visitor.session is None:
        return False
    return is_fresh(visitor.session, max_age, at)


async def confirm(tx: Tx, given: Mapping[str, str], visitor: Visitor) -> None:
    """Who is signed in means the app of this request; RequestRefused where it is not known."""
    target, client = await find_target(tx, given)
    if visitor.stage is Stage.READY and visitor.session is not None and visitor.person is not None:
        await actions_offices.confirm(tx, visitor.session, visitor.person, target, client)


async def _must_confirm(tx: Tx, visitor: Visitor, target: Target, client: Client) -> bool:
    if visitor.session is None or visitor.person is None:
        return True
    return await actions_offices.must_confirm(tx, visitor.session, visitor.person, target, client)


async def _code(tx: Tx, asked: Asked, client: Client, visitor: Visitor, issuing: Issuing) -> str:
    """A new authorization and the code that stands for it; only the code's hash is kept."""
    session, person, at = visitor.session, visitor.person, issuing.at
    if session is None or person is None:
        raise LookupError("a code is given to who is signed in")
    authorization = Authorization(
        id=new_id(),
        client=client.id,
        client_id=client.client_id,
        person=person.id,
        subject=person.subject,
        epoch=person.epoch,
        session=session.id,
        scope=asked.scope,
        nonce=asked.nonce,
        factors=session.factors,
        proved_at=session.proved_at,
        given_at=at,
        until=at + issuing.lives.refresh,
        ended_at=None,
        ended_why=None,
    )
    plain = random_secrets.token_urlsafe(_BYTES)
    async with tx.system(SYSTEM):
        await store.add_authorization(tx, authorization)
        fresh = Code(
            authorization=authorization.id,
            redirect_uri=asked.target.redirect_uri,
            challenge=asked.challenge,
            until=at + CODE_LIFE,
            used_at=None,
        )
        await store.add_code(tx, code_hash(plain), fresh)
    return plain
