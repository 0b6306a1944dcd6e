"""The issuer's public keys, read from its JWKS: cached, refreshed for new keys, safe against floods."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, Final

import httpx
import structlog
from joserfc import jwk
from joserfc.errors import JoseError
from joserfc.jwk import Key

from libs.common.languages import Said
from libs.common.problems import Problem

log = structlog.get_logger("keys")

ALGORITHMS: Final = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
"""Signature algorithms that are accepted, with the type of key that each needs."""
_DEFAULT_SECONDS, _SHORTEST_SECONDS, _LONGEST_SECONDS = 300.0, 60.0, 3600.0
_COOL_DOWN_SECONDS: Final = 15.0
_FIRST_RETRY_SECONDS: Final = 1.0
_TIMEOUT_SECONDS: Final = 3.0
_MOST_KEYS: Final = 32
_MOST_LETTERS: Final = {"n": 1_400, "e": 6}
"""RSA of 8192 bits and exponents of 32: with larger ones a provider would have us count for seconds a token."""


Fetch = Callable[[str], Awaitable[httpx.Response]]


async def _fetch(url: str) -> httpx.Response:
    # Once in five minutes at most: a client of its own needs nobody to close it.
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
        return await client.get(url, headers={"Accept": "application/json"})


class KeysUnavailable(Problem):
    """The issuer cannot be asked for its keys, and none are known yet."""

    status = 503
    code = "keys_unavailable"
    title = Said("签名公钥暂不可用", "The key set is not available")
    advice = Said("请稍后重试。", "The issuer's keys could not be read yet. Try again in a few seconds.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"})


class JwksKeys:
    """Keys by their `kid`. Known keys outlive an issuer that is away; an unknown kid asks again, at most
    every 15 seconds, so that a new key is found at once and forged kids cost the issuer nothing."""

    def __init__(self, url: str, *, fetch: Fetch | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._url, self._fetch, self._clock = url, fetch or _fetch, clock
        self._keys: dict[str, Key] = {}
        self._fresh_until = float("-inf")
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    def known(self, kid: str, algorithm: str, *, stale: bool = False) -> Key | None:
        """The same, where it is at hand and its set still fresh (or `stale` too); asks nobody."""
        key = self._keys.get(kid) if stale or self._clock() < self._fresh_until else None
        return key if key is not None and key.key_type == ALGORITHMS[algorithm] else None

    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The key of that id and of the algorithm's type, or None; raises KeysUnavailable (503)."""
        if self._clock() >= self._fresh_until or kid not in self._keys:
            await self._refresh(kid)
        key = self._keys.get(kid)
        if key is None and not self._keys:
            raise KeysUnavailable
        return key if key is not None and key.key_type == ALGORITHMS[algorithm] else None

    async def _refresh(self, kid: str) -> None:
        if self._asking.locked() and kid in self._keys:
            return
        async with self._asking:
            now = self._clock()
            if now < self._fresh_until and kid in self._keys:
                return
            if now - self._asked_at < _COOL_DOWN_SECONDS:
                return
            self._asked_at = now
            try:
                answer = await self._fetch(self._url)
                answer.raise_for_status()
                found = _usable(answer.json())
            except (httpx.HTTPError, ValueError, RecursionError) as error:
                log.warning("keys_not_read", error=type(error).__name__, known=len(self._keys))
                if not self._keys:
                    # Nobody gets in without keys, so ask again soon; those who waited are answered at once.
                    self._asked_at = self._clock() - _COOL_DOWN_SECONDS + _FIRST_RETRY_SECONDS
                return
            self._keys = found
            self._fresh_until = now + _lifetime(answer.headers.get("cache-control", ""))


def _usable(document: Any) -> dict[str, Key]:
    """The signing keys of a JWKS; encryption keys and types that we do not know are passed over."""
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise ValueError("not a JWKS")
    usable: dict[str, Key] = {}
    for entry in listed[:_MOST_KEYS]:
        if not isinstance(entry, dict) or entry.get("kty") not in ALGORITHMS.values():
            continue
        kid = entry.get("kid")
        if not isinstance(kid, str) or entry.get("use", "sig") != "sig":
            continue
        if any(len(str(entry.get(name, ""))) > most for name, most in _MOST_LETTERS.items()):
            continue
        try:
            usable[kid] = jwk.import_key(entry)
        except (JoseError, ValueError, TypeError):
            log.warning("key_not_usable", kid=kid[:64])
    return usable


def _lifetime(cache_control: str) -> float:
    found = re.search(r"max-age=(\d{1,9})", cache_control)
    seconds = float(found.group(1)) if found else _DEFAULT_SECONDS
    return min(max(seconds, _SHORTEST_SECONDS), _LONGEST_SECONDS)
