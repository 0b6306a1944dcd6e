"""The verbs of the token endpoint: who asks, the table of grants, and the token that one of them leads to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.identity.actions import authenticate, find_public
from gateway.identity.actions_keys import authenticate_by_assertion
from gateway.identity.rules import Client
from gateway.identity.rules_keys import AssertionRefused
from gateway.signing.actions import sign
from gateway.tokens.rules import (
    CLIENT_CREDENTIALS,
    Assertion,
    Credentials,
    Granted,
    TokenLife,
    TokenRefused,
    answer,
    audiences,
    claims,
    needed,
    scope_of,
)
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.metrics import counter

_issued = counter("tokens_issued", "answers of the token endpoint", ("outcome",))


class NeedsFirst(Exception):
    """A grant needs something from outside. Nobody waits for others while a transaction is open: it ends, `fetch` is
    awaited, and the request is tried once more with `waited` set."""

    def __init__(self, fetch: Callable[[], Awaitable[None]]) -> None:
        super().__init__("something has to be fetched first")
        self.fetch = fetch


class Callers(StrEnum):
    """Who may use a grant."""

    PROVEN = "proven"
    """Clients that prove who they are."""
    NAMED = "named"
    """Public clients as well, which only say who they are: the grant brings the proof (a code and its verifier)."""
    ANYBODY = "anybody"
    """Also who is no client at all: what is presented is proof enough."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRequest:
    """A request for a token, after its client was looked at. Times are real ones, never a demonstration's."""

    caller: Client | None
    form: Mapping[str, str]
    life: TokenLife
    seals: Seals
    at: datetime
    waited: bool = False
    """Whether what the grant needs from outside was fetched already, or could not be."""

    @property
    def client(self) -> Client:
        """The client that asks; TokenRefused where there is none, which only a grant for anybody can meet."""
        if self.caller is None:
            raise TokenRefused("invalid_client", "name the client that asks", status=401)
        return self.caller

    def needed(self, name: str) -> str:
        """A parameter of the form; TokenRefused where it is missing."""
        return needed(self.form, name)

    def scope(self) -> str:
        """The scope that is asked for, or the widest; TokenRefused for one that does not exist."""
        return scope_of(self.form, self.life.scopes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """One way to a token: who may use it, and the verb that decides.

    The verb raises TokenRefused (nothing is kept) or returns it (what it wrote stays); see there.
    """

    verb: Callable[[Tx, TokenRequest], Awaitable[Granted | TokenRefused]]
    callers: Callers = Callers.PROVEN


Grants = Mapping[str, Grant]
"""The table of the token endpoint, by grant_type; `gateway/app.py` puts it together from the slices."""


async def grant_client_credentials(_: Tx, request: TokenRequest) -> Granted:
    """RFC 6749 §4.4: the client acts as itself."""
    client = request.client
    return Granted(subject=client.subject, client_id=client.client_id, scope=request.scope())


GRANTS: Grants = {CLIENT_CREDENTIALS: Grant(verb=grant_client_credentials)}


async def issue_token(
    tx: Tx,
    grants: Grants,
    seals: Seals,
    life: TokenLife,
    credentials: Credentials | Assertion | None,
    form: Mapping[str, str],
    *,
    waited: bool = False,
) -> dict[str, Any] | TokenRefused:
    """The answer to a request for a token, or a refusal whose traces stay; raises TokenRefused where none do, and
    NeedsFirst unless `waited`.

    Times are the real clock's, whatever a demonstration's clock says: verifiers go by the real one.
    """
    try:
        grant = _grant(grants, form)
        caller = await identify(tx, credentials, grant.callers, audiences(life.issuer))
        request = TokenRequest(caller=caller, form=form, life=life, seals=seals, at=system_now(), waited=waited)
        granted = await grant.verb(tx, request)
        if isinstance(granted, TokenRefused):
            _issued.labels(tx.service, granted.error).inc()
            return granted
    except TokenRefused as refused:
        _issued.labels(tx.service, refused.error).inc()
        raise
    said = claims(life, granted, token_id=granted.token_id or new_id(), at=request.at)
    token = await sign(tx, seals, said, request.at)
    _issued.labels(tx.service, "issued").inc()
    return answer(life, granted, token)


def _grant(grants: Grants, form: Mapping[str, str]) -> Grant:
    grant_type = form.get("grant_type")
    if not grant_type:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if grant_type not in grants:
        raise TokenRefused(
            "unsupported_grant_type", "grant_types_supported of the metadata lists what is issued here"
        )
    return grants[grant_type]


async def identify(
    tx: Tx, credentials: Credentials | Assertion | None, callers: Callers, audiences: Collection[str]
) -> Client | None:
    """The client that asks; None only where anybody may. Raises TokenRefused."""
    if credentials is None:
        if callers is Callers.ANYBODY:
            return None
        raise TokenRefused("invalid_client", "say which client asks, and prove it", status=401)
    if isinstance(credentials, Assertion):
        return await _by_assertion(tx, credentials, audiences)
    if credentials.secret is None:
        client = await find_public(tx, credentials.client_id)
        if client is not None and callers is Callers.PROVEN:
            raise TokenRefused("unauthorized_client", "a public client gets tokens for the people who sign in only")
    else:
        client = await authenticate(tx, credentials.client_id, credentials.secret)
    if client is None:
        raise TokenRefused(
            "invalid_client",
            "the client is unknown, has ended, or the secret is wrong",
            status=401,
            challenge=credentials.by_header,
        )
    return client


async def identified(
    tx: Tx, credentials: Credentials | Assertion | None, callers: Callers, audiences: Collection[str]
) -> Client:
    """The client that asks at a door that is not for anybody. Raises TokenRefused."""
    client = await identify(tx, credentials, callers, audiences)
    if client is None:
        raise TokenRefused("invalid_client", "say which client asks, and prove it", status=401)
    return client


async def _by_assertion(tx: Tx, assertion: Assertion, audiences: Collection[str]) -> Client:
    try:
        return await authenticate_by_assertion(tx, assertion.jwt, audiences, assertion.client_id)
    except AssertionRefused as refused:
        raise TokenRefused("invalid_client", str(refused), status=401) from None
