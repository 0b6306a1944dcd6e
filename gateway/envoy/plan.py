"""What an Envoy needs to know to be this city's front door, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from gateway.routes import Limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A host (name or IP) and a TCP port."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """So many requests in so many seconds; ``overall`` bounds all callers together, None does not.

    ``neighbours`` bounds the addresses of one network together (an IPv4 /24, an IPv6 /48): whoever holds a whole
    network has no more of the door than that, and nobody outside it has less.
    """

    requests: int
    window_seconds: int
    overall: int | None = None
    neighbours: int | None = None

    def times(self, factor: int) -> Self:
        """So many times as much in the same window."""
        overall = None if self.overall is None else self.overall * factor
        return replace(self, requests=self.requests * factor, overall=overall)


@dataclass(frozen=True, kw_only=True, slots=True)
class InlineKeys:
    """A JSON Web Key Set known before the start (tests, or an issuer that never rotates)."""

    jwks: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteKeys:
    """A key set fetched from ``path`` of the gateway app and again every ``cache_seconds``.

    A new signing key must be published for longer than ``cache_seconds`` before it signs: Envoy does not
    fetch again on an unknown key id.
    """

    path: str = "/.well-known/jwks.json"
    cache_seconds: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsFiles:
    """Paths of a PEM certificate chain and its private key, readable by Envoy."""

    certificate: str
    private_key: str


QUOTAS: Mapping[Limit, Quota] = {
    Limit.CLIENT: Quota(requests=2_000, window_seconds=1),
    Limit.PUBLIC: Quota(requests=200, window_seconds=1),
    Limit.TRACKING: Quota(requests=60, window_seconds=60, overall=6_000),
    Limit.TOKEN: Quota(requests=60, window_seconds=60, neighbours=600),
    # An office shares one address; wrong passwords are counted by account besides (decision 0019).
    Limit.SIGN_IN: Quota(requests=300, window_seconds=60),
    Limit.UPLOAD: Quota(requests=200, window_seconds=1),
    Limit.CONTENT: Quota(requests=400, window_seconds=1),
}
"""[DEF] Quotas of a city of some millions; a plan may carry its own. They count per Envoy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Sizes in bytes and counts, times in seconds; every figure is [DEF]."""

    body_bytes: int = 1_048_576
    token_body_bytes: int = 16_384
    header_kib: int = 32
    header_count: int = 100
    connections: int = 4_096
    upstream_connections: int = 256
    upstream_pending: int = 512
    upstream_requests: int = 1_024
    streams: int = 1_000
    """Answers that go on, of all gateway apps together."""
    request_seconds: float = 15.0
    file_seconds: float = 600.0
    """How long one request may bring or fetch a file; what was cut off goes on where it ended in the next."""
    headers_seconds: float = 10.0
    idle_seconds: float = 60.0
    connect_seconds: float = 1.0
    upstream_idle_seconds: float = 4.0
    """Below uvicorn's keep-alive of 5 s, so that a POST never meets a connection that is being closed."""
    retries: int = 2
    tracked_callers: int = 10_000
    """How many clients or addresses have a bucket of their own before the longest unused is forgotten."""
    quotas: Mapping[Limit, Quota] = field(default_factory=lambda: QUOTAS)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvoyPlan:
    """All that the bootstrap depends on. ``services`` holds the four services by name."""

    listen: Address
    admin: Address
    gateway_app: Address
    services: Mapping[str, Address]
    issuer: str
    keys: InlineKeys | RemoteKeys = field(default_factory=RemoteKeys)
    audience: str = "shoutu"
    cors_origins: tuple[str, ...] = ()
    """Exact origins of browser applications, such as ``https://map.example.gov.cn``; none by default."""
    tls: TlsFiles | None = None
    trusted_proxies: int = 0
    """How many proxies of the city's own stand in front; their ``X-Forwarded-For`` is then believed."""
    access_log: str = "/dev/stdout"
    limits: Limits = field(default_factory=Limits)

    def upstreams(self) -> dict[str, Address]:
        """Every cluster by name: the four services and the gateway app."""
        return {**self.services, "gateway": self.gateway_app}
