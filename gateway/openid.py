"""What OpenID providers publish of themselves, asked through the one way out and kept for as long as they say.

Nothing here is asked while a transaction waits: who needs a key that is not at hand ends its transaction, lets it be
fetched, and begins again. An unknown key id is asked for once in fifteen seconds at most, so forged ones cost the
provider nothing, and a provider that is away keeps nobody out whose key is known. The same holds for a configuration:
anybody who opens the sign-in page can ask for one.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Protocol
from uuid import UUID

import httpx
import structlog
from joserfc.jwk import Key

from gateway.egress import CallFailed, CallRefused, Egress, read_url
from libs.common.keys import JwksKeys, KeysUnavailable

log = structlog.get_logger("openid")

_KEPT_SECONDS: Final = 3_600.0
"""[DEF] How long a configuration is kept: it changes when a provider moves."""
_COOL_DOWN_SECONDS: Final = 15.0
"""[DEF] How long a provider whose configuration could not be had is left in peace."""
_MOST_PROVIDERS: Final = 200
_WHERE: Final = "/.well-known/openid-configuration"
"""Appended to the issuer, whose closing slash is dropped (OpenID Connect Discovery 1.0 §4)."""
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Publisher(Protocol):
    """The part of a provider's row that says where it publishes."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def issuer(self) -> str: ...
    @property
    def jwks_uri(self) -> str | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """The addresses of a provider, from its discovery document."""

    jwks_uri: str
    authorization_endpoint: str | None
    token_endpoint: str | None
    says_issuer: bool = False
    """Its answers name it (RFC 9207 §3): one without `iss` is not its own."""


class ProviderUnusable(Exception):
    """The provider does not answer, or not as OpenID wants it; the message says what is wrong."""


@dataclass(slots=True)
class _Asking:
    """How a provider is asked for its configuration: by one at a time, and not again right after it had none."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    again_at: float = float("-inf")
    why: str = ""


class Published:
    """Configurations and keys of providers, by the row that names them: a changed row is asked anew."""

    def __init__(self, egress: Egress, *, clock: Callable[[], float] = monotonic) -> None:
        self._egress, self._clock = egress, clock
        self._keys: OrderedDict[tuple[UUID, int], JwksKeys] = OrderedDict()
        self._configurations: OrderedDict[tuple[UUID, int], tuple[Configuration, float]] = OrderedDict()
        self._asking: OrderedDict[tuple[UUID, int], _Asking] = OrderedDict()

    def known_key(self, provider: Publisher, kid: str, algorithm: str, *, stale: bool) -> Key | None:
        """The key, where it is at hand and fresh (or `stale` too); asks nobody."""
        return self._of(provider).known(kid, algorithm, stale=stale)

    async def find_key(self, provider: Publisher, kid: str, algorithm: str) -> Key | None:
        """The key, after asking the provider where that is due; raises ProviderUnusable where none can be had."""
        try:
            return await self._of(provider).find(kid, algorithm)
        except KeysUnavailable:
            raise ProviderUnusable("the provider's keys cannot be read") from None

    async def configuration(self, provider: Publisher) -> Configuration:
        """The discovery document; raises ProviderUnusable, also where it speaks for another issuer."""
        row = (provider.id, provider.version)
        if (asking := self._asking.get(row)) is None:
            _keep(self._asking, row, asking := _Asking())
        async with asking.turn:
            kept = self._configurations.get(row)
            if kept is not None and self._clock() < kept[1]:
                return kept[0]
            if self._clock() < asking.again_at:
                raise ProviderUnusable(asking.why)
            try:
                found = await self._read_configuration(provider)
            except ProviderUnusable as unusable:
                asking.again_at, asking.why = self._clock() + _COOL_DOWN_SECONDS, str(unusable)
                raise
            _keep(self._configurations, row, (found, self._clock() + _KEPT_SECONDS))
        return found

    async def _read_configuration(self, provider: Publisher) -> Configuration:
        document = await self.ask("GET", provider.issuer.removesuffix("/") + _WHERE)
        if document.get("issuer") != provider.issuer:
            raise ProviderUnusable(
                "the configuration's issuer differs from the registered one: compare byte for byte"
            )
        return _configuration(document)

    async def ask(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """A JSON object from a provider; raises ProviderUnusable."""
        answer = await self._answer(method, url, content, headers or {})
        if answer.status_code != httpx.codes.OK:
            raise ProviderUnusable(f"the provider answered with status {answer.status_code}")
        try:
            found = json.loads(answer.content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ProviderUnusable("the provider's answer is no JSON object")
        return found

    async def _answer(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        sent = (_FORM if content is not None else {"Accept": "application/json"}) | dict(headers)
        try:
            found = await self._egress.call(method, url, headers=sent, content=content)
        except (CallRefused, CallFailed) as error:
            log.warning("provider_not_asked", reason=error.reason)
            raise ProviderUnusable(f"the provider's address cannot be called: {error.reason}") from None
        kept = {name: value for name, value in found.headers.items() if name == "cache-control"}
        return httpx.Response(found.status, headers=kept, content=found.body, request=httpx.Request(method, url))

    def _of(self, provider: Publisher) -> JwksKeys:
        row = (provider.id, provider.version)
        if (keys := self._keys.get(row)) is None:
            keys = JwksKeys(provider.issuer, fetch=self._fetching(provider), clock=self._clock)
            _keep(self._keys, row, keys)
        return keys

    def _fetching(self, provider: Publisher) -> Callable[[str], Awaitable[httpx.Response]]:
        async def fetch(_: str) -> httpx.Response:
            try:
                url = provider.jwks_uri or (await self.configuration(provider)).jwks_uri
                return await self._answer("GET", url, None, {})
            except ProviderUnusable as unusable:
                raise ValueError(str(unusable)) from None

        return fetch


def _configuration(document: Mapping[str, Any]) -> Configuration:
    jwks_uri = document.get("jwks_uri")
    if not isinstance(jwks_uri, str):
        raise ProviderUnusable("the configuration names no jwks_uri")
    doors = [document.get(name) for name in ("authorization_endpoint", "token_endpoint")]
    authorization, token = (door if isinstance(door, str) else None for door in doors)
    for address in (authorization, token):
        _require_address(address)
    says = document.get("authorization_response_iss_parameter_supported") is True
    return Configuration(
        jwks_uri=jwks_uri, authorization_endpoint=authorization, token_endpoint=token, says_issuer=says
    )


def _require_address(address: str | None) -> None:
    """A person is led to it by a link, and no other scheme may stand there."""
    try:
        if address is not None:
            read_url(address)
    except CallRefused:
        raise ProviderUnusable("the configuration names an endpoint that is no http(s) address") from None


def _keep(kept: OrderedDict[Any, Any], row: tuple[UUID, int], value: Any) -> None:
    kept[row] = value
    kept.move_to_end(row)
    if len(kept) > _MOST_PROVIDERS:
        kept.popitem(last=False)
