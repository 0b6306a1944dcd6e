"""Where a sign-in may lead back to: addresses that a client registers, and how one that it asks for is compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

MOST_REDIRECTS = 10
LONGEST_REDIRECT = 500
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()+,;=%-]+")
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
"""By number only: a name like localhost may be led elsewhere (RFC 8252 §8.3)."""
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


class RedirectMalformed(Exception):
    """An address to which a code must not be sent."""

    status = 422
    code = "redirect_malformed"
    title = ("回调地址有误", "A redirect address is not accepted")
    detail = (
        "请用 https 地址、http://127.0.0.1 或 http://[::1] 的回环地址，或反向域名的应用自有协议"
        "（com.example.app:/…）；不含片段、用户信息和通配符。",
        "Use https, loopback by number (http://127.0.0.1/…, http://[::1]/…) or an app's own scheme in reverse domain"
        " form (com.example.app:/…), without fragment, user information or wildcard.",
    )

    def __init__(self, number: int) -> None:
        super().__init__(self.detail[1])
        self.errors = ((f"/redirect_uris/{number}", self.code, self.detail),)


def check_redirects(redirects: Iterable[str]) -> None:
    """Raise RedirectMalformed unless a code may be sent to every one of them (RFC 8252 §7, RFC 9700 §2.1)."""
    for number, one in enumerate(redirects):
        if not _may_be_registered(one):
            raise RedirectMalformed(number)


def leads_to(registered: Iterable[str], asked: str) -> bool:
    """Whether a client may be answered at that address: character by character, but for the port of a loopback.

    An app on a computer listens on whatever port is free (RFC 8252 §7.3).
    """
    return any(
        asked == one or (_is_loopback(one) and _without_port(asked) == _without_port(one)) for one in registered
    )


def _may_be_registered(address: str) -> bool:
    if len(address) > LONGEST_REDIRECT or _PLAIN.fullmatch(address) is None:
        return False
    try:
        parts = urlsplit(address)
        named = parts.hostname is not None and parts.port != 0
    except ValueError:
        return False
    if "@" in parts.netloc or address.partition(":")[0] != parts.scheme:
        return False
    if parts.scheme == "https":
        return named and "%" not in parts.netloc
    if parts.scheme == "http":
        return _is_loopback(address)
    return not parts.netloc and parts.path.startswith("/") and _OWN_SCHEME.fullmatch(parts.scheme) is not None


def _is_loopback(address: str) -> bool:
    return _loopback_parts(address) is not None


def _without_port(address: str) -> str | None:
    parts = _loopback_parts(address)
    if parts is None:
        return None
    host = "[::1]" if parts.netloc.startswith("[") else "127.0.0.1"
    return f"{host}{address[len('http://') + len(parts.netloc) :]}"


def _loopback_parts(address: str) -> SplitResult | None:
    if not address.startswith("http://") or _PLAIN.fullmatch(address) is None:
        return None
    try:
        parts = urlsplit(address)
        outside = parts.port is not None and not 0 < parts.port <= 65_535
    except ValueError:
        return None
    return None if outside or _LOOPBACK.fullmatch(parts.netloc) is None else parts
