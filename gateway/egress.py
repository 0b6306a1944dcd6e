"""Calls to addresses that somebody typed in: outward only, and never into the city's own network.

Who can make the gateway fetch an address could otherwise ask machines that trust it (SSRF, OWASP API7). So a name is
resolved once, every address that it leads to is judged, and the connection is made to a judged address, while TLS and
the Host field keep the name: what DNS answers later does not matter. Redirects are not followed, proxies of the
environment are not used, and time and size are bounded.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, cast

import httpx
from fastapi import Depends
from starlette.requests import Request

from gateway.addresses import Address, Network, is_public

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) → every address that the name has now."""

LONGEST_URL: Final = 2_048
SECONDS: Final = 5.0
"""[DEF] How long one call may take in all, from the look-up of the name to the last byte."""
BYTES: Final = 1 << 20
"""[DEF] How much of an answer is read; what is longer is no answer."""
_MOST_ADDRESSES: Final = 4
_SCHEMES: Final = ("https", "http")
_NAMES: Final = ThreadPoolExecutor(32, thread_name_prefix="name")
"""[DEF] So many names are looked up at once; a thread is made when it is needed."""


class CallRefused(Exception):
    """The address may not be called; `reason` is a stable word and nothing that the network said."""

    def __init__(self, reason: str, *, said: tuple[str, str]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.said = said
        """What is wrong with it: Chinese, English."""


class CallFailed(Exception):
    """Nobody there, too slow, too long, or not HTTP: `reason` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A whole answer, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes


def read_url(url: str) -> httpx.URL:
    """The address as it would be called; raises CallRefused for what no plain http(s) address is."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise _malformed() from None
    printable = url.isprintable() and " " not in url and "\\" not in url
    if len(url) > LONGEST_URL or not printable or parsed.scheme not in _SCHEMES or not parsed.host:
        raise _malformed()
    if parsed.userinfo or "#" in url or (parsed.port is not None and not 0 < parsed.port < 65_536):
        raise _malformed()
    return parsed


def _malformed() -> CallRefused:
    said = (
        "请填写完整的 https 地址，不含用户名、密码和 #。",
        "Give a full https address without a user, password or #.",
    )
    return CallRefused("url_malformed", said=said)


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says, in its order.

    It goes on waiting for a silent server after the call was given up, so it waits in threads of its own: in those of
    the loop, a few such names would let no file be written and nobody sign in.
    """
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_NAMES, look_up)
    return [str(sockaddr[0]) for *_, sockaddr in found]


@dataclass(frozen=True, kw_only=True)
class Egress:
    """The only way out for calls to addresses that are data.

    `networks` are those inside which calls are allowed although they are not public, `hosts` the names that may lead
    anywhere: an in-house provider, or a test. Plain http is for them alone.
    """

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    authorities: Path | None = None
    """A PEM file with certificates of the city's own authorities, besides the public ones."""
    resolver: Resolver = field(default=resolve, repr=False)

    @property
    def has_own(self) -> bool:
        """Whether anything private may be called, and so anything by plain http."""
        return bool(self.networks or self.hosts)

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """The answer to a GET; raises CallRefused and CallFailed."""
        return await self.call("GET", url, headers=headers)

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        seconds: float = SECONDS,
        most_bytes: int = BYTES,
    ) -> Fetched:
        """The answer to one request; raises CallRefused where the address may not be called, and CallFailed."""
        target = read_url(url)
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._allowed(target)
                return await self._ask_first(method, target, addresses, headers or {}, content, most_bytes)
        except TimeoutError:
            raise CallFailed("too_slow") from None

    async def _allowed(self, target: httpx.URL) -> list[Address]:
        """The addresses of the target, each of which may be called; one that may not condemns them all."""
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            found = await self.resolver(target.raw_host.decode("ascii").strip("[]"), port)
            addresses = [ip_address(one) for one in dict.fromkeys(found)]
        except (OSError, ValueError):
            raise CallFailed("name_unknown") from None
        if not addresses:
            raise CallFailed("name_unknown")
        ours = target.host in self.hosts or all(self._is_ours(one) for one in addresses)
        if not ours and not all(is_public(one) or self._is_ours(one) for one in addresses):
            said = ("该地址位于内部网络，不允许访问。", "The address lies in a private network, which is not called.")
            raise CallRefused("address_not_public", said=said)
        if target.scheme != "https" and not ours:
            raise CallRefused("not_https", said=("请使用 https 地址。", "Use an https address."))
        return addresses[:_MOST_ADDRESSES]

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    async def _ask_first(
        self,
        method: str,
        target: httpx.URL,
        addresses: Iterable[Address],
        headers: Mapping[str, str],
        content: bytes | None,
        most_bytes: int,
    ) -> Fetched:
        """What the first address says that can be reached; nothing is sent twice."""
        # A client for each call: kept connections are told apart by address, and here a name would be forgotten.
        async with httpx.AsyncClient(verify=self._tls, timeout=None, trust_env=False) as client:  # noqa: S113 - bounded around it
            for address in addresses:
                request = client.build_request(
                    method,
                    target.copy_with(host=str(address)),
                    headers={**headers, "Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity"},
                    content=content,
                    extensions={"sni_hostname": target.raw_host.decode("ascii").strip("[]")},
                )
                try:
                    answer = await client.send(request, stream=True)
                except httpx.ConnectError:
                    continue
                except (httpx.HTTPError, ValueError):
                    raise CallFailed("broken_answer") from None
                return await _read(answer, most_bytes)
        raise CallFailed("nobody_there")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = httpx.create_ssl_context(trust_env=False)
        if self.authorities is not None:
            context.load_verify_locations(self.authorities)
        return context


async def _read(answer: httpx.Response, most_bytes: int) -> Fetched:
    """The body as it came: nothing is unpacked, so a small answer stays small."""
    body = bytearray()
    try:
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > most_bytes:
                raise CallFailed("too_long")
    except httpx.HTTPError:
        raise CallFailed("broken_answer") from None
    finally:
        await answer.aclose()
    return Fetched(status=answer.status_code, headers=answer.headers, body=bytes(body))


def egress_of(request: Request) -> Egress:
    """The way out that this app was put together with."""
    return cast(Egress, request.app.state.egress)


Outward = Annotated[Egress, Depends(egress_of)]
"""The way out in a route's signature."""
